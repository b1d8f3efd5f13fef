"""A site rule and a tree in; the fields that the rule finds, and the tree without its cuts, out.

Rules only override: where a selector finds nothing the generic answer stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from aggregator.extract.body import Container, bounds
from aggregator.extract.fields import clean_source
from aggregator.extract.lines import Element, squash
from aggregator.extract.people import editors_of, names_of, strip_role
from aggregator.extract.reading import Reading, where
from aggregator.extract.rules import SELECTED_LENGTH, SiteRule, hit, selector
from aggregator.model import Draft, Field, Person
from aggregator.when import find as find_moment

_TEXTS = ("title", "overline", "subtitle", "column", "summary", "original_title")
_PEOPLE = {"author": "authors", "editor": "editors"}
_TIMES = ("published", "updated")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Found:
    """What a selector or pattern of a rule found: the value as text, and where it stood."""

    text: str
    place: str
    label: str = ""  # what the pattern of the rule matched in front of the value


def cut_tree(rule: SiteRule, tree: Element) -> None:
    """Take the elements that the rule cuts from bodies out of *tree*."""
    for css in rule.body_drop:
        for element in selector(css)(tree):
            if element.tag not in ("html", "body"):
                _remove(element)


def _remove(element: Element) -> None:
    """Take *element* out of its tree; the text after it stays."""
    parent = element.getparent()
    if parent is None:
        return
    tail, before = _NOT_XML.sub("", element.tail or ""), element.getprevious()
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def ruled_container(rule: SiteRule, reading: Reading) -> Container | None:
    """The body as the rule names it, when it holds text or pictures."""
    for css in rule.body:
        for element in selector(css)(reading.tree):
            container = bounds(reading, element, 0.0, 0.0)
            if container is not None:
                return container
    return None


def ruled_fields(rule: SiteRule, tree: Element, source: str) -> Mapping[str, Found]:
    """The texts that the rule finds, by field; read before the tree is changed."""
    names = (*_TEXTS, *_PEOPLE, *_TIMES, "source")
    found = ((name, _find(rule, name, tree, source)) for name in names)
    return {name: value for name, value in found if value is not None}


def _find(rule: SiteRule, name: str, tree: Element, source: str) -> Found | None:
    selectors = rule.selectors(name)
    if not selectors:
        return _matched(rule, name, source, "source") if name in rule.patterns else None
    for css in selectors:
        for element in selector(css)(tree):
            text, place = _text(element), where(element)
            patterned = name in rule.patterns
            found = _matched(rule, name, text, place) if patterned else Found(text, place)
            if found and found.text:
                return found
    return None


def _matched(rule: SiteRule, name: str, text: str, place: str) -> Found | None:
    found = hit(rule, name, text)
    value = squash(found[1] or "") if found else ""
    if found is None or not value:
        return None
    return Found(value, place, squash(text[found.start() : found.start(1)]))


def _text(element: Element) -> str:
    if element.tag == "meta":
        return squash(element.get("content") or "")
    return squash("".join(element.itertext()))[:SELECTED_LENGTH]


def overridden(draft: Draft, rule: SiteRule, found: Mapping[str, Found], timezone: str) -> Draft:
    """*draft* with the fields that the rule found in place of the generic ones."""
    name = f"rules {rule.name}"
    changes: dict[str, object] = {}
    for key, value in found.items():
        if key in _TEXTS:
            text = _without_suffix(value.text, rule) if key == "title" else value.text
            changes[key] = Field(text, name, value.place, value.text) if text else None
        elif key in _PEOPLE:
            target, people = _PEOPLE[key], _people(key, value)
            changes[target] = Field(people, name, value.place, value.text) if people else None
        elif key in _TIMES:
            moment = find_moment(value.text, timezone)
            changes[key] = Field(moment, name, value.place, value.text) if moment else None
        else:
            claim = clean_source(strip_role(value.text))
            changes[key] = Field(claim, name, value.place, value.text) if claim else None
    kept = {key: value for key, value in changes.items() if value is not None}
    return replace(draft, **kept, rules=rule.name)  # type: ignore[arg-type]


def _people(key: str, value: Found) -> tuple[Person, ...]:
    """The persons of *value*; an editor with the role that the page gives (责编, 校对 …)."""
    if key == "author":
        return names_of(strip_role(value.text), "作者")
    return editors_of(f"{value.label} {value.text}".strip())


def _without_suffix(title: str, rule: SiteRule) -> str:
    for suffix in rule.title_suffix:
        if title.endswith(suffix):
            return title.removesuffix(suffix).strip(" -_|—")
    return title
