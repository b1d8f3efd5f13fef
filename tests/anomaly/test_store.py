"""Make the n-th thing that the archive does fail, for n = 1, 2, 3 … until none fails any more.

Whatever fails, and whether once or from then on for ever, no half-applied visit may be left, and the
same visit afterwards must come out as if nothing had happened.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from aggregator.config import SourceOptions, SourceSpec
from aggregator.dedup import fingerprint
from aggregator.fulltext import tokens
from aggregator.model import Capture, Draft, Field, Moment, Precision, Sighting, Snapshot
from aggregator.ports import KeyedSighting, PageVisit, SourceVisit
from aggregator.store import SqlStore, open_store

NOW = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)


class BrokenError(Exception):
    """The failure that a test asked for."""


@dataclass
class Effects:
    """Counts what the writer thread does; the chosen ones fail."""

    fail_at: int = 0
    for_ever: bool = False
    done: int = 0
    failed: int = 0

    def one(self) -> None:
        self.done += 1
        if self.fail_at and (
            self.done == self.fail_at or (self.for_ever and self.done > self.fail_at)
        ):
            self.failed += 1
            raise BrokenError(f"effect {self.done}")


@dataclass
class Vault:
    """The part of a vault that the writer calls."""

    effects: Effects = field(default_factory=Effects)

    def sync(self) -> None:
        self.effects.one()


@contextmanager
def breaking(vault: Vault, effects: Effects) -> Iterator[None]:
    """Statements, commits and the vault's sync of the writer thread go through *effects*."""

    def statement(*_: object) -> None:
        if threading.current_thread().name == "archive-writer":
            effects.one()

    hooks = [(Engine, "before_cursor_execute"), (Engine, "commit")]
    vault.effects = effects
    for target, name in hooks:
        event.listen(target, name, statement)
    try:
        yield
    finally:
        vault.effects = Effects()
        for target, name in hooks:
            event.remove(target, name, statement)


# ---------------------------------------------------------------- what happens


def text(topic: str) -> str:
    return "\n".join(
        f"{topic}第{n}小组清点登记了{n * 13}件物品，由{topic}值班人员第{n}次核对编号。"
        for n in range(8)
    )


def capture(key: str, body: str, at: datetime = NOW, title: str = "清点") -> Capture:
    moment = Moment("x", NOW - timedelta(hours=1), Precision.MINUTE)
    draft = Draft(
        f"http://{key}", Field(title, "h1"), published=Field(moment, "m"), text=body, html=body
    )
    return Capture(key, f"http://{key}", at, draft, fingerprint(draft), tokens(draft))


def line(key: str, captured: Capture | None = None, digest: str = "1") -> KeyedSighting:
    said = Sighting(f"http://{key}", title=key)
    return KeyedSighting(key, key.partition("/")[0], digest, said, captured is None, captured)


def snapshot(offset: int) -> Snapshot:
    return Snapshot("http://a/", NOW, 200, f"sha256:{offset}", "a.warc.gz", offset, 9)


def source_visit(*lines: KeyedSighting, etag: str, at: datetime = NOW) -> SourceVisit:
    return SourceVisit(
        1, at, at, "ok", at, 60.0, etag=etag, snapshot=snapshot(int(at.timestamp())),
        sightings=lines, listed_keys=tuple(one.key for one in lines), items=len(lines),
    )  # fmt: skip


LATER = NOW + timedelta(hours=1)
FIRST = source_visit(
    line("a/1", capture("a/1", text("粮仓"))),
    line("a/2", capture("a/2", text("水库"))),
    line("x/7"),
    etag="first",
)
# An unchanged, a revised, a linked and a new article, and a page to be queued.
SECOND = source_visit(
    line("a/1", capture("a/1", text("粮仓"), LATER), "2"),
    line("a/2", capture("a/2", text("水库").replace("13件", "31件"), LATER, "改题"), "2"),
    line("a/3", capture("a/3", text("粮仓"), LATER)),
    line("a/4", capture("a/4", text("渡口"), LATER)),
    line("x/8"),
    etag="second",
    at=LATER,
)
PAGE = PageVisit(
    1, 1, LATER, LATER, "ok", LATER, 200, etag="page", snapshots=(snapshot(5),),
    capture=capture("x/7", text("码头"), LATER),
)  # fmt: skip
GONE = PageVisit(1, 1, LATER, LATER, "gone", LATER, 404, missed=2, state="gone")


async def second(store: SqlStore) -> None:
    await store.record_source(SECOND)


async def page(store: SqlStore) -> None:
    await store.record_page(PAGE)


async def gone(store: SqlStore) -> None:
    await store.record_page(GONE)


