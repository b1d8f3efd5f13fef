"""Article pages whose last visit failed: which are told, in what order, and until when."""

from dataclasses import replace

import pytest

from aggregator.errors import Failure

ROBOTS = Failure("robots", "robots.txt forbids it")


def fail(world, made, key, at, **values):
    host = key.partition("/")[0]
    task = next(t for t in world.store.due_pages(host, at + 99 * made.hour, 50) if t.key == key)
    world.page(task, at=at, **{"outcome": "failed", "failure": made.failure} | values)


def test_a_failed_page_is_told_until_it_is_fetched(world, made):
    world.visit(made.line("x.example/1"))
    assert world.archive.troubles() == []
    fail(world, made, "x.example/1", made.now, status=500)
    fail(world, made, "x.example/1", made.now + made.hour, status=500)
    (row,) = world.archive.troubles()
    assert (row.url, row.title, row.source) == ("http://x.example/1", "标题 x.example/1", "a")
    assert (row.code, row.message) == (made.failure.code, made.failure.message)
    assert (row.status, row.attempts) == (500, 2)
    assert (row.last_visit_at, row.next_visit_at) == (
        made.now + made.hour, made.now + 2 * made.hour,
    )  # fmt: skip
    assert world.archive.trouble_counts() == {"a": 1}
    (task,) = world.store.due_pages("x.example", made.now + 3 * made.hour, 1)
    world.page(task, capture=made.capture("x.example/1", made.draft(made.body("粮仓"))))
    assert world.archive.troubles() == []
    assert world.archive.trouble_counts() == {}


def test_newest_failure_first_of_one_source_or_all(world, made):
    world.visit(made.line("x.example/1"), made.line("x.example/2"))
    world.visit(made.line("y.example/3"), source_id=2)
    for hours, key in enumerate(["x.example/2", "y.example/3", "x.example/1"]):
        fail(world, made, key, made.now + hours * made.hour, next_visit_at=None)
    urls = [row.url[-1] for row in world.archive.troubles()]
    assert urls == ["1", "3", "2"]
    assert [row.url[-1] for row in world.archive.troubles("a")] == ["1", "2"]
    assert [row.url[-1] for row in world.archive.troubles(limit=2)] == ["1", "3"]
    assert world.archive.troubles("nobody") == []
    assert world.archive.trouble_counts() == {"a": 2, "b": 1}
    assert {row.next_visit_at for row in world.archive.troubles()} == {None}


@pytest.mark.parametrize("outcome", ["missing", "gone", "emptied", "replaced"])
def test_an_article_that_went_away_is_no_trouble(world, made, outcome):
    world.visit(made.line("x.example/1"))
    (task,) = world.store.due_pages("x.example", made.now, 1)
    world.page(task, capture=made.capture("x.example/1", made.draft(made.body("粮仓"))))
    away = {"outcome": outcome, "state": outcome, "missed": 2, "status": 404}
    fail(world, made, "x.example/1", made.now + made.hour, **away)
    assert world.archive.troubles() == []


def test_an_article_that_cannot_be_asked_again_is_a_trouble(world, made):
    world.visit(made.line("x.example/1"))
    (task,) = world.store.due_pages("x.example", made.now, 1)
    world.page(task, capture=made.capture("x.example/1", made.draft(made.body("粮仓"))))
    fail(world, made, "x.example/1", made.now + made.hour, failure=ROBOTS)
    assert [row.code for row in world.archive.troubles()] == ["robots"]


def test_a_page_without_an_article_is_told_with_its_reason(world, made):
    world.visit(made.line("x.example/1"))
    empty = replace(made.failure, code="empty", message="the page holds no text")
    fail(world, made, "x.example/1", made.now, outcome="empty", failure=empty, status=200)
    (row,) = world.archive.troubles()
    assert (row.code, row.status) == ("empty", 200)
