"""Archives in a temporary folder, and factories for what visits bring."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import SourceOptions, SourceSpec
from aggregator.dedup import fingerprint
from aggregator.errors import Failure
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
    Snapshot,
)
from aggregator.ports import Counts, KeyedSighting, PageTask, PageVisit, SourceVisit
from aggregator.store import Archive, SqlStore, open_archive, open_store

NOW = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def body(topic: str, sentences: int = 8) -> str:
    """An invented text about *topic*, a line a sentence; two topics share no clause."""
    return "\n".join(
        f"{topic}第{n}小组清点登记了{n * 13 + 7}件物品，由{topic}值班人员第{n}次逐件核对编号。"
        for n in range(1, sentences + 1)
    )


def draft(text: str, title: str = "清点工作记", **fields: Any) -> Draft:
    """A draft with *text*; fields may be plain values for title, source, authors, published."""
    published = fields.pop("published", NOW - HOUR)
    authors = fields.pop("authors", ("石桥",))
    source = fields.pop("source", "青禾先锋")
    url = fields.pop("url", "http://a.example/1")
    return Draft(
        url=url,
        title=Field(title, "h1"),
        authors=Field(tuple(Person(a, "作者") for a in authors), "byline"),
        source=Field(source, "label"),
        published=published and Field(Moment(str(published), published, Precision.MINUTE), "meta"),
        blocks=tuple(Block(BlockKind.PARAGRAPH, line) for line in text.split("\n") if line),
        html="".join(f"<p>{line}</p>" for line in text.split("\n")),
        text=text,
        **fields,
    )


def capture(key: str, made: Draft, at: datetime = NOW, snapshot: Snapshot | None = None) -> Capture:
    """*made* as seen at the address *key*."""
    return Capture(key, f"http://{key}", at, made, fingerprint(made), tokens(made), snapshot)


def line(
    key: str, *, captured: Capture | None = None, digest: str = "d1", fetch: bool | None = None
) -> KeyedSighting:
    """One line of a list; its page is to be fetched unless it holds the article."""
    said = Sighting(f"http://{key}", title=f"标题 {key}")
    wanted = captured is None if fetch is None else fetch
    return KeyedSighting(key, key.partition("/")[0], digest, said, wanted, captured)


def source_visit(
    lines: Sequence[KeyedSighting] = (), source_id: int = 1, at: datetime = NOW, **values: Any
) -> SourceVisit:
    """A good visit to a source that showed *lines*."""
    given = {
        "outcome": "ok",
        "next_visit_at": at + HOUR,
        "interval": 3600.0,
        "status": 200,
        "items": len(lines),
        "listed_keys": tuple(one.key for one in lines),
    } | values
    return SourceVisit(
        source_id=source_id, started_at=at, finished_at=at, sightings=tuple(lines), **given
    )


def page_visit(task: PageTask, at: datetime = NOW, **values: Any) -> PageVisit:
    """A visit to a page; a good one unless said otherwise."""
    given = {"outcome": "ok", "next_visit_at": at + HOUR, "status": 200} | values
    return PageVisit(
        page_id=task.id, source_id=task.source_id, started_at=at, finished_at=at, **given
    )


def spec(key: str, url: str = "", **options: Any) -> SourceSpec:
    """A configured source."""
    return SourceSpec(key, SourceOptions(url=url or f"http://{key}.example/feed", **options))


def snapshot(number: int = 1, **values: Any) -> Snapshot:
    """Where a body lies."""
    given = {
        "url": "http://a.example/1",
        "fetched_at": NOW,
        "digest": f"sha256:{number}",
        "offset": number * 100,
    } | values
    return Snapshot(status=200, file="a.warc.gz", length=99, **given)


FAILED = Failure("timeout", "no answer within 30 s", None)


@dataclass(frozen=True)
class Made:
    """The factories, for tests."""

    body: Callable[..., str] = body
    draft: Callable[..., Draft] = draft
    capture: Callable[..., Capture] = capture
    line: Callable[..., KeyedSighting] = line
    source_visit: Callable[..., SourceVisit] = source_visit
    page_visit: Callable[..., PageVisit] = page_visit
    spec: Callable[..., SourceSpec] = spec
    snapshot: Callable[..., Snapshot] = snapshot
    now: datetime = NOW
    hour: timedelta = HOUR
    failure: Failure = FAILED


@dataclass
class World:
    """An archive that is written and read."""

    url: str
    store: SqlStore
    archive: Archive

    def visit(self, *lines: KeyedSighting, **values: Any) -> Counts:
        """Record a visit to source 1 (unless said otherwise)."""
        return asyncio.run(self.store.record_source(source_visit(lines, **values)))

    def page(self, task: PageTask, **values: Any) -> Counts:
        """Record a visit to a page."""
        return asyncio.run(self.store.record_page(page_visit(task, **values)))

    def put(self, key: str, made: Draft, at: datetime = NOW, **values: Any) -> int:
        """Record *made* as shown by a list at *key*; the article's number."""
        one = line(key, captured=capture(key, made, at), digest=str(at))
        return self.visit(one, at=at, **values).appearance_ids[0]


@pytest.fixture(scope="session")
def made() -> Made:
    """The factories."""
    return Made()


@pytest.fixture(scope="session")
def empty_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with the sources a and b and nothing else; to be copied."""
    file = tmp_path_factory.mktemp("empty") / "a.sqlite"
    store = open_store(f"sqlite:///{file}")
    store.register([spec("a"), spec("b")], NOW)
    store.close()
    return file


@pytest.fixture(params=["sqlite"])
def url(tmp_path: Path, empty_archive: Path) -> str:
    """The address of a fresh archive with the sources a (1) and b (2), on each kind of database."""
    file = tmp_path / "a.sqlite"
    file.write_bytes(empty_archive.read_bytes())
    return f"sqlite:///{file}"


@pytest.fixture
def world(url: str) -> Iterator[World]:
    """A fresh archive, open."""
    with opened(url) as one:
        yield one


@pytest.fixture(scope="module")
def read_only_world(
    tmp_path_factory: pytest.TempPathFactory, empty_archive: Path
) -> Iterator[World]:
    """An archive that the tests of a module share: filled once, then only read."""
    file = tmp_path_factory.mktemp("shared") / "a.sqlite"
    file.write_bytes(empty_archive.read_bytes())
    with opened(f"sqlite:///{file}") as one:
        yield one


@contextmanager
def opened(url: str) -> Iterator[World]:
    """The archive at *url*, written and read."""
    store = open_store(url)
    archive = open_archive(url)
    try:
        yield World(url, store, archive)
    finally:
        archive.close()
        store.close()
