"""Redirects and the cookie handshake, as the rows D of the politeness list ask of a fetcher."""

from collections.abc import Callable
from typing import Any

import pytest
from fetch_world import World
from scripted_origin import Seen, answer, redirect, serving

Run = Callable[..., Any]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_d01_d04_the_chain_is_told_with_its_kinds(world: Run, status: int) -> None:
    async def use(w: World) -> None:
        w.origin.on("/old", redirect(status, "/mid?a=1#part"))
        w.origin.on("/mid", redirect(302, w.origin.url + "/new"))
        w.origin.on("/new", answer(200, b"here"))
        page = await w.get("/old")
        assert page.body == b"here"
        assert (page.url, page.final_url) == (w.origin.url + "/old", w.origin.url + "/new")
        assert page.redirects == (
            (status, w.origin.url + "/mid?a=1"),
            (302, w.origin.url + "/new"),
        )

    world(use)


def test_d05_a_loop_is_cut(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/self", redirect(302, "/self"))
        w.origin.on("/a", redirect(302, "/b"))
        w.origin.on("/b", redirect(302, "/a"))
        assert (await w.fail("/self")).code == "redirect-loop"
        assert (await w.fail("/a")).code == "redirect-loop"
        assert len(w.origin.seen) == 3

    world(use)


def test_d06_a_long_chain_is_cut(world: Run) -> None:
    async def use(w: World) -> None:
        for number in range(60):
            w.origin.on(f"/{number}", redirect(302, f"/{number + 1}"))
        assert (await w.fail("/0")).code == "too-many-redirects"
        assert len(w.origin.seen) == w.settings.max_redirects + 1

    world(use)


def test_d09_cookies_and_credentials_do_not_cross_hosts(world: Run) -> None:
    async def use(w: World) -> None:
        async with serving("127.0.0.2") as other:
            away = f"http://127.0.0.2:{other.port}/t"
            w.origin.on("/f", redirect(302, away, set_cookie="id=1"))
            other.on("/t", answer(200, b"ok"))
            url = w.origin.url.replace("//", "//user:pass@") + "/f"
            page = await w.get(url, headers=(("Cookie", "own=1"), ("X-Own", "1")))
            first, second = w.origin.seen[0], other.seen[0]
            assert first.headers["authorization"].startswith("Basic ")
            assert first.headers["cookie"] == "own=1"
            assert not {"authorization", "cookie"} & set(second.names)
            assert second.headers["x-own"] == "1"
            assert "pass" not in page.url
            assert not {"authorization", "cookie"} & {name for name, _ in page.request_headers}

    world(use, allow_private=("127.0.0.0/8",))


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("to", "/dir/to"),
        ("../to", "/to"),
        ("?page=2", "/dir/from?page=2"),
        ("//127.0.0.1:{port}/to", "/to"),
        ("/sp ace", "/sp%20ace"),
        ("/新闻", "/%E6%96%B0%E9%97%BB"),
        ("/keep%2Fthis?a=%2B", "/keep%2Fthis?a=%2B"),
    ],
)
def test_d10_relative_targets_are_resolved(world: Run, location: str, target: str) -> None:
    async def use(w: World) -> None:
        where = location.format(port=w.origin.port)
        w.origin.on(target.partition("?")[0], answer(200, b"there"))
        w.origin.on("/dir/from", redirect(302, where), answer(200, b"there"))
        await w.get("/dir/from")
        assert w.origin.targets() == ["/dir/from", target]

    world(use)


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/hostname",
        "ftp://a.example/x",
        "data:text/plain,x",
        "javascript:1",
        "gopher://x/",
    ],
)
def test_d11_other_schemes_are_never_followed(world: Run, location: str) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", redirect(302, location))
        assert (await w.fail("/f")).code == "bad-scheme"

    world(use)


def test_d13_a_redirect_to_a_private_address_is_refused(world: Run) -> None:
    async def use(w: World) -> None:
        async with serving("127.0.0.2") as canary:
            for number, host in enumerate(
                ["127.0.0.2", "0x7f.0.0.2", "2130706434", "[::ffff:127.0.0.2]", "127.2"]
            ):
                w.origin.on(f"/{number}", redirect(302, f"http://{host}:{canary.port}/"))
                assert (await w.fail(f"/{number}")).code in ("refused-address", "bad-url")
            assert canary.seen == []

    world(use)


@pytest.mark.parametrize("headers", [{}, {"location": ""}, {"location": "http://"}])
def test_a_redirect_to_nowhere_is_said(world: Run, headers: dict[str, str]) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(302, **headers))
        assert (await w.fail("/f")).code in ("bad-redirect", "redirect-loop")

    world(use)


@pytest.mark.parametrize(
    ("status", "method"), [(301, "GET"), (303, "GET"), (307, "POST"), (308, "POST")]
)
def test_a_post_keeps_its_method_only_where_the_status_says_so(
    world: Run, status: int, method: str
) -> None:
    async def use(w: World) -> None:
        w.origin.on("/list", redirect(status, "/next"))
        w.origin.on("/next", answer(200, b"[]"))
        await w.get("/list", "data", method="POST", body=b"page=1")
        second = w.origin.seen[1]
        assert (second.method, second.body) == (method, b"page=1" if method == "POST" else b"")

    world(use)


def cookie_wall(status: int, **headers: str) -> Any:
    """An origin's answer that wants its cookie back before it shows anything."""

    async def act(writer: Any, seen: Seen) -> None:
        if seen.headers.get("cookie") == "pass=abc":
            writer.write(answer(200, b"inside"))
        else:
            writer.write(answer(status, b"", set_cookie="pass=abc; Path=/", **headers))
        await writer.drain()

    return act


def test_a_cookie_and_reload_handshake_is_passed_once(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/a", cookie_wall(302, location="/a"))
        w.origin.on("/b", cookie_wall(200, refresh="0; url=/b"))
        for path in ("/a", "/b"):
            page = await w.get(path)
            assert page.body == b"inside"
        await w.get("/a")
        assert [one.headers.get("cookie") for one in w.origin.seen] == [
            None, "pass=abc", None, "pass=abc", None, "pass=abc",
        ]  # fmt: skip

    world(use)


def test_a_meta_refresh_with_a_cookie_is_a_handshake_too(world: Run) -> None:
    async def use(w: World) -> None:
        meta = b"<html><meta http-equiv='refresh' content='1;url=/a'></html>"
        w.origin.on("/a", answer(200, meta, set_cookie="k=v"), answer(200, b"inside"))
        assert (await w.get("/a")).body == b"inside"
        w.origin.on("/c", answer(200, meta))  # no cookie: an ordinary page
        assert (await w.get("/c")).body == meta

    world(use)


def test_a_wall_that_never_opens_is_a_loop(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/a", redirect(302, "/a", set_cookie="x=1"))
        assert (await w.fail("/a")).code == "redirect-loop"
        assert len(w.origin.seen) == 2

    world(use)


def test_the_handshake_cookie_stays_with_its_host(world: Run) -> None:
    async def use(w: World) -> None:
        async with serving("127.0.0.2") as other:
            away = f"http://127.0.0.2:{other.port}/t"
            w.origin.on("/a", redirect(302, "/a", set_cookie="x=1"), redirect(302, away))
            other.on("/t", answer(200, b"ok"))
            await w.get("/a")
            assert w.origin.seen[1].headers["cookie"] == "x=1"
            assert "cookie" not in other.seen[0].names

    world(use, allow_private=("127.0.0.0/8",))
