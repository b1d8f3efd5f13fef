"""The whole line against the demo web: real fetcher, parser processes, archive; only time is ours."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest

from aggregator.app import open_parts, open_reading
from aggregator.demo import DemoWeb, demo_settings
from aggregator.demo.article import as_of
from aggregator.demo.world import World
from aggregator.model import Relation, State
from aggregator.store.query import Archive, ArticleFilter, ArticleRow, ArticleView
from aggregator.work.sync import sync_once

START = datetime.fromisoformat("2026-11-03T09:30:05+08:00")
# The reposts and the correction come before 100; two looks at the withdrawal; the retry after a 500.
ROUNDS = (0.0, 100.0, 115.0, 450.0)


class StoryClock:
    """The demo's own time, for the service."""

    def __init__(self, web: DemoWeb) -> None:
        self._web = web

    def now(self) -> datetime:
        return self._web.now()


async def read_all(folder: Path) -> tuple[World, Archive]:
    """Sync the demo at each of ROUNDS."""
    second = [0.0]
    web = DemoWeb(START, ran=0.0, clock=lambda: second[0])
    await web.start()
    try:
        settings = demo_settings(web, folder)
        for t in ROUNDS:
            second[0] = t
            async with open_parts(settings, StoryClock(web)) as parts:
                states = parts.store.source_states(())
                await sync_once(parts, states, lambda outcome: None, asyncio.Event(), 8)
        return web.world, open_reading(settings)
    finally:
        await web.stop()


def find_one(archive: Archive, words: str) -> ArticleView:
    found = archive.articles(ArticleFilter(text=words), limit=1)
    view = archive.article(found.rows[0].id)
    assert view is not None
    return view


@pytest.mark.slow
def test_the_archive_holds_the_truth_of_the_demo(tmp_path: Path) -> None:
    world, archive = asyncio.run(read_all(tmp_path))
    try:
        check_articles(world, archive)
        check_reposts(archive)
        check_correction(archive)
        check_withdrawal(archive)
        check_pages(world, archive)
    finally:
        archive.close()


def check_articles(world: World, archive: Archive) -> None:
    rows: dict[str, ArticleRow] = {row.url: row for row in archive.articles(limit=1000).rows}
    meant = {
        world.url(shown): shown
        for article in world.articles
        if (shown := as_of(article, 450.0) or as_of(article, 0.0)) is not None
        if shown.fault is None or shown.fault.kind == "error"
    }
    assert rows.keys() == meant.keys()
    for url, article in meant.items():
        row = rows[url]
        assert row.title == article.title
        assert row.published_at == article.published
        assert row.site == world.origins[article.site].removeprefix("http://")
    revised = [row.title for row in rows.values() if row.number > 1]
    assert revised == ["青禾市基层党员轮训覆盖9654人次"]


def check_reposts(archive: Archive) -> None:
    view = find_one(archive, "履职清单 退了休的法庭庭长")
    all_of_it = [view.row, *view.appearances]
    assert len(all_of_it) == 3
    assert len({row.site for row in all_of_it}) == len({row.title for row in all_of_it}) == 3
    assert [row.relation for row in all_of_it].count(Relation.ORIGINAL) == 1
    works = {row.work_id for row in archive.articles(limit=1000).rows}
    assert len(works) == len(archive.articles(limit=1000).rows) - 2


def check_correction(archive: Archive) -> None:
    view = find_one(archive, "9654人次")
    texts = [archive.revision(view.row.id, number) for number in (1, 2)]
    before, after = (draft.text for draft in texts if draft is not None)
    assert "9645人次" in before
    assert before.replace("9645人次", "9654人次") == after


def check_withdrawal(archive: Archive) -> None:
    view = find_one(archive, "望禾区老码头")
    assert view.row.state is State.GONE
    assert "别拆" in view.draft.text


def check_pages(world: World, archive: Archive) -> None:
    paged = [article for article in world.articles if article.pages > 1]
    for article in paged:
        view = find_one(archive, article.title)
        assert view.draft.missing_pages == ()
        assert all(paragraph in view.draft.text for paragraph in article.paragraphs)
    assert len(paged) == 2
