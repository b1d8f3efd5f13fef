"""Public suites and broken feeds as judges, and any bytes at all."""

import io
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import SourceOptions
from aggregator.errors import ReadError
from aggregator.model import Listing, Moment, Page, Sighting
from aggregator.read import feedfields as fields
from aggregator.read.feed import read_feed

Feed = Callable[..., Listing]
BASE = "http://127.0.0.1:8097/tests/"
FEED_KEYS = {"title", "link", "language"}
ENTRY_KEYS = {"title", "link", "id", "summary", "description", "published_parsed", "updated_parsed", "author", "category"}  # fmt: skip
DEEP_KEYS = {("content", "value"), ("tags", "term"), ("authors", "name"), ("enclosures", "href"), ("enclosures", "url"), ("enclosures", "type"), ("enclosures", "length")}  # fmt: skip


def read_case(body: bytes, headers: Mapping[str, str], path: str) -> dict[str, Any]:
    """A case as our reader sees it, in feedparser's shape."""
    url = headers.get("content-location", "")
    url = url if url.startswith("http") else BASE + path
    page = Page(
        url,
        url,
        200,
        tuple({"content-type": "text/xml", **headers}.items()),
        body,
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    listing = read_feed(page, SourceOptions(url=url, timezone="UTC", max_items=100_000))
    return {
        "feed": {"title": listing.title, "link": listing.home_url, "language": listing.language},
        "entries": [shape(item) for item in listing.sightings],
        "version": listing.format,
    }


def shape(item: Sighting) -> dict[str, Any]:
    return {
        "title": item.title,
        "link": item.url,
        "id": item.guid,
        "summary": item.summary or item.content,
        "description": item.summary or item.content,
        "published_parsed": instant(item.published),
        "updated_parsed": instant(item.updated or item.published),
        "author": item.authors[-1] if item.authors else None,
        "authors": [{"name": name} for name in item.authors],
        "category": item.categories[0] if item.categories else None,
        "content": [{"value": item.content}] if item.content else [],
        "tags": [{"term": name} for name in item.categories],
        "enclosures": [
            {"href": one.url, "url": one.url, "type": one.type, "length": str(one.length or "")}
            for one in item.enclosures
        ],
    }


def instant(moment: Moment | None) -> list[int] | None:
    return list(moment.instant.astimezone(UTC).timetuple())[:6] if moment else None


def read_feedparser(body: bytes, headers: Mapping[str, str], path: str) -> Any:
    import feedparser

    heads = {"content-type": "text/xml", "content-location": BASE + path, **headers}
    return feedparser.parse(
        io.BytesIO(body), response_headers=heads, sanitize_html=False, resolve_relative_uris=False
    )


def is_stored(path: list[Any]) -> bool:
    """Whether we store what this assertion is about."""
    match path:
        case ["version"] | ["entries", "#len"]:
            return True
        case ["feed", key]:
            return key in FEED_KEYS
        case ["entries", _, key]:
            return key in ENTRY_KEYS
        case ["entries", _, key, _, part]:
            return (key, part) in DEEP_KEYS
    return False


def holds(found: Any, claim: Mapping[str, Any]) -> bool:
    value, path, want = found, claim["path"], claim["value"]
    try:
        for key in path:
            value = len(value) if key == "#len" else value[key]
    except (LookupError, TypeError, AttributeError):
        return claim["op"] == "falsy"
    if claim["op"] == "eq":
        return is_same(path[-1], want, value)
    return {"ne": value != want, "truthy": bool(value), "falsy": not value}[claim["op"]]


def is_same(key: str, want: Any, value: Any) -> bool:
    """Our titles are plain text and our bodies HTML, whatever the feed's type of text is."""
    if isinstance(want, list) and value is not None:
        return list(value)[:6] == want[:6]
    if value == want or not (isinstance(want, str) and isinstance(value, str)):
        return bool(value == want)
    if key == "title":
        return value in (fields.title(want), fields.title(want, True))
    return key in ("summary", "description", "value") and value == fields.html_of(want)


@pytest.mark.shared
def test_as_many_cases_of_feedparser_as_feedparser(shared: Path) -> None:
    """On the fields that we store; its sanitising and URL resolving are off, ours come later."""
    suite = shared / "suites" / "feedparser"
    cases = [json.loads(line) for line in (suite / "expect.jsonl").read_text("utf-8").splitlines()]
    right = {"ours": 0, "feedparser": 0}
    seen = 0
    for case in cases:
        claims = [one for one in case["asserts"] or () if one["path"] != ["bozo"]]
        if (
            not claims
            or not all(is_stored(one["path"]) for one in claims)
            or "/sanitize/" in case["file"]
        ):
            continue
        seen += 1
        body = (suite / case["file"]).read_bytes()
        for name, reader in (("ours", read_case), ("feedparser", read_feedparser)):
            with suppress(ReadError):  # a case that is not read is not right
                found = reader(body, case["headers"], case["file"])
                right[name] += all(holds(found, one) for one in claims)
    assert seen > 500
    assert right["ours"] >= right["feedparser"], f"{right} of {seen}"


@pytest.mark.shared
def test_the_bad_feeds_give_what_is_expected(shared: Path) -> None:
    folder = shared / "suites" / "bad"
    for case in json.loads((folder / "index.json").read_text("utf-8")):
        body = (folder / case["file"]).read_bytes()
        try:
            found = read_case(body, {"content-type": case["content_type"]}, case["file"])["entries"]
        except ReadError:
            found = []
        if case["expect"] == "reject":
            assert not found, case
        else:
            wanted = case["entries"]
            assert len(found) == wanted if wanted is not None else found, case
            assert "\ufffd" not in str(found) or case["file"] == "mojibake_byte.xml", case


# ---------------------------------------------------------------- any bytes

PIECES = st.sampled_from([
    "<rss version='2.0'>", "<channel>", "</channel>", "</rss>", "<item>", "</item>", "<title>", "</title>", "<link>",
    "</link>", "<link", "/>", "<guid>", "</guid>", "<author>", "</author>", "<pubDate>", "</pubDate>", "<![CDATA[",
    "]]>", "<!--", "-->", "<!DOCTYPE rss [", "<!ENTITY a 'b'>", "]>", "&a;", "&", "<", ">", "&#xD800;", "&#99999999999",
    "\0", "\x0b", "\ufeff", "某", "é", "http://e.cn/", "[", "2026-10-03", "<feed xmlns='http://www.w3.org/2005/Atom'>",
    "</feed>", "<entry>", "</entry>", "<content type='xhtml'>", "</content>", "<source>", "</source>", "<image>",
    "<textinput>", "xml:base='//[x'", "<div>", "<html>", "<script>", "class='h-entry'", "{", "\"items\":", "[", "}",
])  # fmt: skip
SOUP = st.lists(PIECES, max_size=40).map("".join)
CODECS = st.sampled_from(["utf-8", "gb18030", "utf-16", "big5", "latin-1"])
BODIES = st.binary(max_size=300) | st.builds(
    lambda text, codec: text.encode(codec, "ignore"), SOUP, CODECS
)


@settings(max_examples=500, deadline=None)
@given(BODIES | SOUP.map(lambda text: ("<rss version='2.0'><channel><item>" + text).encode()))
def test_any_bytes_give_a_bounded_listing_or_an_error(body: bytes) -> None:
    url = "http://news.example.cn/f"
    page = Page(
        url,
        url,
        200,
        (("content-type", "text/xml; charset=gbk"),),
        body,
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    try:
        listing = read_feed(page, SourceOptions(url=url, max_items=3))
    except ReadError as error:
        listing = None
        words = error.message
    else:
        words = str(listing)
    words.encode("utf-8")  # nothing that cannot be stored
    if listing is not None:
        assert len(listing.sightings) <= 3
        for item in listing.sightings:
            assert item.url == "" or item.url.startswith(("http://", "https://"))
            assert "\0" not in item.title + item.content + item.summary + item.guid
            assert len(item.title) <= fields.MAX_TITLE
