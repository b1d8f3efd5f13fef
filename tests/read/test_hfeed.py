"""h-feed: microformats2 in a page."""

from collections.abc import Callable

from aggregator.model import Listing

Feed = Callable[..., Listing]

PAGE = """<!doctype html><html lang="zh-CN"><head><title>某支部 页面</title></head><body>
<div class="h-feed"><h1 class="p-name">某支部动态</h1><a class="u-url" href="/posts/"></a>
<article class="h-entry"><h2><a class="p-name u-url" href="1.html">学习 &lt;纪要&gt;</a></h2>
<time class="dt-published" datetime="2026-10-03T09:15:00+08:00">昨天</time>
<a class="p-author h-card" href="/me">张三</a><a class="p-category">要闻</a>
<p class="p-summary">摘要 &amp; 尾</p><div class="e-content">开头 <b>正文</b><img src="p.jpg"></div>
<img class="u-photo" src="/photo.jpg"></article>
<article class="h-entry"><p class="p-name">二</p><time class="dt-published">2026年10月02日</time>
<div class="h-cite"><a class="u-url" href="http://other.example.cn/">转</a></div></article>
</div><a rel="next" href="?page=2">下一页</a></body></html>"""


def test_h_feed(feed: Feed) -> None:
    listing = feed(PAGE, "text/html")
    first, second = listing.sightings
    assert (listing.format, listing.title, listing.language) == ("hfeed", "某支部动态", "zh-CN")
    assert listing.home_url == "http://news.example.cn/posts/"
    assert listing.next_page == "http://news.example.cn/feed.xml?page=2"
    assert (first.title, first.url) == ("学习 <纪要>", "http://news.example.cn/1.html")
    assert first.authors == ("张三",)
    assert first.categories == ("要闻",)
    assert first.summary == "摘要 &amp; 尾"
    assert first.content == '开头 <b>正文</b><img src="http://news.example.cn/p.jpg">'
    assert first.image == "http://news.example.cn/photo.jpg"
    assert first.published is not None
    assert first.published.instant.isoformat() == "2026-10-03T09:15:00+08:00"
    assert second.url == "", "the link of a citation is not the entry's"
    assert second.published is not None


def test_entries_without_a_feed_element(feed: Feed) -> None:
    listing = feed(PAGE.replace('class="h-feed"', ""), "text/html")
    assert len(listing.sightings) == 2
    assert listing.title == "某支部 页面"


def test_gbk_and_bounds(feed: Feed) -> None:
    many = PAGE.replace(
        "</div><a rel", '<i class="h-entry"><b class="p-name">x</b></i>' * 300 + "</div><a rel"
    )
    listing = feed(many.encode("gbk"), "text/html", max_items=10)
    assert len(listing.sightings) == 10
    assert listing.sightings[0].title == "学习 <纪要>"
    assert "max_items" in listing.warnings[-1]
