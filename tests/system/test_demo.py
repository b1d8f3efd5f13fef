"""`aggregator demo` as a process: its whole story, its feeds, and a SIGKILL after which it goes on.

The note in the folder says that the demo began a while ago, so that the story is over within
a minute of the test.
"""

from __future__ import annotations

import json
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import feedparser
import pytest

from system_program import Service, free_port, get, get_json, refused, until

ATOM = "{http://www.w3.org/2005/Atom}"
BEGAN = timedelta(seconds=45)  # the correction comes at 60, the last repost at 75
MOST = 80  # of the articles that lie there at the start
CORRECTED = "基层党员轮训覆盖"
SIGNED = "履职清单 陆怀川"
WITHDRAWN = "老码头 别拆"

Article = dict[str, Any]


def articles(port: int) -> list[Article]:
    found: list[Article] = get_json(port, "/api/v1/articles?limit=200")["articles"]
    return found


def detail(port: int, words: str) -> Article:
    """The article that a search finds, with all that the archive knows of it."""
    hits = get_json(port, f"/api/v1/search?q={quote(words)}")["hits"]
    found: Article = get_json(port, f"/api/v1/articles/{hits[0]['article']['id']}")
    return found


def story_is_over(port: int) -> bool:
    if not get_json(port, f"/api/v1/search?q={quote(WITHDRAWN)}")["hits"]:
        return False
    return (
        len(detail(port, SIGNED)["appearances"]) == 2
        and detail(port, CORRECTED)["number"] == 2
        and detail(port, WITHDRAWN)["state"] == "gone"
    )


@pytest.mark.slow
def test_the_story_of_the_demo_and_a_crash(tmp_path: Path) -> None:
    folder, port = tmp_path / "demo", free_port()
    folder.mkdir()
    note = {"start": (datetime.now(UTC) - BEGAN).isoformat(timespec="seconds"), "ports": {}}
    (folder / "demo.json").write_text(json.dumps(note), "utf-8")
    command = ["demo", "--folder", folder, "--port", str(port)]
    with Service(command, tmp_path) as demo:
        demo.until_said("Ctrl-C stops it.")
        assert f"http://127.0.0.1:{port}/search?q=" in demo.said()
        until(lambda: len(articles(port)) >= MOST, demo.said)
        assert "9645人次" in detail(port, CORRECTED)["text"]
        until(lambda: story_is_over(port), demo.said, 60)
        check_repost(port)
        check_correction(port)
        assert "别拆" in detail(port, WITHDRAWN)["text"]
        check_feeds(port)
        before = articles(port)
        demo.process.kill()
    with Service(command, tmp_path) as demo:
        demo.until_said("Ctrl-C stops it.")
        until(lambda: len(articles(port)) > len(before), demo.said, 30)
        check_kept(before, articles(port))
        assert detail(port, CORRECTED)["number"] == 2
        check_feeds(port)
        code, seconds = demo.stop(signal.SIGINT)
        assert (code, seconds < 5) == (0, True)
        assert "Stopped." in demo.said()


def check_repost(port: int) -> None:
    signed = detail(port, SIGNED)
    shown = [signed, *signed["appearances"]]
    assert len({one["site"] for one in shown}) == len({one["title"] for one in shown}) == 3
    assert {one["work_id"] for one in shown} == {signed["work_id"]}
    items = json.loads(get(port, "/feed.json").body)["items"]
    assert len({one["title"] for one in shown} & {item["title"] for item in items}) == 1


def check_correction(port: int) -> None:
    corrected = detail(port, CORRECTED)
    assert "9654人次" in corrected["text"]
    kinds = {one["number"]: one["kinds"] for one in corrected["revisions"]}
    assert kinds == {1: [], 2: ["title", "lead"]}
    diff = get(port, f"/articles/{corrected['id']}/revisions/2").body.decode()
    assert ("9645" in diff, "9654" in diff) == (True, True)


def check_kept(before: list[Article], after: list[Article]) -> None:
    """Every article is there under its number, once, and none has a revision that is no change."""
    names = ("id", "work_id", "url", "title", "number", "relation", "first_seen_at")
    kept = {tuple(one[name] for name in names) for one in before}
    assert kept <= {tuple(one[name] for name in names) for one in after}
    assert max(Counter(one["url"] for one in after).values()) == 1
    assert sum(one["number"] > 1 for one in after) == 1


# ---------------------------------------------------------------- feeds


def check_feeds(port: int) -> None:
    ids = [check_rss(port), check_atom(port), check_json(port)]
    assert all(len(found) == len(set(found)) == 50 for found in ids)
    # An article may have come between two of the requests.
    assert len(set(ids[0]) & set(ids[1]) & set(ids[2])) >= 47


def check_rss(port: int) -> list[str]:
    body = get(port, "/feed.xml").body
    channel = ElementTree.fromstring(body).find("channel")
    assert channel is not None
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    for item in channel.findall("item"):
        guid = item.find("guid")
        assert guid is not None
        assert guid.get("isPermaLink") == "false"
        assert all(item.findtext(name) for name in ("title", "link", "description"))
    parsed = feedparser.parse(body)
    assert (parsed.version, bool(parsed.bozo)) == ("rss20", False)
    assert all(entry.published_parsed for entry in parsed.entries)
    return [entry.id for entry in parsed.entries]


def check_atom(port: int) -> list[str]:
    body = get(port, "/feed.atom").body
    feed = ElementTree.fromstring(body)
    assert all(feed.findtext(ATOM + name) for name in ("id", "title", "updated"))
    entries = feed.findall(f"{ATOM}entry")
    for entry in entries:
        assert all(entry.findtext(ATOM + name) for name in ("id", "title", "updated", "content"))
        source = entry.find(f"{ATOM}source")
        assert source is not None
        assert source.findtext(f"{ATOM}title")
        named = [
            entry.find(f"{ATOM}author"),
            source.find(f"{ATOM}author"),
            feed.find(f"{ATOM}author"),
        ]
        assert any(author is not None for author in named)
    parsed = feedparser.parse(body)
    assert (parsed.version, bool(parsed.bozo)) == ("atom10", False)
    return [entry.findtext(f"{ATOM}id") or "" for entry in entries]


def check_json(port: int) -> list[str]:
    feed = json.loads(get(port, "/feed.json").body)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"http://127.0.0.1:{port}/feed.json"
    assert all(item["content_html"] and item["url"] and item["title"] for item in feed["items"])
    assert all(datetime.fromisoformat(item["date_published"]).tzinfo for item in feed["items"])
    return [item["id"] for item in feed["items"]]


# ---------------------------------------------------------------- folders


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("书屋", "utf-8")
    said = refused("demo", "--folder", "mine", "--port", str(free_port()), cwd=tmp_path, code=3)
    assert "holds files that are not of a demo" in said
    assert said.count("\n") == 1
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
