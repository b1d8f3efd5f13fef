"""A real site on loopback that tests change between visits, and the real parts beside it."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeVar

from aggregator.app import open_parts, open_reading
from aggregator.config import (
    ArchiveSettings,
    FetchSettings,
    ScheduleSettings,
    Settings,
    SourceOptions,
    SourceSpec,
)
from aggregator.store.query import Archive
from aggregator.work.sync import sync_once
from aggregator.work.visit import Outcome, Parts

T = TypeVar("T")


class Site:
    """Serves ``pages``: path -> (status, headers, body); counts requests with their validators."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                status, headers, body = site.pages.get(self.path, (404, {}, b"not here"))
                tag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
                if status == 200 and self.headers.get("If-None-Match") == tag:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in {"ETag": tag, **headers}.items():
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def put(
        self,
        path: str,
        body: str | bytes,
        status: int = 200,
        encoding: str = "utf-8",
        **headers: str,
    ) -> str:
        """Serve *body* at *path* from now on; returns the address."""
        raw = body if isinstance(body, bytes) else body.encode(encoding)
        fields = {"Content-Type": "text/html"} | {
            k.replace("_", "-").title(): v for k, v in headers.items()
        }
        self.pages[path] = (status, fields, raw)
        return self.url + path

    def asked(self, path: str) -> list[dict[str, str]]:
        """The headers of all requests for *path*."""
        return [headers for asked, headers in self.requests if asked == path]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@dataclass
class FakeClock:
    """A clock that stands still until a test moves it."""

    instant: datetime = datetime(2026, 11, 3, 8, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def forward(self, **length: float) -> None:
        self.instant += timedelta(**length)


@dataclass
class World:
    """A site, an archive in a folder, and a clock."""

    site: Site
    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    sources: list[SourceSpec] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    rules_files: tuple[str, ...] = ()

    @property
    def settings(self) -> Settings:
        return Settings(
            file=str(self.folder / "config.toml"),
            archive=ArchiveSettings(
                url=f"sqlite:///{self.folder}/a.sqlite", vault=str(self.folder / "warc")
            ),
            fetch=FetchSettings(allow_private=("127.0.0.1",), delay=0.0, robots=False, timeout=5.0),
            schedule=ScheduleSettings(recheck=((10.0**9, 60.0),)),
            workers=1,
            rules_files=self.rules_files,
            sources=tuple(self.sources),
        )

    def add(self, key: str, url: str, **options: object) -> None:
        """Configure a source."""
        self.sources.append(SourceSpec(key, SourceOptions(url=url, name=key, **options)))  # type: ignore[arg-type]

    def sync(self) -> list[Outcome]:
        """Visit all sources once and then every page that is due; the outcomes of this round."""

        async def work(parts: Parts) -> list[Outcome]:
            found: list[Outcome] = []
            states = parts.store.source_states()
            await sync_once(parts, states, found.append, asyncio.Event(), 8)
            return found

        self.outcomes = self.run(work)
        return self.outcomes

    def run(self, work: Callable[[Parts], Awaitable[T]]) -> T:
        """*work* with open parts on this world's clock."""

        async def inside() -> T:
            async with open_parts(self.settings, self.clock) as parts:
                return await work(parts)

        return asyncio.run(inside())

    def read(self, look: Callable[[Archive], T]) -> T:
        """What *look* sees in the archive."""
        archive = open_reading(self.settings)
        try:
            return look(archive)
        finally:
            archive.close()


def feed(*items: str) -> str:
    """An RSS feed of *items*."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>青禾先锋</title>'
        f"<link>http://a.example/</link><description>d</description>{''.join(items)}</channel></rss>"
    )


def item(url: str, title: str, body: str = "", date: str = "Tue, 03 Nov 2026 07:00:00 GMT") -> str:
    """One RSS item, with its full text when *body* is given."""
    full = f"<content:encoded><![CDATA[{body}]]></content:encoded>" if body else ""
    return f"<item><title>{title}</title><link>{url}</link><guid>{url}</guid><pubDate>{date}</pubDate>{full}</item>"


def paragraphs(topic: str, count: int = 8) -> list[str]:
    """Paragraphs of an invented article about *topic*; two topics share no clause."""
    return [
        f"{topic}第{n}小组清点登记了{n * 13 + 7}件物品，由{topic}值班人员逐件核对编号。"
        f"整理后的{topic}清单在村口张贴{n + 3}天，群众可以到{topic}服务台查阅第{n}册原件。"
        for n in range(1, count + 1)
    ]


def page(
    title: str, body: list[str], info: str = "2026-11-03 09:15　来源：石桥组工报", foot: str = ""
) -> str:
    """An article page of a plain site."""
    text = "".join(f"<p>\u3000\u3000{p}</p>" for p in body)
    return (
        f"<html><head><meta charset='utf-8'><title>{title}_青禾先锋网</title></head><body>"
        f"<div class='nav'><a href='/'>首页</a> <a href='/a/'>要闻</a> <a href='/b/'>党建</a></div>"
        f"<div class='main'><h1>{title}</h1><div class='info'>{info}</div>"
        f"<div class='content'>{text}</div><div class='editor'>（责任编辑：林小禾）</div></div>"
        f"<div class='foot'>主办：青禾市某部门 {foot}</div></body></html>"
    )
