"""Rules files become site rules, or an error that names file, table and key."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import ConfigError
from aggregator.extract.patterns import PATTERN_WAYS, unbounded
from aggregator.extract.rules import (
    SOURCE_LENGTH,
    SiteRule,
    find,
    hit,
    load_files,
    names,
    parse_rules,
    selector,
    shipped,
)

FAMILIES = (
    "people",
    "trs",
    "xinhua",
    "cntv",
    "founder",
    "mi4",
    "ucap",
    "hanweb",
    "govmeta",
    "webdig",
)


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_is_shipped_and_can_be_named(family: str) -> None:
    rule = find(family, "")
    assert rule is not None
    assert rule.name == family
    assert family in names()


def test_shipped_selectors_and_patterns_work() -> None:
    for rule in shipped().values():
        for css in (*rule.title, *rule.body, *rule.body_drop):
            assert selector(css)
        for field in rule.patterns:
            assert hit(rule, field, "") is None


def test_a_site_comes_before_its_family_and_keeps_it_as_fallback() -> None:
    rules = parse_rules(
        '[mine]\nhosts = ["a.example.cn"]\nfamily = "people"\nbody = [".mine"]\ntitle_suffix = ["_我"]\n',
        "my.toml",
    )
    rule, family = rules["mine"], find("people", "")
    assert family is not None
    assert rule.body == (".mine", *family.body)
    assert rule.title_suffix == ("_我", *family.title_suffix)
    assert rule.patterns == family.patterns


def test_own_pattern_replaces_the_familys() -> None:
    text = "[mine]\nfamily = \"people\"\n[mine.patterns]\npublished = '时间(.{4,20})'\n"
    assert parse_rules(text, "my.toml")["mine"].patterns["published"] == "时间(.{4,20})"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://cpc.people.com.cn/n1/2024/0101/c1-2.html", "people_cpc"),
        ("http://paper.people.com.cn/rmrb/pc/content/202401/01/content_1.html", "people_paper"),
        ("http://sh.people.com.cn/n1/2024/0101/c1-2.html", "people_hosted"),
        ("https://WWW.12371.CN/2024/01/01/ARTI1.shtml", "g12371"),
        ("http://user@www.gov.cn:80/a.htm", "govcn"),
        ("http://yn.wenming.cn/a.shtml", "wenming"),
    ],
)
def test_the_most_specific_host_wins(url: str, name: str) -> None:
    rule = find("", url)
    assert rule is not None
    assert rule.name == name


@pytest.mark.parametrize(
    "url", ["http://www.example.cn/", "", "nonsense", "http://[::1", "http://notpeople.com.cn/"]
)
def test_other_hosts_have_no_rule(url: str) -> None:
    assert find("", url) is None


def test_names_go_before_hosts_and_none_means_no_rule() -> None:
    named = find("trs", "http://cpc.people.com.cn/")
    assert named is not None
    assert named.name == "trs"
    assert find("none", "http://cpc.people.com.cn/") is None


def test_user_rules_go_before_shipped_ones() -> None:
    mine = parse_rules('[mine]\nhosts = ["*.people.com.cn"]\ntitle = ["h5"]\n', "my.toml")
    found = find("", "http://cpc.people.com.cn/a", mine)
    assert found is not None
    assert found.name == "mine"


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        ("[a", "", "TOML"),
        ("x = 1", "x", "outside"),
        ("[A]", "[A]", "no name"),
        ("[none]", "[none]", "no name"),
        ("[a]\ntitel = []", "[a] titel", "unknown key"),
        ('[a]\ntitle = "h1"', "[a] title", "list of strings"),
        ('[a]\ntitle = [""]', "[a] title", "list of strings"),
        ("[a]\nfamily = 1", "[a] family", "string"),
        ('[a]\nfamily = "zzz"', "[a] family", "not known"),
        ('[a]\nfamily = "b"\n[b]\nfamily = "a"', "family", "circle"),
        ('[a]\nhosts = ["http://x.cn/"]', "[a] hosts", "no host"),
        ('[a]\nhosts = ["x.cn"]\n[b]\nhosts = ["x.cn"]', "[b] hosts", "belongs to [a]"),
        ('[a]\nbody = ["div[["]', "[a] body", "no CSS selector"),
        (f'[a]\nbody = ["{"a " * 200}"]', "[a] body", "characters"),
        ("[a]\npatterns = 1", "[a] patterns", "table"),
        ("[a.patterns]\nbody = '(x)'", "[a] patterns.body", "unknown field"),
        ("[a.patterns]\ntitle = '('", "[a] patterns.title", "no regular expression"),
        ("[a.patterns]\ntitle = 'x'", "[a] patterns.title", "no group"),
        ("[a.patterns]\ntitle = '(x+)'", "[a] patterns.title", "without an end"),
        ("[a.patterns]\ntitle = '(x{2,})'", "[a] patterns.title", "without an end"),
        ("[a.patterns]\ntitle = '((?:x{1,3}){1,3})'", "[a] patterns.title", "repeats a group"),
        ("[a.patterns]\ntitle = '(.{0,99}.{0,99})'", "[a] patterns.title", "ways"),
        (f"[a.patterns]\ntitle = '({'x' * 400})'", "[a] patterns.title", "characters"),
    ],
)  # fmt: skip
def test_errors_name_file_place_and_reason(text: str, where: str, reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_rules(text, "my.toml")
    assert str(caught.value).startswith("my.toml: ")
    assert where in caught.value.where
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    "pattern",
    [
        "来源[:：]\\s{0,4}(\\S{2,40})",
        "(\\d{4})年(a|b)?",
        "([^+*{]{1,40})",
        "(?P<x>a{3})\\+",
        "([]*+]{1,9})",
        "(?:a)?(b)",
    ],
)
def test_bounded_patterns_are_taken(pattern: str) -> None:
    assert unbounded(pattern) == ""


@given(st.integers(0, 60), st.integers(0, 60))
def test_ways_are_the_product_of_the_choices(one: int, two: int) -> None:
    refused = bool(unbounded(f"(a{{0,{one}}})b{{0,{two}}}"))
    assert refused == ((one + 1) * (two + 1) > PATTERN_WAYS)


def test_the_slowest_allowed_pattern_is_linear() -> None:
    rule = parse_rules("[a.patterns]\ntitle = '(a{0,40}a{0,40})b'", "my.toml")["a"]
    start = time.process_time()
    assert hit(rule, "title", "a" * (SOURCE_LENGTH + 100) + "b") is None
    assert time.process_time() - start < 8


def test_a_pattern_gives_its_first_group() -> None:
    rule = SiteRule("a", patterns={"source": "来源：([^|]{1,20})"})
    found = hit(rule, "source", "时间 | 来源： 村报 | 字号")
    assert found is not None
    assert found[1].strip() == "村报"
    assert hit(rule, "source", "无") is None
    assert hit(rule, "title", "来源：村报") is None


OWN = (
    '[qinghe]\nhosts = ["www.qinghe.example.cn"]\nfamily = "mine"\ntitle = [".bt"]\n',
    "own/sites.toml",
)
MINE = ('[mine]\nbody = [".nr"]\nfamily = "trs"\n', "own/families.toml")


def test_files_of_one_s_own_stand_over_the_shipped_rules() -> None:
    rules = load_files([OWN, MINE])
    assert names(rules) == names() | {"qinghe", "mine"}
    assert rules["qinghe"].body[0] == ".nr"
    assert rules["qinghe"].body[1:] == shipped()["trs"].body
    assert rules["people"] == shipped()["people"]
    assert find("", "http://www.qinghe.example.cn/1.html", rules) == rules["qinghe"]
    assert load_files([]) == shipped()


def test_an_own_table_replaces_a_shipped_one_of_its_name() -> None:
    rules = load_files([('[trs]\nbody = [".mine"]\n', "own.toml")])
    heirs = [rule for rule in rules.values() if rule.family == "trs"]
    assert rules["trs"].body == (".mine",)
    assert heirs
    assert all(".mine" in rule.body for rule in heirs)


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ("[qinghe]\n", ["b.toml", "[qinghe]", "own/sites.toml"]),
        ('[other]\nhosts = ["www.qinghe.example.cn"]\n', ["b.toml", "[other] hosts", "[qinghe]"]),
        ('[other]\nfamily = "nobody"\n', ["b.toml", "[other] family", "nobody"]),
        ('[other]\nfamily = "third"\n[third]\nfamily = "other"\n', ["b.toml", "family", "circle"]),
        ("[other\n", ["b.toml", "TOML"]),
    ],
)
def test_a_fault_in_several_files_names_the_file(second: str, told: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        load_files([OWN, MINE, (second, "b.toml")])
    assert all(part in str(error.value) for part in told), str(error.value)
