"""What rules change on a page is shown field by field; a fixture notices each change of a field."""

from pathlib import Path

import pytest

from aggregator.errors import ConfigError
from aggregator.extract import extract
from aggregator.extract.compare import check_fixture, fixture, side_by_side, try_rules
from aggregator.model import Draft, Sighting

URL = "http://www.example.cn/news/2024/a.html"
RULE = '[mine]\nhosts = ["www.example.cn"]\ntitle = [".mine"]\nsource = [".paper"]\n'


@pytest.fixture(scope="module")
def page(root: Path) -> bytes:
    body = (root / "tests/golden/odd_updated/page.html").read_bytes()
    extra = '<div class="mine">规则里的标题</div><div class="paper">来源：规则报</div></body>'
    return body.replace(b"</body>", extra.encode())


def draft(body: bytes) -> Draft:
    found = extract(body, URL)
    assert isinstance(found, Draft)
    return found


def test_rows_show_what_rules_change(page: bytes) -> None:
    rows = {
        row.field: row
        for row in side_by_side(*try_rules(page, URL, RULE, "my.toml"), Sighting(URL, "列表标题"))
    }
    title = rows["title"]
    assert (title.generic, title.ruled, title.listed, title.same) == (
        "滴灌袋试用记",
        "规则里的标题",
        "列表标题",
        False,
    )
    assert title.ruled_rule.startswith("rules mine")
    assert rows["source"].ruled == "规则报"
    assert rows["published"].same
    assert rows["published"].generic == "2024-04-02 08:15"
    assert rows["body"].generic.startswith("4 blocks")


def test_without_a_file_the_shipped_rule_of_the_host_is_tried(page: bytes) -> None:
    generic, ruled = try_rules(page, "http://cpc.people.com.cn/n1/2024/0402/c1-2.html")
    assert isinstance(generic, Draft)
    assert isinstance(ruled, Draft)
    assert (generic.rules, ruled.rules) == ("", "people_cpc")


def test_without_any_rule_both_sides_are_the_same(page: bytes) -> None:
    generic, ruled = try_rules(page, URL)
    assert generic == ruled


def test_a_file_whose_rules_do_not_fit_is_refused(page: bytes) -> None:
    text = '[a]\nhosts = ["a.example.com"]\n[b]\nhosts = ["b.example.com"]\n'
    with pytest.raises(ConfigError, match=r"my\.toml: none of its 2 rules"):
        try_rules(page, URL, text, "my.toml")


def test_a_fresh_fixture_agrees_with_its_draft(page: bytes) -> None:
    found = draft(page)
    assert check_fixture(fixture(found), found) == []


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("title", "另一个标题"),
        ("published", "2024-04-02"),
        ("editors", ["责任编辑：甲"]),
        ("body", ["一段。"]),
        ("summary", "没有的摘要"),
        ("outcome", "empty"),
        ("title", None),
    ],
)
def test_each_field_that_differs_is_named(
    page: bytes, field: str, wanted: str | list[str] | None
) -> None:
    diffs = check_fixture({field: wanted, "kind": "text"}, draft(page))
    assert [diff.field for diff in diffs] == [field]
    assert diffs[0].expected == (wanted or "")


def test_people_may_be_named_without_their_role(root: Path) -> None:
    found = draft((root / "tests/golden/editor_round/page.html").read_bytes())
    assert check_fixture({"editors": ["何静", "责编：王一凡"]}, found) == []
    assert check_fixture({"editors": ["何静", "校对：王一凡"]}, found) != []


def test_a_page_without_an_article_has_an_outcome_as_its_fixture() -> None:
    refused = extract(b"<html><body></body></html>", URL)
    assert fixture(refused)["outcome"] == "empty"
    assert side_by_side(refused, refused)[0].field == "outcome"


def test_unknown_fields_of_a_fixture_are_refused(page: bytes) -> None:
    with pytest.raises(ConfigError, match="titel: unknown field"):
        check_fixture({"titel": "x"}, draft(page))
