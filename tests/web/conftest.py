"""An archive filled through the store, the application on it, and a client without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from aggregator.config import Settings, SourceOptions, SourceSpec, WebSettings
from aggregator.dedup import fingerprint
from aggregator.errors import Failure
from aggregator.fulltext import tokens
from aggregator.model import (
    Attachment,
    Capture,
    Draft,
    Field,
    Image,
    Moment,
    Person,
    Precision,
    Sighting,
    State,
)
from aggregator.ports import KeyedSighting, PageTask, PageVisit, SourceVisit
from aggregator.store import Archive, SqlStore, open_archive, open_store
from aggregator.web.app import create_app

NOW = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOSTILE = '甲<script>alert(1)</script>\u202e乙 & "丙"'


def draft(text: str, title: str = "青禾镇清点图书三千册", **fields: Any) -> Draft:
    """A draft of *text*, a paragraph a line."""
    published = fields.pop("published", NOW - 5 * HOUR)
    moment = Moment("2026-11-03 11:00", published, Precision.MINUTE)
    given: dict[str, Any] = {
        "url": "http://a.example/1",
        "title": Field(title, "generic:h1", "div.show h1", title),
        "authors": Field((Person("石桥", "作者"), Person("林下", "记者")), "byline"),
        "source": Field("青禾先锋", "label:来源", "p.info", "来源：青禾先锋"),
        "published": Field(moment, "label:时间", "p.info", moment.text, 0.9),
        "editors": Field((Person("田野", "责任编辑"),), "tail"),
        "html": "".join(f"<p>　　{escape(line)}</p>" for line in text.split("\n")),
        "text": text,
        "encoding": "gb18030 (declared gb2312)",
        "rules": "",
    }
    return Draft(**given | fields)


@dataclass
class World:
    """An archive that is written and read, and the application on it."""

    store: SqlStore
    archive: Archive
    settings: Settings
    app: FastAPI

    def put(self, key: str, made: Draft, at: datetime = NOW, source_id: int = 1) -> int:
        """Record *made* as shown by a source at the address *key*; the article's number."""
        captured = capture(key, made, at)
        said = Sighting(f"http://{key}", title=made.title.value if made.title else "")
        line = KeyedSighting(key, key.partition("/")[0], str(at), said, False, captured)
        visit = source_visit(source_id, at, sightings=(line,), listed_keys=(key,), items=1)
        return asyncio.run(self.store.record_source(visit)).appearance_ids[0]

    def fail(self, source_id: int, message: str) -> None:
        """Record a visit that failed."""
        failure = Failure("timeout", message)
        visit = source_visit(source_id, NOW, outcome="failed", failure=failure)
        asyncio.run(self.store.record_source(visit))

    def put_page(
        self, key: str, made: Draft, at: datetime, source_id: int = 2
    ) -> tuple[PageTask, int]:
        """Record *made* as found by visiting a page that a list named; its task and number."""
        host = key.partition("/")[0]
        line = KeyedSighting(key, host, "said", Sighting(f"http://{key}"), True)
        listed = source_visit(source_id, at, sightings=(line,), listed_keys=(key,), items=1)
        asyncio.run(self.store.record_source(listed))
        task = next(t for t in self.store.due_pages(host, at + HOUR, 50) if t.key == key)
        captured = capture(key, made, at)
        return task, self.visit_page(task, at, outcome="ok", status=200, capture=captured)

    def lose_page(self, key: str, title: str, failure: Failure, **values: Any) -> None:
        """Record that the page *key*, listed with *title* by source 2, could not be fetched."""
        host = key.partition("/")[0]
        line = KeyedSighting(key, host, "said", Sighting(f"http://{key}", title=title), True)
        listed = source_visit(2, NOW, sightings=(line,), listed_keys=(key,), items=1)
        asyncio.run(self.store.record_source(listed))
        task = next(t for t in self.store.due_pages(host, NOW + HOUR, 50) if t.key == key)
        given = {"outcome": "failed", "failure": failure, "next_visit_at": None} | values
        visit = PageVisit(task.id, task.source_id, NOW, NOW, **given)
        asyncio.run(self.store.record_page(visit))

    def visit_page(self, task: PageTask, at: datetime, **values: Any) -> int:
        """Record a visit to a page; the article's number."""
        visit = PageVisit(task.id, task.source_id, at, at, next_visit_at=None, **values)
        counts = asyncio.run(self.store.record_page(visit))
        return counts.appearance_ids[0] if counts.appearance_ids else 0


def capture(key: str, made: Draft, at: datetime) -> Capture:
    made = replace(made, url=f"http://{key}")
    return Capture(key, made.url, at, made, fingerprint(made), tokens(made))


def source_visit(source_id: int, at: datetime, **values: Any) -> SourceVisit:
    given: dict[str, Any] = {
        "outcome": "ok", "next_visit_at": at + HOUR, "interval": 3600.0, "status": 200,
    }  # fmt: skip
    return SourceVisit(source_id=source_id, started_at=at, finished_at=at, **given | values)


