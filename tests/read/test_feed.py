"""Feeds of every form, whole and damaged, read through read_feed."""

import gzip
from collections.abc import Callable
from contextlib import suppress
from time import process_time

import pytest

from aggregator.errors import ReadError
from aggregator.model import Enclosure, Listing, Precision

Feed = Callable[..., Listing]

ITEM = """<item><title>某支部开展学习</title><link>http://news.example.cn/a/{n}.html</link>
<guid>http://news.example.cn/a/{n}.html</guid><pubDate>Sat, 03 Oct 2026 09:15:00 +0800</pubDate>
<description>摘要：党员、群众与社区</description></item>"""
ITEMS = ITEM.format(n=1) + ITEM.format(n=2)
RSS = f"""<rss version="2.0"><channel><title>党建测试源</title><link>http://news.example.cn/</link>
<description>说明文字</description>{ITEMS}</channel></rss>"""


def declared(charset: str, text: str = RSS) -> bytes:
    return f'<?xml version="1.0" encoding="{charset}"?>\n{text}'.encode(charset, "replace")


def titles(listing: Listing) -> list[str]:
    return [item.title for item in listing.sightings]


# ---------------------------------------------------------------- forms


def test_rss_20_with_all_fields(feed: Feed) -> None:
    listing = feed("""<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
     xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
    <channel><title>示例&amp;nbsp;网</title><link>/</link><language>zh-cn</language><ttl>30</ttl>
    <skipHours><hour>0</hour><hour>23</hour><hour>x</hour></skipHours><skipDays><day>Sunday</day></skipDays>
    <sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
    <atom:link rel="self" href="http://news.example.cn/feed.xml"/>
    <atom:link rel="hub" href="http://hub.example.cn/"/>
    <atom:link rel="next" href="?page=2"/>
    <item><title><![CDATA[一 &amp; <b>二</b>]]></title><link> /a/1.html </link>
    <guid isPermaLink="false">id-1</guid><dc:creator>张三</dc:creator><dc:creator>李四</dc:creator>
    <category>要闻</category><category>要闻</category><category domain="x">党建</category>
    <source url="http://other.example.cn/feed">某日报</source>
    <pubDate>2026年10月03日 09:15</pubDate><dc:date>2026-10-04T01:02:03Z</dc:date>
    <enclosure url="http://news.example.cn/a.mp3" type="audio/mpeg" length="123"/>
    <media:content url="http://news.example.cn/b.jpg" medium="image" fileSize="9"/>
    <media:thumbnail url="http://news.example.cn/t.jpg"/>
    <description>摘要</description><content:encoded><![CDATA[<p>正文</p>]]></content:encoded></item>
    </channel></rss>""")
    assert (listing.format, listing.title, listing.language) == ("rss20", "示例 网", "zh-cn")
    assert listing.home_url == "http://news.example.cn/"
    assert listing.self_url == "http://news.example.cn/feed.xml"
    assert listing.hub_url == "http://hub.example.cn/"
    assert listing.next_page == "http://news.example.cn/feed.xml?page=2"
    assert listing.hints.ttl_minutes == 30
    assert listing.hints.skip_hours == {0, 23}
    assert listing.hints.skip_days == {6}
    assert listing.hints.update_period_seconds == 1800
    item = listing.sightings[0]
    assert (item.title, item.url, item.guid) == (
        "一 & 二",
        "http://news.example.cn/a/1.html",
        "id-1",
    )
    assert item.authors == ("张三", "李四")
    assert item.categories == ("要闻", "党建")
    assert item.source == "某日报"
    assert item.published is not None
    assert item.published.instant.isoformat() == "2026-10-03T09:15:00+08:00"
    assert item.published.precision is Precision.MINUTE
    assert item.updated is not None
    assert item.updated.instant.isoformat() == "2026-10-04T01:02:03+00:00"
    assert item.enclosures == (
        Enclosure("http://news.example.cn/a.mp3", "audio/mpeg", 123),
        Enclosure("http://news.example.cn/b.jpg", "image/*", 9),
    )
    assert item.image == "http://news.example.cn/t.jpg"
    assert (item.summary, item.content) == ("摘要", "<p>正文</p>")


