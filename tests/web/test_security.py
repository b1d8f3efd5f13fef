import logging
from collections.abc import Callable
from typing import Any

import pytest

from aggregator.errors import ArchiveError
from aggregator.web import security

PATHS = (
    "/",
    "/feed.atom",
    "/api/v1/sources",
    "/static/style.css",
    "/no-such",
    "/api/v1/no",
    "/search?q=%22",
)


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_security_headers(filled: Any, path: str) -> None:
    answer = filled.ask(path)
    for name, value in security.HEADERS:
        expected = (
            {"cross-origin" if path == "/feed.atom" else value} if "resource" in name else {value}
        )
        assert answer.headers[name] in expected
        assert len(answer.headers.get_list(name)) == 1


def test_the_policy_lets_nothing_run_or_load_from_elsewhere() -> None:
    assert "script" not in security.POLICY
    assert "http" not in security.POLICY
    assert security.POLICY.startswith("default-src 'none'")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "["]
)
def test_a_foreign_name_for_our_loopback_is_refused(filled: Any, host: str) -> None:
    for path in ("/", "/api/v1/articles", "/feed.atom"):
        answer = filled.ask(path, host=host)
        assert answer.status_code == 421
        assert "content-security-policy" in answer.headers
        assert "青禾" not in answer.text


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:1234", "localhost:8000", "[::1]:8000", "LOCALHOST"]
)
def test_our_own_names_are_served(filled: Any, host: str) -> None:
    assert filled.ask("/", host=host).status_code == 200


def test_the_public_name_of_a_loopback_service_is_served(
    build: Callable[..., Any], client: Any
) -> None:
    ask = client(build(base_url="https://news.example.org").app)
    assert ask("/", host="news.example.org").status_code == 200
    assert ask("/", host="other.example.org").status_code == 421


def test_a_service_on_all_addresses_has_any_name(build: Callable[..., Any], client: Any) -> None:
    assert client(build(host="0.0.0.0").app)("/", host="any.example").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_changed(filled: Any, method: str) -> None:
    for path in ("/", "/articles/1", "/api/v1/articles", "/feed.xml"):
        answer = filled.ask(path, method=method)
        assert answer.status_code == 405
        assert "allow" in answer.headers


@pytest.mark.parametrize("path", ["/", "/articles/1", "/api/v1/articles", "/static/style.css"])
def test_head_is_get_without_the_body(filled: Any, path: str) -> None:
    head, get = filled.ask(path, method="HEAD"), filled.ask(path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize("path", ["/articles/1", "/api/v1/articles/1", "/feed.json"])
def test_a_fault_is_told_without_a_trace_and_logged(
    build: Callable[..., Any], client: Any, path: str, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    world = build()

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    for name in ("article", "feed_state"):
        monkeypatch.setattr(world.archive, name, broken)
    with caplog.at_level(logging.ERROR):
        answer = client(world.app)(path)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "content-security-policy" in answer.headers
    assert "secret detail" in caplog.text


def test_a_locked_archive_is_told_in_words(
    build: Callable[..., Any], client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = build()

    def locked(*_: object, **__: object) -> None:
        raise ArchiveError("the archive is locked by another program")

    monkeypatch.setattr(world.archive, "articles", locked)
    page, data = client(world.app)("/"), client(world.app)("/api/v1/articles")
    assert (page.status_code, data.status_code) == (503, 503)
    assert "the archive is locked by another program" in page.text
    assert data.json()["detail"] == "the archive is locked by another program"


def test_static_files_cannot_be_left(filled: Any) -> None:
    for path in (
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
    ):
        answer = filled.ask(path)
        assert answer.status_code == 404
        assert "create_app" not in answer.text


def test_static_files_may_be_kept(filled: Any) -> None:
    assert "immutable" in filled.ask("/static/style.css").headers["cache-control"]
