"""Broken and hostile answers, as the rows G ask: each ends soon, small, and with its own code."""

import asyncio
import gzip
import random
import time
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from fetch_world import World
from scripted_origin import (
    after,
    answer,
    bomb,
    cut,
    drip,
    endless,
    gzipped,
    serving,
    silent,
)

Run = Callable[..., Any]
HEAD = b"HTTP/1.1 200 OK\r\n"
QUICK = {"timeout": 0.4, "idle_timeout": 0.2}


@pytest.mark.parametrize("times", [1, 2, 3])
def test_g03_a_bomb_is_stopped_within_small_memory(world: Run, times: int) -> None:
    data = bomb(100 << 20, times)

    async def use(w: World) -> int:
        coding = ", ".join(["gzip"] * times)
        w.origin.on("/f", answer(200, data, content_encoding=coding))
        tracemalloc.start()
        try:
            assert (await w.fail("/f")).code == "bomb"
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert world(use) < 25_000_000


def test_g03_many_large_answers_at_once_are_held_few_at_a_time(world: Run) -> None:
    noise = random.Random(1).randbytes(4_000_000)
    reply = gzipped(noise)

    async def use(w: World) -> int:
        for number in range(12):
            w.origin.on(f"/{number}", reply)
        lengths = 0
        tracemalloc.start()
        try:
            for page in asyncio.as_completed([w.get(f"/{n}") for n in range(12)]):
                lengths += len((await page).body)
            assert lengths == 12 * len(noise)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert world(use, per_host=12) < 12 * len(noise) * 1.3


def test_g06_an_endless_body_is_cut(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", endless(w.origin, HEAD + b"\r\n", b"x" * 65_536))
        assert (await w.fail("/f")).code == "too-large"
        assert w.origin.taken < 2_000_000 + 8_000_000  # what the sockets hold comes on top

    world(use, max_wire=2_000_000)


def test_a_body_that_says_it_is_too_large_is_not_read(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", silent(HEAD + b"content-length: 99000000000\r\n\r\n"))
        assert (await w.fail("/f")).code == "too-large"

    world(use)


def test_a_body_over_the_bound_after_inflating_is_too_large(world: Run) -> None:
    async def use(w: World) -> None:
        text = b"".join(b"%d party " % n for n in range(60_000))
        w.origin.on("/f", gzipped(text))
        assert (await w.fail("/f")).code == "too-large"

    world(use, max_body=300_000)


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (silent(), "idle-timeout"),
        (silent(HEAD), "idle-timeout"),
        (silent(HEAD + b"content-length: 9\r\n\r\nabc"), "idle-timeout"),
        (drip(HEAD + b"\r\n", b"x"), "timeout"),
        (drip(HEAD, b"x: y\r\n"), "timeout"),
        (drip(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), "timeout"),
    ],
)
def test_g07_g08_slowness_ends_at_its_bound(world: Run, act: Any, code: str) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", act)
        started = time.perf_counter()
        assert (await w.fail("/f")).code == code
        assert time.perf_counter() - started < 3

    world(use, **QUICK)


def test_g07_the_deadline_holds_for_the_whole_chain(world: Run) -> None:
    async def use(w: World) -> None:
        step = b"HTTP/1.1 302 Found\r\nlocation: /%d\r\ncontent-length: 0\r\n\r\n"
        for number in range(6):
            w.origin.on(f"/{number}", after(0.15, step % (number + 1)))
        assert (await w.fail("/0")).code == "timeout"

    world(use, **QUICK)


