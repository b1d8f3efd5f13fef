"""The strict fast parser agrees with the feedparser path, or does not read at all."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import charset
from aggregator.model import Listing
from aggregator.read.fastfeed import read_fast
from aggregator.read.feedfields import Context
from aggregator.read.feedparsed import read_parsed
from aggregator.read.feedtext import prepare

CONTEXT = Context("http://news.example.cn/feed.xml", "Asia/Shanghai", 1000, "utf-8 (valid)")
NAMESPACES = """xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:media="http://search.yahoo.com/mrss/" """


def both(text: str) -> tuple[Listing | None, Listing]:
    prepared = prepare(text)
    assert prepared is not None
    return read_fast(text.encode("utf-8", "replace"), CONTEXT), read_parsed(prepared, CONTEXT)


def rss(items: str, channel: str = "") -> str:
    return f'<rss version="2.0" {NAMESPACES}><channel>{channel}{items}</channel></rss>'


def atom(entries: str, feed: str = "") -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{feed}{entries}</feed>'


PLAIN = [
    rss("""<item><title><![CDATA[某支部 & 社区]]></title><link>http://e.example.cn/n1/2026/1003/c1-2.html</link>
    <guid isPermaLink="false">1</guid><pubDate>Sat, 03 Oct 2026 09:15:00 +0800</pubDate><dc:creator>张三</dc:creator>
    <category>要闻</category><category>党建</category><description>摘要 &amp;amp; 尾</description>
    <content:encoded><![CDATA[<p>正文</p>]]></content:encoded><slash:comments>3</slash:comments>
    <enclosure url="/a.mp3" type="Audio/MPEG" length="3"/><source url="http://o.example.cn/">某报</source></item>""",
        """<title>站·点</title><link>/</link><language>zh-cn</language><ttl>5</ttl><skipHours><hour>3</hour></skipHours>
    <skipDays><day>Monday</day></skipDays><sy:updatePeriod>daily</sy:updatePeriod><generator>x</generator>
    <atom:link rel="self" href="/feed.xml"/><image><url>/i.png</url><title>标</title><link>/x</link></image>"""),
    atom("""<entry><title type="html">一 &amp;lt;二&amp;gt;</title><id>tag:1</id><link href="http://e.example.cn/1"/>
    <link rel="enclosure" href="/f.pdf" type="application/pdf" length="4" title="附 件"/>
    <published>2026-10-03T09:15:00+08:00</published><updated>2026-10-03T09:15:00Z</updated>
    <author><name>张三</name><uri>http://x/</uri></author><category term="a" label="甲"/><category term="b"/>
    <summary>一
    二</summary><content type="html">&lt;p&gt;正文&lt;/p&gt;</content></entry><entry><id>http://e.example.cn/2</id></entry>""",
        """<title>站·点</title><id>tag:f</id><updated>2026-10-03T09:15:00Z</updated><link href="/"/>
    <link rel="self" href="/feed.xml"/><link rel="hub" href="http://hub.example.cn/"/><author><name>某网</name></author>"""),
    rss(""),
    atom(""),
]  # fmt: skip


@pytest.mark.parametrize("text", PLAIN)
def test_plain_feeds_are_read_fast(text: str) -> None:
    fast, parsed = both(text)
    assert fast == parsed


UNSURE = [
    '<!DOCTYPE rss [<!ENTITY a "b">]>' + rss("<item><title>&a;</title></item>"),
    rss("<item><title>a</title><title>b</title></item>"),
    rss("<item><title>a<b>c</b></title></item>"),
    rss('<item><title type="text">a</title></item>'),
    rss('<item xml:base="http://x.example.cn/"><link>a</link></item>'),
    rss("<item><author>a@b.cn (张三)</author></item>"),
    rss("<item><pubDate>szept.</pubDate></item>"),
    rss("<item><link>http://e.example.cn/?a=1&amp;b;=2</link></item>"),
    rss("<item><link>http://[bad</link><guid>http://e.example.cn/1</guid></item>"),
    rss('<item><media:content url="http://e.example.cn/1.jpg"/></item>'),
    rss("<item><title>\xc3\xa9</title></item>"),
    rss("<item><title>&#150;</title></item>"),
    rss('<item><guid isPermaLink="no">x</guid></item>'),
    atom(
        '<entry><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">x</div></content></entry>'
    ),
    atom('<entry><content type="image/png" src="http://e.example.cn/1.png"/></entry>'),
    atom('<entry><link href="http://e.example.cn/1"/><link href="http://e.example.cn/2"/></entry>'),
    atom("<entry><source><title>x</title></source></entry>"),
    "<rss version='0.91'><channel/></rss>",
    "<rss version='2.0'><channel><item><title>a</title></item></channel>",
]