def test_atom_10(feed: Feed) -> None:
    listing = feed("""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN"
     xml:base="http://base.example.cn/x/"><title type="html">示例 &lt;i&gt;网&lt;/i&gt;</title>
    <id>tag:example.cn,2026:f</id><link href="."/><author><name>某网</name></author>
    <entry><title>一 &lt;二&gt;</title><id>tag:1</id><link href="1.html"/>
    <link rel="enclosure" href="f.pdf" type="application/pdf" length="7" title="附件"/>
    <published>2026-10-03T09:15:00+08:00</published><updated>2026-10-04T09:15:00+08:00</updated>
    <author><name>张三</name><email>z@example.cn</email></author><category term="a" label="要闻"/>
    <summary>一 &lt; 二</summary><content type="html">&lt;img src="p.jpg"&gt;</content></entry>
    <entry><title>二</title><id>http://news.example.cn/2.html</id><updated>2026-10-04</updated>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>正<b>文</b></p></div></content></entry>
    </feed>""")
    first, second = listing.sightings
    assert (listing.format, listing.title, listing.language) == ("atom10", "示例 网", "zh-CN")
    assert listing.home_url == "http://base.example.cn/x/"
    assert (first.url, first.title) == ("http://base.example.cn/x/1.html", "一 <二>")
    assert first.authors == ("张三",)
    assert first.categories == ("要闻",)
    assert first.enclosures == (
        Enclosure("http://base.example.cn/x/f.pdf", "application/pdf", 7, "附件"),
    )
    assert first.summary == "一 &lt; 二"
    assert first.content == '<img src="http://base.example.cn/x/p.jpg">'
    assert second.url == "http://news.example.cn/2.html"
    assert second.authors == ("某网",), "RFC 4287, 4.2.1: the feed's author"
    assert second.content == "<p>正<b>文</b></p>"
    assert second.published is None
    assert second.updated is not None


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("rss091u", '<rss version="0.91"><channel><title>t</title>{items}</channel></rss>'),
        ("rss092", '<rss version="0.92"><channel><title>t</title>{items}</channel></rss>'),
        ("rss091n", '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><title>t</title>{items}</channel></rss>'),
        ("rss", "<rss><channel><title>t</title>{items}</channel></rss>"),
        ("rss10", '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>t</title></channel>{items}</rdf:RDF>'),
        ("rss090", '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>t</title></channel>{items}</rdf:RDF>'),
        ("rss20", "<RSS VERSION='2.0'><CHANNEL><TITLE>t</TITLE>{items}</CHANNEL></RSS>"),
    ],
)  # fmt: skip
def test_other_rss(feed: Feed, form: str, text: str) -> None:
    listing = feed(text.format(items=ITEMS))
    assert listing.format == form
    assert listing.title == "t"
    assert titles(listing) == ["某支部开展学习"] * 2
    assert all(item.published for item in listing.sightings)


def test_atom_03(feed: Feed) -> None:
    listing = feed("""<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>t</title>
    <entry><title mode="escaped" type="text/html">一 &lt;b&gt;二&lt;/b&gt;</title><id>urn:1</id>
    <link rel="alternate" type="text/html" href="http://e.example.cn/1"/>
    <issued>2023-05-17T19:47:39+08:00</issued><modified>2023-05-18T19:47:39+08:00</modified></entry></feed>""")
    item = listing.sightings[0]
    assert (listing.format, item.title, item.url) == ("atom03", "一 二", "http://e.example.cn/1")
    assert item.published is not None
    assert item.updated is not None
    assert item.published.instant < item.updated.instant


def test_rss_date_of_dublin_core_is_the_publication(feed: Feed) -> None:
    item = feed("""<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><item>
    <title>t</title><dc:date>2026-10-03</dc:date></item></channel></rss>""").sightings[0]
    assert item.published is not None
    assert item.updated is None


# ---------------------------------------------------------------- charsets


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (RSS.encode("gbk"), "text/xml"),
        (RSS.encode("gbk"), "text/xml; charset=utf-8"),
        (declared("utf-8").replace(RSS.encode(), RSS.encode("gbk")), "text/xml"),
        (declared("gb2312"), "text/xml; charset=iso-8859-1"),
        (declared("GBK"), "text/xml"),
        (b'<?xml version="1.0" encoding="gb2312"?>' + RSS.encode(), "text/xml"),
        (b'\xef\xbb\xbf<?xml version="1.0" encoding="gb2312"?>' + RSS.encode(), "text/xml"),
        (b"\xef\xbb\xbf \n" + declared("utf-8"), "text/xml"),
        (declared("utf-8"), "text/xml; charset=gb2312"),
        (RSS.encode("gbk"), "application/xml; charset=gbk"),
        (declared("utf-16"), "text/xml"),
        (RSS.encode("utf-16-le"), "text/xml"),
        (declared("gb18030"), "text/xml"),
        (gzip.compress(declared("gbk"), mtime=0), "application/gzip"),
    ],
)
def test_charset(feed: Feed, body: bytes, content_type: str) -> None:
    listing = feed(body, content_type)
    assert listing.title == "党建测试源"
    assert titles(listing) == ["某支部开展学习"] * 2
    assert listing.sightings[0].summary == "摘要：党员、群众与社区"
    assert listing.encoding


