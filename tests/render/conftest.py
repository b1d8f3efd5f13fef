"""Entries to render, and judges that hold a document against the rules without any schema."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from lxml import etree

from aggregator.model import (
    Enclosure,
    Entry,
    EntryLink,
    EntrySource,
    FeedInfo,
    Relation,
)

CHINA = timezone(timedelta(hours=8))
ATOM = "{http://www.w3.org/2005/Atom}"
URI = re.compile(r"https?://[a-z0-9.\[\]:-]+/[A-Za-z0-9/?:@!$&'()*+,;=._~%#-]*")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
RFC822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    r"\d{4} \d\d:\d\d:\d\d [+-]\d{4}"
)
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Attributes, entries' own elements and registered link relations that the validators know.
RELATIONS = {"self", "alternate", "related", "via", "enclosure", "hub", "next", "previous"}
RELATIONS |= {"first", "last", "current", "prev-archive", "next-archive"}


@pytest.fixture(scope="session")
def info() -> FeedInfo:
    return FeedInfo(
        id="tag:example.org,2026:feed",
        title="党建新闻汇编",
        subtitle="测试用的合集",
        home_url="http://127.0.0.1:8000/",
        self_url="http://127.0.0.1:8000/feed.atom",
        updated=datetime(2026, 5, 17, 20, 0, tzinfo=CHINA),
    )


@pytest.fixture(scope="session")
def make_entry() -> Callable[..., Entry]:
    """Builds an entry with every field set; keywords replace fields."""

    def build(number: int = 1, **changes: Any) -> Entry:
        first = datetime(2026, 5, 17, 19, 47, 39, tzinfo=CHINA)
        fields: dict[str, Any] = {
            "id": f"tag:example.org,2026:work/{number}",
            "title": f"某县开展主题教育第{number}次集中学习",
            "url": f"http://news.example.org/学习/{number}.html",
            "local_path": f"/articles/{number}",
            "published": first,
            "updated": first + timedelta(hours=2),
            "authors": ("张三", "李四"),
            "summary": "一句话的摘要。",
            "html": "<p>正文第一段。</p><p>正文 &amp; 第二段。</p>",
            "text": "正文第一段。\n正文 & 第二段。",
            "source": EntrySource(
                "tag:example.org,2026:source/a",
                "甲网",
                "http://a.example.org/",
                "http://a.example.org/feed.xml",
                first,
            ),
            "source_name": "某某日报",
            "editors": ("王五",),
            "categories": ("党建", "基层"),
            "enclosures": (
                Enclosure("http://a.example.org/附件.pdf", title="附件一"),
                Enclosure("http://a.example.org/b.mp3", "audio/mpeg", 1234),
            ),
            "image": "http://a.example.org/图.jpg",
            "links": (
                EntryLink("http://b.example.org/1", "转载", "乙网", Relation.COPY),
                EntryLink("http://c.example.org/1", "首发", "丙网", Relation.ORIGINAL),
            ),
        }
        return Entry(**{**fields, **changes})

    return build


def _urls(root: etree._Element) -> list[str]:
    found = [value for e in root.iter() for key in ("href", "url") if (value := e.get(key))]
    return found + [e.text or "" for e in root.iter("link", ATOM + "uri")]


def _shared_rules(root: etree._Element) -> None:
    for url in _urls(root):
        assert URI.fullmatch(url), url
    for title in root.iter("title", ATOM + "title"):
        text = title.text or ""
        assert text.strip()
        assert not BIDI.search(text)
        assert "\n" not in text
    for link in root.iter(ATOM + "link"):
        assert link.get("rel") in RELATIONS
        assert link.text is None


def _dates_are_real(texts: list[str | None], pattern: re.Pattern[str]) -> None:
    for text in texts:
        assert pattern.fullmatch(text or ""), text


@pytest.fixture(scope="session")
def check_atom() -> Callable[[bytes], etree._Element]:
    """Parses an Atom document strictly and asserts what RFC 4287 and the validators demand."""

    def check(document: bytes) -> etree._Element:
        root = etree.fromstring(document, etree.XMLParser(huge_tree=True, resolve_entities=False))
        assert root.tag == ATOM + "feed"
        assert root.findall(ATOM + "author")
        _shared_rules(root)
        _dates_are_real([e.text for e in root.iter(ATOM + "updated", ATOM + "published")], RFC3339)
        entries = root.findall(ATOM + "entry")
        for part in [root, *entries, *root.iter(ATOM + "source")]:
            for name in ("id", "title", "updated"):
                assert len(part.findall(ATOM + name)) == 1
            alternates = [e for e in part.findall(ATOM + "link") if e.get("rel") == "alternate"]
            assert len(alternates) <= 1
        for entry in entries:
            assert [e for e in entry.findall(ATOM + "link") if e.get("rel") == "alternate"]
            hrefs = [(e.get("rel"), e.get("href")) for e in entry.findall(ATOM + "link")]
            assert len(hrefs) == len(set(hrefs))
        ids = [e.findtext(ATOM + "id") for e in entries]
        assert len(ids) == len(set(ids))
        moments = [e.findtext(ATOM + "updated") for e in entries]
        assert len(moments) == len(set(moments))
        return root

    return check


@pytest.fixture(scope="session")
def check_rss() -> Callable[[bytes], etree._Element]:
    """Parses an RSS document strictly and asserts what the specification and validators demand."""

    def check(document: bytes) -> etree._Element:
        root = etree.fromstring(document, etree.XMLParser(huge_tree=True, resolve_entities=False))
        channel = root[0]
        assert (root.tag, root.get("version"), channel.tag) == ("rss", "2.0", "channel")
        for name in ("title", "link", "description", "language", "lastBuildDate"):
            assert len(channel.findall(name)) == 1
        selves = [e for e in channel.findall(ATOM + "link") if e.get("rel") == "self"]
        assert len(selves) == 1
        _shared_rules(root)
        _dates_are_real([e.text for e in root.iter("pubDate", "lastBuildDate")], RFC822)
        items = channel.findall("item")
        for item in items:
            names = [e.tag for e in item]
            for name in ("title", "link", "guid", "pubDate", "description"):
                assert names.count(name) == 1
            assert names.count("enclosure") <= 1
            assert {"source", "{http://purl.org/dc/elements/1.1/}source"} - set(names)
            if "{http://purl.org/rss/1.0/modules/content/}encoded" in names:
                at = names.index("{http://purl.org/rss/1.0/modules/content/}encoded")
                assert names.index("description") < at
        guids = [e.text for e in root.iter("guid")]
        assert len(guids) == len(set(guids))
        assert {e.get("isPermaLink") for e in root.iter("guid")} <= {"false"}
        return root

    return check
