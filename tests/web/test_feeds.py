import gzip
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from starlette.requests import Request

from aggregator.web import feeds

PATHS = ("/feed.xml", "/feed.atom", "/feed.json")
TYPES = {
    "/feed.xml": "application/rss+xml; charset=utf-8",
    "/feed.atom": "application/atom+xml; charset=utf-8",
    "/feed.json": "application/feed+json; charset=utf-8",
}


@pytest.mark.parametrize("path", PATHS)
def test_a_feed_is_served_whole_with_validators(filled: Any, path: str) -> None:
    plain = filled.ask(path, accept_encoding="identity")
    assert plain.status_code == 200
    assert plain.headers["content-type"] == TYPES[path]
    assert plain.headers["etag"].startswith('"')
    assert "content-encoding" not in plain.headers
    assert "max-age" in plain.headers["cache-control"]
    assert plain.headers["vary"] == "Accept-Encoding"
    assert parsedate_to_datetime(plain.headers["last-modified"]).tzinfo is not None
    assert f"http://127.0.0.1:8000{path}".encode() in plain.content
    packed = filled.ask(path, accept_encoding="gzip, br")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content  # httpx unpacks
    assert packed.headers["etag"] != plain.headers["etag"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_what_did_not_change_is_not_sent_again(filled: Any, path: str, coding: str) -> None:
    first = filled.ask(path, accept_encoding=coding)
    again = filled.ask(path, accept_encoding=coding, if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "cache-control", "vary", "last-modified"):
        assert again.headers[name] == first.headers[name]
    since = filled.ask(path, if_modified_since=first.headers["last-modified"])
    assert since.status_code == 304
    older = parsedate_to_datetime(first.headers["last-modified"]) - timedelta(seconds=1)
    changed = filled.ask(path, if_modified_since=format_datetime(older, usegmt=True))
    assert changed.status_code == 200


def test_a_tag_outweighs_a_date(filled: Any) -> None:
    date = filled.ask("/feed.atom").headers["last-modified"]
    answer = filled.ask("/feed.atom", if_none_match='"other"', if_modified_since=date)
    assert answer.status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_head_says_what_get_says_without_a_body(filled: Any, path: str) -> None:
    get, head = filled.ask(path), filled.ask(path, method="HEAD")
    assert head.status_code == 200
    assert head.content == b""
    for name in ("etag", "content-length", "content-type", "last-modified"):
        assert head.headers[name] == get.headers[name]


def test_ids_are_the_same_in_every_format_and_do_not_hold_the_url(filled: Any) -> None:
    atom = etree.fromstring(filled.ask("/feed.atom").content)
    rss = etree.fromstring(filled.ask("/feed.xml").content)
    ids = [e.text for e in atom.iterfind("{*}entry/{*}id")]
    assert ids == [e.text for e in rss.iter("guid")]
    assert ids == [i["id"] for i in json.loads(filled.ask("/feed.json").content)["items"]]
    assert all(i and i.startswith("tag:") and "a.example" not in i for i in ids)


def test_dates_are_in_chinese_time_and_the_same_in_every_format(filled: Any) -> None:
    rss = etree.fromstring(filled.ask("/feed.xml").content)
    atom = etree.fromstring(filled.ask("/feed.atom").content)
    items = json.loads(filled.ask("/feed.json").content)["items"]
    for item, entry, told in zip(rss.iter("item"), atom.iterfind("{*}entry"), items, strict=True):
        published, said = told["date_published"], item.findtext("pubDate")
        assert published == entry.findtext("{*}published")
        assert published.endswith("+08:00")
        assert said.endswith(" +0800")
        assert parsedate_to_datetime(said) == datetime.fromisoformat(published)
        assert entry.findtext("{*}updated").endswith("+08:00")
    first = next(told for told in items if told["title"] == "各村阅览室藏书一览")
    assert first["date_published"] == "2026-11-03T11:00:00+08:00"


def test_a_repost_is_no_second_entry_and_a_withdrawn_article_leads_to_our_copy(filled: Any) -> None:
    items = json.loads(filled.ask("/feed.json").content)["items"]
    first = [i for i in items if "青禾镇文化站用两天清点图书" in i.get("content_html", "")]
    assert len(first) == 1
    links = first[0]["_aggregator"]["links"]
    assert [link["url"] for link in links] == ["http://b.example/%E8%BD%AC%E8%BD%BD/1"]
    gone = next(i for i in items if i["title"] == "河口村水渠通水")
    assert gone["url"] == f"http://127.0.0.1:8000/articles/{filled.ids['gone']}"


def test_a_change_moves_the_tag_and_only_a_change(
    build: Callable[..., Any], client: Any, article: Any
) -> None:
    world = build()
    ask = client(world.app)
    empty = ask("/feed.atom")
    assert empty.status_code == 200
    assert ask("/feed.atom").headers["etag"] == empty.headers["etag"]
    world.put("a.example/1", article("新来的一篇文章，写了一件小事。"))
    filled_once = ask("/feed.atom", if_none_match=empty.headers["etag"])
    assert filled_once.status_code == 200
    world.put("a.example/1", article("新来的一篇文章，写了一件小事。"))  # seen again, unchanged
    assert ask("/feed.atom", if_none_match=filled_once.headers["etag"]).status_code == 304


def test_a_304_costs_less_than_a_millisecond(filled: Any) -> None:
    cache = feeds.FeedCache(filled.world.archive, filled.world.settings)
    tag = cache.document("atom").etag
    scope = {
        "type": "http", "method": "GET", "path": "/feed.atom", "query_string": b"",
        "headers": [(b"if-none-match", f'"{tag}"'.encode())],
    }  # fmt: skip

    def cost() -> float:
        start = time.process_time()
        answer = feeds.respond(Request(scope), cache.document("atom"), "application/atom+xml")
        assert answer.status_code == 304
        return time.process_time() - start

    assert sorted(cost() for _ in range(50))[25] < 0.001


def test_the_packed_copy_is_the_same_every_time() -> None:
    now = parsedate_to_datetime("Wed, 17 May 2023 11:47:39 +0000")
    one, two = (feeds.make_document(1, "正文".encode() * 500, now) for _ in range(2))
    assert one == two
    assert gzip.decompress(one.packed) == one.body
    assert len(one.packed) < len(one.body) / 10


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", False), ("gzip", True), ("deflate, gzip;q=0.5", True), ("gzip;q=0", False), ("br", False),
        ("*", True), ("gzip; q=0.000", False), ("GZIP", True),
    ],
)  # fmt: skip
def test_accept_encoding(header: str, expected: bool) -> None:
    assert feeds.accepts_gzip(header) is expected


