"""The demo's HTTP server over real sockets on loopback."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.demo import Beginning, DemoWeb
from aggregator.demo.server import BadRequestError, accepts_gzip, parse_head
from aggregator.errors import ArchiveError

START = datetime(2026, 11, 3, 1, 30, tzinfo=UTC)


def with_web(visit: Callable[[DemoWeb], Awaitable[None]], seconds: float = 0.0) -> None:
    """Run *visit* against a demo whose clock stands at *seconds*."""

    async def run() -> None:
        web = DemoWeb(START, ran=seconds, clock=lambda: 0.0)
        await web.start()
        try:
            await visit(web)
        finally:
            await web.stop()

    asyncio.run(run())


async def exchange(web: DemoWeb, site: str, raw: bytes) -> bytes:
    """Everything that comes back for *raw* until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", web.ports[site])
    try:
        writer.write(raw)
        return await reader.read()
    finally:
        writer.close()


async def get(
    web: DemoWeb, path: str, *headers: str, site: str = "qinghe", method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", *headers, "", ""]
    answer = await exchange(web, site, "\r\n".join(lines).encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *fields = head.decode().split("\r\n")
    values = dict(field.split(": ", 1) for field in fields)
    return int(first.split()[1]), {name.lower(): value for name, value in values.items()}, body


def test_every_source_answers_and_then_answers_304() -> None:
    async def visit(web: DemoWeb) -> None:
        assert len(set(web.ports.values())) == len(web.sources()) == 8
        for spec in web.sources():
            path = spec.options.url.removeprefix(web.home_urls[spec.key])
            status, fields, body = await get(web, path, site=spec.key)
            assert (status, int(fields["content-length"])) == (200, len(body))
            for condition in (
                f"If-None-Match: {fields['etag']}",
                f'If-None-Match: "other", W/{fields["etag"]}',
                f"If-Modified-Since: {fields['last-modified']}",
            ):
                status, again, body = await get(web, path, condition, site=spec.key)
                assert (status, body, again["etag"]) == (304, b"", fields["etag"]), condition

    with_web(visit)


def test_a_list_is_sent_anew_after_it_changed() -> None:
    seen: dict[str, str] = {}

    async def before(web: DemoWeb) -> None:
        seen.update((await get(web, "/djyw/index.html"))[1])

    async def after(web: DemoWeb) -> None:
        by_tag = await get(web, "/djyw/index.html", f"If-None-Match: {seen['etag']}")
        by_date = await get(web, "/djyw/index.html", f"If-Modified-Since: {seen['last-modified']}")
        assert (by_tag[0], by_date[0]) == (200, 200)

    with_web(before)
    with_web(after, seconds=300.0)


def test_gzip_is_used_where_it_is_accepted_and_has_a_tag_of_its_own() -> None:
    async def visit(web: DemoWeb) -> None:
        _, plain, body = await get(web, "/djyw/index.html")
        _, zipped, packed = await get(web, "/djyw/index.html", "Accept-Encoding: br, gzip")
        assert "content-encoding" not in plain
        assert zipped["content-encoding"] == "gzip"
        assert gzip.decompress(packed) == body
        assert plain["etag"] != zipped["etag"]
        assert plain["vary"] == zipped["vary"] == "Accept-Encoding"

    with_web(visit)


def test_head_has_the_fields_of_get_without_its_body() -> None:
    async def visit(web: DemoWeb) -> None:
        got, head = (
            await get(web, "/zxfb/", site="lanxi"),
            await get(web, "/zxfb/", site="lanxi", method="HEAD"),
        )
        assert head == (200, got[1], b"")

    with_web(visit)


def test_other_methods_and_broken_requests_are_refused() -> None:
    async def visit(web: DemoWeb) -> None:
        answer = await exchange(web, "qinghe", b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab")
        assert answer.startswith(b"HTTP/1.1 405 ")
        assert b"\r\nAllow: GET, HEAD\r\n" in answer
        for raw in (b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n"):
            assert (await exchange(web, "qinghe", raw)).startswith(b"HTTP/1.1 400 ")
        too_long = b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n"
        assert (await exchange(web, "qinghe", too_long)).startswith(b"HTTP/1.1 400 ")

    with_web(visit)


def test_a_connection_serves_several_requests() -> None:
    async def visit(web: DemoWeb) -> None:
        one = b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n"
        last = b"GET /robots.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        answers = await exchange(web, "qinghe", one + one + last)
        assert answers.count(b"HTTP/1.1 200 OK\r\n") == 3

    with_web(visit)


def test_stopping_closes_idle_connections() -> None:
    async def run() -> None:
        web = DemoWeb(START, ran=0.0)
        await web.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", web.ports["beipo"])
        await web.stop()
        assert await reader.read() == b""
        writer.close()

    asyncio.run(run())


def test_the_story_goes_on_where_it_was_and_at_its_speed() -> None:
    ticks = iter([0.0, 10.0, 16.0, 16.0])  # at construction, at start, and twice when asked

    async def run() -> None:
        web = DemoWeb(START, 3.0, ran=100.0, clock=lambda: next(ticks))
        await web.start()
        try:
            assert web.elapsed() == 118.0
            assert (web.now() - START).total_seconds() == 118.0
        finally:
            await web.stop()

    asyncio.run(run())


def test_a_port_that_is_taken_is_said_in_words() -> None:
    async def visit(web: DemoWeb) -> None:
        second = DemoWeb(Beginning(START, {"lanxi": web.ports["lanxi"]}))
        with pytest.raises(ArchiveError, match=rf"澜溪学习在线 .* port {web.ports['lanxi']}"):
            await second.start()

    with_web(visit)


def test_a_start_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        DemoWeb(datetime(2026, 11, 3))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("wish", "accepted"),
    [("", False), ("gzip", True), ("br;q=1, GZIP;q=0.5", True), ("gzip;q=0", False), ("*", True)],
)
def test_accept_encoding(wish: str, accepted: bool) -> None:
    assert accepts_gzip(wish) is accepted


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_refused(raw: bytes) -> None:
    try:
        method, target, headers, _ = parse_head(raw)
    except BadRequestError:
        return
    assert method is not None
    assert target.startswith("/")
    assert all(name == name.lower() for name in headers)
