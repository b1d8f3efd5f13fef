"""The shipped sources and the catalogue: valid, consistent, complete."""

import re
import tomllib
from pathlib import Path

import pytest

from aggregator import config
from aggregator.catalogue import CatalogueList, find, load_catalogue
from aggregator.config import SourceSpec
from aggregator.url import canonical, host, identity

LISTS = {one.key: one for site in load_catalogue() for one in site.lists}


@pytest.fixture(scope="module")
def shipped(root: Path) -> dict[str, SourceSpec]:
    return {spec.key: spec for spec in config.load(root / "config.toml").sources}


def test_the_catalogue_is_whole() -> None:
    sites = load_catalogue()
    assert len(sites) == len({site.key for site in sites}) == 56
    assert {site.state for site in sites} == {"on", "try", "off"}
    assert sum(site.state == "on" for site in sites) == 22
    for site in sites:
        assert site.hosts, site.key
        assert all(re.fullmatch(r"[a-z0-9.-]+", name) for name in site.hosts), site.key
        assert site.lists or site.state != "on", site.key
        assert site.lists or site.note, f"{site.key} has no list and does not say why"
        assert 2015 <= site.year <= 2026, site.key


def test_no_list_stands_twice() -> None:
    addresses = [(identity(one.options.url), one.options.body) for one in LISTS.values()]
    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize("one", LISTS.values(), ids=LISTS)
def test_every_list_can_be_asked(one: CatalogueList) -> None:
    assert canonical(one.options.url)
    assert one.options.column == one.name
    assert not re.search(r"[<>{}]|YYYY", one.options.url)
    assert one.year == 0 or 2015 <= one.year <= 2026
    assert one.options.kind in ("feed", "list", "data")


def test_every_site_that_is_on_is_shipped(shipped: dict[str, SourceSpec]) -> None:
    hosts = {host(spec.options.url) for spec in shipped.values()}
    for site in load_catalogue():
        if site.state == "on":
            assert any(one.key in shipped for one in site.lists), site.key
            assert hosts & {host(one.options.url) for one in site.lists}
        else:
            assert not any(one.key in shipped for one in site.lists), site.key


def test_shipped_sources_are_as_the_catalogue_says(shipped: dict[str, SourceSpec]) -> None:
    from dataclasses import replace

    for key, spec in shipped.items():
        ours = replace(spec.options, interval=None, enabled=True)
        assert ours == LISTS[key].options, key


def test_what_is_shipped_needs_no_reader_or_request_that_is_rare(
    shipped: dict[str, SourceSpec],
) -> None:
    for spec in shipped.values():
        assert spec.options.method == "GET"
        assert not spec.options.data.file
        assert spec.options.enabled or spec.key == "people_paper_ban01"


def test_the_shipped_file_sets_nothing_but_sources(root: Path) -> None:
    data = tomllib.loads((root / "config.toml").read_text("utf-8"))
    assert all(not data[table] for table in ("archive", "fetch", "schedule", "web", "feed"))


def test_commented_options_are_options(root: Path, tmp_path: Path) -> None:
    """The examples in comments can be switched on as they stand."""
    head = (root / "config.toml").read_text("utf-8").partition("# -----")[0]
    file = tmp_path / "config.toml"
    file.write_text(re.sub(r"(?m)^# (\w+ = )", r"\1", head), "utf-8")
    assert config.load(file).web.base_url == "https://feeds.example.org"


@pytest.mark.parametrize(
    ("word", "sites", "lists"),
    [
        ("people_cpc", ["people_cpc"], 5),
        ("dangjian.cn", ["dangjian"], 3),
        ("http://www.dangjian.cn/理论", ["dangjian"], 1),
        ("www.news.cn/时政", ["xinhua"], 1),
        ("bj.news.cn", ["xinhua"], 8),
        ("www.ccdi.gov.cn", ["ccdi"], 3),
        ("CCDI.gov.cn", ["ccdi"], 3),
        ("https://www.ccdi.gov.cn/", ["ccdi"], 3),
        ("www.gov.cn", ["govcn"], 6),
        ("12371.cn", ["g12371", "dwlm"], 2),
        ("no.such.gov.cn", [], 0),
        ("安徽先锋", ["ahxf"], 2),
        ("任前公示", ["people_renshi"], 1),
        ("没有这样的站", [], 0),
    ],
)
def test_finding(word: str, sites: list[str], lists: int) -> None:
    found = find(word)
    assert [site.key for site in found] == sites
    assert sum(len(site.lists) for site in found) == lists
