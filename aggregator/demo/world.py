"""The instant the demo starts in, all its articles out: who shows what, from when, until when."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, cast

from aggregator.demo.article import (
    ALWAYS,
    BEIJING,
    NEVER,
    Article,
    Change,
    Family,
    Fault,
    Site,
    as_of,
)
from aggregator.demo.maker import Topic, load_topics, make
from aggregator.demo.sites import BY_KEY, SITES, article_path

QUICK = 48  # articles that appear every STEP seconds from FIRST on
FIRST, STEP = 6.0, 11.0
SLOW = 18  # and afterwards, every SLOW_STEP seconds
SLOW_STEP = 45.0

# What is wrong with some of the articles that lie there at the start: (site, place from the top).
_FLAWS: dict[tuple[str, int], dict[str, Any]] = {
    ("lanping", 2): {"fault": Fault("error", until=45.0)},
    ("yunchuan", 3): {"fault": Fault("empty")},
    ("wanghe", 3): {"fault": Fault("challenge")},
    ("lanxi", 4): {"fault": Fault("missing")},
    ("qinghe", 5): {"declared": "gb2312"},
    ("shiqiao", 3): {"declared": "utf-8"},
    ("lanping", 4): {"noisy": True},
    ("yunchuan", 1): {"in_full": True},
}
_TO_THE_SECOND: frozenset[Family] = frozenset({"own", "xinhua", "seed"})


@dataclass(frozen=True, slots=True)
class World:
    """All sites and articles of a demo that started at ``start``.

    ``origins`` are the sites' addresses without a path, by key of the site.
    """

    start: datetime
    origins: Mapping[str, str]
    articles: tuple[Article, ...]

    def listed(self, site: str, t: float) -> list[Article]:
        """What *site* shows in its list at *t*, newest first."""
        shown = (as_of(article, t) for article in self.articles if article.site == site)
        return sorted(
            (article for article in shown if article is not None),
            key=lambda article: (article.published, article.key),
            reverse=True,
        )

    def url(self, article: Article) -> str:
        """The absolute address of *article*."""
        return self.origins[article.site] + article.path


def build(start: datetime, origins: Mapping[str, str]) -> World:
    """The world of a demo that starts at *start* (aware)."""
    topics = load_topics()
    numbers = iter(range(1000))
    made: list[Article] = []
    for site in SITES:
        made += [_at_start(next(numbers), site, i, start, topics) for i in range(site.share)]
    for j in range(QUICK + SLOW):
        made.append(_while_running(next(numbers), j, start, topics))
    return World(start, dict(origins), (*made, *_stories(start)))


def _at_start(
    number: int, site: Site, rank: int, start: datetime, topics: tuple[Topic, ...]
) -> Article:
    past = (start - timedelta(days=1, hours=11 * rank, minutes=7 * number)).astimezone(BEIJING)
    published = past.replace(hour=8 + past.hour % 10)
    article = _made(number, site, published, ALWAYS, topics)
    return replace(article, **_FLAWS.get((site.key, rank), {}))


def _while_running(number: int, rank: int, start: datetime, topics: tuple[Topic, ...]) -> Article:
    late = max(0, rank - QUICK + 1)
    appears = FIRST + STEP * (rank - late) + SLOW_STEP * late
    site = SITES[rank * 3 % len(SITES)]
    return _made(number, site, start + timedelta(seconds=appears), appears, topics)


def _made(
    number: int, site: Site, published: datetime, appears: float, topics: tuple[Topic, ...]
) -> Article:
    words = make(number, site.area, topics)
    when = _shown_time(site.family, published)
    return Article(
        key=f"made-{number:03d}",
        site=site.key,
        family=site.family,
        path=article_path(site.family, number, when),
        title=words.title,
        paragraphs=words.paragraphs,
        published=when,
        appears=appears,
        author=words.author if number % 3 == 0 and "author" in site.shows else "",
        source=site.name if number % 4 else f"{site.area[:2]}日报",
        editor=words.editor if "editor" in site.shows else "",
        summary=words.paragraphs[0][:80],
        image=f"{words.place}一角" if number % 6 == 0 else "",
        in_full=site.family == "hanweb",
    )


def _shown_time(family: Family, published: datetime) -> datetime:
    """*published* as exact as the site's pages print it."""
    second = published.second if family in _TO_THE_SECOND else 0
    return published.astimezone(BEIJING).replace(second=second, microsecond=0)


# ---------------------------------------------------------------- set pieces


def _stories(start: datetime) -> list[Article]:
    text = (files("aggregator.demo") / "data" / "stories.toml").read_text("utf-8")
    rows: list[dict[str, Any]] = tomllib.loads(text)["story"]
    by_name = {row["name"]: row for row in rows}
    return [_story(500 + i, _inherit(row, by_name), start) for i, row in enumerate(rows)]


def _inherit(row: dict[str, Any], by_name: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """*row* with the text of the story that it reposts, cut and edited as it says."""
    if "of" not in row:
        return row
    original = by_name[row["of"]]
    texts = [
        _edited(text, row.get("edits", []))
        for i, text in enumerate(original["paragraphs"])
        if i not in row.get("drop", [])
    ]
    return {**row, "paragraphs": [*row.get("before", []), *texts, *row.get("after", [])]}


def _edited(text: str, edits: list[list[str]]) -> str:
    for old, new in edits:
        text = text.replace(old, new)
    return text


def _story(number: int, row: dict[str, Any], start: datetime) -> Article:
    site = BY_KEY[row["site"]]
    family = cast(Family, row.get("family", site.family))
    appears = float(row.get("appears", ALWAYS))
    offset = appears if appears > ALWAYS else -float(row["ago"])
    when = _shown_time(family, start + timedelta(seconds=offset))
    return Article(
        key=f"story-{row['name']}",
        site=site.key,
        family=family,
        path=article_path(family, number, when),
        title=row["title"],
        paragraphs=tuple(row["paragraphs"]),
        published=when,
        appears=appears,
        overline=row.get("overline", ""),
        subtitle=row.get("subtitle", ""),
        inner_title=row.get("inner_title", ""),
        author=row.get("author", ""),
        source=row.get("source", ""),
        editor=row.get("editor", ""),
        summary=row["paragraphs"][0][:80],
        image=row.get("image", ""),
        attachment=row.get("attachment", ""),
        quotes=tuple(row.get("quotes", [])),
        splits=tuple(row.get("splits", [])),
        changes=tuple(Change(**change) for change in row.get("changes", [])),
        gone_at=float(row.get("gone_at", NEVER)),
        story=row["name"],
    )
