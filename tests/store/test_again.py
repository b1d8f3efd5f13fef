"""A stored page read again with better rules: the reading is replaced, nothing else has happened."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest


@pytest.fixture
def page(world, made):
    """An article from a page in two revisions, and one from a list."""
    world.visit(made.line("x.example/1"))
    (task,) = world.store.due_pages("x.example", made.now, 1)
    for n, topic in enumerate(("粮仓", "水库")):
        at = made.now + n * made.hour
        kept = made.snapshot(n + 1, url=f"http://x.example/{n}")
        captured = made.capture("x.example/1", made.draft(made.body(topic)), at, kept)
        world.page(task, at=at, capture=captured, snapshots=(kept,))
    world.put("a.example/2", made.draft(made.body("渡口")), snapshot=made.snapshot(9))
    return task


def read_again(world, made, reading, **changes):
    """Record *reading* with a changed draft."""
    draft = replace(reading.draft, extractor=7, **changes)
    captured = made.capture(reading.key, draft, made.now + 9 * made.hour)
    return asyncio.run(world.store.record_reading(captured, reading.number))


def test_what_was_read_from_pages_can_be_read_again(world, made, page):
    found = world.archive.readings()
    assert [(r.article_id, r.number, r.key) for r in found] == [
        (1, 1, "x.example/1"), (1, 2, "x.example/1"),
    ]  # fmt: skip
    assert found[0].snapshot == made.snapshot(1, url="http://x.example/0")
    assert found[0].draft.text == made.body("粮仓")
    assert (found[0].sighting, found[0].options) == (page.sighting, page.options)
    assert world.archive.readings(after=(1, 1)) == found[1:]
    assert world.archive.readings(limit=1) == found[:1]


def test_a_better_reading_makes_no_revision(world, made, page):
    entry = world.archive.entries()[-1]
    before = world.archive.article(1)
    seq, _ = world.archive.feed_state()
    reading = world.archive.readings()[1]
    assert read_again(world, made, reading, text=made.body("码头"), html="<p>码头</p>")
    after = world.archive.article(1)
    assert after.draft.text == made.body("码头")
    assert [r.number for r in after.revisions] == [1, 2]
    assert (after.row.last_seen_at, after.row.url) == (before.row.last_seen_at, before.row.url)
    assert after.revisions[1].snapshot == before.revisions[1].snapshot
    assert after.revisions[1].extractor == 7
    (again,) = (e for e in world.archive.entries() if e.id == entry.id)
    assert (again.updated, again.html) == (entry.updated, "<p>码头</p>")
    assert world.archive.changes(since=seq)[0].kind == "reread"
    assert [r.article.id for r in world.archive.search("码头").rows] == [1]
    assert world.archive.search("水库").rows == ()


def test_later_visits_are_compared_with_the_new_reading(world, made, page):
    reading = world.archive.readings()[1]
    read_again(world, made, reading, text=made.body("码头"))
    counts = world.page(page, capture=made.capture("x.example/1", made.draft(made.body("码头"))))
    assert (counts.unchanged, counts.revised) == (1, 0)
    copy = world.put("b.example/5", made.draft(made.body("码头")), source_id=2)
    assert world.archive.article(copy).row.work_id == 1
    other = world.put("b.example/6", made.draft(made.body("水库")), source_id=2)
    assert world.archive.article(other).row.work_id != 1


def test_an_equal_reading_changes_nothing(world, made, page):
    state = world.archive.feed_state()
    reading = world.archive.readings()[1]
    same = made.capture(reading.key, reading.draft)
    assert not asyncio.run(world.store.record_reading(same, 2))
    assert not asyncio.run(world.store.record_reading(same, 5))
    unknown = replace(same, key="nobody")
    assert not asyncio.run(world.store.record_reading(unknown, 1))
    assert world.archive.feed_state() == state


def test_an_older_revision_is_read_again_without_touching_the_newest(world, made, page):
    reading = world.archive.readings()[0]
    assert read_again(world, made, reading, text=made.body("码头"))
    assert world.archive.revision(1, 1).text == made.body("码头")
    assert world.archive.article(1).draft.text == made.body("水库")
    assert world.archive.search("码头").rows == ()


def test_the_snapshot_of_a_further_page_is_the_nearest_in_time(world, made):
    kept = [
        made.snapshot(n, url="http://x.example/1_2", fetched_at=made.now + n * made.hour)
        for n in range(1, 4)
    ]
    for one in kept:
        world.visit(snapshot=one)
    found = world.archive.snapshot("http://x.example/1_2", made.now + 2.2 * made.hour)
    assert found == kept[1]
    assert world.archive.snapshot("http://x.example/none", made.now) is None
