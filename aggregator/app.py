"""The only module that chooses parts: Settings -> a running service, a sync, or a reading archive."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.config import Settings
from aggregator.errors import ConfigError
from aggregator.ports import Clock
from aggregator.work.hosts import Report
from aggregator.work.visit import Outcome, Parts

if TYPE_CHECKING:
    from socket import socket

    import uvicorn

    from aggregator.extract.rules import SiteRule
    from aggregator.queue.local import LocalQueue
    from aggregator.store.query import Archive
    from aggregator.web.app import ServiceStatus
    from aggregator.work.discover import Looking
    from aggregator.work.tend import Reread

log = logging.getLogger(__name__)

STALE = 60.0  # seconds after which a scheduler that did not look for what is due counts as stuck

NETWORK_CODES = {
    "dns",
    "connect",
    "timeout",
    "idle-timeout",
    "network-down",
    "refused-address",
    "tls",
}


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current instant in UTC."""
        return datetime.now(UTC)


@contextlib.asynccontextmanager
async def open_parts(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Parts]:
    """Everything a visit works with, opened for writing; closed in the right order.

    Raises ArchiveError when another process writes to this archive.
    """
    from aggregator.fetch.http import HttpFetcher
    from aggregator.pool import WorkerPool
    from aggregator.store import open_store
    from aggregator.vault.warc import WarcVault

    clock = clock or SystemClock()
    rules = own_rules(settings)
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(settings.archive.vault)
        vault = WarcVault(folder, settings.archive.rotate_bytes, clock)
        stack.callback(vault.close)
        store = open_store(settings.archive.url, vault=vault, clock=clock)
        stack.callback(store.close)
        workers = WorkerPool(settings.workers)
        stack.push_async_callback(workers.close)
        fetcher = HttpFetcher(settings.fetch, clock, robots_folder=folder.parent / "robots")
        stack.push_async_callback(fetcher.close)
        store.register(settings.sources, clock.now())
        yield Parts(store, fetcher, vault, workers, clock, settings.schedule, random.random, rules)


@contextlib.asynccontextmanager
async def open_looking(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Looking]:
    """Fetcher and parser workers without the archive: works beside a running service."""
    from aggregator.fetch.http import HttpFetcher
    from aggregator.pool import WorkerPool
    from aggregator.work.discover import Looking

    async with contextlib.AsyncExitStack() as stack:
        workers = WorkerPool(settings.workers)
        stack.push_async_callback(workers.close)
        fetcher = HttpFetcher(settings.fetch, clock or SystemClock())
        stack.push_async_callback(fetcher.close)
        yield Looking(fetcher, workers)


def own_rules(settings: Settings) -> Mapping[str, SiteRule] | None:
    """The site rules of the operator's own files. Raises ConfigError."""
    if not settings.rules_files:
        return None
    from aggregator.extract.rules import load_files

    return load_files([(_read_rules(settings, file), file) for file in settings.rules_files])


