"""Errors, Retry-After and pauses, as the rows B of the politeness list ask of a fetcher."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from fetch_world import World
from hypothesis import given
from hypothesis import strategies as st
from scripted_origin import answer

from aggregator.fetch.retry import LONGEST, retry_after

Run = Callable[..., Any]
NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize("status", [429, 503, 404, 500])
def test_b01_b03_retry_after_in_seconds(world: Run, status: int) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(status, retry_after="36000"))
        error = await w.fail("/f")
        assert (error.code, error.status) == (f"http-{status}", status)
        assert error.retry_at == NOW + timedelta(hours=10)

    world(use)


def test_b02_retry_after_as_a_date(world: Run) -> None:
    async def use(w: World) -> None:
        when = NOW + timedelta(hours=10)
        w.origin.on("/f", answer(429, retry_after=format_datetime(when, usegmt=True)))
        assert (await w.fail("/f")).retry_at == when

    world(use)


@pytest.mark.parametrize("value", [None, "soon-ish", "0", "-5", "Mon, 04 May 2020 00:00:00 GMT"])
def test_b05_b06_a_bare_or_unreadable_429_means_ten_minutes(world: Run, value: str | None) -> None:
    async def use(w: World) -> None:
        headers = {"retry_after": value} if value is not None else {}
        w.origin.on("/f", answer(429, **headers))
        assert (await w.fail("/f")).retry_at == NOW + timedelta(minutes=10)

    world(use)


@pytest.mark.parametrize("status", [500, 502, 503, 403, 401, 402, 451])
def test_b07_b11_b14_one_request_and_no_second_try(world: Run, status: int) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(status, b"no"))
        error = await w.fail("/f")
        assert (error.code, error.status, error.permanent) == (f"http-{status}", status, False)
        assert len(w.origin.seen) == 1

    world(use)


def test_b09_410_is_for_good(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(410))
        error = await w.fail("/f")
        assert error.permanent
        assert error.code == "http-410"

    world(use)


@given(st.text(max_size=40))
def test_b06_b12_any_retry_after_is_within_the_cap(value: str) -> None:
    found = retry_after(value, NOW)
    assert found is None or NOW < found <= NOW + LONGEST


@pytest.mark.parametrize("value", ["1000000000", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_b12_an_absurd_retry_after_is_capped(value: str) -> None:
    assert retry_after(value, NOW) == NOW + LONGEST


def test_b13_a_refused_page_pauses_all_pages_of_the_host(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/a", answer(429, retry_after="600"))
        w.origin.on("/b", answer(200, b"b"))
        await w.fail("/a", "page")
        error = await w.fail("/b", "page")
        assert error.code == "host-paused"
        assert error.retry_at == NOW + timedelta(minutes=10)
        assert (await w.get("/b", "feed")).body == b"b"  # feeds have schedules of their own
        w.clock.instant += timedelta(minutes=10)
        assert (await w.get("/b", "page")).body == b"b"
        assert w.origin.targets() == ["/a", "/b", "/b"]

    world(use, robots=False)


def test_b13_feeds_pause_when_four_in_a_row_are_refused(world: Run) -> None:
    async def use(w: World) -> None:
        for number in range(5):
            w.origin.on(f"/{number}", answer(503, retry_after=str(100 + number)))
        codes = [(await w.fail(f"/{number}")).code for number in range(5)]
        assert codes == ["http-503"] * 4 + ["host-paused"]
        assert len(w.origin.seen) == 4

    world(use)


def test_b13_a_good_answer_between_shows_that_only_the_address_is_meant(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/good", answer(200, b"ok"))
        for number in range(8):
            w.origin.on(f"/{number}", answer(429, retry_after="100"))
            assert (await w.fail(f"/{number}")).code == "http-429"
            await w.get("/good")

    world(use)


def test_b13_a_refusal_slows_the_host(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/busy", answer(429))
        w.origin.on("/good", answer(200, b"ok"))
        await w.fail("/busy")
        await w.get("/good")
        await w.get("/good")
        slowed, normal = w.origin.gaps()
        assert slowed >= 0.08
        assert normal >= 0.04

    world(use, delay=0.04)


def test_b15_a_closed_port_is_a_connect_error(world: Run) -> None:
    async def use(w: World) -> None:
        async with await asyncio.start_server(lambda r, x: None, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
        error = await w.fail(f"http://127.0.0.1:{port}/f")
        assert error.code == "connect"
        assert error.status is None

    world(use, allow_private=("127.0.0.1",))


def test_five_silent_hosts_in_a_row_are_our_own_network(world: Run) -> None:
    async def use(w: World) -> None:
        async with await asyncio.start_server(lambda r, x: None, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
        codes = [(await w.fail(f"http://127.0.1.{n}:{port}/")).code for n in range(1, 7)]
        assert codes == ["connect"] * 4 + ["network-down"] * 2
        w.origin.on("/f", answer(200, b"back"))
        await w.get("/f")
        assert (await w.fail(f"http://127.0.1.1:{port}/")).code == "connect"

    world(use, allow_private=("127.0.0.0/8",))
