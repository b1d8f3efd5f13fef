"""The list of sources is found, changed, tested and exchanged by commands; config.toml is the truth."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from aggregator import config

from flow_site import Site, feed, item
from system_program import Call

LOOPBACK = '# mine\n[fetch]\nallow_private = ["127.0.0.1"]  # loopback\ndelay = 0\n'
TITLES = [f"石桥镇第{n}党支部开展主题党日活动" for n in "一二三四五六七八"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration without sources that may ask loopback."""
    made = tmp_path / "config.toml"
    made.write_text(LOOPBACK, "utf-8")
    return made


@pytest.fixture
def column(site: Site) -> str:
    """A site with a column page, a feed and a front page that names both."""
    rows = "".join(
        f'<li><a href="./202611/t20261103_{100 + n}.html">{title}</a><span>2026-11-03</span></li>'
        for n, title in enumerate(TITLES)
    )
    site.put("/rss.xml", feed(item("http://a.example/1.html", "石桥村书屋开放")))
    site.put(
        "/",
        '<html><head><title>石桥先锋网</title><link rel="alternate" type="application/rss+xml" '
        'href="/rss.xml"></head><body><a href="/djyw/">党建要闻</a></body></html>',
    )
    return site.put(
        "/djyw/", f"<html><title>党建要闻_石桥先锋网</title><body><ul>{rows}</ul></body></html>"
    )


def keys(file: Path) -> list[str]:
    return [spec.key for spec in config.load(file).sources]


def test_discover_shows_what_each_source_would_give(
    call: Call, file: Path, column: str, site: Site
) -> None:
    done = call("discover", site.url)
    assert f"1. list: {column}" in done.out
    assert "8 items, 100% with dates, newest 2026-11-03" in done.out
    assert TITLES[0] in done.out
    assert "[source.site_djyw]" in done.out
    assert "2. feed:" in done.out
    assert file.read_text("utf-8") == LOOPBACK


def test_what_discover_prints_is_ready_for_the_file(
    call: Call, file: Path, column: str, site: Site
) -> None:
    found = json.loads(call("discover", site.url, "--json").out)["candidates"]
    file.write_text(LOOPBACK + "".join(one["toml"] for one in found), "utf-8")
    assert keys(file) == [one["key"] for one in found]
    assert {t["url"] for t in found} == {column, f"{site.url}/rss.xml"}
    assert call("sources", "test", "--all").code == 0


def test_discover_of_a_site_without_lists_fails(call: Call, file: Path, site: Site) -> None:
    site.put("/", "<html><body><p>欢迎</p></body></html>")
    assert "Nothing that lists articles" in call("discover", site.url, code=1).out
    assert "aggregator: " in call("discover", "http://127.0.0.1:9/", code=1).err


def test_a_source_goes_through_its_life(call: Call, file: Path, column: str) -> None:
    added = call("sources", "add", column, "--set", "interval=2h", "--name", "石桥")
    assert "site_djyw: list " in added.out
    options = config.load(file).sources[0].options
    assert (options.kind, options.interval, options.name) == ("list", 7200, "石桥")
    assert file.read_text("utf-8").startswith(LOOPBACK)

    call("sources", "edit", "site_djyw", "--set", "list.item=ul li", "--unset", "interval")
    options = config.load(file).sources[0].options
    assert (options.list.item, options.interval) == ("ul li", None)

    assert "ok" in call("sources", "test", "site_djyw").out
    call("sources", "disable", "site_djyw")
    assert not config.load(file).sources[0].options.enabled
    assert json.loads(call("sources", "--json").out)[0]["options"]["enabled"] is False
    call("sources", "enable", "site_djyw")
    assert config.load(file).sources[0].options.enabled
    call("sources", "remove", "site_djyw")
    assert file.read_text("utf-8").rstrip() == LOOPBACK.rstrip()


def test_a_page_that_names_a_feed_gives_the_feed(
    call: Call, file: Path, column: str, site: Site
) -> None:
    call("sources", "add", site.url + "/")
    (spec,) = config.load(file).sources
    assert (spec.options.kind, spec.options.url) == ("feed", f"{site.url}/rss.xml")


def test_an_address_is_added_without_a_request_when_its_kind_is_given(
    call: Call, file: Path, site: Site
) -> None:
    call("sources", "add", site.url + "/dead.xml", "--kind", "feed", "--key", "dead")
    assert keys(file) == ["dead"]
    assert site.requests == []
    done = call("sources", "test", "dead", "--json", code=1)
    assert json.loads(done.out)[0]["code"] == "http-404"


