"""HTTP clients side by side on loopback: CPU of the client per request, and requests per second.

python benchmarks/http_clients.py [--requests 3000] [--repeat 3]

16 hosts (ports); "304": all validators match; "body": a feed of 165 KB, gzip-coded. Every run is a
process of its own; the best of the repetitions counts. "failed" are requests that raised.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
HOSTS = 16
Get = Callable[[str, str], Awaitable[int]]  # (url, etag) -> bytes of the body


def corpus(folder: Path) -> None:
    """One feed of about 165 KB of invented text."""
    rng = random.Random(1)
    words = ["党建", "学习", "支部", "服务", "群众", "基层", "党员", "教育", "工作", "会议"]
    items = "".join(
        f"<item><title>第{n}条</title><link>http://a.example/{n}</link><description>"
        f"{''.join(rng.choices(words, k=750))}</description></item>"
        for n in range(35)
    )
    text = f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'
    (folder / "feed.xml").write_text(text, "utf-8")


@asynccontextmanager
async def httpx_client(aiohttp: bool):
    """httpx with its own pool, or with the plain httpx-aiohttp transport."""
    import httpx
    from httpx_aiohttp import AiohttpTransport

    limits = httpx.Limits(max_connections=250, max_keepalive_connections=250)
    transport = AiohttpTransport(limits=limits) if aiohttp else None
    async with httpx.AsyncClient(limits=limits, timeout=60, transport=transport) as client:

        async def get(url: str, etag: str) -> int:
            headers = {"If-None-Match": etag} if etag else {}
            return len((await client.get(url, headers=headers)).content)

        yield get


@asynccontextmanager
async def ours():
    """The project's fetcher: with guard, deadline, turns, redirects and bounded inflating."""
    from aggregator.config import FetchSettings
    from aggregator.fetch.http import HttpFetcher
    from aggregator.model import Page
    from aggregator.ports import Request

    class Clock:
        def now(self) -> datetime:
            return datetime.now(UTC)

    settings = FetchSettings(
        delay=0, concurrency=250, per_host=250, allow_private=("127.0.0.1",), timeout=60
    )
    fetcher = HttpFetcher(settings, Clock())

    async def get(url: str, etag: str) -> int:
        answer = await fetcher.fetch(Request(url, "feed", etag=etag))
        return len(answer.body) if isinstance(answer, Page) else 0

    try:
        yield get
    finally:
        await fetcher.close()


CLIENTS = {
    "httpx": lambda: httpx_client(aiohttp=False),
    "httpx + httpx-aiohttp": lambda: httpx_client(aiohttp=True),
    "HttpFetcher": ours,
}


async def pump(get: Get, jobs: list[tuple[str, str]], at_once: int) -> int:
    """Do all *jobs*, *at_once* at a time; returns how many failed."""
    left = iter(jobs)
    failed = 0

    async def worker() -> None:
        nonlocal failed
        for url, etag in left:
            try:
                await get(url, etag)
            except Exception:  # any: the clients have nothing in common to catch
                failed += 1

    await asyncio.gather(*(worker() for _ in range(at_once)))
    return failed


async def one(
    client: str, case: str, at_once: int, requests: int, ports: list[int], tag: str
) -> None:
    """One run; prints [CPU µs a request, requests per second, failed]."""
    jobs = [
        (f"http://127.0.0.1:{ports[n % HOSTS]}/feed.xml", tag if case == "304" else "")
        for n in range(requests)
    ]
    async with CLIENTS[client]() as get:
        await pump(get, jobs[: 2 * HOSTS], 16)  # connections and caches
        cpu, wall = time.process_time(), time.perf_counter()
        failed = await pump(get, jobs, at_once)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps([cpu / requests * 1e6, requests / wall, failed]))


def measure(requests: int, repeat: int, ports: list[int], tag: str) -> None:
    """All clients, cases and concurrencies, interleaved; a table on stdout."""
    print("| client | case | at once | CPU µs/request | requests/s | failed |")
    print("|---|---|---|---|---|---|")
    for case in ("304", "body"):
        for at_once in (16, 100, 200):
            count = requests if case == "304" else requests // 3
            runs: dict[str, list[list[float]]] = {client: [] for client in CLIENTS}
            for _ in range(repeat):
                for client, results in runs.items():
                    call = [client, case, str(at_once), str(count), json.dumps(ports), tag]
                    done = subprocess.run(
                        [sys.executable, __file__, "--one", *call],
                        stdout=subprocess.PIPE, check=True,
                    )  # fmt: skip
                    results.append(json.loads(done.stdout))
            for client, results in runs.items():
                cpu, rate = min(r[0] for r in results), max(r[1] for r in results)
                failed = sum(int(r[2]) for r in results)
                print(f"| {client} | {case} | {at_once} | {cpu:.0f} | {rate:.0f} | {failed} |")


def main() -> None:
    """Serve the corpus and measure, or do the one run that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--one", nargs=6, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        client, case, at_once, count, ports, tag = args.one
        asyncio.run(one(client, case, int(at_once), int(count), json.loads(ports), tag))
        return
    with tempfile.TemporaryDirectory() as folder:
        corpus(Path(folder))
        origin = subprocess.Popen(
            [sys.executable, str(HERE / "origin.py"), folder, str(HOSTS)], stdout=subprocess.PIPE
        )
        try:
            assert origin.stdout is not None
            ports = [int(port) for port in origin.stdout.readline().split()]
            from hashlib import sha256

            digest = sha256((Path(folder) / "feed.xml").read_bytes()).hexdigest()
            measure(args.requests, args.repeat, ports, f'"{digest[:20]}"')
        finally:
            origin.terminate()
            origin.wait()


if __name__ == "__main__":
    main()