@given(st.text(), st.text())
def test_hostile_conditions_are_answered(match: str, since: str) -> None:
    now = parsedate_to_datetime("Wed, 17 May 2023 11:47:39 +0000")
    document = feeds.make_document(1, b"x", now)
    assert feeds.is_fresh({"if-none-match": match}, document) in (True, False)
    assert feeds.is_fresh({"if-modified-since": since}, document) in (True, False)


@pytest.mark.parametrize(
    ("web", "base"),
    [
        ({"port": 9000}, "http://127.0.0.1:9000"),
        ({"host": "::1"}, "http://[::1]:8000"),
        ({"base_url": "https://news.example.org/a/"}, "https://news.example.org/a"),
    ],
)
def test_addresses_are_those_of_the_settings(
    build: Callable[..., Any], web: dict[str, Any], base: str
) -> None:
    world = build(**web)
    body = feeds.render_feed(world.archive, world.settings, "atom")
    hrefs = {e.get("rel"): e.get("href") for e in etree.fromstring(body).iterfind("{*}link")}
    assert hrefs["self"] == f"{base}/feed.atom"
    assert hrefs["alternate"] == f"{base}/"


def test_a_feed_of_one_source(filled: Any) -> None:
    body = feeds.render_feed(
        filled.world.archive, filled.world.settings, "json", limit=500, source="b"
    )
    assert {i["title"] for i in json.loads(body)["items"]} >= {"河口村水渠通水"}
    assert len(json.loads(body)["items"]) == 2


def test_the_source_list(filled: Any) -> None:
    answer = filled.ask("/opml")
    assert answer.headers["content-type"].startswith("text/x-opml")
    outlines = etree.fromstring(answer.content).findall(".//outline")
    assert [e.get("xmlUrl") for e in outlines if e.get("type") == "rss"] == [
        "http://c.example/feed.xml", "http://a.example/feed.xml",
    ]  # fmt: skip
    assert [e.get("text") for e in outlines if e.get("type") == "link"] == ["河口网"]
    assert filled.ask("/opml", if_none_match=answer.headers["etag"]).status_code == 304
