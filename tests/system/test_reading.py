"""Commands that read an archive: what they find, and that scripts can read it."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import feedparser
import pytest

from flow_site import Site, feed
from system_library import Library
from system_program import Call, Done, invoke, write_config

ATOM = "{http://www.w3.org/2005/Atom}"
NEWEST_FIRST = ["食堂", "轮训", "书屋", "走访", "议事"]


def topics(done: Done) -> list[str]:
    """The words that tell the articles of a JSON list apart, in its order."""
    return [
        next(word for word in NEWEST_FIRST if word in row.get("article", row)["title"])
        for row in (done.json if isinstance(done.json, list) else done.json["rows"])
    ]


def number_of(library: Library, call: Call, topic: str) -> str:
    rows = call("articles", "--json", cwd=library.folder).json
    return str(next(row["id"] for row in rows if topic in row["title"]))


def test_sync_tells_what_every_source_came_to(library: Library) -> None:
    lines = {
        line.split()[0]: line.split()[1:] for line in library.first.out.splitlines() if line.split()
    }
    assert lines["fed"] == ["ok", "3", "3", "0", "0"]
    assert lines["lst"] == ["ok", "2", "0", "0", "2"]
    assert lines["lost"][0] == "http-404"
    assert "Article pages visited: 2 (2 ok)." in library.first.out


def test_sync_of_one_source_as_json(library: Library) -> None:
    (outcome,) = library.second.json
    assert (outcome["source"], outcome["outcome"]) == ("fed", "ok")
    assert (outcome["counts"]["new"], outcome["counts"]["revised"]) == (0, 1)


def test_status_says_the_error_in_words(library: Library, call: Call) -> None:
    rows = {row["key"]: row for row in invoke("status", "--json", cwd=library.folder).json}
    assert {key: row["articles"] for key, row in rows.items()} == {"fed": 3, "lst": 2, "lost": 0}
    assert (rows["fed"]["last_outcome"], rows["fed"]["failures"]) == ("ok", 0)
    assert "404" in rows["lost"]["last_error"]
    shown = call("status", "--failing", cwd=library.folder).out
    assert "lost" in shown
    assert "fed" not in shown


def test_status_tells_article_pages_that_failed(site: Site, call: Call, tmp_path: Path) -> None:
    rows = "".join(
        f"<li><a href='/a/{n}.html'>石桥村第{n}次议事会开张</a><span>2026-11-0{n}</span></li>"
        for n in (1, 2)
    )
    site.put("/l.html", f"<html><body><ul class='list'>{rows}</ul></body></html>")
    site.put("/f.xml", feed())
    lists = f'url = "{site.url}/l.html"\nkind = "list"\nlist = {{ item = "ul.list li" }}'
    write_config(tmp_path, {"lst": lists, "fed": f'url = "{site.url}/f.xml"'})
    call("sync", cwd=tmp_path)
    told = call("status", "--pages", "--json", cwd=tmp_path).json
    assert {row["url"] for row in told} == {f"{site.url}/a/{n}.html" for n in (1, 2)}
    assert {(row["source"], row["code"], row["status"]) for row in told} == {
        ("lst", "http-404", 404)
    }
    assert {row["title"] for row in told} == {f"石桥村第{n}次议事会开张" for n in (1, 2)}
    assert call("status", "--pages", "lst", "--json", cwd=tmp_path).json == told
    assert len(call("status", "--pages", "--limit", "1", "--json", cwd=tmp_path).json) == 1
    assert call("status", "--pages", "fed", "--json", cwd=tmp_path).json == []
    assert "No article page failed" in call("status", "--pages", "fed", cwd=tmp_path).out
    assert "http-404" in call("status", "--pages", cwd=tmp_path).out
    assert [r["key"] for r in call("status", "fed", "--json", cwd=tmp_path).json] == ["fed"]
    assert "there is no source 'nobody'" in call("status", "nobody", cwd=tmp_path, code=2).err
    call("status", "--pages", "--failing", cwd=tmp_path, code=2)


def test_sources_lists_the_configured_ones(library: Library, call: Call) -> None:
    keys = [spec["key"] for spec in call("sources", "--json", cwd=library.folder).json]
    assert keys == ["fed", "lst", "lost"]
    assert "青禾先锋" in call("sources", cwd=library.folder).out


def test_check_says_what_each_source_would_do(library: Library, call: Call) -> None:
    said = call("check", cwd=library.folder).out
    assert "fed: reads the feed http://127.0.0.1:" in said
    assert "lst: reads the list page by its selectors" in said
    assert said.endswith("config.toml: good; 3 sources, 3 on.\n")
    assert set(call("check", "--json", cwd=library.folder).json["sources"]) == {
        "fed",
        "lst",
        "lost",
    }


def test_articles_is_a_table_for_people(library: Library) -> None:
    out = invoke("articles", cwd=library.folder).out
    found = [next((t for t in NEWEST_FIRST if t in line), "") for line in out.splitlines()]
    assert sorted(filter(None, found)) == sorted(NEWEST_FIRST)
    assert "石桥组工报" in out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], NEWEST_FIRST),
        (["--source", "lst"], ["走访", "议事"]),
        (["--source", "lost"], []),
        (["--since", "2026-11-03"], ["食堂", "轮训"]),
        (["--since", "2026年11月2日"], ["食堂", "轮训", "书屋", "走访"]),
        (["--until", "2026-11-02"], ["议事"]),
        (["--since", "2026-11-02", "--until", "2026-11-03"], ["书屋", "走访"]),
        (["--author", "陆怀川"], ["走访"]),
        (["--author", "陆怀"], []),
        (["--from", "石桥组工报"], ["走访", "议事"]),
        (["--text", "食堂第3小组"], ["食堂"]),
        (["--text", "清点 议事"], ["议事"]),
        (["--source", "fed", "--text", "议事"], []),
        (["--limit", "2"], ["食堂", "轮训"]),
    ],
)
def test_articles_by_filter(
    library: Library, call: Call, words: list[str], expected: list[str]
) -> None:
    found = topics(call("articles", "--json", *words, cwd=library.folder))
    # Two entries of one instant have no order of their own.
    assert sorted(found) == sorted(expected)
    assert [t for t in found if t not in ("食堂", "轮训")] == [
        t for t in expected if t not in ("食堂", "轮训")
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (["堂"], ["食堂"]),
        (["食堂"], ["食堂"]),
        (["书屋办法"], ["书屋"]),
        (['"走访服务台查阅"'], ["走访"]),
        (["“走访服务台查阅”"], ["走访"]),
        (["石桥村", "走访"], ["走访"]),
        (["走访 石桥村"], ["走访"]),
        (["39件"], ["书屋"]),
        (["第2小组", "33件", "轮训"], ["轮训"]),
    ],
)
def test_search_of_any_length(
    library: Library, call: Call, query: list[str], expected: list[str]
) -> None:
    found = call("search", "--json", *query, cwd=library.folder)
    assert topics(found) == expected
    assert found.json["total"] == len(expected)


def test_search_orders_and_counts(library: Library, call: Call) -> None:
    shown = invoke("search", "清点", "--limit", "2", cwd=library.folder).out
    assert shown.endswith("5 found.\n")
    best = topics(call("search", "石桥村", "--order", "relevance", "--json", cwd=library.folder))
    assert sorted(best) == sorted(["走访", "议事"])
    assert call("search", "没有这样的词", cwd=library.folder, code=1).out == "0 found.\n"


def test_show_tells_fields_text_and_state(library: Library, call: Call) -> None:
    number = number_of(library, call, "议事")
    shown = invoke("show", number, cwd=library.folder).out
    assert "标题（title）: 石桥村议事会开张" in shown
    assert "来源（source）: 石桥组工报" in shown
    assert "作者（authors）: 唐若宁" in shown
    assert "编辑（editors）: 林小禾" in shown
    assert "议事第8小组清点登记了111件物品" in shown
    assert f"state: live | {library.site.url}/a/1.html" in shown


def test_show_why_names_a_rule_for_every_field(library: Library, call: Call) -> None:
    shown = call("show", number_of(library, call, "议事"), "--why", cwd=library.folder).out
    fields = [line for line in shown.splitlines() if "）: " in line]
    rules = [line for line in shown.splitlines() if line.startswith("    rule: ")]
    assert len(rules) == len(fields) >= 5
    assert all(" | at: " in rule and " | sure: " in rule for rule in rules)


def test_show_as_json_and_markdown(library: Library, call: Call) -> None:
    number = number_of(library, call, "议事")
    told = call("show", number, "--json", cwd=library.folder).json
    assert told["draft"]["title"]["value"] == "石桥村议事会开张"
    assert told["article"]["row"]["published_at"] == "2026-11-01T09:15:00+08:00"
    markdown = call("show", number, "--markdown", cwd=library.folder).out
    assert "石桥村议事会开张" in markdown
    assert "<p>" not in markdown


def test_show_an_earlier_revision(library: Library, call: Call) -> None:
    number = number_of(library, call, "书屋")
    first = call("show", number, "--revision", "1", cwd=library.folder).out
    now = call("show", number, cwd=library.folder).out
    assert ("33件" in first, "39件" in first) == (True, False)
    assert ("33件" in now, "39件" in now) == (False, True)
    assert "revision 2:" in now


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_feed_into_a_file(library: Library, call: Call, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"feed.{form}"
    call("-c", library.folder / "config.toml", "feed", "--format", form, "-o", file)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    titles = [t for t in titles_of(file.read_bytes(), form) if t]
    assert sorted(t for word in NEWEST_FIRST for t in titles if word in t) == sorted(titles)
    assert len(titles) == 5


def titles_of(body: bytes, form: str) -> list[str]:
    if form == "json":
        return [entry["title"] for entry in json.loads(body)["items"]]
    ElementTree.fromstring(body)  # well-formed, which feedparser would forgive
    parsed = feedparser.parse(body)
    assert not parsed.bozo
    assert parsed.version == {"rss": "rss20", "atom": "atom10"}[form]
    return [entry.title for entry in parsed.entries]


def test_feed_of_one_source_to_standard_output(library: Library) -> None:
    done = invoke("feed", "--format", "atom", "--source", "lst", "--limit", "1", cwd=library.folder)
    root = ElementTree.fromstring(done.out)
    assert [entry.findtext(f"{ATOM}title") for entry in root.findall(f"{ATOM}entry")] == [
        "石桥村走访会开张"
    ]


def test_migrate_makes_an_archive_once(call: Call, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("", "utf-8")
    assert call("migrate").out.endswith("(it is new).\n")
    assert "is up to date" in call("migrate").out
    assert call("articles", "--json").json == []