def test_lists_of_the_catalogue_are_added_by_name(call: Call, file: Path) -> None:
    call("sources", "add", "dangjian.cn/理论强党")
    assert keys(file) == ["dangjian_llqd"]
    call("sources", "add", "www.ccdi.gov.cn")
    ccdi = keys(file)[1:]
    assert ccdi
    assert all(key.startswith("ccdi_") for key in ccdi)
    assert "is there already" in call("sources", "add", "dangjian_llqd", code=1).err
    assert "dangjian_llqd" in call("catalogue", "党建网").out
    assert json.loads(call("catalogue", "dangjian.cn", "--json").out)[0]["state"] == "on"
    call("catalogue", "没有这个", code=1)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["sources", "add", "nonsense"], "there is nothing for 'nonsense'"),
        (["sources", "add", "http://x.example/", "--kind", "feed", "--set", "interval"], "OPTION=VALUE"),
        (["sources", "add", "http://x.example/", "--kind", "feed", "--key", "a b"], "no plain word"),
        (["sources", "add", "http://x.example/", "--kind", "feed", "--set", "nmae=x"], "did you mean 'name'"),
        (["sources", "add", "ftp://x.example/", "--kind", "feed"], "no web address"),
        (["sources", "add", "dangjian.cn", "--key", "x"], "--key fits only one"),
        (["sources", "add", "先锋网"], r"names \d+ sites"),
        (["sources", "edit", "nobody", "--set", "name=x"], "there is no source 'nobody'"),
        (["sources", "edit", "nobody"], "nothing to change"),
        (["sources", "remove", "nobody"], "there is no source 'nobody'"),
        (["sources", "enable"], "Missing argument"),
        (["sources", "test"], "--all"),
        (["sources", "test", "nobody"], "there is no source 'nobody'"),
        (["sources", "import", "none.opml"], "does not exist"),
        (["sources", "export", "-o", "no/such/folder/x"], "cannot be written"),
        (["-c", "none.toml", "sources", "remove", "x"], "No such file|there is no such file"),
    ],
)  # fmt: skip
def test_wrong_calls_say_why_and_change_nothing(
    call: Call, file: Path, words: list[str], reason: str
) -> None:
    before = file.read_bytes()
    done = call(*words, code=2)
    assert re.search(reason, done.err), done.err
    assert "Traceback" not in done.err
    assert file.read_bytes() == before
    assert sorted(p.name for p in file.parent.iterdir()) == ["config.toml"]


def test_without_a_configuration_the_shipped_one_is_copied_first(
    call: Call, tmp_path: Path
) -> None:
    done = call("sources", "disable", "people_cpc_gundong")
    assert "was made as a copy of the shipped configuration" in done.out
    own = config.load(tmp_path / "config.toml").sources
    shipped = config.load(config.default_config_path()).sources
    changed = [s.key for s, before in zip(own, shipped, strict=True) if s != before]
    assert changed == ["people_cpc_gundong"]


def test_opml_goes_out_and_comes_back_whole(call: Call, tmp_path: Path) -> None:
    call("sources", "export", "-o", "list.opml", cwd=tmp_path)
    assert call("sources", "export").out.startswith("<?xml")
    (tmp_path / "config.toml").write_text("workers = 1\n", "utf-8")
    shipped = {s.key: s.options for s in config.load(config.default_config_path()).sources}
    assert f"{len(shipped)} sources added" in call("sources", "import", "list.opml").out
    assert {s.key: s.options for s in config.load(tmp_path / "config.toml").sources} == shipped
    again = call("sources", "import", "list.opml").out
    assert again.startswith(f"0 sources added, {len(shipped)} known already")


def test_opml_of_another_reader_is_imported(call: Call, file: Path) -> None:
    body = (
        '<outline text="党建"><outline text="甲" xmlUrl="http://a.example/rss"/></outline>'
        '<outline text="乙\x1b[31m" xmlUrl="gopher://b.example/"/>'
    ).replace("\x1b", "&#x1b;")
    (file.parent / "other.opml").write_text(f"<opml><body>{body}</body></opml>", "utf-8")
    done = call("sources", "import", "other.opml")
    assert "1 sources added, 0 known already, 1 refused." in done.out
    assert "\x1b" not in done.out
    (spec,) = config.load(file).sources
    assert (spec.key, spec.options.name, spec.options.column) == ("example_a_rss", "甲", "党建")