async def together(store: SqlStore) -> None:
    await asyncio.gather(store.record_source(SECOND), store.record_page(PAGE))


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with two articles and a page."""
    file = tmp_path_factory.mktemp("before") / "a.sqlite"
    store = open_store(f"sqlite:///{file}")
    store.register([SourceSpec("a", SourceOptions("http://a/feed"))], NOW)
    asyncio.run(store.record_source(FIRST))
    asyncio.run(store.record_page(PAGE))
    store.close()
    return file


# ---------------------------------------------------------------- what must hold

_DUMPED = (
    "source", "page", "sighting", "snapshot", "appearance", "revision", "anchor", "change",
    "article_text", "visit", "meta", "stop_clause",
)  # fmt: skip


def dump(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that the archive holds, but for the works' random names."""
    raw = sqlite3.connect(file)
    found = {name: sorted(map(repr, raw.execute(f"SELECT * FROM {name}"))) for name in _DUMPED}
    found["work"] = raw.execute(
        "SELECT id, feed_key, title, updated_at FROM work ORDER BY id"
    ).fetchall()
    found["words"] = sorted(
        (
            word,
            raw.execute(
                "SELECT rowid FROM article_fts WHERE article_fts MATCH ?", (word,)
            ).fetchall(),
        )
        for word in ("粮仓", "水库", "渡口", "码头", "改题", "清点")
    )
    raw.execute("INSERT INTO article_fts(article_fts) VALUES ('integrity-check')")
    raw.close()
    return found


@pytest.mark.parametrize("for_ever", [False, True], ids=["once", "for-ever"])
@pytest.mark.parametrize("happening", [second, page, gone])
def test_a_visit_is_applied_whole_or_not_at_all(before, tmp_path, happening, for_ever):
    """One store goes through all the failures, so that none may disturb what comes after it."""
    expected = dump(_run(before, tmp_path / "good.sqlite", happening))
    file = tmp_path / "a.sqlite"
    file.write_bytes(before.read_bytes())
    untouched = dump(file)
    assert expected != untouched
    vault = Vault()
    store = open_store(f"sqlite:///{file}", vault=vault)  # type: ignore[arg-type]  # only sync is called
    try:
        for n in range(1, 200):
            effects = Effects(n, for_ever)
            _broken(store, vault, happening, effects)
            if not effects.failed:
                break
            assert dump(file) == untouched, f"effect {n} of {happening.__name__} left something"
    finally:
        store.close()
    assert 5 < n < 199
    assert dump(file) == expected


@pytest.mark.slow
@pytest.mark.parametrize("for_ever", [False, True], ids=["once", "for-ever"])
def test_visits_of_one_transaction_are_each_applied_whole_or_not_at_all(before, tmp_path, for_ever):
    untouched = dump(before)
    for n in range(1, 300):
        file = tmp_path / f"{n}.sqlite"
        effects = Effects(n, for_ever)
        _run(before, file, together, effects)
        if not effects.failed:
            return
        found = dump(file)
        _consistent(file)
        if for_ever:
            assert len(found["visit"]) - len(untouched["visit"]) in (0, 1)
        _again(file, together)
        _consistent(file)
    pytest.fail("it never ends")


def _run(before: Path, file: Path, happening, effects: Effects | None = None) -> Path:
    """*happening* on a copy of *before*, with a failure expected when *effects* says so."""
    file.write_bytes(before.read_bytes())
    vault = Vault()
    store = open_store(f"sqlite:///{file}", vault=vault)  # type: ignore[arg-type]  # only sync is called
    try:
        _broken(store, vault, happening, effects or Effects())
    finally:
        store.close()
    return file


def _broken(store: SqlStore, vault: Vault, happening, effects: Effects) -> None:
    """*happening*, which may fail only where *effects* made it fail."""
    with breaking(vault, effects):
        try:
            asyncio.run(happening(store))
        except BrokenError:
            assert effects.failed


def _again(file: Path, happening) -> None:
    store = open_store(f"sqlite:///{file}")
    try:
        asyncio.run(happening(store))
    finally:
        store.close()


def _consistent(file: Path) -> None:
    """Every article has its work, newest revision, text and words; every visit its effects."""
    raw = sqlite3.connect(file)
    for query in (
        "SELECT id FROM appearance WHERE work_id NOT IN (SELECT id FROM work)",
        "SELECT id FROM work WHERE id NOT IN (SELECT work_id FROM appearance)",
        "SELECT a.id FROM appearance a WHERE a.number != (SELECT max(number) FROM revision r WHERE r.appearance_id = a.id)",
        "SELECT a.id FROM appearance a WHERE a.number != (SELECT count(*) FROM revision r WHERE r.appearance_id = a.id)",
        "SELECT a.id FROM appearance a WHERE a.doc NOT IN (SELECT doc FROM article_text)",
        "SELECT doc FROM article_text WHERE doc NOT IN (SELECT doc FROM appearance)",
        "SELECT doc FROM article_text WHERE doc NOT IN (SELECT rowid FROM article_fts WHERE article_fts MATCH '清点')",
    ):
        assert raw.execute(query).fetchall() == [], query
    second_done = raw.execute("SELECT etag FROM source").fetchone() == ("second",)
    assert second_done == bool(raw.execute("SELECT 1 FROM appearance WHERE key = 'a/4'").fetchone())
    raw.close()
