"""Golden pages: our own texts in the shapes of real templates, one test item per page and field.

Each folder holds ``page.html`` (bytes), ``expected.json`` (what a careful reader says; fields not
named are free) and ``meta.json`` (url, and where they matter rules and what the list said). Every
page is read by the generic extractor alone; pages of a known family also with its rules.
"""

import json
import re
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import SourceOptions
from aggregator.extract import extract
from aggregator.extract.clean import clean_html
from aggregator.extract.compare import check_fixture
from aggregator.extract.entry import entry_draft
from aggregator.extract.join import join_pages
from aggregator.model import Draft, NoArticle, Sighting
from aggregator.text import squeeze
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


ARTICLES = [
    page for page in PAGES if read(page, "expected.json").get("outcome", "article") == "article"
]
JOINED = [folder.parent for folder in sorted(HERE.glob("*/joined.json"))]


def article(page: Path) -> Draft:
    found = extracted(page, "generic")
    assert isinstance(found, Draft)
    return found


@pytest.mark.parametrize("page", ARTICLES, ids=lambda page: page.name)
def test_the_clean_html_holds_the_whole_body(page: Path) -> None:
    draft = article(page)
    assert clean_html(draft.html, draft.url) == draft.html
    for image in draft.images:
        assert f'src="{image.url}"' in draft.html
    shown = squeeze(re.sub("<[^>]*>", "", unescape(draft.html)))
    for line in draft.text.split("\n"):
        assert squeeze(line) in shown


@pytest.mark.parametrize("page", ARTICLES, ids=lambda page: page.name)
def test_an_entry_with_the_same_html_has_the_same_text(page: Path) -> None:
    draft = article(page)
    entry = entry_draft(Sighting(draft.url, content=draft.html), SourceOptions(url=draft.url))
    assert entry.text == draft.text


@pytest.mark.parametrize("page", JOINED, ids=lambda page: page.name)
def test_pages_are_joined(page: Path) -> None:
    joined = read(page, "joined.json")
    rest = [
        (url, extract((page / name).read_bytes(), url)) for url, name in joined["pages"].items()
    ]
    assert list(joined["pages"]) == list(article(page).next_pages)
    assert check_fixture(joined["expected"], join_pages(article(page), rest)) == []


def test_there_are_enough_pages() -> None:
    assert len(PAGES) >= 45
