"""Searching the demo web, which tells nothing about itself, and sites that misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from aggregator.app import SystemClock, open_looking
from aggregator.config import DataRule, FetchSettings, Settings, SourceOptions, SourceSpec
from aggregator.demo import DemoWeb
from aggregator.demo.sites import SITES
from aggregator.errors import FetchError
from aggregator.work.discover import Asked, Discovery, addresses, discover
from aggregator.work.trial import Trial, try_sources

from flow_site import Site, feed, item

SETTINGS = Settings(fetch=FetchSettings(delay=0, allow_private=("127.0.0.1",)))
RAN = 5.0  # seconds of the demo's story
KINDS = {"trs": "list", "people": "list", "cntv": "data", "xinhua": "data", "mi4": "data",
         "own": "feed", "hanweb": "feed", "plain": "sitemap"}  # fmt: skip


def search(url: str, **more: object) -> Discovery:
    async def run() -> Discovery:
        async with open_looking(SETTINGS, SystemClock()) as looking:
            return await discover(looking, url, **more)  # type: ignore[arg-type]  # keywords of the test

    return asyncio.run(run())


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str], tuple[str, Discovery]]:
    """What is found from each site's home page, list, newest and oldest article."""

    @asynccontextmanager
    async def demo():  # type: ignore[no-untyped-def]  # a fixture's helper
        web = DemoWeb(datetime.now(UTC), ran=RAN)
        await web.start()
        try:
            yield web
        finally:
            await web.stop()

    async def run() -> dict[tuple[str, str], tuple[str, Discovery]]:
        done = {}
        async with demo() as web, open_looking(SETTINGS) as looking:
            for site in SITES:
                home = web.home_urls[site.key]
                listed = [a for a in web.world.listed(site.key, RAN) if a.fault is None]
                starts = {
                    "home": home,
                    "list": home + site.list_path,
                    "newest": web.world.url(listed[0]),
                    "oldest": web.world.url(listed[-1]),
                }
                for name, url in starts.items():
                    done[site.key, name] = home, await discover(looking, url)
        return done

    return asyncio.run(run())


@pytest.mark.parametrize("start", ["home", "list", "newest", "oldest"])
@pytest.mark.parametrize("site", SITES, ids=lambda site: site.key)
def test_the_list_of_every_demo_site_is_found_without_help(
    found: dict[tuple[str, str], tuple[str, Discovery]], site: object, start: str
) -> None:
    home, seen = found[site.key, start]  # type: ignore[attr-defined]  # a Site
    best = seen.candidates[0]
    assert best.options.url == home + site.list_path  # type: ignore[attr-defined]
    assert best.options.kind == KINDS[site.family]  # type: ignore[attr-defined]
    assert best.dated == 1.0
    assert best.items >= 6
    assert len(seen.asked) <= 20


def test_paging_and_fields_are_found_too(
    found: dict[tuple[str, str], tuple[str, Discovery]],
) -> None:
    best = {
        site: found[site, "home"][1].candidates[0].options
        for site in ("qinghe", "lanping", "shiqiao")
    }
    assert best["qinghe"].paging.pattern == "index_{n-1}.html"
    assert best["shiqiao"].paging.pattern == "index{n}.html"
    assert best["lanping"].paging.pattern == "?page={n}"
    assert best["lanping"].data.editor == ("miRespAuthor",)


# ---------------------------------------------------------------- sites that misbehave


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


def test_a_dead_article_still_leads_to_its_site(site: Site) -> None:
    url = site.put("/rss.xml", feed(item("http://a.example/1.html", "石桥村书屋开放")))
    seen = search(url.replace("/rss.xml", "/news/2031/gone_12345.html"))
    assert seen.asked[0].said.startswith("there is nothing at this address (404)")
    assert [c.options.url for c in seen.candidates] == [url]


def test_the_number_of_requests_is_bounded(site: Site) -> None:
    links = "".join(f'<a href="/c{chr(97 + n)}/">党建动态{chr(97 + n)}</a>' for n in range(26))
    site.put("/", f"<html><body>{links}</body></html>")
    told: list[Asked] = []
    seen = search(site.url + "/", requests=7, tell=told.append)
    assert len(told) == len(seen.asked) == 7
    assert not seen.candidates
    assert len({asked.url for asked in told}) == 7


def test_near_looks_only_at_what_the_page_names(site: Site) -> None:
    url = site.put("/f.xml", feed(item("http://a.example/1.html", "石桥村书屋开放")))
    page = '<html><head><link rel="alternate" type="application/rss+xml" href="/f.xml"></head><body><p class="crumb"><a href="/dj/">党建</a></p></body></html>'
    seen = search(site.put("/x.html", page), near=True)
    assert [c.options.url for c in seen.candidates] == [url]
    assert [path for path, _ in site.requests if path != "/robots.txt"] == ["/x.html", "/f.xml"]


def test_pages_that_robots_forbid_are_not_asked_for(site: Site) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /\n")
    with pytest.raises(FetchError, match=r"robots\.txt"):
        search(site.put("/dj/", "<html><body></body></html>"))
    assert [path for path, _ in site.requests] == ["/robots.txt"]


def test_nothing_there_is_an_error() -> None:
    with pytest.raises(FetchError, match="no web address"):
        search("ftp://x.example/")
    with pytest.raises(FetchError):
        search("http://127.0.0.1:9/")


def test_a_bare_host_means_both_schemes() -> None:
    assert addresses(" www.example.cn/dj ") == (
        "https://www.example.cn/dj",
        "http://www.example.cn/dj",
    )
    assert addresses("http://example.cn") == ("http://example.cn/",)


# ---------------------------------------------------------------- trials


def test_a_trial_says_what_a_source_gives_now(site: Site) -> None:
    good = site.put("/f.xml", feed(item("http://a.example/1.html", "石桥村书屋开放")))
    rows = '{"datasource": [{"title": "石桥村书屋开放", "url": "/a/20310618/1.html", "time": "2031-06-18"}]}'
    site.put("/dj/ds_" + "ab" * 16 + ".json", rows)
    page = site.put("/dj/", f'<html><body><ul data="datasource:{"ab" * 16}"></ul></body></html>')
    rule = DataRule(file="datasource:([0-9a-f]{32})", file_url="ds_{1}.json", items="datasource")
    specs = [
        SourceSpec("feed", SourceOptions(url=good)),
        SourceSpec("file", SourceOptions(url=page, kind="data", data=rule)),
        SourceSpec("none", SourceOptions(url=site.url + "/none")),
        SourceSpec("wrong", SourceOptions(url=page)),
        SourceSpec("empty", SourceOptions(url=site.put("/e.xml", feed()))),
    ]
    done: dict[str, Trial] = {}

    async def run() -> None:
        async with open_looking(SETTINGS) as looking:
            await try_sources(looking, specs, lambda t: done.update({t.key: t}), 4)

    asyncio.run(run())
    assert {key: t.code for key, t in done.items()} == {
        "feed": "ok", "file": "ok", "none": "http-404", "wrong": "not-a-feed", "empty": "empty-list",
    }  # fmt: skip
    assert (done["file"].items, done["file"].dated, done["file"].sample) == (1, 1, "石桥村书屋开放")
    assert "404" in done["none"].error