def test_big5(feed: Feed) -> None:
    text = RSS.replace("某支部开展学习", "臺灣黨史學習").replace("党建测试源", "測試來源")
    text = text.replace("摘要：党员、群众与社区", "摘要").replace("说明文字", "說明")
    assert titles(feed(declared("big5", text))) == ["臺灣黨史學習"] * 2


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_one_damaged_byte_costs_one_item_one_character(feed: Feed, charset: str) -> None:
    body = declared(charset)
    place = body.rindex("某支部".encode(charset))
    listing = feed(body[:place] + b"\xff" + body[place + 1 :])
    assert listing.title == "党建测试源"
    assert len(listing.sightings) == 2
    assert listing.sightings[0].title == "某支部开展学习"
    assert listing.sightings[1].title.endswith("部开展学习")
    assert "damaged" in listing.encoding


def test_charset_override(feed: Feed) -> None:
    assert feed(declared("utf-8"), charset="gbk").title != "党建测试源"
    assert (
        feed(RSS.encode("big5", "replace"), charset="big5").encoding
        == "big5hkscs (set for the source)"
    )


# ---------------------------------------------------------------- damage


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("某支部开展学习", "某支部 & 开展学习"),
        ("某支部开展学习", "某支部&nbsp;开展&ldquo;学习&rdquo;&unknown;"),
        ("某支部开展学习", "3 <5 某支部开展学习"),
        ("某支部开展学习", "某\x03支\x00部开展学习"),
        ("某支部开展学习", "某支部开展学习&#xD800;&#0;&#x1F;&#1114112;"),
        ("<rss", "\n \n<rss"),
        ("<rss", "<br />\n<b>Warning</b>: Cannot modify header in <b>/a.php</b><br />\n<?xml version='1.0'?><rss"),
        ("<item>", "<ITEM>"),
        ("</item><item>", "<item>"),
        ("<description>摘要：党员、群众与社区", "<description><![CDATA[<p>a</p>]]]]><![CDATA[> b]]>"),
        ("<rss", "<rss x='" + "a" * 1_000_000 + "'"),
        ("摘要：党员、群众与社区", "<a>" * 20_000),
        ("摘要：党员、群众与社区", "&lt;div&gt;" * 50_000),
        ("<item>", "<item><author>" + "a" * 60_000 + "</author>"),
        ("<item>", "<item>" + "<category>类{}</category>".format("a" * 9) * 20_000),
        ("<item>", "<item><foo:bar>x</foo:bar>"),
        ("<pubDate>Sat, 03 Oct 2026 09:15:00 +0800", "<pubDate>" + "1" * 200_000),
        ("<rss", "<!--" * 2000 + "--><rss"),
    ],
)  # fmt: skip
def test_damaged_feeds_are_read(feed: Feed, before: str, after: str) -> None:
    listing = feed(RSS.replace(before, after))
    assert len(listing.sightings) == 2
    assert all("支" in title and "学习" in title for title in titles(listing))
    assert listing.sightings[1].url == "http://news.example.cn/a/2.html"


def test_mends_are_said(feed: Feed) -> None:
    listing = feed("PHP warning\n" + RSS.replace("某支部", "某 & 支\x01部"))
    assert [note.split()[-4:] for note in listing.warnings] == [
        ["stand", "before", "the", "feed"],
        ["XML", "forbids", "were", "dropped"],
        ["unknown", "entities", "were", "mended"],
    ]
    assert titles(listing) == ["某 & 支部开展学习"] * 2


def test_double_escaped_stays_as_it_stood(feed: Feed) -> None:
    listing = feed(RSS.replace("摘要：党员、群众与社区", "&amp;lt;p&amp;gt;正文&amp;lt;/p&amp;gt;"))
    assert listing.sightings[0].summary == "&lt;p&gt;正文&lt;/p&gt;"


