"""The queue of one process: an APScheduler tick that starts one asyncio task for every due host.

The truth of what is due is in the store alone; the scheduler keeps nothing, so nothing is lost
with it. A host is worked on by one task at a time; hosts never wait for one another.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator.work.hosts import Report, poll_host
from aggregator.work.visit import Parts

log = logging.getLogger(__name__)

GRACE = 3.0  # seconds that running visits get to finish when the service stops
PAUSE = timedelta(minutes=1)  # of a host whose work could not be stored


class LocalQueue:
    """Runs due hosts until it is stopped. ``on_idle`` is called when a tick finds nothing running.

    ``last_tick`` is when the archive last said what is due, None before the first time.
    """

    def __init__(
        self,
        parts: Parts,
        report: Report,
        *,
        concurrency: int = 64,
        on_idle: Callable[[], None] | None = None,
    ) -> None:
        self._parts, self._report, self._concurrency = parts, report, concurrency
        self._on_idle = on_idle
        self.last_tick: datetime | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._paused: dict[str, datetime] = {}
        self._stopping = asyncio.Event()
        # Missed ticks are no loss (engine.md, 1): the next one sees all that is due.
        self._clock = AsyncIOScheduler(
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    @property
    def running(self) -> int:
        """How many hosts are being visited."""
        return len(self._running)

    def start(self) -> None:
        """Begin to tick."""
        seconds = self._parts.schedule.tick
        self._clock.add_job(self.tick, "interval", seconds=seconds, id="tick")
        self._clock.add_job(self.tick, id="first")
        self._clock.start()

    async def tick(self) -> None:
        """Start a task for every due host that has none, as far as the concurrency allows."""
        now = self._parts.clock.now()
        try:
            hosts = await asyncio.to_thread(self._parts.store.due_hosts, now)
        except asyncio.CancelledError:
            if self._stopping.is_set():
                return  # by stop(); APScheduler would log it as an error with a trace
            raise
        except Exception:
            log.exception("the archive cannot be asked what is due; trying again")
            return
        self.last_tick = now
        for host in hosts:
            if len(self._running) >= self._concurrency or self._stopping.is_set():
                return
            if host not in self._running and self._paused.get(host, now) <= now:
                self._running[host] = asyncio.create_task(self._work(host), name=f"host {host}")
        if not self._running and self._on_idle:
            self._on_idle()

    async def _work(self, host: str) -> None:
        try:
            await poll_host(self._parts, host, self._report, self._stopping)
            self._paused.pop(host, None)
        except Exception:
            self._paused[host] = self._parts.clock.now() + PAUSE
            log.exception("the work at %s could not be stored; trying again in a minute", host)
        finally:
            del self._running[host]

    async def stop(self) -> None:
        """End the ticks; running visits get a moment to finish, then they are given back."""
        self._stopping.set()
        # The executor of APScheduler cancels what runs in it; the visits are our own tasks.
        if self._clock.running:
            self._clock.shutdown(wait=False)
        tasks = list(self._running.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=GRACE)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
