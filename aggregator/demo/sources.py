"""The addresses of the demo's sites in, the sources that read their lists out: data, no code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aggregator.config import DataRule, ListRule, Paging, SourceOptions, SourceSpec
from aggregator.demo.article import Family, Site
from aggregator.demo.sites import SITES

INTERVAL = 6.0  # seconds between two visits to a source of the demo
# The site rules of these systems are found by host in the world; here every host is 127.0.0.1.
_RULES: frozenset[Family] = frozenset({"trs", "people", "cntv", "xinhua", "mi4", "hanweb"})


def source_specs(origins: Mapping[str, str]) -> list[SourceSpec]:
    """One source for each site; *origins* are addresses without a path, by key of the site."""
    return [SourceSpec(site.key, _options(site, origins[site.key])) for site in SITES]


def _options(site: Site, origin: str) -> SourceOptions:
    common = SourceOptions(
        url=origin + site.list_path,
        name=site.name,
        interval=INTERVAL,
        column="党建要闻",
        rules=site.family if site.family in _RULES else "",
    )
    return replace(common, **_READ[site.family])


_READ: dict[Family, dict[str, Any]] = {
    "trs": {
        "kind": "list",
        "list": ListRule(item="ul.list li", link="a", date="span"),
        "paging": Paging("index_{n-1}.html", pages=2),
    },
    "people": {"kind": "list"},  # the rows are found by themselves
    "cntv": {
        "kind": "data",
        "data": DataRule(variable="item", url=("link_add",), title=("title",), date=("brief",)),
    },
    "xinhua": {
        "kind": "data",
        "data": DataRule(
            items="datasource",
            url=("publishUrl",),
            title=("showTitle", "title"),
            date=("publishTime",),
            summary=("summary",),
        ),
    },
    "mi4": {
        "kind": "data",
        "data": DataRule(
            variable="MI4_PAGE_ARTICLE",
            url=("external_link", "url"),
            title=("title",),
            date=("pub_date",),
            source=("miOrigin",),
            author=("miAuthor",),
            editor=("miRespAuthor",),
            summary=("miSummary",),
        ),
    },
    "own": {"kind": "feed"},
    "hanweb": {"kind": "feed"},
    "plain": {"kind": "sitemap"},
}