@pytest.mark.parametrize("cut", [0.3, 0.5, 0.75, 0.9, 0.97])
def test_truncated_feeds_give_their_complete_items(feed: Feed, cut: float) -> None:
    many = RSS.replace(ITEMS, "".join(ITEM.format(n=n) for n in range(20)))
    listing = feed(many[: int(len(many) * cut)])
    assert any(note.startswith("truncated") for note in listing.warnings)
    assert 4 < len(listing.sightings) < 20
    assert all(item.summary == "摘要：党员、群众与社区" for item in listing.sightings)
    assert [item.url for item in listing.sightings] == [
        f"http://news.example.cn/a/{n}.html" for n in range(len(listing.sightings))
    ]


def test_nothing_complete_is_an_error(feed: Feed) -> None:
    with pytest.raises(ReadError, match="before its first item") as caught:
        feed(RSS[: RSS.index("</title><link>http://news.example.cn/a/1")])
    assert caught.value.code == "truncated"


def test_a_feed_without_items_is_no_error(feed: Feed) -> None:
    listing = feed(RSS.replace(ITEMS, ""))
    assert listing.sightings == ()
    assert listing.warnings == ("the feed has no items",)


# ---------------------------------------------------------------- items


def test_guids_and_links(feed: Feed) -> None:
    rows = [
        "<link>http://e.example.cn/1</link><guid>g</guid>",
        "<link>http://e.example.cn/2</link><guid>g</guid>",  # other article, same guid
        "<link>http://e.example.cn/2</link><guid>g</guid>",  # the very same
        "<guid isPermaLink='false'>only-guid</guid>",
        "<guid>http://e.example.cn/3</guid>",
        "<guid>12345</guid>",
        "<link>javascript:alert(1)</link><guid>http://e.example.cn/4</guid>",
        "<link>file:///etc/hostname</link>",
        "<link></link>",
        "<link>//e.example.cn/5#x</link>",
    ]
    text = "".join(f"<item><title>t</title>{row}</item>" for row in rows)
    listing = feed(f'<rss version="2.0"><channel>{text}</channel></rss>')
    assert [(item.url, item.guid) for item in listing.sightings] == [
        ("http://e.example.cn/1", "g"),
        ("http://e.example.cn/2", "g"),
        ("", "only-guid"),
        ("http://e.example.cn/3", "http://e.example.cn/3"),
        ("", "12345"),
        ("http://e.example.cn/4", "http://e.example.cn/4"),
        ("", ""),
        ("", ""),
        ("http://e.example.cn/5#x", ""),
    ]
    assert [item.position for item in listing.sightings] == list(range(9))
    assert listing.warnings == ("1 items stood there twice (same guid and link)",)


@pytest.mark.parametrize("ending", ["", "<x:y/>"])
def test_no_more_items_than_wanted(feed: Feed, ending: str) -> None:
    text = RSS.replace(ITEMS, "".join(ITEM.format(n=n) for n in range(30)) + ending)
    listing = feed(text, max_items=7)
    assert len(listing.sightings) == 7
    assert listing.warnings[-1] == "only the first 7 items were read (max_items)"


def test_without_guids_the_title_tells_items_apart(feed: Feed) -> None:
    rows = "".join(f"<item><title>{name}</title><link>/</link></item>" for name in "甲乙甲")
    listing = feed(f'<rss version="2.0"><channel>{rows}</channel></rss>')
    assert titles(listing) == ["甲", "乙"]


def test_an_address_is_no_name_of_a_source(feed: Feed) -> None:
    text = """<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
    <item><dc:source>http://o.example.cn/</dc:source></item><item><dc:source>某报</dc:source></item></channel></rss>"""
    assert [item.source for item in feed(text).sightings] == ["", "某报"]


def test_feedburner_names_the_article(feed: Feed) -> None:
    text = """<rss version="2.0" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel><item>
    <link>http://feeds.example.com/~r/1</link><feedburner:origLink>http://e.example.cn/1</feedburner:origLink>
    </item></channel></rss>"""
    assert feed(text).sightings[0].url == "http://e.example.cn/1"


def test_base_of_the_options(feed: Feed) -> None:
    text = '<rss version="2.0"><channel><item><link>a/1.html</link></item></channel></rss>'
    assert feed(text).sightings[0].url == "http://news.example.cn/a/1.html"
    assert (
        feed(text, base="http://b.example.cn/x/").sightings[0].url
        == "http://b.example.cn/x/a/1.html"
    )


# ---------------------------------------------------------------- hostile, and no feed at all

_BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "哈" * 10}">' for n in range(9))


def test_entity_bombs_are_refused(feed: Feed) -> None:
    for entities in (_BOMB, f'<!ENTITY e8 "{"A" * 60_000}">'):
        with pytest.raises(ReadError, match="entity bomb") as caught:
            feed(
                f'<?xml version="1.0"?><!DOCTYPE r [{entities}]>'
                + RSS.replace("某支部", "&e8;" * 9)
            )
        assert caught.value.code == "malformed"


