"""SIGKILL in the middle of a sync, again and again: nothing acknowledged is lost, nothing doubled."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.model import Snapshot
from aggregator.vault import WarcVault

from flow_site import FakeClock, Site, feed, item, page, paragraphs
from system_program import PAUSE, Service, invoke, until, write_config

FEEDS, ITEMS, PAGES, KILLS = 8, 30, 40, 12
SEED = 20261103


def body(topic: str) -> str:
    return "".join(f"<p>{p}</p>" for p in paragraphs(topic, 4))


def publish(site: Site, items: int) -> None:
    """Every feed shows its first *items* entries."""
    for number in range(FEEDS):
        entries = [
            item(
                f"http://f{number}.example/{n}.html", f"简讯{number}之{n}", body(f"甲{number}乙{n}")
            )
            for n in range(items)
        ]
        site.put(f"/{number}.xml", feed(*entries))


def open_site(site: Site) -> dict[str, str]:
    """A list of pages beside the feeds; the sources as tables of config.toml."""
    rows = ""
    for n in range(PAGES):
        site.put(f"/a/{n}.html", page(f"石桥村第{n}次走访", paragraphs(f"丙{n}丁", 4)))
        rows += f"<li><a href='/a/{n}.html'>石桥村第{n}次走访</a><span>2026-11-03</span></li>"
    site.put("/l.html", f"<html><body><ul class='list'>{rows}</ul></body></html>")
    tables = {f"feed{n}": f'url = "{site.url}/{n}.xml"' for n in range(FEEDS)}
    by_selector = 'kind = "list"\nlist = { item = "ul.list li", link = "a", date = "span" }'
    return tables | {"pages": f'url = "{site.url}/l.html"\n{by_selector}'}


@contextlib.contextmanager
def reading(folder: Path) -> Iterator[sqlite3.Connection]:
    base = sqlite3.connect(f"file:{folder}/archive/a.sqlite?mode=ro", uri=True)
    try:
        yield base
    finally:
        base.close()


def committed(folder: Path) -> set[tuple[object, ...]]:
    """What any reader of the archive may have seen: each article with its ids and its text."""
    query = (
        "SELECT a.id, a.key, a.title, w.entry_id, r.number, r.content FROM appearance a "
        "JOIN work w ON w.id = a.work_id JOIN revision r ON r.appearance_id = a.id"
    )
    try:
        with reading(folder) as base:
            return set(base.execute(query))
    except sqlite3.OperationalError as error:
        # No file, or no tables yet, when the first kill comes early.
        if not any(sign in str(error) for sign in ("unable to open", "no such table")):
            raise
        return set()


def wait(seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, PAUSE))


def children(pid: int) -> set[int]:
    """The processes below *pid*."""
    file = Path(f"/proc/{pid}/task/{pid}/children")
    found = {int(word) for word in file.read_text().split()} if file.exists() else set()
    return found.union(*(children(child) for child in found))


def is_ours(pid: int) -> bool:
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return status != "Z" and b"aggregator" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def kill_midway(site: Site, folder: Path, dice: random.Random) -> set[int]:
    """Start a sync and kill it some milliseconds after some request; the workers it had."""
    goal = len(site.requests) + dice.randint(1, 14)
    with Service(["sync"], folder) as sync:
        until(lambda: len(site.requests) >= goal or sync.process.poll() is not None, sync.said)
        wait(dice.uniform(0.0, 0.15))
        workers = children(sync.process.pid)
        before = committed(folder)
        sync.process.kill()
    assert before <= committed(folder)
    return workers


@pytest.mark.slow
def test_twelve_kills_lose_and_double_nothing(site: Site, tmp_path: Path) -> None:
    write_config(tmp_path, open_site(site))
    dice = random.Random(SEED)
    seen: set[tuple[object, ...]] = set()
    workers: set[int] = set()
    for kill in range(KILLS):
        publish(site, 2 + 2 * kill)
        workers |= kill_midway(site, tmp_path, dice)
        now = committed(tmp_path)
        assert seen <= now
        seen = now
    publish(site, ITEMS)
    invoke("sync", cwd=tmp_path)
    assert 0 < len(seen) < FEEDS * ITEMS + PAGES  # the kills came in the middle
    assert seen <= committed(tmp_path)
    check_archive(tmp_path)
    check_vault(tmp_path)
    until(
        lambda: not any(map(is_ours, workers)), lambda: f"workers outlive their service: {workers}"
    )


def check_archive(folder: Path) -> None:
    expected = {f"简讯{f}之{n}" for f in range(FEEDS) for n in range(ITEMS)}
    expected |= {f"石桥村第{n}次走访" for n in range(PAGES)}
    with reading(folder) as base:
        assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert base.execute("PRAGMA foreign_key_check").fetchall() == []
        titles = [title for (title,) in base.execute("SELECT title FROM appearance")]
        assert sorted(titles) == sorted(expected)
        for table in ("work", "revision", "change"):
            assert base.execute(f"SELECT count(*) FROM {table}").fetchone() == (len(expected),)
        unread = "SELECT count(*) FROM page WHERE appearance_id IS NULL"
        assert base.execute(unread).fetchone() == (0,)
    found = invoke("search", "清点", "--json", "--limit", "1000", cwd=folder).json
    assert len(found["rows"]) == len(expected)


def check_vault(folder: Path) -> None:
    names = "url, fetched_at, status, digest, file, offset, length, content_type, revisit"
    with reading(folder) as base:
        rows = base.execute(f"SELECT {names} FROM snapshot").fetchall()
    vault = WarcVault(folder / "archive" / "warc", 10**9, FakeClock())
    for url, at, *rest, revisit in rows:
        kept = Snapshot(url, datetime.fromtimestamp(at / 1000, UTC), *rest, bool(revisit))
        assert vault.read(kept).body  # raises when its digest is not that of the row
    vault.close()
    assert len(rows) > PAGES + FEEDS