@pytest.mark.parametrize("text", UNSURE)
def test_what_is_not_sure_is_left(text: str) -> None:
    assert read_fast(text.encode(), CONTEXT) is None


def test_only_valid_utf8_is_read() -> None:
    body = PLAIN[0].encode()
    for spoiled in (
        body.replace("要".encode(), b"\xff"),
        body.replace("要".encode(), b"\xed\xa0\x80"),
    ):
        assert read_fast(spoiled, CONTEXT) is None
    assert read_fast(PLAIN[0].encode("gbk"), CONTEXT) is None


WORDS = ["", " ", "a", "某", "·", "é", "\x85", "—", "&amp;", "&lt;b&gt;", "&amp;nbsp;", "&#160;", "&#x4e00;", "\n", ";", "@",
         "http://e.example.cn/1", "/a/2?x=1&amp;y=2", "HTTP://E.example.cn:80/./b", "javascript:x", "2026-10-03", "true",
         "Sat, 03 Oct 2026 09:15:00 GMT", "<![CDATA[<p>x</p>]]>", "<!-- c -->", "<?p i?>", "a@b.cn", "(", "[", "www.e.example.cn/3"]  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS), max_size=4).map("".join)
VALUES = TEXTS.map(lambda t: "".join(c for c in t.replace("<![CDATA[<p>x</p>]]>", "").replace("<!-- c -->", "").replace("<?p i?>", "") if c not in '<"'))  # fmt: skip
NAMES = ["title", "link", "guid", "description", "pubDate", "author", "dc:creator", "dc:date", "category", "enclosure",
         "source", "content:encoded", "comments", "slash:comments", "media:content", "media:thumbnail", "atom:link",
         "atom:updated", "other", "image", "summary", "id"]  # fmt: skip
ATTRIBUTES = ["type", "isPermaLink", "domain", "url", "length", "rel", "href", "term", "label", "title", "xml:lang", "xml:base", "base"]  # fmt: skip
KINDS = VALUES | st.sampled_from(["html", "text", "xhtml", "self", "hub", "enclosure", "alternate", "true", "false", "12"])  # fmt: skip


@st.composite
def elements(draw: st.DrawFn, names: list[str]) -> str:
    name = draw(st.sampled_from(names))
    given_names = draw(st.lists(st.sampled_from(ATTRIBUTES), max_size=2, unique=True))
    attributes = "".join(f' {one}="{draw(KINDS)}"' for one in given_names)
    return f"<{name}{attributes}>{draw(TEXTS)}</{name}>"


ATOM_NAMES = ["title", "link", "id", "published", "updated", "author", "category", "summary", "content", "rights", "source"]  # fmt: skip
SOME_RSS = st.lists(elements(NAMES), max_size=6).map("".join)
SOME_ATOM = st.lists(elements(ATOM_NAMES), max_size=6).map("".join)


@settings(max_examples=250, deadline=None)
@given(
    st.builds(
        lambda a, b, c: rss(f"<item>{a}</item><item>{b}</item>", c), SOME_RSS, SOME_RSS, SOME_RSS
    )
    | st.builds(
        lambda a, b, c: atom(f"<entry>{a}</entry><entry>{b}</entry>", c),
        SOME_ATOM,
        SOME_ATOM,
        SOME_ATOM,
    )
)
def test_fast_is_none_or_the_same(text: str) -> None:
    fast, parsed = both(text)
    assert fast is None or fast == parsed


@pytest.mark.shared
def test_fast_agrees_on_the_public_suites(shared: Path) -> None:
    read = 0
    for folder in ("feedparser", "feedsmith", "reader", "bad"):
        for path in sorted((shared / "suites" / folder).rglob("*.*")):
            if not path.is_file() or path.stat().st_size > 1_000_000:
                continue
            text, _ = charset.decode(path.read_bytes())
            fast = read_fast(text.encode("utf-8", "replace"), CONTEXT)
            if fast is not None:
                prepared = prepare(text)
                assert prepared is not None, path
                assert fast == read_parsed(prepared, CONTEXT), path
                read += 1
    assert read > 500
