"""Drafts of one page in; rows that show them side by side, fixtures, and what differs from one, out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aggregator.errors import ConfigError
from aggregator.extract.article import extract
from aggregator.extract.rules import NONE, SiteRule, find, parse_rules
from aggregator.model import BlockKind, Draft, Field, Moment, NoArticle, Person, Precision, Sighting

_SHAPES = {
    Precision.YEAR: "%Y",
    Precision.MONTH: "%Y-%m",
    Precision.DAY: "%Y-%m-%d",
    Precision.MINUTE: "%Y-%m-%d %H:%M",
    Precision.SECOND: "%Y-%m-%d %H:%M:%S",
}
_FIELDS = (
    "title", "overline", "subtitle", "inner_title", "authors", "source", "published", "updated",
    "issue", "page_number", "editors", "column", "breadcrumb", "keywords", "summary",
    "original_title", "original_url",
)  # fmt: skip
KEYS = (
    "outcome", *_FIELDS, "kind", "body", "kinds", "images", "captions", "attachments",
    "next_pages", "missing_pages", "encoding",
)  # fmt: skip
_LISTED = {"title", "subtitle", "source", "published", "updated", "summary"}

Value = str | list[str]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of a page: what the generic extractor, the rules and the list say of it.

    ``*_rule`` names the rule that found the value; ``same`` is false where rules changed it.
    """

    field: str
    generic: str = ""
    generic_rule: str = ""
    ruled: str = ""
    ruled_rule: str = ""
    listed: str = ""

    @property
    def same(self) -> bool:
        """Whether the rules left the value as it was."""
        return self.generic == self.ruled


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """A field that is not as the fixture says."""

    field: str
    expected: Value
    found: Value


def try_rules(
    body: bytes, url: str, text: str = "", file: str = ""
) -> tuple[Draft | NoArticle, Draft | NoArticle]:
    """A page read by the generic extractor alone, and with rules.

    *text* is a user's rules file called *file*: the rule for the host of *url* is taken, or the
    only one there is. Without *text* the shipped rules are used. Raises ConfigError when the file
    is wrong or none of its rules fits.
    """
    rule = _own_rule(url, parse_rules(text, file), file) if text else find("", url)
    generic = extract(body, url, rules=NONE)
    return generic, extract(body, url, rules=rule) if rule else generic


def _own_rule(url: str, rules: Mapping[str, SiteRule], file: str) -> SiteRule:
    if len(rules) == 1:
        return next(iter(rules.values()))
    found = find("", url, rules)
    if found is None or found.name not in rules:
        reason = f"none of its {len(rules)} rules has the host of {url!r}"
        raise ConfigError(file, "", reason, "give the page's address, or add its host to hosts")
    return found


def side_by_side(
    generic: Draft | NoArticle, ruled: Draft | NoArticle, sighting: Sighting | None = None
) -> list[FieldRow]:
    """The fields that any of the three knows, in a fixed order; the body as count and length."""
    left, right = fixture(generic), fixture(ruled)
    listed = _from_list(sighting) if sighting else {}
    rows = []
    for key in KEYS:
        values = [_line(key, side.get(key, "")) for side in (left, right)]
        if any(values) or listed.get(key):
            rows.append(
                FieldRow(
                    key,
                    values[0],
                    _rule(generic, key),
                    values[1],
                    _rule(ruled, key),
                    listed.get(key, ""),
                )
            )
    return rows


def fixture(draft: Draft | NoArticle) -> dict[str, Value]:
    """What was found, as plain values for a file; empty fields are left out.

    People are "role：name", times "2024-05-17 09:30" (as exact as claimed, the offset added when
    it is not +08:00), ``body`` the text blocks in order, ``kinds`` the kinds of all blocks.
    """
    if isinstance(draft, NoArticle):
        return {"outcome": str(draft.kind), "encoding": draft.encoding}
    values: dict[str, Value] = {"outcome": "article"}
    for key in _FIELDS:
        found: Field[Any] | None = getattr(draft, key)
        if found is not None:
            values[key] = _plain(found.value)
    values |= {
        "kind": draft.kind,
        "body": [b.text for b in draft.blocks if b.text and b.kind is not BlockKind.IMAGE],
        "kinds": [str(block.kind) for block in draft.blocks],
        "images": [image.url for image in draft.images],
        "captions": [image.caption for image in draft.images if image.caption],
        "attachments": [file.url for file in draft.attachments],
        "next_pages": list(draft.next_pages),
        "missing_pages": list(draft.missing_pages),
        "encoding": draft.encoding,
    }
    return {key: value for key, value in values.items() if value}


def check_fixture(
    expected: Mapping[str, Value | None], draft: Draft | NoArticle
) -> list[FieldDiff]:
    """The fields of *expected* that *draft* does not have just so; fields not named are free.

    "" , [] and None mean that the field must be empty. A person without a role matches any role.
    Raises ConfigError for a field that no draft can have.
    """
    actual = fixture(draft)
    diffs = []
    for key, wanted in expected.items():
        if key not in KEYS:
            raise ConfigError("expected.json", key, "unknown field", f"known: {', '.join(KEYS)}")
        found = actual.get(key, "")
        if not _agree(key, wanted or "", found):
            diffs.append(FieldDiff(key, wanted or "", found))
    return diffs


def _agree(key: str, wanted: Value, found: Value) -> bool:
    if key in ("authors", "editors") and isinstance(wanted, list) and isinstance(found, list):
        pairs = zip(wanted, found, strict=False)
        return len(wanted) == len(found) and all(
            one in (other, other.partition("：")[2]) for one, other in pairs
        )
    return wanted == found


def _plain(value: object) -> Value:
    if isinstance(value, Moment):
        return shown(value)
    if isinstance(value, tuple):
        return [f"{v.role}：{v.name}" if isinstance(v, Person) else str(v) for v in value]
    return str(value)


def shown(moment: Moment) -> str:
    """*moment* as exact as it was claimed."""
    text = moment.instant.strftime(_SHAPES[moment.precision])
    offset = moment.instant.strftime("%z")
    return text if offset in ("+0800", "") else f"{text} {offset}"


def _from_list(sighting: Sighting) -> dict[str, str]:
    listed = {key: getattr(sighting, key) for key in _LISTED}
    values = {key: shown(v) if isinstance(v, Moment) else v or "" for key, v in listed.items()}
    return values | {"authors": "、".join(sighting.authors), "editors": sighting.editor}


def _line(key: str, value: Value) -> str:
    if isinstance(value, str):
        return value
    if key == "body":
        return f"{len(value)} blocks, {sum(map(len, value))} characters"
    if key == "kinds":
        return " ".join(f"{kind}×{value.count(kind)}" for kind in dict.fromkeys(value))
    return "、".join(value)


def _rule(draft: Draft | NoArticle, key: str) -> str:
    if isinstance(draft, NoArticle):
        return draft.reason if key == "outcome" else ""
    found: Field[Any] | None = getattr(draft, key) if key in _FIELDS else None
    return f"{found.rule} ({found.where})" if found and found.where else found.rule if found else ""
