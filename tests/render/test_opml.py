from datetime import UTC, datetime

from lxml import etree

from aggregator.render.opml import OpmlItem, render_opml

DATE = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)


def test_feeds_pages_and_folders() -> None:
    items = [
        OpmlItem("甲网", "http://a.example/f.xml", "http://a.example/", "中央", "zh_CN", "要闻"),
        OpmlItem("乙网", html_url="http://b.example/列表/"),
        OpmlItem("丙网", "http://c.example/f.xml", folder="中央"),
    ]
    root = etree.fromstring(render_opml("来源 <表>", DATE, items))
    assert root.get("version") == "2.0"
    assert root.findtext("head/title") == "来源 <表>"
    assert root.findtext("head/dateCreated") == "Sun, 17 May 2026 20:00:00 +0800"
    loose, folder = root.findall("body/outline")
    assert dict(loose.attrib) == {
        "text": "乙网",
        "type": "link",
        "url": "http://b.example/%E5%88%97%E8%A1%A8/",
    }
    assert dict(folder.attrib) == {"text": "中央", "title": "中央"}
    assert [dict(e.attrib) for e in folder] == [
        {
            "text": "甲网", "title": "甲网", "type": "rss", "xmlUrl": "http://a.example/f.xml",
            "htmlUrl": "http://a.example/", "language": "zh-CN", "description": "要闻",
        },
        {"text": "丙网", "title": "丙网", "type": "rss", "xmlUrl": "http://c.example/f.xml"},
    ]  # fmt: skip


def test_hostile_names_stay_well_formed() -> None:
    item = OpmlItem('"\x00<甲>&\n\u202e', "http://a.example/f?a=1&b=2")
    outline = etree.fromstring(render_opml("", DATE, [item])).find("body/outline")
    assert outline is not None
    assert outline.get("text") == '"<甲>&'
    assert outline.get("xmlUrl") == "http://a.example/f?a=1&b=2"
