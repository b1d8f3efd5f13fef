"""OPML of other readers comes in, ours comes back whole, and no file can do harm."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import config
from aggregator.config import DataRule, ListRule, Paging, SourceOptions, SourceSpec
from aggregator.opml import MAX_OUTLINES, OpmlError, read_opml, write_opml

DATE = datetime(2031, 6, 18, 1, tzinfo=UTC)


def opml(body: str, head: str = "<title>我的订阅</title>") -> bytes:
    return f'<?xml version="1.0"?><opml version="2.0"><head>{head}</head><body>{body}</body></opml>'.encode()


def addresses(data: bytes) -> list[str]:
    return [spec.options.url for spec in read_opml(data).sources]


# ---------------------------------------------------------------- other readers' files


def test_folders_become_columns() -> None:
    found = read_opml(
        opml(
            '<outline text="党建"><outline text="中央"><outline text="甲" type="rss" xmlUrl="http://a.example/f"/>'
            '</outline><outline title="乙" xmlUrl="https://b.example/f"/></outline>'
            '<outline text="丙" xmlUrl="http://c.example/f"/>'
        )
    )
    assert found.title == "我的订阅"
    assert [(s.options.name, s.options.column, s.options.url) for s in found.sources] == [
        ("甲", "党建/中央", "http://a.example/f"),
        ("乙", "党建", "https://b.example/f"),
        ("丙", "", "http://c.example/f"),
    ]


def test_spellings_of_other_readers_are_understood() -> None:
    body = (
        '<outline text="A" type="RSS" xmlurl=" http://a.example/1 "/>'
        '<outline text="B" type="pie" XMLURL="http://a.example/2"/>'
        '<outline text="C" type="link" xmlUrl="http://a.example/3"/>'
        '<outline xmlUrl="http://a.example/4&amp;x=1"/>'
    )
    assert addresses(opml(body)) == [f"http://a.example/{n}" for n in (1, 2, 3, "4&x=1")]


def test_one_address_is_taken_once() -> None:
    body = (
        '<outline text="A" xmlUrl="http://www.a.example/f?utm_source=x"/>'
        '<outline text="B" xmlUrl="https://www.a.example/f"/>'
    )
    found = read_opml(opml(body))
    assert [s.options.name for s in found.sources] == ["A"]
    assert found.repeated == 1


def test_what_is_no_feed_is_refused_with_a_reason() -> None:
    body = (
        '<outline text="f" xmlUrl="file:///etc/passwd"/><outline text="j" xmlUrl="javascript:alert(1)"/>'
        '<outline text="l" type="link" url="http://a.example/"/>'
        '<outline text="i" type="include" url="http://a.example/x.opml"/>'
        '<outline text="n"/><outline text="h" htmlUrl="http://a.example/"/>'
    )
    found = read_opml(opml(body))
    assert not found.sources
    assert {r.text: r.reason.split(":")[0][:24] for r in found.refused} == {
        "f": "'file",
        "j": "'javascript",
        "l": "is a link to a page, no ",
        "i": "includes another OPML fi",
        "n": "has no address of a feed",
        "h": "has no address of a feed",
    }


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_charsets(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><opml><body><outline text="党建" xmlUrl="http://a.example/"/></body></opml>'
    (spec,) = read_opml(text.encode(encoding)).sources
    assert spec.options.name == "党建"


def test_damaged_files_give_what_is_whole() -> None:
    body = '<outline text="A & B" xmlUrl="http://a.example/?a=1&b=2"><outline text="C" xmlUrl="http://c.example/">'
    assert addresses(b"<opml><body>" + body.encode() + b"\x0b</bo") == [
        "http://a.example/?a=1&b=2",
        "http://c.example/",
    ]


# ---------------------------------------------------------------- harm

LAUGHS = '<!DOCTYPE opml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no XML|Document is empty"),
        (b"hello", "no OPML"),
        (b"<rss/>", "its root is <rss>"),
        (b"<html><body/></html>", "its root is <html>"),
        (f"{LAUGHS}<opml><body><outline text='&b;' xmlUrl='http://a.example/&b;'/></body></opml>".encode(), "entities"),
        (f"{OUTSIDE}<opml><body><outline text='&x;' xmlUrl='http://a.example/'/></body></opml>".encode(), "entities"),
        (f"{OUTSIDE}<opml/>".encode("utf-16"), "entities"),
        (opml("<outline/>" * (MAX_OUTLINES + 1)), "outlines"),
        (b"<opml>" + b" " * 20_000_001, "larger than"),
    ],
    ids=["empty", "text", "rss", "html", "laughs", "outside", "utf16", "many", "large"],
)  # fmt: skip
def test_files_that_are_not_read(data: bytes, reason: str) -> None:
    with pytest.raises(OpmlError, match=reason):
        read_opml(data)


def test_depth_is_bounded_by_the_parser_not_by_the_stack() -> None:
    deep = (
        "<outline text='x'>" * 5000 + '<outline xmlUrl="http://a.example/"/>' + "</outline>" * 5000
    )
    assert len(read_opml(opml(deep)).sources) <= 1


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: opml(t)))
def test_no_bytes_break_it(data: bytes) -> None:
    with suppress(OpmlError):
        read_opml(data)


@pytest.mark.shared
def test_the_public_suites_do_not_break_it(shared: Path) -> None:
    files = [
        *(shared / "suites" / "listparser").rglob("*.xml"),
        *(shared / "suites" / "feedsmith" / "opml").rglob("*.opml"),
    ]
    assert len(files) > 60
    read = 0
    for file in files:
        with suppress(OpmlError):
            found = read_opml(file.read_bytes())
            read += 1
            assert all(s.options.url.startswith("http") for s in found.sources)
    assert read > 50


# ---------------------------------------------------------------- ours

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)
keys = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,20}", fullmatch=True)


@st.composite
def specs(draw: st.DrawFn) -> SourceSpec:
    kind = draw(st.sampled_from(["feed", "list", "data", "sitemap"]))
    options = SourceOptions(
        url=f"http://{draw(keys).replace('_', '-').strip('-') or 'a'}.example/{draw(st.integers(0, 999))}",
        name=draw(words), kind=kind, enabled=draw(st.booleans()),
        interval=draw(st.none() | st.integers(900, 90_000).map(float)),
        column=draw(words), include=tuple(draw(st.lists(st.sampled_from([r"/t\d+", "<&\"'>", "\n"]), max_size=2))),
        list=ListRule(item="ul > li:not([a=\"b\"])", drop=("em",)) if kind == "list" else ListRule(),
        data=DataRule(items=draw(words), date=("a", "b")) if kind == "data" else DataRule(),
        paging=draw(st.sampled_from([Paging(), Paging("?p={n}", 3)])),
        headers=draw(st.sampled_from([(), (("Referer", "x\ty"),)])),
    )  # fmt: skip
    return SourceSpec(draw(keys), options)


@given(st.lists(specs(), max_size=4, unique_by=(lambda s: s.key, lambda s: s.options.url.lower())))
def test_a_round_trip_loses_nothing(listed: list[SourceSpec]) -> None:
    data = write_opml(listed, "汇编 & <一>", DATE)
    found = read_opml(data)
    assert {s.key: s.options for s in found.sources} == {s.key: s.options for s in listed}
    assert not found.refused
    assert found.title == "汇编 & <一>"


def test_the_shipped_sources_make_the_round_trip(root: Path) -> None:
    shipped = config.load(root / "config.toml").sources
    found = read_opml(write_opml(shipped, "x", DATE))
    assert {s.key: s.options for s in found.sources} == {s.key: s.options for s in shipped}


def test_other_readers_see_feeds_only_where_there_are_feeds() -> None:
    listed = [
        SourceSpec("f", SourceOptions(url="http://a.example/f", name="甲", column="党建")),
        SourceSpec("l", SourceOptions(url="http://a.example/l", kind="list")),
    ]
    text = write_opml(listed, "x", DATE).decode()
    assert 'type="rss" xmlUrl="http://a.example/f"' in text
    assert 'type="link" url="http://a.example/l"' in text
    assert text.count("xmlUrl") == 1
    assert '<outline text="党建" title="党建">' in text


def test_damaged_options_are_refused() -> None:
    ours = '<outline text="A" xmlns:ag="urn:party-aggregator:opml:1" ag:key="a" ag:options="{}" xmlUrl="http://a.example/"/>'
    assert [r.reason for r in read_opml(opml(ours)).refused] == ["is missing"]
    broken = ours.replace("{}", "[")
    assert [r.reason for r in read_opml(opml(broken)).refused] == ["its options are damaged"]