def _read_rules(settings: Settings, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        mend = "mend the path or take it out of rules_files"
        raise ConfigError(
            settings.file, "rules_files", f"{file} cannot be read: {reason}", mend
        ) from error


def open_reading(settings: Settings) -> Archive:
    """The archive for reading only; works beside a running service. Raises ArchiveError."""
    from aggregator.store import open_archive

    return open_archive(settings.archive.url, feed=settings.feed)


@dataclass
class Tally:
    """What the visits of a run came to so far; says once when no source can be reached.

    As long as nothing was reached, failures of the network are held back: one line says them all.
    """

    tell: Callable[[str], None]
    sources: int = 0
    reached: int = 0
    said: bool = False
    held: list[Outcome] = field(default_factory=list)

    def __call__(self, outcome: Outcome) -> None:
        """Log one outcome and count it."""
        unreached = outcome.failure is not None and outcome.failure.code in NETWORK_CODES
        if outcome.kind == "source":
            self.sources += 1
            self.reached += not unreached
        self.held.append(outcome)
        if self.reached:
            for one in self.held:
                log_outcome(one)
            self.held.clear()

    def idle(self) -> None:
        """Called when nothing is running: the moment to say that nothing could be reached."""
        if self.said or not self.sources or self.reached:
            return
        self.said = True
        self.held.clear()
        self.tell(
            f"None of {self.sources} sources could be reached; trying again later "
            "(`aggregator status` has the reasons). "
            "To see the program without the internet run: aggregator demo"
        )


def log_outcome(outcome: Outcome) -> None:
    """One line a visit, in words."""
    name = outcome.source or outcome.url
    if outcome.failure and outcome.failure.code == "network-down":
        log.debug("%s: %s", name, outcome.failure.message)
        return
    if outcome.failure:
        log.warning("%s: %s (%s)", name, outcome.failure.message, outcome.failure.code)
        return
    counts = outcome.counts
    said = [
        f"{number} {word}"
        for number, word in (
            (counts.new, "new"),
            (counts.linked, "of works already known"),
            (counts.revised, "revised"),
            (counts.queued, "pages to visit"),
        )
        if number
    ]
    log.info("%s: %s%s", name, outcome.outcome, ": " + ", ".join(said) if said else "")


async def serve(
    settings: Settings, *, tell: Callable[[str], None], ready: Callable[[], None] | None = None
) -> None:
    """Run scheduler and web server until SIGINT or SIGTERM, then stop cleanly."""
    stopping = asyncio.Event()
    with _signals(stopping):  # from the first moment, so that a stop is never rude
        async with open_parts(settings) as parts:
            await _serve(settings, parts, stopping, tell, ready)


async def _serve(
    settings: Settings,
    parts: Parts,
    stopping: asyncio.Event,
    tell: Callable[[str], None],
    ready: Callable[[], None] | None,
) -> None:
    from aggregator.queue.local import LocalQueue

    with contextlib.closing(open_reading(settings)) as archive:
        tally = Tally(tell)
        queue = LocalQueue(parts, tally, concurrency=settings.fetch.concurrency, on_idle=tally.idle)
        server = _web_server(settings, archive, lambda: health(queue, parts))
        web = asyncio.create_task(server.serve(), name="web")
        try:
            await _until(lambda: server.started or web.done())
            if web.done():
                web.result()  # raises when it cannot listen: then nothing is fetched
            queue.start()
            if ready:
                ready()
            await _first(stopping.wait(), web)
        finally:
            await queue.stop()
            server.should_exit = True
            await web


def health(queue: LocalQueue, parts: Parts) -> ServiceStatus:
    """Whether the scheduler looks for what is due and the archive takes what is found."""
    from aggregator.store import SqlStore
    from aggregator.web.app import ServiceStatus

    assert isinstance(parts.store, SqlStore)
    last = queue.last_tick
    allowed = max(STALE, 2 * parts.schedule.tick)
    note = ""
    if not parts.store.writable:
        note = "the archive's writer has ended: nothing that is fetched can be stored; start again"
    elif last is None:
        note = "the scheduler has not looked for what is due yet"
    elif (parts.clock.now() - last).total_seconds() > allowed:
        note = f"the scheduler has not looked for what is due for more than {allowed:g} s"
    return ServiceStatus(not note, note, last, queue.running)


async def _until(condition: Callable[[], bool]) -> None:
    # uvicorn offers no event for "listening"; it takes a few milliseconds.
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def _first(*waiting: object) -> None:
    tasks = [asyncio.ensure_future(w) for w in waiting]  # type: ignore[call-overload]  # coroutines or tasks
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


@contextlib.contextmanager
def _signals(stopping: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _web_server(
    settings: Settings, archive: Archive, status: Callable[[], ServiceStatus]
) -> uvicorn.Server:
    import uvicorn

    from aggregator.errors import ArchiveError
    from aggregator.web.app import create_app

    class Server(uvicorn.Server):
        """uvicorn's server without its own signal handlers: the service has them."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

        async def startup(self, sockets: list[socket] | None = None) -> None:
            words = logging.getLogger("uvicorn.error")
            words.disabled = True  # of a port that is taken we say it ourselves
            try:
                await super().startup(sockets)
            except SystemExit as error:  # uvicorn exits the process when it cannot bind
                raise ArchiveError(
                    f"the web server cannot listen on {settings.web.host}:{settings.web.port}: "
                    "is another program using it? Choose another with --port or [web] port"
                ) from error
            finally:
                words.disabled = False

    config = uvicorn.Config(
        create_app(archive, settings, status=status),
        host=settings.web.host,
        port=settings.web.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return Server(config)


async def sync(
    settings: Settings, keys: Sequence[str], report: Report, *, started: Callable[[int], None]
) -> None:
    """Visit the sources *keys* (all when empty) once, and the pages that are due then.

    ``started`` is told the number of sources. Raises ConfigError for an unknown key.
    """
    from aggregator.queue.local import GRACE
    from aggregator.work.sync import sync_once

    stopping = asyncio.Event()
    async with open_parts(settings) as parts:
        states = await asyncio.to_thread(parts.store.source_states, keys)
        started(len(states))
        with _signals(stopping):
            work = asyncio.create_task(
                sync_once(parts, states, report, stopping, settings.fetch.concurrency)
            )
            await _first(stopping.wait(), work)
            await asyncio.wait([work], timeout=GRACE)
            work.cancel()  # what still runs after a signal is given back
            with contextlib.suppress(asyncio.CancelledError):
                await work


async def reextract(settings: Settings, *, apply: bool, report: Callable[[Reread], None]) -> None:
    """Read every stored revision again with today's rules; store what changed when *apply*."""
    from aggregator.store import SqlStore
    from aggregator.work.tend import reread_all

    async with open_parts(settings) as parts:
        assert isinstance(parts.store, SqlStore)
        put = parts.store.record_reading if apply else None
        archive = open_reading(settings)
        try:
            await reread_all(parts, archive, report, put)
        finally:
            archive.close()
