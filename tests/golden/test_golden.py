"""Golden pages: our own texts in the shapes of real templates, one test item per page and field.

Each folder holds ``page.html`` (bytes), ``expected.json`` (what a careful reader says; fields not
named are free) and ``meta.json`` (url, and where they matter rules and what the list said). Every
page is read by the generic extractor alone; pages of a known family also with its rules.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from aggregator.extract import extract
from aggregator.extract.compare import check_fixture
from aggregator.model import Draft, NoArticle, Sighting
from aggregator.when import find as find_date

HERE = Path(__file__).resolve().parent
PAGES = sorted(folder.parent for folder in HERE.glob("*/page.html"))


def read(page: Path, name: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((page / name).read_text(encoding="utf-8"))
    return values


def cases() -> list[Any]:
    found = []
    for page in PAGES:
        ways = ["generic", *(["rules"] if "rules" in read(page, "meta.json") else [])]
        for field in read(page, "expected.json"):
            found += [
                pytest.param(page, field, way, id=f"{page.name}-{field}-{way}") for way in ways
            ]
    return found


@cache
def extracted(page: Path, way: str) -> Draft | NoArticle:
    meta = read(page, "meta.json")
    listed = meta.get("sighting")
    sighting = None
    if listed:
        sighting = Sighting(
            meta["url"], title=listed["title"], published=find_date(listed["published"])
        )
    rules = meta["rules"] if way == "rules" else "none"
    return extract((page / "page.html").read_bytes(), meta["url"], sighting=sighting, rules=rules)


@pytest.mark.parametrize(("page", "field", "way"), cases())
def test_field(page: Path, field: str, way: str) -> None:
    expected = read(page, "expected.json")[field]
    assert check_fixture({field: expected}, extracted(page, way)) == []


def test_there_are_enough_pages() -> None:
    assert len(PAGES) >= 45
