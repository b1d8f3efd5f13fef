"""Every format, held against the rules and read back by readers."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker
from lxml import etree
from referencing import Registry, Resource

from aggregator.model import Enclosure, Entry, FeedInfo, State
from aggregator.render import atom, jsonfeed, rss, xmltext

Make = Callable[..., Entry]
Judge = Callable[[bytes], etree._Element]
A = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
HOSTILE = st.text(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from("<>&\"']\u202e\u2067\x00\x1b\r\n\ufffe\ud800😀党&;#"),
    ),
    max_size=40,
) | st.sampled_from(["]]>", "<b>x</b>", "&amp;", "&nbsp;", "<script>alert(1)</script>", "\u202e"])


def read(document: bytes) -> Any:
    """The document as feedparser sees it, without its own sanitising."""
    result = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
    assert not result.bozo, result.get("bozo_exception")
    return result


# ------------------------------------------------------------------ fields


def test_atom_says_every_field(info: FeedInfo, make_entry: Make, check_atom: Judge) -> None:
    entry = check_atom(atom.render(info, [make_entry()])).find(A + "entry")
    assert entry is not None
    assert entry.findtext(A + "id") == "tag:example.org,2026:work/1"
    assert entry.findtext(A + "published") == "2026-05-17T19:47:39+08:00"
    assert str(entry.findtext(A + "updated")).startswith("2026-05-17T21:47:39.")
    assert [e.findtext(A + "name") for e in entry.findall(A + "author")] == ["张三", "李四"]
    assert [e.findtext(A + "name") for e in entry.findall(A + "contributor")] == ["王五"]
    assert [e.get("term") for e in entry.findall(A + "category")] == ["党建", "基层"]
    assert [(e.get("rel"), e.get("href")) for e in entry.findall(A + "link")] == [
        ("alternate", "http://news.example.org/%E5%AD%A6%E4%B9%A0/1.html"),
        ("related", "http://127.0.0.1:8000/articles/1"),
        ("related", "http://b.example.org/1"),
        ("via", "http://c.example.org/1"),
        ("enclosure", "http://a.example.org/%E9%99%84%E4%BB%B6.pdf"),
        ("enclosure", "http://a.example.org/b.mp3"),
    ]
    assert entry.findtext(f"{A}source/{A}title") == "甲网"
    assert entry.findtext(f"{A}source/{A}id") == "tag:example.org,2026:source/a"
    assert entry.findtext(A + "content") == make_entry().html
    assert entry.findtext(A + "summary") == "一句话的摘要。"
    assert entry.findtext(DC + "source") == "某某日报"


def test_rss_says_every_field(info: FeedInfo, make_entry: Make, check_rss: Judge) -> None:
    item = check_rss(rss.render(info, [make_entry()])).find("channel/item")
    assert item is not None
    assert item.findtext("guid") == "tag:example.org,2026:work/1"
    assert item.findtext("pubDate") == "Sun, 17 May 2026 19:47:39 +0800"
    assert [e.text for e in item.findall(DC + "creator")] == ["张三", "李四"]
    assert [e.text for e in item.findall(DC + "contributor")] == ["王五"]
    assert [e.text for e in item.findall("category")] == ["党建", "基层"]
    enclosure = item.find("enclosure")
    assert enclosure is not None
    assert dict(enclosure.attrib) == {
        "url": "http://a.example.org/%E9%99%84%E4%BB%B6.pdf",
        "length": "0",
        "type": "application/pdf",
    }
    source = item.find("source")
    assert source is not None
    assert (source.get("url"), source.text) == ("http://a.example.org/feed.xml", "甲网")
    assert item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded") == make_entry().html


def test_json_says_every_field(info: FeedInfo, make_entry: Make) -> None:
    feed = json.loads(jsonfeed.render(info, [make_entry()]))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    item = feed["items"][0]
    assert item["id"] == "tag:example.org,2026:work/1"
    assert item["authors"] == [{"name": "张三"}, {"name": "李四"}]
    assert item["date_modified"] == "2026-05-17T21:47:39+08:00"
    assert item["attachments"] == [
        {
            "url": "http://a.example.org/%E9%99%84%E4%BB%B6.pdf",
            "mime_type": "application/pdf",
            "title": "附件一",
        },
        {"url": "http://a.example.org/b.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 1234},
    ]
    extra = item["_aggregator"]
    assert extra["source_name"] == "某某日报"
    assert extra["editors"] == ["王五"]
    assert extra["state"] == "live"
    assert extra["archive_url"] == "http://127.0.0.1:8000/articles/1"
    assert [link["relation"] for link in extra["links"]] == ["copy", "original"]


@pytest.mark.parametrize("render", [rss.render, atom.render])
def test_feedparser_reads_equal_fields_back(
    render: Callable[..., bytes], info: FeedInfo, make_entry: Make
) -> None:
    entries = [make_entry(n) for n in range(3)]
    feed = read(render(info, entries))
    assert feed.feed.title == info.title
    assert feed.feed.language == "zh-CN"
    for entry, got in zip(entries, feed.entries, strict=True):
        assert (got.id, got.title, got.summary) == (entry.id, entry.title, entry.summary)
        assert got.content[0].value == entry.html
        assert got.link == xmltext.uri(entry.url)
        assert [a.name for a in got.authors][-1] == entry.authors[-1]
        assert [t.term for t in got.tags] == list(entry.categories)
        assert got.published_parsed[:6] == entry.published.utctimetuple()[:6]
        assert got.updated_parsed[:6] == entry.updated.utctimetuple()[:6]
        assert {e.href for e in got.enclosures} == {xmltext.uri(e.url) for e in entry.enclosures}
        assert got.source.title == "甲网"


# ------------------------------------------------------------------ rules


def test_an_entry_lost_at_its_origin_leads_to_our_copy(
    info: FeedInfo, make_entry: Make, check_atom: Judge
) -> None:
    entry = make_entry(state=State.GONE)
    links = check_atom(atom.render(info, [entry])).findall(f"{A}entry/{A}link")
    shown = [(e.get("rel"), e.get("href")) for e in links][:2]
    assert shown == [
        ("alternate", "http://127.0.0.1:8000/articles/1"),
        ("via", "http://news.example.org/%E5%AD%A6%E4%B9%A0/1.html"),
    ]
    assert json.loads(jsonfeed.render(info, [entry]))["items"][0]["_aggregator"]["state"] == "gone"


def test_bare_entries_are_valid_in_every_format(
    info: FeedInfo, make_entry: Make, check_atom: Judge, check_rss: Judge
) -> None:
    first = make_entry()
    bare = Entry("tag:x.example,2026:1", "", "", "/articles/1", first.published, first.updated)
    check_atom(atom.render(info, [bare]))
    assert check_rss(rss.render(info, [bare])).findtext("channel/item/title") == "（无标题）"
    assert json.loads(jsonfeed.render(info, [bare]))["items"][0]["content_text"] == ""
    for render in (atom.render, rss.render, jsonfeed.render):
        assert render(info, [])


def test_entries_of_one_second_differ_in_updated_and_the_difference_is_their_own(
    info: FeedInfo, make_entry: Make, check_atom: Judge
) -> None:
    entries = [make_entry(n) for n in range(50)]
    alone = atom.moment(entries[7])
    check_atom(atom.render(info, entries))
    assert atom.moment(entries[7]) == alone
    later = replace(entries[7], updated=entries[7].updated + timedelta(seconds=1))
    assert atom.moment(later) > alone


def test_an_id_given_twice_stands_once(
    info: FeedInfo, make_entry: Make, check_atom: Judge, check_rss: Judge
) -> None:
    twice = [make_entry(1), make_entry(1, title="另一个"), make_entry(2)]
    assert len(check_atom(atom.render(info, twice)).findall(A + "entry")) == 2
    assert len(check_rss(rss.render(info, twice)).findall("channel/item")) == 2
    assert len(json.loads(jsonfeed.render(info, twice))["items"]) == 2


def test_rss_names_the_claimed_source_only_without_a_channel(
    info: FeedInfo, make_entry: Make, check_rss: Judge
) -> None:
    item = check_rss(rss.render(info, [make_entry(source=None)])).find("channel/item")
    assert item is not None
    assert item.findtext(DC + "source") == "某某日报"


def test_text_without_html_is_shown_as_paragraphs(info: FeedInfo, make_entry: Make) -> None:
    entry = make_entry(html="", text="一 < 二\n\n三")
    assert (
        read(rss.render(info, [entry])).entries[0].content[0].value == "<p>一 &lt; 二</p><p>三</p>"
    )
    assert read(atom.render(info, [entry])).entries[0].content[0].value == entry.text
    assert json.loads(jsonfeed.render(info, [entry]))["items"][0]["content_text"] == entry.text


def test_a_media_type_is_never_missing_or_malformed(info: FeedInfo, make_entry: Make) -> None:
    odd = (
        Enclosure("http://a.example/x.PDF?d=1", "pdf"),
        Enclosure("http://a.example/x", "TEXT/HTML; charset=gbk", -5),
        Enclosure("http://a.example/y", ""),
        Enclosure("file:///etc/passwd", "text/plain"),
    )
    item = json.loads(jsonfeed.render(info, [make_entry(enclosures=odd)]))["items"][0]
    assert [a["mime_type"] for a in item["attachments"]] == [
        "application/pdf", "text/html", "application/octet-stream",
    ]  # fmt: skip


def test_relations_of_paged_feeds_are_named(info: FeedInfo, check_atom: Judge) -> None:
    paged = replace(
        info, links={"next": "http://127.0.0.1:8000/feed.atom?page=2"}, hub_url="http://h.example/"
    )
    links = check_atom(atom.render(paged, [])).findall(A + "link")
    assert [e.get("rel") for e in links] == ["self", "alternate", "hub", "next"]
    feed = json.loads(jsonfeed.render(paged, []))
    assert feed["next_url"] == "http://127.0.0.1:8000/feed.atom?page=2"
    assert feed["hubs"] == [{"type": "WebSub", "url": "http://h.example/"}]


# ------------------------------------------------------------------ hostile and large


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(texts=st.lists(HOSTILE, min_size=8, max_size=8))
def test_hostile_text_stays_well_formed(
    texts: list[str], info: FeedInfo, make_entry: Make, check_atom: Judge, check_rss: Judge
) -> None:
    entry = make_entry(
        title=texts[0], summary=texts[1], html=texts[2], text=texts[3], authors=(texts[4],),
        categories=(texts[5],), source_name=texts[6], language=texts[7],
        url="http://a.example/" + texts[7], image=texts[0],
        enclosures=(Enclosure("http://a.example/" + texts[1], texts[2], 1, texts[3]),),
    )  # fmt: skip
    title = xmltext.line(texts[0]) or "（无标题）"
    shown = check_atom(atom.render(info, [entry]))
    assert shown.findtext(f"{A}entry/{A}title") == title
    assert check_rss(rss.render(info, [entry])).findtext("channel/item/title") == title
    item = json.loads(jsonfeed.render(info, [entry]))["items"][0]
    assert item["title"] == title
    assert item.get("content_html", "") == xmltext.clean(texts[2])


def test_atom_titles_mean_text_to_feedparser(info: FeedInfo, make_entry: Make) -> None:
    title = "<script>alert(1)</script> 甲 & 乙 &amp; 丙"
    got = read(atom.render(info, [make_entry(title=title)])).entries[0]
    assert got.title == title
    assert got.title_detail.type == "text/plain"


def test_a_body_of_five_megabytes(
    info: FeedInfo, make_entry: Make, check_atom: Judge, check_rss: Judge
) -> None:
    body = "<p>很长的正文 &amp; 更多</p>" * 160_000
    entry = make_entry(html=body)
    assert check_atom(atom.render(info, [entry])).findtext(f"{A}entry/{A}content") == body
    check_rss(rss.render(info, [entry]))
    assert json.loads(jsonfeed.render(info, [entry]))["items"][0]["content_html"] == body


@pytest.mark.parametrize("render", [rss.render, atom.render, jsonfeed.render])
def test_fifty_entries_take_less_than_ten_milliseconds(
    render: Callable[..., bytes], info: FeedInfo, make_entry: Make
) -> None:
    body = "<p>" + "正文的一段，不长也不短。" * 20 + "</p>"
    entries = [make_entry(n, html=body * 10) for n in range(50)]

    def cost() -> float:
        start = time.process_time()
        render(info, entries)
        return time.process_time() - start

    assert min(cost() for _ in range(5)) < 0.010


# ------------------------------------------------------------------ schemas


@pytest.mark.shared
def test_atom_satisfies_the_grammar_of_the_rfc(
    shared: Path, info: FeedInfo, make_entry: Make
) -> None:
    grammar = etree.RelaxNG(etree.parse(str(shared / "suites/schemas/atom-rfc4287.rng")))
    first = make_entry()
    bare = Entry("tag:x.example,2026:1", "", "", "/articles/1", first.published, first.updated)
    gone = make_entry(3, state=State.GONE, language="ug", html="")
    document = etree.fromstring(atom.render(info, [first, make_entry(2), bare, gone]))
    assert grammar.validate(document), grammar.error_log
    assert not grammar.validate(etree.fromstring(b'<feed xmlns="http://www.w3.org/2005/Atom"/>'))


@pytest.mark.shared
@pytest.mark.parametrize("name", ["schema-v1.1.json", "schemastore-feed.json"])
def test_json_satisfies_the_schemas(
    name: str, shared: Path, info: FeedInfo, make_entry: Make
) -> None:
    folder = shared / "suites/schemas"
    older = Resource.from_contents(json.loads((folder / "schemastore-feed-1.json").read_text()))
    schema = json.loads((folder / name).read_text())
    registry = Registry().with_resources(
        [("feed-1", older), (urljoin(schema.get("$id", ""), "feed-1"), older)]
    )
    judge = Draft7Validator(schema, registry=registry, format_checker=FormatChecker())
    first = make_entry()
    bare = Entry("tag:x.example,2026:1", "", "", "/articles/1", first.published, first.updated)
    document = json.loads(
        jsonfeed.render(replace(info, hub_url="http://h.example/"), [first, bare])
    )
    assert [e.message for e in judge.iter_errors(document)] == []
    assert list(judge.iter_errors({"items": [{}]}))