def test_small_entities_are_read(feed: Feed) -> None:
    text = f'<!DOCTYPE r [<!ENTITY unit "某支部">]>{RSS.replace("某支部", "&unit;")}'
    assert titles(feed(text)) == ["某支部开展学习"] * 2


def test_outside_entities_are_not_followed(feed: Feed, root: object) -> None:
    target = f"file://{root}/pyproject.toml"
    for kind in (f'<!ENTITY x SYSTEM "{target}">', f'<!ENTITY % x SYSTEM "{target}"> %x;'):
        listing = feed(f"<!DOCTYPE r [{kind}]>" + RSS.replace("某支部", "&x;某支部"))
        assert "requires-python" not in str(listing)
        assert len(listing.sightings) == 2
        assert "references to outside entities were not followed" in listing.warnings


@pytest.mark.parametrize(
    ("body", "content_type", "code", "words"),
    [
        (b"", "text/xml", "not-a-feed", "empty"),
        (b" \n ", "text/xml", "not-a-feed", "empty"),
        ("<!DOCTYPE html><html><head><title>首页</title><link rel=alternate type='application/rss+xml' href='/rss.xml'></head><body><p>正文很长</p></body></html>".encode(), "text/html", "not-a-feed", r"“首页”; it links the feed http://news\.example\.cn/rss\.xml"),
        ("<html><title>404</title><body>页面不存在</body></html>".encode(), "text/xml", "not-a-feed", "“404”"),
        (b"<html><head><script>location.href='/?c=1'</script></head><body></body></html>", "text/html", "challenge", "scripts"),
        (b"<script>var a=1</script>", "text/html", "challenge", "scripts"),
        (b"%PDF-1.4 \xff\xfe", "application/pdf", "not-a-feed", "PDF"),
        (bytes(range(256)) * 40, "text/xml", "not-a-feed", "binary|text"),
        (b'{"error":"not found"}', "application/json", "not-a-feed", "JSON"),
        (b"[" * 100_000, "application/json", "malformed", "nested"),
        (b'{"version":"https://jsonfeed.org/version/1.1","title":"a","items":[{"id"', "application/json", "truncated", "cut"),
        (b"<opml version='2.0'><body/></opml>", "text/xml", "not-a-feed", "OPML"),
        (b"<urlset><url/></urlset>", "text/xml", "not-a-feed", "sitemap"),
        (b"<Error><Code>NoSuchKey</Code></Error>", "text/xml", "not-a-feed", "<Error>"),
        ("维护中，请稍后".encode(), "text/plain", "not-a-feed", "维护中"),
        (gzip.compress(b"<rss>" + b" " * 60_000_000, mtime=0), "application/gzip", "too-large", "50,000,000"),
        (gzip.compress(RSS.encode(), mtime=0)[:-20], "application/gzip", "truncated", "gzip"),
    ],
)  # fmt: skip
def test_what_is_no_feed_says_what_it_looks_like(
    feed: Feed, body: bytes, content_type: str, code: str, words: str
) -> None:
    with pytest.raises(ReadError, match=words) as caught:
        feed(body, content_type)
    assert caught.value.code == code
    assert caught.value.url == "http://news.example.cn/feed.xml"


HOSTILE = {
    "attributes": RSS.replace("<item>", "<item><a " + " ".join(f'a{n}="1"' for n in range(60_000)) + "/>"),
    "namespaces": RSS.replace("<item>", "<item>" + "".join(f'<a{n}:b xmlns:a{n}="u{n}"/>' for n in range(30_000))),
    "author": RSS.replace("<item>", "<item xml:lang='zh'><author>" + "a" * 100_000 + "</author>"),
    "categories": RSS.replace("<item>", "<item x='1'>" + "".join(f"<category>{n}</category>" for n in range(30_000))),
    "signs": RSS.replace("<item>", "<item>" + "<" * 100_000 + "&" * 100_000),
    "comments": RSS.replace("<item>", "<item>" + "<!--" * 200_000),
    "declarations": "<!DOCTYPE r [" * 100_000 + RSS,
    "unclosed": "<rss><channel>" + "<item><title>x" * 30_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_feeds_take_no_long_time(feed: Feed, name: str) -> None:
    start = process_time()
    with suppress(ReadError):
        feed(HOSTILE[name])
    assert process_time() - start < 5, "CPU seconds; what is quadratic takes minutes"
