"""robots.txt, as the rows F of the politeness list ask (RFC 9309)."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fetch_world import World
from scripted_origin import answer, cut, redirect

from aggregator.fetch.robots import allowed

Run = Callable[..., Any]
PAGE = answer(200, b"page")


def test_f01_f02_robots_is_read_first_and_obeyed(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/robots.txt", answer(200, b"User-agent: *\nDisallow: /no"))
        w.origin.on("/yes", PAGE)
        w.origin.on("/no/1", PAGE)
        await w.get("/yes", "page")
        error = await w.fail("/no/1", "page")
        assert error.code == "robots"
        assert w.origin.targets() == ["/robots.txt", "/yes"]
        w.origin.on("/no/feed", PAGE)
        await w.get("/no/feed", "feed")  # a feed is subscribed to, not crawled
        w.origin.on("/hop", redirect(302, "/no/1"))
        assert (await w.fail("/hop", "page")).code == "robots"

    world(use)


@pytest.mark.parametrize(
    ("rules", "path", "fine"),
    [
        ("Disallow: /site/*.pdf$", "/site/a.pdf", False),
        ("Disallow: /site/*.pdf$", "/site/a.pdf?x", True),
        ("Disallow: /site\nAllow: /site/open", "/site/open/1", True),
        ("Allow: /x\nDisallow: /x", "/x", True),
        ("Disallow: /SITE/", "/site/1", True),
        ("Disallow: /栏目", "/%E6%A0%8F%E7%9B%AE/1", False),
        ("Disallow:", "/x", True),
    ],
)
def test_f03_f04_f05_patterns(rules: str, path: str, fine: bool) -> None:
    assert allowed(f"User-agent: *\n{rules}\n", "Aggregator", "http://a.example" + path) is fine


def test_f13_groups_are_merged_and_tokens_know_no_case() -> None:
    text = "User-agent: AGGREGATOR bot\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\nuser-agent: aggregator\nDisallow: /b\n"
    fine = [allowed(text, "Aggregator", f"http://a.example/{p}") for p in "abc"]
    assert fine == [False, False, True]


def test_f06_robots_is_kept_for_a_day_over_restarts(world: Run, tmp_path: Path) -> None:
    async def use(w: World) -> None:
        w.origin.on("/robots.txt", answer(200, b"User-agent: *\nDisallow: /no"))
        w.origin.on("/yes", PAGE)
        await asyncio.gather(*(w.get("/yes", "page") for _ in range(5)))
        assert w.origin.targets().count("/robots.txt") == 1
        await w.fetcher.close()
        again = type(w.fetcher)(w.settings, w.clock, robots_folder=tmp_path)
        w.fetcher = again
        assert (await w.fail("/no", "page")).code == "robots"
        assert w.origin.targets().count("/robots.txt") == 1
        w.clock.instant += timedelta(hours=24)
        await w.get("/yes", "page")
        await again.close()
        assert w.origin.targets().count("/robots.txt") == 2

    world(use, robots_folder=tmp_path)


def spoil(folder: Path) -> None:
    """Cut every file of *folder* short."""
    for path in folder.iterdir():
        path.write_text("{", "utf-8")


def test_f06_a_spoilt_memory_is_asked_again(world: Run, tmp_path: Path) -> None:
    async def use(w: World) -> None:
        w.origin.on("/robots.txt", answer(200, b"User-agent: *\nDisallow: /no"))
        await w.fail("/no", "page")
        spoil(tmp_path)
        w.fetcher = type(w.fetcher)(w.settings, w.clock, robots_folder=tmp_path)
        assert (await w.fail("/no", "page")).code == "robots"
        await w.fetcher.close()
        assert w.origin.targets() == ["/robots.txt"] * 2

    world(use, robots_folder=tmp_path)


def test_f07_crawl_delay_is_honoured(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/robots.txt", answer(200, b"User-agent: *\nCrawl-delay: 0.06"))
        w.origin.on("/p", PAGE)
        for _ in range(3):
            await w.get("/p", "page")
        assert min(w.origin.gaps()[1:]) >= 0.06

    world(use)


@pytest.mark.parametrize(
    "reply", [answer(503), answer(500, b"User-agent: *\nAllow: /"), answer(429)]
)
def test_f09_an_unreachable_robots_forbids_everything(world: Run, reply: bytes) -> None:
    async def use(w: World) -> None:
        w.origin.on("/robots.txt", reply, answer(404))
        w.origin.on("/p", PAGE)
        error = await w.fail("/p", "page")
        assert error.code == "robots"
        assert error.retry_at is not None
        assert (await w.fail("/p", "page")).code == "robots"
        assert w.origin.targets() == ["/robots.txt"]
        w.clock.instant = error.retry_at
        await w.get("/p", "page")

    world(use)


def test_f09_a_robots_that_breaks_off_forbids_too(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/robots.txt", cut(answer(200, b"User-ag", content_length="500")))
        w.origin.on("/p", PAGE)
        assert (await w.fail("/p", "page")).code == "robots"

    world(use)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_f10_a_missing_robots_allows_everything(world: Run, status: int) -> None:
    async def use(w: World) -> None:
        w.origin.on("/robots.txt", answer(status, b"<html>"))
        w.origin.on("/p", PAGE)
        await w.get("/p", "page")

    world(use)


def test_f11_five_redirects_are_followed(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/robots.txt", redirect(301, "/r1"))
        for number in range(1, 5):
            w.origin.on(f"/r{number}", redirect(302, f"/r{number + 1}"))
        w.origin.on("/r5", answer(200, b"User-agent: *\nDisallow: /"))
        assert (await w.fail("/p", "page")).code == "robots"

    world(use, max_redirects=2)


def test_f12_half_a_megabyte_is_read_and_no_more(world: Run) -> None:
    async def use(w: World) -> None:
        filler = b"# " + b"x" * 97 + b"\n"
        text = b"User-agent: *\n" + filler * 4985 + b"Disallow: /late\n" + filler * 200_000
        assert 498_000 < text.index(b"/late") < 500_000
        w.origin.on("/robots.txt", answer(200, text))
        assert (await w.fail("/late", "page")).code == "robots"

    world(use)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffUser-agent: *\nDisallow: /no\n".encode(),
        "# 网站地图说明\nUser-agent: *\nDisallow: /no\n".encode("gbk"),
        b"User-agent: *\r\rDisallow: /no\r",
        b"\x00\xff\nUser-agent: * # all\nDisallow: /no",
    ],
)
def test_f14_charsets_and_line_ends_lose_no_group(world: Run, text: bytes) -> None:
    async def use(w: World) -> None:
        w.origin.on("/robots.txt", answer(200, text))
        assert (await w.fail("/no", "page")).code == "robots"

    world(use)


def test_robots_can_be_turned_off(world: Run) -> None:
    async def use(w: World) -> None:
        w.origin.on("/p", PAGE)
        await w.get("/p", "page")
        assert w.origin.targets() == ["/p"]

    world(use, robots=False)


@pytest.mark.shared
def test_f16_the_public_cases_agree(shared: Path) -> None:
    cases = json.loads((shared / "suites" / "robots" / "google_cases.json").read_text("utf-8"))
    wrong = {
        case["test"]
        for case in cases
        if allowed(case["robots"], case["agent"], case["url"]) != case["allowed"]
    }
    # The first asks about an agent of two words; the second wants unescaped addresses not to match
    # escaped rules, where RFC 9309 §2.2.2 compares both escaped.
    assert wrong <= {"GoogleOnly_AcceptUserAgentUpToFirstSpace", "ID_Encoding"}
