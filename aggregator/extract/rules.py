"""TOML in, site rules out: which selectors and patterns override the generic extractor, per site.

A rules file holds one table per site or family; docs/site-rules.md explains every key. Values of
a site come first, those of its family follow as a fallback. Nothing here looks at a page.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from cssselect import HTMLTranslator, SelectorError
from lxml.etree import XPath

from aggregator.errors import ConfigError
from aggregator.extract.patterns import unbounded

NONE = "none"  # the rule name that means: the generic extractor alone
SELECTOR_LENGTH = 200
PATTERN_LENGTH = 300
SELECTED_LENGTH = 20_000  # characters of a selected text that patterns look at
SOURCE_LENGTH = 200_000  # characters of a page's source that patterns look at

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\Z")
_HOST = re.compile(r"(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?\Z")


@dataclass(frozen=True, slots=True)
class SiteRule:
    """What overrides the generic extractor on one site.

    Every tuple holds CSS selectors, tried in order; the first element with a text wins (the
    content attribute of a meta element). ``body`` names the container, ``body_drop`` what is cut
    from it. ``patterns`` maps a field to a regular expression whose first group is the value: it
    reads the selected text, or the page's source where the field has no selector.
    ``title_suffix`` is cut from the end of titles; ``charset`` overrides the decision on bytes.
    """

    name: str
    hosts: tuple[str, ...] = ()
    family: str = ""
    title: tuple[str, ...] = ()
    overline: tuple[str, ...] = ()
    subtitle: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    editor: tuple[str, ...] = ()
    column: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    body_drop: tuple[str, ...] = ()
    original_title: tuple[str, ...] = ()
    patterns: Mapping[str, str] = field(default_factory=dict)
    title_suffix: tuple[str, ...] = ()
    charset: str = ""

    def selectors(self, name: str) -> tuple[str, ...]:
        """The CSS selectors of the field *name*."""
        value: tuple[str, ...] = getattr(self, name)
        return value


SELECTED = (
    "title", "overline", "subtitle", "author", "source", "published", "updated", "editor",
    "column", "summary", "body", "body_drop", "original_title",
)  # fmt: skip
PATTERNED = frozenset(SELECTED) - {"body", "body_drop"}
_KEYS = frozenset(f.name for f in fields(SiteRule)) - {"name"}


def find(name: str, url: str, extra: Mapping[str, SiteRule] | None = None) -> SiteRule | None:
    """The rule called *name*; without a known name, the one for the host of *url*.

    *extra* (rules of the user, or all of ``load_files``) goes before the shipped rules. The most
    specific host pattern wins: an exact host, then the longest ``*.`` pattern. The name "none"
    means no rule at all.
    """
    if name == NONE:
        return None
    for rules in (extra or {}, shipped()):
        if name in rules:
            return rules[name]
    for rules in (extra or {}, shipped()):
        if (rule := _by_host(rules, _host(url))) is not None:
            return rule
    return None


def names(rules: Mapping[str, SiteRule] | None = None) -> frozenset[str]:
    """The names that ``rules = "…"`` of a source may give, besides "none".

    *rules* are those of ``load_files`` where the operator has files of his own.
    """
    return frozenset(shipped() if rules is None else rules)


@cache
def shipped() -> Mapping[str, SiteRule]:
    """The rules that come with the program, families included."""
    return _resolve("sites.toml", shipped_raw())


def parse_rules(text: str, file: str) -> dict[str, SiteRule]:
    """The rules of a user's file. They may name shipped families and sites as their family.

    Raises ConfigError naming file, table and key, with the mend.
    """
    raw = _read(text, file)
    known: Mapping[str, SiteRule] = {**shipped_raw(), **raw}
    merged = _resolve(file, known)
    return {name: merged[name] for name in raw}


def load_files(texts: Sequence[tuple[str, str]]) -> Mapping[str, SiteRule]:
    """The rules of files of one's own (text, file name) over the shipped ones, all by name.

    A table with the name of a shipped one replaces it, also as the family of others; of equal
    hosts the own rule wins. Pass the result to ``find`` as *extra*. Raises ConfigError naming
    file, table and key, with the mend: also for a table or host that two files name.
    """
    own: dict[str, SiteRule] = {}
    owner: dict[str, str] = {}
    for text, file in texts:
        for name, rule in _read(text, file).items():
            if name in own:
                problem = f"is a table of {owner[name]} already"
                raise ConfigError(file, f"[{name}]", problem, "give one of them another name")
            own[name], owner[name] = rule, file
        _unique_hosts(file, own)
    shipped_too = {name: rule for name, rule in shipped_raw().items() if name not in own}
    known = {**own, **shipped_too}
    return {name: _merged(owner.get(name, "sites.toml"), known, name) for name in known}


@cache
def shipped_raw() -> Mapping[str, SiteRule]:
    """The shipped tables before families are merged into them."""
    return {**_shipped_raw("families.toml"), **_shipped_raw("sites.toml")}


@cache
def selector(css: str) -> XPath:
    """*css* compiled for HTML trees. Raises SelectorError when it is no CSS selector."""
    return XPath(HTMLTranslator().css_to_xpath(css))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def hit(rule: SiteRule, name: str, text: str) -> re.Match[str] | None:
    """The first hit of the pattern of field *name* in *text*; its first group is the value.

    A field without a pattern gives None. At most SOURCE_LENGTH characters are looked at.
    """
    pattern = rule.patterns.get(name)
    return _compiled(pattern).search(text, 0, SOURCE_LENGTH) if pattern is not None else None


# ---------------------------------------------------------------- hosts


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def _by_host(rules: Mapping[str, SiteRule], host: str) -> SiteRule | None:
    bare = host.rpartition(":")[0] if re.search(r":\d+\Z", host) else host
    best = max(
        (
            (pattern, rule)
            for rule in rules.values()
            for pattern in rule.hosts
            if _fits(pattern, host, bare)
        ),
        key=lambda hit: (not hit[0].startswith("*."), len(hit[0])),
        default=None,
    )
    return best[1] if best else None


def _fits(pattern: str, host: str, bare: str) -> bool:
    if pattern.startswith("*."):
        return bare.endswith(pattern[1:])
    return pattern in (host, bare)


# ---------------------------------------------------------------- reading and merging


@cache
def _shipped_raw(file: str) -> dict[str, SiteRule]:
    text = files("aggregator.extract").joinpath("sites", file).read_text(encoding="utf-8")
    return _read(text, file)


def _read(text: str, file: str) -> dict[str, SiteRule]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(file, "", f"no valid TOML: {error}") from error
    rules = {name: _rule(file, name, table) for name, table in tables.items()}
    _unique_hosts(file, rules)
    return rules


def _rule(file: str, name: str, table: object) -> SiteRule:
    if not isinstance(table, dict):
        raise ConfigError(
            file, name, "is a value outside of any table", "begin with a line such as [my_site]"
        )
    if not _NAME.match(name) or name == NONE:
        raise ConfigError(
            file, f"[{name}]", "is no name for a rule", "use a-z, 0-9 and _; 'none' is taken"
        )
    for key in table.keys() - _KEYS:
        raise ConfigError(
            file, f"[{name}] {key}", "unknown key", f"known keys: {', '.join(sorted(_KEYS))}"
        )
    values: dict[str, Any] = {key: _value(file, name, key, value) for key, value in table.items()}
    return SiteRule(name=name, **values)


def _value(file: str, table: str, key: str, value: object) -> object:
    where = f"[{table}] {key}"
    if key in ("family", "charset"):
        return _string(file, where, value)
    if key == "patterns":
        return _patterns(file, table, value)
    items = _strings(file, where, value)
    if key == "hosts":
        _check_hosts(file, where, items)
    elif key in SELECTED:
        for css in items:
            _check_selector(file, where, css)
    return items


def _string(file: str, where: str, value: object) -> str:
    if not isinstance(value, str):
        raise ConfigError(
            file, where, "must be a string", f'write {where.rsplit(" ", 1)[-1]} = "…"'
        )
    return value


def _strings(file: str, where: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(
        isinstance(item, str) and item.strip() for item in value
    ):
        raise ConfigError(
            file, where, "must be a list of strings", f'write {where.rsplit(" ", 1)[-1]} = ["…"]'
        )
    return tuple(value)


def _check_hosts(file: str, where: str, hosts: tuple[str, ...]) -> None:
    for host in hosts:
        if not _HOST.match(host):
            mend = "write the bare host in lower case, such as www.example.cn or *.example.cn"
            raise ConfigError(file, where, f"{host!r} is no host", mend)


def _check_selector(file: str, where: str, css: str) -> None:
    if len(css) > SELECTOR_LENGTH:
        raise ConfigError(
            file, where, f"selector of {len(css)} characters", f"at most {SELECTOR_LENGTH}"
        )
    try:
        selector(css)
    except SelectorError as error:
        raise ConfigError(
            file, where, f"'{css}' is no CSS selector: {error}", "see docs/site-rules.md"
        ) from error


def _unique_hosts(file: str, rules: Mapping[str, SiteRule]) -> None:
    owner: dict[str, str] = {}
    for name, rule in rules.items():
        for host in rule.hosts:
            if host in owner:
                raise ConfigError(
                    file,
                    f"[{name}] hosts",
                    f"{host} belongs to [{owner[host]}] already",
                    "name it once",
                )
            owner[host] = name


def _resolve(file: str, rules: Mapping[str, SiteRule]) -> dict[str, SiteRule]:
    return {name: _merged(file, rules, name) for name in rules}


def _merged(file: str, rules: Mapping[str, SiteRule], name: str) -> SiteRule:
    chain = list(_chain(file, rules, name))
    own = chain[0]
    for parent in chain[1:]:
        own = _with_fallback(own, parent)
    return own


def _chain(file: str, rules: Mapping[str, SiteRule], name: str) -> Iterator[SiteRule]:
    """The rule *name*, its family, the family of that …"""
    seen: list[str] = []
    while name:
        seen.append(name)
        yield rules[name]
        parent = rules[name].family
        if parent in seen:
            raise ConfigError(
                file,
                f"[{name}] family",
                f"goes in a circle: {' → '.join([*seen, parent])}",
                "cut it",
            )
        if parent and parent not in rules:
            raise ConfigError(
                file,
                f"[{name}] family",
                f"{parent!r} is not known",
                f"one of: {', '.join(sorted(rules))}",
            )
        name = parent


def _with_fallback(rule: SiteRule, parent: SiteRule) -> SiteRule:
    joined: dict[str, Any] = {
        key: _join(getattr(rule, key), getattr(parent, key)) for key in (*SELECTED, "title_suffix")
    }
    patterns = {**parent.patterns, **rule.patterns}
    return replace(rule, **joined, patterns=patterns, charset=rule.charset or parent.charset)


def _join(first: tuple[str, ...], rest: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *rest)))


# ---------------------------------------------------------------- patterns


def _patterns(file: str, table: str, value: object) -> dict[str, str]:
    where = f"[{table}] patterns"
    if not isinstance(value, dict):
        raise ConfigError(file, where, "must be a table", f"write [{table}.patterns]")
    for key, pattern in value.items():
        if key not in PATTERNED:
            raise ConfigError(
                file, f"{where}.{key}", "unknown field", f"known: {', '.join(sorted(PATTERNED))}"
            )
        _check_pattern(file, f"{where}.{key}", _string(file, f"{where}.{key}", pattern))
    return dict(value)


def _check_pattern(file: str, where: str, pattern: str) -> None:
    if len(pattern) > PATTERN_LENGTH:
        raise ConfigError(
            file, where, f"pattern of {len(pattern)} characters", f"at most {PATTERN_LENGTH}"
        )
    try:
        groups = _compiled(pattern).groups
    except re.error as error:
        raise ConfigError(file, where, f"'{pattern}' is no regular expression: {error}") from error
    if groups < 1:
        raise ConfigError(
            file, where, f"'{pattern}' has no group", "put the value in brackets: 来源：(.{1,40})"
        )
    if reason := unbounded(pattern):
        raise ConfigError(
            file, where, f"'{pattern}' {reason}", "write how often at most: .{1,40} for .+"
        )
