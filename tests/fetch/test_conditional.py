"""Conditional requests, as the rows A of the politeness list ask of a fetcher."""

from collections.abc import Callable
from typing import Any

import pytest
from fetch_world import World
from scripted_origin import answer, gzipped, redirect

from aggregator.model import NotModified

Run = Callable[..., Any]


@pytest.mark.parametrize(
    "etag",
    [
        '"plain"',
        'W/"weak-1"',
        '"a,b;c=d/+1==-gzip"',
        "unquoted",
        '"中文"',
        '""',
    ],
)
def test_a03_a05_a06_etags_go_back_byte_for_byte(world: Run, etag: str) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(200, b"x", etag=etag), answer(304))
        first = await w.get("/f")
        assert first.header("etag") == etag
        again = await w.ask("/f", etag=first.header("etag"))
        assert isinstance(again, NotModified)
        assert w.origin.seen[1].headers["if-none-match"] == etag

    world(use)


def test_a02_both_validators_are_sent(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(304))
        await w.ask("/f", etag='"1"', last_modified="Mon, 04 May 2026 03:02:01 GMT")
        sent = w.origin.seen[0].headers
        assert sent["if-none-match"] == '"1"'
        assert sent["if-modified-since"] == "Mon, 04 May 2026 03:02:01 GMT"

    world(use)


@pytest.mark.parametrize("stamp", ["Wed, 17 May 2023 19:47:39 +0800", "yesterday", "0"])
def test_a04_a07_last_modified_is_opaque(world: Run, stamp: str) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(200, b"x", last_modified=stamp), answer(304))
        first = await w.get("/f")
        await w.ask("/f", last_modified=first.header("last-modified"))
        assert w.origin.seen[1].headers["if-modified-since"] == stamp

    world(use)


def test_a08_nothing_is_invented_without_validators(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(200, b"x"))
        await w.get("/f")
        assert not {"if-none-match", "if-modified-since"} & set(w.origin.seen[0].names)

    world(use)


def test_a12_a_304_brings_its_own_validators(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(304, etag='"2"', cache_control="max-age=60"))
        found = await w.ask("/f", etag='"1"')
        assert isinstance(found, NotModified)
        assert dict(found.headers)["etag"] == '"2"'
        assert dict(found.headers)["cache-control"] == "max-age=60"
        assert found.fetched_at == w.clock.now()

    world(use)


def test_a17_the_etag_of_a_coded_answer_is_told_as_it_is(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", gzipped(b"abc", etag='"gz-gzip"'))
        page = await w.get("/f")
        assert page.body == b"abc"
        assert page.header("etag") == '"gz-gzip"'
        assert page.header("content-encoding") == "gzip"

    world(use)


def test_a18_conditional_also_at_the_target_of_a_redirect(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/old", redirect(302, "/new"))
        w.origin.on("/new", answer(304))
        found = await w.ask("/old", etag='"t"')
        assert isinstance(found, NotModified)
        assert found.final_url.endswith("/new")
        assert w.origin.seen[1].headers["if-none-match"] == '"t"'

    world(use)


def test_a19_a_304_to_an_unconditional_request_is_an_error(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(304))
        assert (await w.fail("/f")).code == "bad-304"

    world(use)
