"""The truth of the demo web: what each site and article is, and what becomes of it when.

Everything that is served is rendered from these values, so a test can compare what was read with
what was meant. Times called ``t`` are seconds since the demo started.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Literal

ALWAYS = float("-inf")
NEVER = float("inf")
BEIJING = timezone(timedelta(hours=8))

Family = Literal["trs", "own", "hanweb", "cntv", "people", "xinhua", "mi4", "plain", "seed"]
FaultKind = Literal["error", "empty", "challenge", "missing"]


@dataclass(frozen=True, slots=True)
class Site:
    """One host of the demo web. ``shows`` are the bylines that its templates print."""

    key: str
    name: str
    area: str
    family: Family
    list_path: str
    charset: str
    shows: frozenset[str]
    share: int  # articles that lie there at the start


@dataclass(frozen=True, slots=True)
class Change:
    """A correction: from ``at`` on, every ``old`` in the text reads ``new``."""

    at: float
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What the article's page answers until ``until`` in place of the article."""

    kind: FaultKind
    until: float = NEVER


@dataclass(frozen=True, slots=True)
class Article:
    """One article on one site, with the values that its page shows.

    ``appears`` and ``gone_at`` bound the time in which it is served; ``splits`` are the indexes of
    the paragraphs that begin a further page; ``declared`` is a charset that the page claims
    wrongly; ``image`` is a caption, "" for an article without a picture.
    """

    key: str
    site: str
    family: Family
    path: str
    title: str
    paragraphs: tuple[str, ...]
    published: datetime
    appears: float = ALWAYS
    overline: str = ""
    subtitle: str = ""
    inner_title: str = ""
    author: str = ""
    source: str = ""
    editor: str = ""
    summary: str = ""
    image: str = ""
    attachment: str = ""
    quotes: tuple[str, ...] = ()
    subheads: frozenset[str] = frozenset()
    splits: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()
    fault: Fault | None = None
    gone_at: float = NEVER
    declared: str = ""
    noisy: bool = False
    in_full: bool = False  # the feed holds the whole text
    story: str = field(default="", compare=False)  # name of the set piece, "" for made articles

    @property
    def pages(self) -> int:
        """How many pages the article is cut into."""
        return len(self.splits) + 1


def as_of(article: Article, t: float) -> Article | None:
    """*article* as its site shows it at *t*; None before it appears and after its withdrawal."""
    if not article.appears <= t < article.gone_at:
        return None
    due = [change for change in article.changes if change.at <= t]
    return _corrected(article, due) if due else article


def _corrected(article: Article, changes: list[Change]) -> Article:
    def mend(text: str) -> str:
        for change in changes:
            text = text.replace(change.old, change.new)
        return text

    return replace(
        article,
        title=mend(article.title),
        paragraphs=tuple(map(mend, article.paragraphs)),
        quotes=tuple(map(mend, article.quotes)),
        summary=mend(article.summary),
    )


def changed_at(article: Article, t: float) -> float:
    """When the article as shown at *t* last changed, in seconds since the start."""
    fault = article.fault
    moments = [article.appears, *(change.at for change in article.changes)]
    if fault is not None:
        moments.append(fault.until)
    return max((moment for moment in moments if moment <= t), default=article.appears)


def parts(article: Article) -> list[tuple[str, ...]]:
    """The paragraphs of each page."""
    bounds = [0, *article.splits, len(article.paragraphs)]
    return [article.paragraphs[start:end] for start, end in pairwise(bounds)]


def part_path(article: Article, number: int) -> str:
    """The path of page *number* (from 1), in the manner of the site's CMS."""
    if number == 1:
        return article.path
    stem = article.path.removesuffix(".html")
    return f"{stem}-{number}.html" if article.family == "people" else f"{stem}_{number - 1}.html"
