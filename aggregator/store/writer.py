"""Jobs in, committed transactions out: one thread that alone writes to the archive.

Jobs that wait together share one transaction (one fsync); each has a savepoint, so that a failing
one fails alone. A future is resolved after its commit, never before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from aggregator.errors import ArchiveError
from aggregator.store.engine import archive_error
from aggregator.store.index import IndexBatch, flush

T = TypeVar("T")
log = logging.getLogger(__name__)

MAX_BATCH = 200  # jobs of one transaction


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a job works with: the connection, and the index changes that are written at the end."""

    connection: Connection
    index: IndexBatch = field(default_factory=IndexBatch)


Job = Callable[[Transaction], T]
_Waiting = tuple[Job[Any], Future[Any]]


class Writer:
    """The writer thread of one archive. ``sync`` is called before each commit."""

    def __init__(
        self, engine: Engine, sync: Callable[[], None], rolled_back: Callable[[], None]
    ) -> None:
        self._engine, self._sync, self._rolled_back = engine, sync, rolled_back
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._gate = Lock()
        self._closed = False
        self._thread = Thread(target=self._run, name="archive-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job[T]) -> Future[T]:
        """Queue *job*; its result (or its exception) comes when it is committed (or undone)."""
        future: Future[T] = Future()
        with self._gate:
            if self._closed:
                raise ArchiveError("the archive is closed: nothing can be written to it any more")
            self._queue.put((job, future))
        return future

    @property
    def alive(self) -> bool:
        """Whether the thread runs: without it nothing that is queued is ever written."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Do all that is queued, then end the thread. May be called twice."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    # ------------------------------------------------------------ the thread

    def _run(self) -> None:
        with self._engine.connect() as connection:
            while batch := self._gather():
                self._write(connection, batch)

    def _gather(self) -> list[_Waiting]:
        """The jobs of the next transaction; empty when the writer is closed.

        It does not wait for more than there are: while one transaction is written the next ones
        gather by themselves, and lingering 5 ms halved the rate of small visits.
        """
        first = self._queue.get()
        if first is None:
            return []
        batch = [first]
        while len(batch) < MAX_BATCH:
            try:
                job = self._queue.get_nowait()
            except Empty:
                break
            if job is None:
                self._queue.put(None)  # for the next round
                break
            batch.append(job)
        return batch

    def _write(self, connection: Connection, batch: list[_Waiting]) -> None:
        live = [(job, future) for job, future in batch if future.set_running_or_notify_cancel()]
        if not live or self._commit(connection, live):
            return
        log.warning("a transaction of %d jobs failed; each is tried alone", len(live))
        for one in live:
            self._commit(connection, [one])

    def _commit(self, connection: Connection, batch: list[_Waiting]) -> bool:
        """One transaction. False when it failed as a whole and its jobs are still open."""
        done: list[tuple[Future[Any], Any]] = []
        failed: list[tuple[Future[Any], Exception]] = []
        try:
            with connection.begin():
                index = IndexBatch()
                for job, future in batch:
                    try:
                        done.append((future, _one(connection, job, index)))
                    except _JobError as error:
                        self._rolled_back()
                        failed.append((future, error.reason))
                flush(connection, index)
                self._sync()
        except Exception as error:
            _undo(connection)
            self._rolled_back()
            if len(batch) > 1:
                return False
            done, failed = [], [(future, error) for _, future in batch]
        for future, result in done:
            future.set_result(result)
        for future, fault in failed:
            future.set_exception(_translated(fault))
        return True


class _JobError(Exception):
    """A job failed and all that it did is undone."""

    def __init__(self, reason: Exception) -> None:
        self.reason = reason
        super().__init__(reason)


def _one(connection: Connection, job: Job[T], index: IndexBatch) -> T:
    """One job inside its savepoint; raises _JobError when only the job is lost.

    Said in SQL, because begin_nested() leaves what was done standing when RELEASE fails.
    """
    transaction = Transaction(connection)
    connection.exec_driver_sql("SAVEPOINT job")
    try:
        result = job(transaction)
        connection.exec_driver_sql("RELEASE job")
    except Exception as error:
        connection.exec_driver_sql("ROLLBACK TO job")
        connection.exec_driver_sql("RELEASE job")
        raise _JobError(error) from error
    index.merge(transaction.index)
    return result


def _undo(connection: Connection) -> None:
    """Leave no transaction open: SQLAlchemy does not roll back after a COMMIT that failed."""
    try:
        connection.connection.rollback()
    except Exception:
        log.exception("a transaction could not be rolled back; the archive is opened anew")
        connection.invalidate()


def _translated(error: Exception) -> Exception:
    if not isinstance(error, DBAPIError):
        return error
    sentence = archive_error("the archive could not be written", error)
    sentence.__cause__ = error
    return sentence
