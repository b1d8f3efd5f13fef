"""Builds an archive of N synthetic articles through the real store and times writing and searching.

    python benchmarks/search.py 20000 [--folder DIR] [--keep]

Texts are made of invented words by a Zipf law, 1,100 characters each, dated over ten years. Prints
captures a second, sizes, and for each class of search the median and 95th percentile of the newest
20 and of relevance, beside LIKE on the same data; every answer is held against a full scan.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.config import SourceOptions, SourceSpec
from aggregator.dedup import fingerprint
from aggregator.fulltext import tokens
from aggregator.model import (
    Block,
    BlockKind,
    Capture,
    Draft,
    Field,
    Moment,
    Person,
    Precision,
    Sighting,
)
from aggregator.ports import KeyedSighting, SourceVisit
from aggregator.store import Archive, open_archive, open_store
from aggregator.text import norm

END = datetime(2026, 11, 1, tzinfo=UTC)
YEARS = timedelta(days=3650)
LIST = 35  # articles of one visit, as in a feed
VISITS_AT_ONCE = 30


@dataclass(frozen=True)
class Words:
    """An invented vocabulary with Zipf weights."""

    words: tuple[str, ...]
    weights: tuple[float, ...]

    def text(self, luck: random.Random, length: int) -> str:
        """Paragraphs of about *length* characters."""
        chosen = iter(luck.choices(self.words, self.weights, k=length // 2))
        made: list[str] = []
        size = 0
        while size < length:
            clause = "".join(next(chosen, "") for _ in range(luck.randint(3, 9)))
            made.append(clause + luck.choice("，，，。、"))
            size += len(clause) + 1
            if luck.random() < 0.05:
                made.append("。\n")
        return "".join(made)


def vocabulary(luck: random.Random) -> Words:
    """20,000 words of one to four characters."""
    letters = [chr(0x4E00 + n) for n in range(3500)]
    by_letter = [1 / (n + 10) for n in range(len(letters))]
    words = tuple(
        "".join(luck.choices(letters, by_letter, k=luck.choice((1, 2, 2, 2, 2, 3, 4))))
        for _ in range(20_000)
    )
    return Words(words, tuple(1 / (n + 8) for n in range(len(words))))


def capture(number: int, total: int, words: Words, luck: random.Random) -> Capture:
    """Article *number* of *total*; the numbers rise with time, but for some disorder."""
    text = words.text(luck, 1100)
    at = END - YEARS * (1 - number / total) - timedelta(hours=luck.randint(0, 72))
    title = words.text(luck, 16).replace("\n", "").strip("，。、")
    url = f"http://site{number % 50}.example/{number}.html"
    draft = Draft(
        url=url,
        title=Field(title, "h1"),
        authors=Field((Person(words.words[number % 997] or "某", "作者"),), "byline"),
        source=Field(words.words[number % 101], "label"),
        published=Field(Moment(at.isoformat(), at, Precision.MINUTE), "meta"),
        blocks=tuple(Block(BlockKind.PARAGRAPH, p) for p in text.split("\n") if p),
        html="".join(f"<p>{p}</p>\n" for p in text.split("\n") if p),
        text="\n".join(p for p in text.split("\n") if p),
    )
    return Capture(url, url, END, draft, fingerprint(draft), tokens(draft))


def visits(total: int, seed: int) -> Iterator[SourceVisit]:
    """Visits to lists of 35 entries that hold their own text."""
    luck = random.Random(seed)
    words = vocabulary(luck)
    for first in range(0, total, LIST):
        lines = tuple(
            KeyedSighting(c.key, "x.example", str(n), Sighting(c.url), False, c)
            for n in range(first, min(first + LIST, total))
            for c in (capture(n, total, words, luck),)
        )
        yield SourceVisit(
            1 + first // LIST % 50, END, END, "ok", END, 3600.0,
            sightings=lines, listed_keys=tuple(one.key for one in lines), items=len(lines),
        )  # fmt: skip


def build(url: str, total: int) -> tuple[float, float]:
    """Fill the archive; (wall seconds, CPU seconds) of the store alone."""
    store = open_store(url)
    store.register([SourceSpec(f"s{n}", SourceOptions(f"http://s{n}/")) for n in range(50)], END)
    wall = cpu = 0.0
    waiting: list[SourceVisit] = []

    async def record(some: Sequence[SourceVisit]) -> None:
        await asyncio.gather(*(store.record_source(visit) for visit in some))

    for visit in visits(total, 7):
        waiting.append(visit)
        if len(waiting) == VISITS_AT_ONCE or visit.sightings[-1].digest == str(total - 1):
            started, used = time.perf_counter(), time.process_time()
            asyncio.run(record(waiting))
            wall += time.perf_counter() - started
            cpu += time.process_time() - used
            waiting.clear()
    store.close()
    return wall, cpu


def queries(raw: sqlite3.Connection, luck: random.Random) -> dict[str, list[str]]:
    """Terms that occur, cut from random articles: common and rare ones alike."""
    (last,) = raw.execute("SELECT max(id) FROM appearance").fetchone()

    def clauses() -> list[str]:
        row = raw.execute(
            "SELECT text FROM revision WHERE id = ?", (luck.randint(1, last),)
        ).fetchone()
        return [
            c for c in row[0].replace("。", "，").replace("\n", "，").split("，") if len(c) >= 8
        ]

    def cut(length: int) -> str:
        clause = luck.choice(clauses()).replace("、", "")
        at = luck.randint(0, max(0, len(clause) - length))
        return clause[at : at + length]

    return {
        "1 character": [cut(1) for _ in range(40)],
        "2 characters": [cut(2) for _ in range(40)],
        "4 characters": [cut(4) for _ in range(40)],
        "phrase": [luck.choice(clauses()) for _ in range(40)],
        "two words": [f"{cut(2)} {cut(2)}" for _ in range(40)],
        "no hit": [cut(3) + cut(3)[::-1] for _ in range(40)],
    }


def timed(call: Callable[[str], object], asked: Sequence[str]) -> str:
    """Median and 95th percentile in milliseconds."""
    times = []
    for query in asked:
        started = time.perf_counter()
        call(query)
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    return f"{statistics.median(times):7.2f} {times[int(len(times) * 0.95)]:8.2f}"


def like(raw: sqlite3.Connection, query: str) -> list[int]:
    """The newest 20 by a scan, as most aggregators search."""
    terms = [norm(t) for t in query.split()]
    where = " AND ".join("t.text LIKE ?" for _ in terms)
    sql = f"SELECT a.id FROM appearance a JOIN article_text t ON t.doc = a.doc WHERE {where} ORDER BY a.sort_key DESC LIMIT 20"
    return [i for (i,) in raw.execute(sql, [f"%{t}%" for t in terms])]


def check(archive: Archive, raw: sqlite3.Connection, asked: Sequence[str]) -> None:
    """Every search must give what a scan gives."""
    for query in asked:
        found = [row.article.id for row in archive.search(query, limit=20).rows]
        assert found == like(raw, query), query


def main() -> None:
    """Build, measure, check, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("articles", type=int)
    options.add_argument("--folder", type=Path)
    options.add_argument("--keep", action="store_true", help="use an archive that was built before")
    given = options.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp())
    file = folder / f"bench-{given.articles}.sqlite"
    url = f"sqlite:///{file}"
    if not (given.keep and file.exists()):
        file.unlink(missing_ok=True)
        wall, cpu = build(url, given.articles)
        print(
            f"stored {given.articles / wall:.0f} a second ({given.articles / cpu:.0f} a CPU second)"
        )
    raw = sqlite3.connect(file)
    sizes(raw, file, given.articles)
    archive = open_archive(url)
    print(
        f"newest 50            {timed(lambda _: archive.articles(limit=50), [''] * 40)} ms (median, p95)"
    )
    for name, asked in queries(raw, random.Random(3)).items():
        check(archive, raw, asked[:10])
        newest = timed(lambda q: archive.search(q, limit=20), asked)
        best = timed(lambda q: archive.search(q, limit=20, order="relevance"), asked)
        scan = timed(lambda q: like(raw, q), asked[:10])
        print(f"{name:13} newest {newest}   relevance {best}   LIKE {scan}")
    archive.close()
    raw.close()


def sizes(raw: sqlite3.Connection, file: Path, total: int) -> None:
    """Bytes an article: all, text, index."""
    (text,) = raw.execute("SELECT sum(length(CAST(text AS BLOB))) FROM article_text").fetchone()
    (index,) = raw.execute("SELECT sum(length(block)) FROM article_fts_data").fetchone()
    print(
        f"{file.stat().st_size / total:.0f} bytes an article; text {text / total:.0f}, "
        f"index {index / total:.0f} ({index / text:.2f} of the text)"
    )


if __name__ == "__main__":
    main()
