"""Sitemaps: urlset, news, index, text, gzip, damaged."""

import gzip
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import SourceOptions
from aggregator.errors import ReadError
from aggregator.model import Listing, Page
from aggregator.read import read
from aggregator.read.sitemap import read_sitemap

MakePage = Callable[..., Page]
URL = "http://news.example.cn/sitemap.xml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9" xmlns:i="http://www.google.com/schemas/sitemap-image/1.1">'


def urls(count: int) -> str:
    rows = (
        f"<url><loc>http://news.example.cn/{n}.html</loc><lastmod>2026-01-{n + 1:02}</lastmod></url>"
        for n in range(count)
    )
    return HEAD + "".join(rows) + "</urlset>"


@pytest.fixture
def sitemap(page: MakePage) -> Callable[..., Listing]:
    def read_one(body: bytes | str, **options: object) -> Listing:
        data = body.encode() if isinstance(body, str) else body
        settings = SourceOptions(url=URL, kind="sitemap", **options)  # type: ignore[arg-type]
        return read(page(data, "application/xml", URL), settings)

    return read_one


def test_urlset_with_news_and_pictures(sitemap: Callable[..., Listing]) -> None:
    listing = sitemap(
        HEAD
        + """<url><loc> http://news.example.cn/1.html?a=1&b=2 </loc><lastmod>2026-10-03T09:15+08:00</lastmod>
    <n:news><n:publication><n:name>某网</n:name><n:language>zh-cn</n:language></n:publication>
    <n:publication_date>2026-10-02</n:publication_date><n:title>党员 &amp; 群众</n:title><n:keywords>要闻, 党建</n:keywords></n:news>
    <i:image><i:loc>/1.jpg</i:loc></i:image></url><url><loc>javascript:x</loc></url></urlset>"""
    )
    item = listing.sightings[0]
    assert (listing.format, len(listing.sightings)) == ("sitemap", 1)
    assert (item.url, item.title) == ("http://news.example.cn/1.html?a=1&b=2", "党员 & 群众")
    assert (item.source, item.categories) == ("某网", ("要闻", "党建"))
    assert item.image == "http://news.example.cn/1.jpg"
    assert item.updated is not None
    assert item.published is not None
    assert item.published.instant.isoformat() == "2026-10-02T00:00:00+08:00"
    assert listing.warnings == (
        "not well-formed XML, read leniently",
        "1 entries have no http(s) address",
    )


def test_the_newest_are_kept(sitemap: Callable[..., Listing]) -> None:
    listing = sitemap(urls(20), max_items=3)
    assert [item.url[-7:] for item in listing.sightings] == ["17.html", "18.html", "19.html"]
    assert [item.position for item in listing.sightings] == [0, 1, 2]
    assert listing.warnings == ("only the newest 3 of 20 entries were read (max_items)",)


@pytest.mark.parametrize(
    "pack",
    [
        lambda b: b,
        gzip.compress,
        lambda b: gzip.compress(b[:100], mtime=0) + gzip.compress(b[100:], mtime=0),
    ],
)
def test_gzip(sitemap: Callable[..., Listing], pack: Callable[[bytes], bytes]) -> None:
    assert len(sitemap(pack(urls(5).encode())).sightings) == 5


def test_index(sitemap: Callable[..., Listing]) -> None:
    listing = sitemap("""<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>2026-01-01</lastmod></sitemap>
    <sitemap><loc>/b.xml.gz</loc><lastmod>2026-02-01</lastmod></sitemap><sitemap><loc>/c.xml</loc></sitemap></sitemapindex>""")
    assert (listing.format, listing.sightings) == ("sitemapindex", ())
    assert listing.next_page == "http://news.example.cn/b.xml.gz"
    assert listing.warnings[0].startswith(
        "an index of 3 sitemaps: http://news.example.cn/a.xml http://"
    )


def test_text_and_feeds_are_sitemaps_too(sitemap: Callable[..., Listing]) -> None:
    listing = sitemap(
        "\ufeffhttp://news.example.cn/1.html\r\n\r\nhttps://news.example.cn/2.html\nwords\n"
    )
    assert [item.url for item in listing.sightings] == [
        "http://news.example.cn/1.html",
        "https://news.example.cn/2.html",
    ]
    assert listing.warnings == ("1 lines are no address",)
    feed = sitemap('<rss version="2.0"><channel><item><link>/1.html</link></item></channel></rss>')
    assert feed.format == "rss20"


def test_a_cut_sitemap_gives_its_complete_entries(sitemap: Callable[..., Listing]) -> None:
    text = urls(20)
    listing = sitemap(text[: text.index("/11.html") + 3])
    assert [item.url for item in listing.sightings] == [
        f"http://news.example.cn/{n}.html" for n in range(11)
    ]
    assert listing.warnings[0].startswith("truncated")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<html><body>首页</body></html>", "not-a-sitemap"),
        ("<html><script>x</script></html>", "challenge"),
        ("", "not-a-sitemap"),
        ("只是文字", "not-a-sitemap"),
        (HEAD + "<url><loc>http://x", "truncated"),
        (gzip.compress(b" " * 60_000_000, mtime=0), "too-large"),
    ],
)
def test_errors(sitemap: Callable[..., Listing], body: str | bytes, code: str) -> None:
    with pytest.raises(ReadError) as caught:
        sitemap(body)
    assert caught.value.code == code
    assert caught.value.url == URL


def test_references_to_no_character(sitemap: Callable[..., Listing]) -> None:
    listing = sitemap(
        urls(2).replace("0.html", "0.html&#xD800;").replace("<url>", '<url xmlns="&#xDFFF;">', 1)
    )
    assert len(listing.sightings) == 2
    str(listing).encode("utf-8")


def test_entities_are_not_expanded(sitemap: Callable[..., Listing], root: Path) -> None:
    inside = f'<!DOCTYPE u [<!ENTITY x SYSTEM "file://{root}/pyproject.toml"><!ENTITY y "boom">]>'
    listing = sitemap(
        inside + "<urlset><url><loc>http://e.example.cn/1?&x;&y;</loc></url></urlset>"
    )
    assert "requires-python" not in str(listing)


PIECES = st.sampled_from(["<url>", "</url>", "<loc>", "</loc>", "http://e.cn/1", "<lastmod>2026-01-01</lastmod>", "&", "<", "\0", "\n", "</urlset>", "x"])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200)
    | st.lists(PIECES, max_size=20).map(lambda parts: (HEAD + "".join(parts)).encode())
)
def test_any_bytes_give_a_listing_or_an_error(body: bytes) -> None:
    answer = Page(URL, URL, 200, (), body, datetime(2026, 1, 1, tzinfo=UTC))
    with suppress(ReadError):
        listing = read_sitemap(answer, SourceOptions(url=URL))
        assert all(item.url.startswith("http") for item in listing.sightings)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "form", "count"),
    [("simple-urlset.xml", "sitemap", 2), ("google-news.xml", "sitemap", 2), ("google-image.xml", "sitemap", 2), ("hreflang.xml", "sitemap", 2),
     ("simple-index.xml", "sitemapindex", 0), ("plaintext.txt", "sitemap-text", 2), ("rss2.0.xml", "rss20", 2), ("atom1.0.xml", "atom10", 2), ("atom0.3.xml", "atom03", 2)],
)  # fmt: skip
def test_public_samples(
    shared: Path, sitemap: Callable[..., Listing], name: str, form: str, count: int
) -> None:
    listing = sitemap((shared / "suites" / "sitemaps" / name).read_bytes())
    assert (listing.format, len(listing.sightings)) == (form, count)
