"""Pages -> appended WARC records, Snapshots -> pages: the vault, safe for use from threads.

One file is written at a time, ``<time>-<host>-<pid>.warc.gz.open``; the ending goes when it is
finished. A file that another process holds is left alone (flock). What a crash cut is removed
before the file is continued.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import socket
import threading
from pathlib import Path

from aggregator import __version__
from aggregator.errors import ArchiveError
from aggregator.model import Page, Snapshot
from aggregator.ports import Clock
from aggregator.vault import records, scan
from aggregator.vault.members import compress, mapped, whole_end

log = logging.getLogger(__name__)
SOFTWARE = f"party-aggregator/{__version__}"
REFERENCES = 8  # revisit records that are followed to the payload


class WarcVault:
    """Keeps pages in *folder*; a file is finished at *rotate_bytes* or at the end of the UTC day."""

    def __init__(self, folder: Path, rotate_bytes: int, clock: Clock) -> None:
        self._folder = folder
        self._rotate = rotate_bytes
        self._clock = clock
        self._host = re.sub(r"[^A-Za-z0-9.-]", "_", socket.gethostname())[:40] or "host"
        self._lock = threading.Lock()
        self._file: _OpenFile | None = None

    def keep(self, page: Page, duplicate_of: Snapshot | None = None) -> Snapshot:
        """Append *page*; as a revisit record when *duplicate_of* has the same payload."""
        digest = records.digest_of(page.body)
        record_id = records.new_id()
        revisit = duplicate_of is not None and duplicate_of.digest == digest
        if revisit and duplicate_of is not None:
            record = records.revisit_record(page, duplicate_of, record_id)
        else:
            record = records.page_record(page, digest, record_id)
        member = compress(record)  # outside the lock: zlib lets other threads run
        both = member + compress(records.request_record(page, record_id))
        with self._lock:
            file = self._writable(len(both))
            offset = file.append(both)
        return Snapshot(
            url=page.final_url,
            fetched_at=page.fetched_at,
            status=page.status,
            digest=digest,
            file=file.name,
            offset=offset,
            length=len(member),
            content_type=page.header("content-type") or "",
            revisit=revisit,
        )

    def read(self, snapshot: Snapshot) -> Page:
        """The page as it was kept. Raises ArchiveError when the record is damaged or missing."""
        record, request = scan.record_at(self._path(snapshot.file), snapshot.offset)
        source = record
        for _ in range(REFERENCES):
            place = source.refers_to() if source.kind == "revisit" else None
            if place is None:
                break
            source, _ignored = scan.record_at(self._path(place.file), place.offset)
        if source.kind != "response" or records.digest_of(source.payload) != snapshot.digest:
            raise ArchiveError(
                f"{snapshot.file}: what lies at byte {snapshot.offset} is not the page "
                f"{snapshot.url} of {snapshot.fetched_at:%Y-%m-%d %H:%M}"
            )
        return records.page_of(record, request, source.payload)

    def sync(self) -> None:
        """Make all that was kept durable; nothing is done when nothing was kept since."""
        with self._lock:
            if self._file is None or not self._file.dirty:
                return
            self._file.dirty = False
            file = self._file
            fd = os.dup(file.fd)  # others may append, or finish the file, while the disk works
        try:
            os.fsync(fd)
        except OSError as error:
            file.dirty = True
            raise ArchiveError(f"{file.path}: cannot be made durable ({error.strerror})") from error
        finally:
            os.close(fd)

    def close(self) -> None:
        """Finish the open file."""
        with self._lock:
            if self._file is not None:
                self._file.finish()
                self._file = None

    def _path(self, name: str) -> Path:
        """The file called *name*, finished or open."""
        path = self._folder / name
        return path if path.exists() else self._folder / (name + scan.OPEN)

    def _writable(self, size: int) -> _OpenFile:
        """The file to append *size* bytes to."""
        day = self._day()
        file = self._file
        if file is not None and (file.size + size > self._rotate or not file.of_day(day)):
            self._file = None
            file.finish()
            file = None
        if file is None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._file = file = self._continued(day, size) or self._new()
            except OSError as error:
                raise ArchiveError(
                    f"{self._folder}: the vault cannot be written ({error.strerror})"
                ) from error
        return file

    def _continued(self, day: str, size: int) -> _OpenFile | None:
        """The newest file of today and this host, if there is room and no other process has it.

        Files that a crash left open are mended and finished on the way.
        """
        found: _OpenFile | None = None
        for path in scan.files(self._folder):
            mine = path.name.startswith(day) and f"-{self._host}-" in path.name
            fits = mine and path.stat().st_size + size <= self._rotate
            if not fits and not path.name.endswith(scan.OPEN):
                continue
            file = _take(path)
            if file is None:
                continue
            if found is not None:
                found.finish()
                found = None
            if fits:
                found = file
            else:
                file.finish()
        return found

    def _new(self) -> _OpenFile:
        stamp = self._clock.now().strftime("%Y%m%d%H%M%S%f")
        name = f"{stamp}-{self._host}-{os.getpid()}.warc.gz"
        file = _OpenFile(self._folder / (name + scan.OPEN), os.O_CREAT | os.O_EXCL)
        file.append(compress(records.info_record(name, SOFTWARE)))
        _sync_folder(self._folder)
        return file

    def _day(self) -> str:
        return self._clock.now().strftime("%Y%m%d")


class _OpenFile:
    """One WARC file that this process writes. ``size`` is where the next record will begin."""

    def __init__(self, path: Path, flags: int = 0) -> None:
        self.path = path
        self.fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | flags, 0o644)
        self.size = os.fstat(self.fd).st_size
        self.dirty = False
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException:
            os.close(self.fd)
            raise

    @property
    def name(self) -> str:
        """The name of the file when it is finished."""
        return self.path.name.removesuffix(scan.OPEN)

    def of_day(self, day: str) -> bool:
        """Whether the file was begun on *day* (YYYYMMDD)."""
        return self.path.name.startswith(day)

    def append(self, data: bytes) -> int:
        """Write *data* whole or not at all; returns where it begins."""
        view, offset = memoryview(data), self.size
        try:
            while view:
                view = view[os.write(self.fd, view) :]
        except OSError as error:
            os.ftruncate(self.fd, offset)
            raise ArchiveError(f"{self.path}: cannot be written ({error.strerror})") from error
        self.size = offset + len(data)
        self.dirty = True
        return offset

    def reopen(self) -> None:
        """Cut off what is no whole record at the end, and mark the file as being written."""
        end = whole_end(mapped(self.path))
        if end < self.size:
            log.warning("%s: %d bytes of an unfinished record removed", self.path, self.size - end)
            os.ftruncate(self.fd, end)
            self.size = end
        if end == 0:
            self.append(compress(records.info_record(self.name, SOFTWARE)))
        opened = self.path.with_name(self.name + scan.OPEN)
        if opened != self.path:
            self.path.replace(opened)
            self.path = opened

    def finish(self) -> None:
        """Make it durable and give it its final name."""
        try:
            os.fsync(self.fd)
            self.path.replace(self.path.with_name(self.name))
            _sync_folder(self.path.parent)
        except OSError as error:
            raise ArchiveError(f"{self.path}: cannot be finished ({error.strerror})") from error
        finally:
            os.close(self.fd)


def _take(path: Path) -> _OpenFile | None:
    """*path* opened for appending and mended; None when another process has it."""
    try:
        file = _OpenFile(path)
    except (BlockingIOError, FileNotFoundError):  # held, or just finished under its other name
        return None
    if not path.exists() or path.stat().st_ino != os.fstat(file.fd).st_ino:
        os.close(file.fd)
        return None
    file.reopen()
    return file


def _sync_folder(folder: Path) -> None:
    """Make names in *folder* durable."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
