"""catalogue.toml -> the sites that are known, with the options to read each of their lists.

A list's options are those of its CMS family, overlaid by the site's, overlaid by its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

from aggregator.config import SourceOptions, source_spec

FILE = "catalogue.toml"
State = Literal["on", "try", "off"]


@dataclass(frozen=True, slots=True)
class CatalogueList:
    """One list of a site. ``key`` is unique in the catalogue and fit for [source.KEY]."""

    key: str
    name: str
    year: int  # newest evidence that the list was there, 0 = undated
    options: SourceOptions


@dataclass(frozen=True, slots=True)
class CatalogueSite:
    """One site. ``state``: on = shipped, try = needs a first look, off = no readable list."""

    key: str
    name: str
    hosts: tuple[str, ...]
    family: str
    state: State
    year: int
    note: str
    lists: tuple[CatalogueList, ...]


@cache
def load_catalogue() -> tuple[CatalogueSite, ...]:
    """All sites, in the order of the file."""
    data = tomllib.loads(resources.files("aggregator").joinpath(FILE).read_text("utf-8"))
    return tuple(
        _site(key, site, data["family"][site["family"]].get("options", {}))
        for key, site in data["site"].items()
    )


def find(word: str) -> tuple[CatalogueSite, ...]:
    """The sites that a word names: key, host or domain, name; "host/list" narrows the lists.

    find("dangjian.cn/理论") gives the site with only the lists whose name or key has 理论 in it.
    """
    site_word, _, list_word = (
        word.strip().removeprefix("http://").removeprefix("https://").partition("/")
    )
    sites = [site for site in load_catalogue() if _names(site, site_word)]
    if not list_word:
        return tuple(sites) or _with_lists(load_catalogue(), site_word)
    return _with_lists(sites, list_word)


def _names(site: CatalogueSite, word: str) -> bool:
    low = word.lower()
    hosts = any(_is_of(low, host) for host in site.hosts)
    return low == site.key or hosts or (bool(word) and word in site.name)


def _is_of(word: str, host: str) -> bool:
    """Whether *word* is *host*, with or without www., a domain above it, or a host below it.

    Whole labels are compared. www.gov.cn is one host; it does not stand for all of *.gov.cn.
    """
    bare = word.removeprefix("www.")
    if bare != word:
        return bare == host.removeprefix("www.")
    return bool(word) and (f".{host}".endswith(f".{word}") or word.endswith(f".{host}"))


def _with_lists(sites: Sequence[CatalogueSite], word: str) -> tuple[CatalogueSite, ...]:
    """*sites* with the lists that *word* names, those without any left out."""
    found = []
    for site in sites:
        lists = tuple(
            one
            for one in site.lists
            if word and (word in one.name or word in one.key or word in one.options.url)
        )
        if lists:
            found.append(replace(site, lists=lists))
    return tuple(found)


def _site(key: str, site: dict[str, Any], family: dict[str, Any]) -> CatalogueSite:
    shared = {**family, **site.get("options", {})}
    return CatalogueSite(
        key=key,
        name=site["name"],
        hosts=tuple(site["hosts"]),
        family=site["family"],
        state=site["state"],
        year=site["year"],
        note=site.get("note", ""),
        lists=tuple(
            _list(f"{key}_{name}", site["name"], row, shared)
            for name, row in site.get("list", {}).items()
        ),
    )


def _list(key: str, site_name: str, row: dict[str, Any], shared: dict[str, Any]) -> CatalogueList:
    own = {k: v for k, v in row.items() if k not in ("name", "year")}
    table = {**shared, **own}
    # What a family says of its data files is nothing to a list of it that is a page.
    for kind in ("list", "data"):
        if table.get("kind", "feed") != kind:
            table.pop(kind, None)
    table |= {"name": f"{site_name}·{row['name']}", "column": row["name"]}
    return CatalogueList(key, row["name"], row["year"], source_spec(key, table, FILE).options)
