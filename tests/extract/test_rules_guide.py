"""The walk through docs/site-rules.md gives what the guide says it gives."""

import re
from pathlib import Path

import pytest

from aggregator.extract.compare import check_fixture, try_rules
from aggregator.extract.patterns import PATTERN_WAYS
from aggregator.extract.rules import (
    PATTERN_LENGTH,
    SELECTED,
    SELECTED_LENGTH,
    SOURCE_LENGTH,
    find,
)

URL = "http://www.qinghe.example.cn/cw/31.html"


@pytest.fixture(scope="module")
def guide(root: Path) -> str:
    return (root / "docs/site-rules.md").read_text(encoding="utf-8")


def block(guide: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", guide, re.DOTALL)
    assert found
    return found[1]


def test_the_rule_of_the_guide_mends_its_page(guide: str) -> None:
    generic, ruled = try_rules(block(guide, "html").encode(), URL, block(guide, "toml"), "my.toml")
    right = {
        "title": "水渠清淤三天完工", "column": "村务", "source": "青禾村委会",
        "published": "2024-05-17 09:40", "editors": ["何静"], "kinds": ["paragraph"] * 3,
    }  # fmt: skip
    assert check_fixture(right, ruled) == []
    assert {diff.field for diff in check_fixture(right, generic)} == set(right)


def test_the_guide_names_all_keys_and_bounds(guide: str) -> None:
    for key in (*SELECTED, "hosts", "family", "patterns", "title_suffix", "charset"):
        assert f"`{key}`" in guide
    for bound in (PATTERN_LENGTH, PATTERN_WAYS, SELECTED_LENGTH, SOURCE_LENGTH):
        assert f"{bound:,}" in guide


def test_each_family_of_the_guide_is_shipped(guide: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| ", guide[guide.index("## Families") :], re.MULTILINE)
    assert len(rows) == 10
    assert all(find(name, "") for name in rows)