TEXT = (
    "青禾镇文化站用两天清点图书，共登记3000册，其中新到的有120册。\n"
    "清点按类别进行，文学、农技、少儿三类各设一个小组，每组四人。\n"
    "站长说，登记完的图书从下周起可以外借，每人一次最多借3册。\n"
    "第一批借书证已经做好，共制作256张，发到六个村的阅览室。\n"
    "阅览室每天开放六小时，周末延长到八小时，由村民轮流值班。\n"
    "清点中发现破损的图书41册，将送到县里修补，月底送回。"
)


def _fill(world: World) -> dict[str, int]:
    """One article of each kind that pages tell apart; their numbers by name."""
    ids = {"first": world.put("a.example/1", draft(TEXT), NOW - 4 * HOUR)}
    corrected = draft(TEXT.replace("3000册", "3200册").replace("41册", "52册"))
    world.put("a.example/1", corrected, NOW - 2 * HOUR)
    ids["copy"] = world.put(
        "b.example/转载/1",
        draft(TEXT, "三千册图书完成清点", published=NOW - 3 * HOUR),
        NOW - 3 * HOUR,
        2,
    )
    ids["hostile"] = world.put("a.example/2", draft("另一篇的正文。", HOSTILE), NOW - HOUR)
    ids["rich"] = world.put("a.example/3", rich_draft(), NOW)
    canal = draft("河口村修好水渠三里，沿渠栽树四百棵。", "河口村水渠通水")
    task, ids["gone"] = world.put_page("b.example/9", canal, NOW - HOUR)
    world.visit_page(task, NOW, outcome="gone", status=404, state=State.GONE, missed=3)
    world.lose_page(
        "b.example/lost", HOSTILE, Failure("http-404", "http://x/: 404", 404), status=404
    )
    empty = Failure("empty", "<b>no text</b>", 200)
    world.lose_page("b.example/later", "", empty, outcome="empty", next_visit_at=NOW + HOUR)
    world.fail(3, "the server did not answer within 30 s")
    for number in range(40):
        text = f"第{number}号通讯员记下今年的第{number}场雨，雨量{number * 3}毫米。"
        made = draft(text, f"雨量记录第{number}期", published=NOW - timedelta(days=number + 1))
        ids[f"rain{number}"] = world.put(f"a.example/rain/{number}", made, NOW)
    return ids


def rich_draft() -> Draft:
    """A draft with a picture, a table, an attachment and every kind of title."""
    html = (
        '<h1>小标题</h1><p>　　见图：</p><p><img src="http://pic.example/一.jpg?a=1&amp;b=2" alt="清点 &quot;现场&quot;"></p>'
        '<p><a href="http://a.example/x"><img src="http://pic.example/2.jpg" alt=""></a></p>'
        "<table><tbody><tr><th>村</th><th>册数</th></tr><tr><td>河口</td><td>812</td></tr></tbody></table>"
        "<blockquote><p>读书的人多了。</p></blockquote>"
    )
    return draft(
        "见图：\n村\t册数\n河口\t812\n读书的人多了。",
        "各村阅览室藏书一览",
        html=html,
        overline=Field("农家书屋", "rule"),
        subtitle=Field("——六个村的数字", "rule"),
        images=(
            Image("http://pic.example/一.jpg?a=1&b=2"), Image("http://pic.example/3.jpg", "封面"),
        ),
        attachments=(Attachment("http://a.example/附件.xls", "各村数字"),),
        missing_pages=("http://a.example/3_2.html",),
    )  # fmt: skip


@dataclass
class Client:
    """Asks the application as a browser would; one event loop a request."""

    app: FastAPI
    base: str = "http://127.0.0.1:8000"

    def __call__(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url=self.base) as client:
                named = {name.replace("_", "-"): value for name, value in headers.items()}
                return await client.request(method, path, headers=named)

        return asyncio.run(ask())


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., World]]:
    """Opens a fresh archive with four sources and the application on it."""
    opened: list[World] = []

    def make(**web: Any) -> World:
        folder: Path = tmp_path_factory.mktemp("web")
        url = f"sqlite:///{folder}/a.sqlite"
        store = open_store(url)
        specs = [
            SourceSpec("a", SourceOptions(url="http://a.example/feed.xml", name="青禾网", column="要闻")),
            SourceSpec("b", SourceOptions(url="http://b.example/列表/", name="河口网", kind="list")),
            SourceSpec("c", SourceOptions(url="http://c.example/feed.xml", name="远山网")),
            SourceSpec("d", SourceOptions(url="http://d.example/feed.xml", enabled=False)),
        ]  # fmt: skip
        store.register(specs, NOW)
        settings = Settings(web=WebSettings(**web))
        archive = open_archive(url)
        world = World(store, archive, settings, create_app(archive, settings))
        opened.append(world)
        return world

    yield make
    for world in opened:
        world.archive.close()
        world.store.close()


@dataclass
class Filled:
    """The filled archive, shared by all tests that only read."""

    world: World
    ids: dict[str, int]
    ask: Client


@pytest.fixture(scope="session")
def filled(build: Callable[..., World]) -> Filled:
    world = build()
    return Filled(world, _fill(world), Client(world.app))


@pytest.fixture(scope="session")
def client() -> Callable[[FastAPI], Client]:
    return Client


@pytest.fixture(scope="session")
def article() -> Callable[..., Draft]:
    """Makes a draft of a text."""
    return draft
