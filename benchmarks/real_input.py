"""Real saved pages and the public feed suites through the whole line; a table of outcomes.

    uv run python benchmarks/real_input.py [--shared ../shared]

The pages are served on loopback behind list pages, as the sites would; every feed of the suites is
a source. No outcome may be an internal fault. Needs the research data beside the project.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aggregator.app import open_parts, open_reading
from aggregator.config import (
    ArchiveSettings,
    FetchSettings,
    ListRule,
    Settings,
    SourceOptions,
    SourceSpec,
)
from aggregator.work.sync import sync_once
from aggregator.work.visit import Outcome

FEED_SUITES = ("bad", "feedsmith/feeds", "reader", "feedparser")
FEED_ENDINGS = {".xml", ".rss", ".atom", ".json", ".rdf"}


@contextlib.contextmanager
def serve(files: dict[str, bytes]) -> Iterator[str]:
    """A loopback site of *files* (path -> bytes); yields its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = files.get(self.path)
            self.send_response(404 if body is None else 200)
            kind = "text/html" if self.path.endswith("html") else "application/xml"
            self.send_header("Content-Type", kind)
            if self.path.endswith(".gz"):
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):
                super().handle()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def pages(shared: Path) -> tuple[dict[str, bytes], list[str]]:
    """Saved pages by path, and list pages of twenty links each."""
    files = {f"/p/{f.name}": f.read_bytes() for f in sorted((shared / "eval/pages").glob("*.html"))}
    paths, lists = list(files), []
    for start in range(0, len(paths), 20):
        rows = "".join(
            f"<li><a href='{p}'>第{n}篇文章的标题文字</a><span>2026-11-03</span></li>"
            for n, p in enumerate(paths[start : start + 20], start)
        )
        lists.append(f"/l/{start}.html")
        files[lists[-1]] = f"<html><body><ul class='list'>{rows}</ul></body></html>".encode()
    return files, lists


def feeds(shared: Path, suites: tuple[str, ...] = FEED_SUITES) -> dict[str, bytes]:
    """All feeds of the suites by path."""
    found = {}
    for suite in suites:
        for file in sorted((shared / "suites" / suite).rglob("*")):
            if file.is_file() and (file.suffix in FEED_ENDINGS or suite == "bad"):
                found[f"/f/{file.relative_to(shared / 'suites').as_posix()}".replace(" ", "_")] = (
                    file.read_bytes()
                )
    return found


async def run(settings: Settings) -> list[Outcome]:
    """One sync with *settings*."""
    outcomes: list[Outcome] = []
    async with open_parts(settings) as parts:
        states = parts.store.source_states()
        await sync_once(parts, states, outcomes.append, asyncio.Event(), 16)
    return outcomes


def settings_for(folder: Path, sources: list[SourceSpec]) -> Settings:
    """Settings for a throw-away archive in *folder*."""
    return Settings(
        archive=ArchiveSettings(url=f"sqlite:///{folder}/a.sqlite", vault=str(folder / "warc")),
        fetch=FetchSettings(allow_private=("127.0.0.1",), delay=0.0, robots=False, per_host=4),
        sources=tuple(sources),
    )


def measure(
    shared: Path, suites: tuple[str, ...] = FEED_SUITES
) -> tuple[Counter[tuple[str, str]], int]:
    """Counts of (kind, outcome) over all real input, and the number of stored articles."""
    files, lists = pages(shared)
    feed_files = feeds(shared, suites)
    with tempfile.TemporaryDirectory() as name, serve(files | feed_files) as base:
        rule = ListRule(item="ul.list li", link="a", date="span")
        sources = [
            SourceSpec(f"l{n}", SourceOptions(url=base + p, kind="list", list=rule))
            for n, p in enumerate(lists)
        ]
        sources += [
            SourceSpec(f"f{n}", SourceOptions(url=base + p, follow="never"))
            for n, p in enumerate(feed_files)
        ]
        settings = settings_for(Path(name), sources)
        outcomes = asyncio.run(run(settings))
        archive = open_reading(settings)
        stored = archive.counts().articles
        archive.close()
    names = {s.key: "list" if s.key.startswith("l") else "feed" for s in sources}
    table = Counter(
        (
            "page" if o.kind == "page" else names[o.source],
            o.failure.code if o.failure else o.outcome,
        )
        for o in outcomes
    )
    return table, stored


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared"
    )
    args = parser.parse_args()
    if not (args.shared / "eval/pages").is_dir():
        sys.exit(f"{args.shared}: the research data is not on this machine")
    table, stored = measure(args.shared)
    print("| input | outcome | number |\n|---|---|---|")
    for (kind, outcome), number in sorted(table.items()):
        print(f"| {kind} | {outcome} | {number} |")
    print(
        f"\n{stored} articles stored; internal faults: {sum(n for (_, o), n in table.items() if o == 'internal')}"
    )


if __name__ == "__main__":
    main()