def test_g09_endless_headers_are_cut(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/many", endless(w.origin, HEAD, b"x-a: b\r\n" * 100))
        w.origin.on("/long", endless(w.origin, HEAD + b"x-a: ", b"b" * 65_536))
        assert (await w.fail("/many")).code == "head-too-large"
        assert (await w.fail("/long")).code == "head-too-large"
        assert w.origin.taken < 20_000_000

    world(use)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (answer(200, b"x", content_encoding="br"), "encoding"),
        (answer(200, b"x", content_encoding="zstd"), "encoding"),
        (answer(200, b"x", content_encoding="gzip, gzip, gzip, gzip"), "encoding"),
        (answer(200, b"<rss/>", content_encoding="gzip"), "encoding"),
        (answer(200, b"<rss/>" * 20, content_encoding="deflate"), "encoding"),
        (
            answer(200, gzip.compress(b"abc" * 999, mtime=0)[:-9], content_encoding="gzip"),
            "truncated",
        ),
        (answer(200, b"\x1f", content_encoding="gzip"), "truncated"),
        (cut(answer(200, b"abc", content_length="10")), "truncated"),
        (cut(HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\nab"), "truncated"),
        (cut(HEAD + b"content-length: 900000\r\n\r\n" + b"x" * 90_000, reset=True), "truncated"),
        (cut(b""), "connect"),
        (cut(b"", reset=True), "connect"),
        (cut(b"SSH-2.0-OpenSSH_9\r\n\r\n"), "protocol"),
        (cut(b"HTTP/1.1 abc\r\n\r\n"), "protocol"),
        (cut(HEAD + b"no colon here\r\n\r\n"), "protocol"),
        (cut(HEAD + b"content-length: 1\r\ncontent-length: 2\r\n\r\nab"), "protocol"),
        (answer(206, b"part", content_range="bytes 0-3/9"), "truncated"),
        (answer(300, b"choose"), "http-300"),
        (answer(999, b"odd"), "http-999"),
    ],
)
def test_g12_g14_broken_answers_have_names(world: Run, reply: Any, code: str) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", reply)
        error = await w.fail("/f")
        assert error.code == code
        assert error.message
        assert error.url.endswith("/f")
        w.origin.on("/good", answer(200, b"x"))
        assert (await w.get("/good")).body == b"x"

    world(use)


def raw_deflate(data: bytes) -> bytes:
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return machine.compress(data) + machine.flush()


@pytest.mark.parametrize(
    ("coding", "data"),
    [
        ("gzip", gzip.compress(b"abc" * 999, mtime=0)),
        ("x-gzip", gzip.compress(b"abc" * 999, mtime=0)),
        ("GZIP", gzip.compress(b"abc" * 300, mtime=0) + gzip.compress(b"abc" * 699, mtime=0)),
        ("gzip", gzip.compress(b"abc" * 999, mtime=0) + b"\0" * 50),
        ("deflate", zlib.compress(b"abc" * 999)),
        ("deflate", raw_deflate(b"abc" * 999)),
        ("deflate, gzip", gzip.compress(zlib.compress(b"abc" * 999), mtime=0)),
        ("identity", b"abc" * 999),
        ("", b"abc" * 999),
    ],
)
def test_codings_are_undone(world: Run, coding: str, data: bytes) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(200, data, content_encoding=coding))
        assert (await w.get("/f")).body == b"abc" * 999

    world(use)


def test_an_empty_coded_body_is_empty(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(200, b"", content_encoding="gzip"))
        assert (await w.get("/f")).body == b""

    world(use)


def test_g01_g02_hostile_hosts_cost_the_healthy_ones_nothing(world: Run) -> None:
    async def use(w: World) -> None:
        async with serving("127.0.0.2") as bad:
            bad.on("/1", endless(bad, HEAD + b"\r\n", b"x" * 65_536))
            bad.on("/2", silent())
            bad.on("/3", drip(HEAD, b"x: y\r\n"))
            bad.on("/4", answer(200, bomb(50 << 20), content_encoding="gzip"))
            base = f"http://127.0.0.2:{bad.port}"
            w.origin.on("/good", answer(200, b"x"))
            hostile = [w.ask(f"{base}/{n}") for n in (1, 2, 3, 4)]
            healthy = [w.ask("/good") for _ in range(10)]
            found = await asyncio.gather(*hostile, *healthy, return_exceptions=True)
            codes = [getattr(one, "code", "good") for one in found]
            assert codes == ["too-large", "idle-timeout", "timeout", "bomb"] + ["good"] * 10

    world(use, max_wire=3_000_000, per_host=4, allow_private=("127.0.0.0/8",), **QUICK)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("file:///etc/hostname", "bad-scheme"),
        ("ftp://a.example/", "bad-scheme"),
        ("javascript:alert(1)", "bad-scheme"),
        ("", "bad-scheme"),
        ("http://", "bad-url"),
        ("http://a.example:99999/", "bad-url"),
        ("http://[::1/", "bad-url"),
        ("http://a.example/" + "x" * 5000, "bad-url"),
        ("http://" + "a" * 70 + ".example/", "bad-url"),
        ("http://a..example/", "bad-url"),
    ],
)
def test_bad_addresses_are_refused_without_a_request(world: Run, url: str, code: str) -> None:
    async def use(w: World) -> None:
        error = await w.fail(url)
        assert error.code in (code, "dns") if code == "bad-url" else error.code == code

    world(use, timeout=2.0)


def test_credentials_are_in_no_message(world: Run) -> None:
    async def use(w: World) -> None:
        for url in ("http://user:secret@[::1/x", "http://user:secret@127.0.0.3:1/"):
            error = await w.fail(url)
            assert "secret" not in error.message

    world(use)


def test_a_host_without_tls_behind_https_is_a_tls_error(world: Run) -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async def use(w: World) -> None:
        async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            assert (await w.fail(f"https://127.0.0.1:{port}/")).code == "tls"

    world(use, allow_private=("127.0.0.1",))
