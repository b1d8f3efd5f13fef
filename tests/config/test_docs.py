"""docs/configuration.md lists every option there is, with its real default, and no other."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import Settings, option_tables

TABLES: dict[str, Any] = {"Top level": Settings, **option_tables()}
NOT_IN_THE_FILE = {"file", "sources"}


def shown(field: "dataclasses.Field[Any]") -> str:
    """A default as TOML writes it."""
    if field.default is dataclasses.MISSING:
        return "required"
    if field.default is None:
        return "none"
    return f"`{json.dumps(field.default, ensure_ascii=False)}`"


def options_of(cls: type) -> dict[str, str]:
    """Option -> default, without those that are tables."""
    return {
        field.name: shown(field)
        for field in dataclasses.fields(cls)
        if field.default_factory is dataclasses.MISSING
        and not (cls is Settings and field.name in NOT_IN_THE_FILE)
    }


@pytest.fixture(scope="module")
def documented(root: Path) -> dict[str, dict[str, str]]:
    text = (root / "docs" / "configuration.md").read_text("utf-8")
    found: dict[str, dict[str, str]] = {}
    for part in re.split(r"(?m)^#{2,3} ", text)[1:]:
        name = part.partition("\n")[0].strip("[]")
        rows = re.findall(r"(?m)^\| `(\w+)` \| .*? \| (.+?) \| .+ \|$", part)
        found[name] = dict(rows)
    return found


def test_every_table_has_its_chapter(documented: dict[str, dict[str, str]]) -> None:
    assert set(documented) == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_every_option_stands_with_its_default(
    table: str, documented: dict[str, dict[str, str]]
) -> None:
    assert documented[table] == options_of(TABLES[table])


def test_every_option_has_a_meaning(root: Path) -> None:
    text = (root / "docs" / "configuration.md").read_text("utf-8")
    rows = re.findall(r"(?m)^\| `\w+` .*$", text)
    assert rows
    assert all(len(row.split(" | ")) >= 4 and row.rstrip(" |").endswith((".", ")")) for row in rows)
