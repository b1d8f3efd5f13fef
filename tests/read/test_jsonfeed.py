"""JSON Feed 1 and 1.1."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ReadError
from aggregator.model import Enclosure, Listing
from aggregator.read.feedfields import Context
from aggregator.read.jsonfeed import read_json

Feed = Callable[..., Listing]
CONTEXT = Context("http://news.example.cn/feed.json", "Asia/Shanghai", 100, "utf-8 (valid)")

WHOLE = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "党建测试源",
    "home_page_url": "http://news.example.cn/",
    "feed_url": "feed.json",
    "next_url": "feed.json?page=2",
    "language": "zh-CN",
    "hubs": [{"type": "WebSub", "url": "http://hub.example.cn/"}],
    "authors": [{"name": "某网"}],
    "items": [
        {
            "id": 7,
            "url": "/a/1.html",
            "title": "一 <二>",
            "content_html": "<p>正文</p>",
            "summary": "一 < 二",
            "date_published": "2026-10-03T09:15:00+08:00",
            "date_modified": "2026-10-04T09:15:00+08:00",
            "authors": [{"name": "张三"}, {"name": "李四"}],
            "tags": ["要闻", 3, "党建"],
            "image": "http://news.example.cn/1.jpg",
            "attachments": [
                {"url": "f.pdf", "mime_type": "application/pdf", "size_in_bytes": 12, "title": "附件"},
                {"url": "javascript:x"},
            ],
        },
        {"id": "http://news.example.cn/2.html", "content_text": "甲\n乙 & 丙"},
    ],
}  # fmt: skip


def test_version_11(feed: Feed) -> None:
    listing = feed(json.dumps(WHOLE), "application/feed+json")
    first, second = listing.sightings
    assert (listing.format, listing.title, listing.language) == ("json11", "党建测试源", "zh-CN")
    assert listing.self_url == "http://news.example.cn/feed.json"
    assert listing.next_page == "http://news.example.cn/feed.json?page=2"
    assert listing.hub_url == "http://hub.example.cn/"
    assert (first.url, first.guid, first.title) == (
        "http://news.example.cn/a/1.html",
        "7",
        "一 <二>",
    )
    assert first.published is not None
    assert first.updated is not None
    assert first.authors == ("张三", "李四")
    assert first.categories == ("要闻", "党建")
    assert first.image == "http://news.example.cn/1.jpg"
    assert first.enclosures == (
        Enclosure("http://news.example.cn/f.pdf", "application/pdf", 12, "附件"),
    )
    assert (first.content, first.summary) == ("<p>正文</p>", "一 &lt; 二")
    assert second.url == "http://news.example.cn/2.html"
    assert second.authors == ("某网",)
    assert second.content == "<p>甲</p><p>乙 &amp; 丙</p>"


def test_version_1_in_gbk_with_bom_and_blanks(feed: Feed) -> None:
    old = {
        "version": "https://jsonfeed.org/version/1",
        "title": "源",
        "items": [{"id": "1", "author": {"name": "张三"}}],
    }
    text = json.dumps(old, ensure_ascii=False)
    for body in (text.encode("gbk"), b"\xef\xbb\xbf \n" + text.encode()):
        listing = feed(body, "application/json")
        assert listing.format == "json10"
        assert listing.sightings[0].authors == ("张三",)


def test_odd_items_are_left_out_and_said() -> None:
    listing = read_json(
        '{"title":"t","items":[1,{"id":true,"title":null,"tags":"x","authors":{}},null]}', CONTEXT
    )
    assert len(listing.sightings) == 1
    assert listing.sightings[0].guid == ""
    assert listing.warnings == (
        "the feed does not name its version",
        "2 items are no objects and were left out",
    )


def test_lone_surrogates_can_be_stored() -> None:
    listing = read_json(
        '{"title":"\\ud800t","items":[{"id":"\\udfff","content_html":"\\u0000x"}]}', CONTEXT
    )
    str(listing).encode("utf-8")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"title": "t"}', "not-a-feed"),
        ('{"items": []}', "not-a-feed"),
        ("[]", "not-a-feed"),
        ('{"a": tru}', "malformed"),
        ('{"title": "t", "items": [{"id": "x', "truncated"),
        ('{"title": "t", "items": [', "truncated"),
        ("[" * 200_000, "malformed"),
        ('{"title": ' + "1" * 5000 + "}", "malformed"),
    ],
)
def test_errors(text: str, code: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_json(text, CONTEXT)
    assert caught.value.code == code


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["url", "name", "id", "title", "mime_type", "size_in_bytes"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
KEYS = ["id", "url", "title", "content_html", "content_text", "summary", "image", "date_published", "authors", "author", "tags", "attachments"]  # fmt: skip
ITEMS = st.lists(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6) | VALUES, max_size=4)
TOP = st.dictionaries(
    st.sampled_from(["hubs", "authors", "author", "language", "home_page_url", "version"]), VALUES
)


@settings(max_examples=150, deadline=None)
@given(ITEMS, TOP)
def test_any_json_of_that_shape_is_read(items: list[object], top: dict[str, object]) -> None:
    listing = read_json(json.dumps({**top, "title": "t", "items": items}), CONTEXT)
    assert len(listing.sightings) <= len(items)
    assert all(item.url == "" or item.url.startswith("http") for item in listing.sightings)


@pytest.mark.shared
def test_public_samples(shared: Path, feed: Feed) -> None:
    read = 0
    for path in sorted((shared / "suites").rglob("*.json")):
        text = path.read_text("utf-8", "replace")
        if (
            '"https://jsonfeed.org/version/1' in text[:500]
            and '"items"' in text
            and "schema" not in path.name
        ):
            assert feed(text.encode(), "application/feed+json").format.startswith("json1")
            read += 1
    assert read >= 5
