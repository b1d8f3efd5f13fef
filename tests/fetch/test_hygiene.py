"""What a request looks like and when it goes, as the rows E of the politeness list ask."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest
from fetch_world import World
from scripted_origin import after, answer, redirect, serving

Run = Callable[..., Any]


def test_e01_e02_the_user_agent_names_the_product_and_a_contact(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(200, b"x"))
        await w.get("/f")
        agent = w.origin.seen[0].headers["user-agent"]
        assert agent == w.settings.user_agent
        assert re.match(r"[A-Za-z]+/\d", agent)
        assert "+https://" in agent

    world(use)


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [("feed", "application/rss+xml"), ("page", "text/html"), ("data", "application/json")],
)
def test_e03_e04_what_is_wanted_is_said(world: Run, accept: str, wanted: str) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(200, b"x"))
        await w.get("/f", accept)
        sent = w.origin.seen[0].headers
        assert wanted in sent["accept"]
        assert sent["accept-encoding"] == "gzip, deflate"

    world(use, robots=False)


def test_e05_e06_e10_e16_e18_nothing_needless_is_sent(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(200, b"x", set_cookie="id=1"))
        w.origin.on("/r", redirect(302, "/f", set_cookie="r=1"))
        await w.get("/f")
        await w.get("/f")
        await w.get("/r")
        asked = {"host", "user-agent", "accept", "accept-language", "accept-encoding"}
        for one in w.origin.seen:
            assert set(one.names) <= asked | {"connection"}
            assert len(one.names) == len(set(one.names))

    world(use)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("/f?null&a=%2F%e4+b%20c#top", "/f?null&a=%2F%e4+b%20c"),
        ("/%7Eme/%E4%B8%AD", "/%7Eme/%E4%B8%AD"),
        ("/f?sig=a|b{c}", "/f?sig=a|b{c}"),
        ("/中文?q=党建", "/%E4%B8%AD%E6%96%87?q=%E5%85%9A%E5%BB%BA"),
        ("/f?a=b&&c=;d", "/f?a=b&&c=;d"),
    ],
)
def test_e07_the_address_is_sent_as_given(world: Run, url: str, target: str) -> None:
    async def use(w: World) -> None:
        w.origin.on(target.partition("?")[0], answer(200, b"x"))
        await w.get(url)
        assert w.origin.targets() == [target]

    world(use)


def test_e08_e09_one_get_and_no_head(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(200, b"x"))
        await w.get("/f")
        assert [one.method for one in w.origin.seen] == ["GET"]

    world(use)


def test_e12_a_host_has_no_more_requests_at_once_than_allowed(world: Run) -> None:
    async def use(w: World) -> int:
        for number in range(8):
            w.origin.on(f"/{number}", after(0.01, answer(200, b"x")))
        await asyncio.gather(*(w.get(f"/{number}") for number in range(8)))
        return w.origin.most

    assert world(use, per_host=2) == 2
    assert world(use) == 1


def test_e13_connections_are_used_again(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(200, b"x"))
        w.origin.on("/r", redirect(302, "/f"))
        w.origin.on("/n", answer(404, b"y" * 5000))
        await w.get("/f")
        await w.fail("/n")
        await w.get("/r")
        assert {one.connection for one in w.origin.seen} == {1}

    world(use)


def test_a_source_may_set_its_own_headers(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(200, b"x"))
        own = (("X-Requested-With", "XMLHttpRequest"), ("User-Agent", "Other/1"))
        await w.get("/f", "data", headers=own, method="post", body=b"a=1")
        (one,) = w.origin.seen
        assert (one.method, one.body) == ("POST", b"a=1")
        assert one.headers["x-requested-with"] == "XMLHttpRequest"
        assert one.headers["user-agent"] == "Other/1"

    world(use)


def test_requests_to_a_host_keep_their_distance(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/f", answer(200, b"x"))
        await asyncio.gather(*(w.get("/f") for _ in range(4)))
        assert min(w.origin.gaps()) >= 0.02  # the requests go 0.03 s apart; arrivals waver
        assert sum(w.origin.gaps()) >= 0.08

    world(use, delay=0.03, per_host=2)


def test_a_redirect_within_the_host_does_not_wait(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/r", redirect(302, "/f"))
        w.origin.on("/f", answer(200, b"x"))
        async with asyncio.timeout(5):
            await w.get("/r")

    world(use, delay=30.0)


def test_a_slow_host_holds_up_no_other(world: Run) -> None:
    async def use(w: World) -> None:
        async with serving("127.0.0.2") as slow:
            slow.on("/s", after(0.5, answer(200, b"late")))
            w.origin.on("/f", answer(200, b"x"))
            waiting = [
                asyncio.ensure_future(w.get(f"http://127.0.0.2:{slow.port}/s")) for _ in range(6)
            ]
            await asyncio.sleep(0)
            for _ in range(20):
                await w.get("/f")
            assert not any(task.done() for task in waiting)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    world(use, concurrency=2, allow_private=("127.0.0.0/8",))


def test_a_cancelled_fetch_gives_its_places_back(world: Run) -> None:
    async def use(w: World) -> None:
        arrived = asyncio.Event()

        async def late(_writer: Any, _seen: Any) -> None:
            arrived.set()
            await asyncio.sleep(5)

        w.origin.on("/s", late)
        w.origin.on("/f", answer(200, b"x"))
        task = asyncio.ensure_future(w.get("/s"))
        await arrived.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await w.get("/f")).body == b"x"

    world(use, concurrency=1)
