"""A folder of WARC files -> every page in it, and every place that is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aggregator.errors import ArchiveError
from aggregator.model import Page, Snapshot
from aggregator.vault.members import Broken, mapped, member_at, members
from aggregator.vault.records import Record, digest_of, page_of, parse

OPEN = ".open"  # ending of the file that is being written
PATTERN = "*.warc.gz"


@dataclass(frozen=True, slots=True)
class Kept:
    """A response or revisit record. ``page`` has the body only where it lies here (response)."""

    snapshot: Snapshot
    page: Page


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are no whole record: the file, where, how many, and what is wrong."""

    file: str
    offset: int
    length: int
    reason: str


def files(folder: Path) -> list[Path]:
    """The WARC files of *folder*, oldest first, the open ones too."""
    return sorted([*folder.glob(PATTERN), *folder.glob(PATTERN + OPEN)])


def iterate(folder: Path) -> Iterator[Kept | Damage]:
    """Every page record of *folder* in the order of writing, digests verified."""
    for path in files(folder):
        yield from iterate_file(path)


def iterate_file(path: Path) -> Iterator[Kept | Damage]:
    """Every page record of one file; a damaged record costs only itself."""
    name = path.name.removesuffix(OPEN)
    held: tuple[Snapshot, Record] | None = None  # waits for its request record
    for found in members(mapped(path)):
        if isinstance(found, Broken):
            reason = "the file ends in the middle of a record" if found.cut else "damaged record"
            yield Damage(name, found.offset, found.length, reason)
            continue
        try:
            record = parse(found.data)
        except ArchiveError as error:
            yield Damage(name, found.offset, found.length, str(error))
            continue
        if held is not None:
            yield _kept(held, record)
            held = None
        if record.kind in ("response", "revisit"):
            snapshot = describe(record, name, found.offset, found.length)
            if record.kind == "response" and digest_of(record.payload) != snapshot.digest:
                yield Damage(name, found.offset, found.length, "the body has not its digest")
                continue
            held = snapshot, record
    if held is not None:
        yield _kept(held, None)


def describe(record: Record, file: str, offset: int, length: int) -> Snapshot:
    """The snapshot of a response or revisit record that lies at this place."""
    types = [value for name, value in record.headers if name.lower() == "content-type"]
    page = page_of(record, None, b"")
    return Snapshot(
        url=page.final_url,
        fetched_at=page.fetched_at,
        status=page.status,
        digest=record.warc.get("warc-payload-digest", ""),
        file=file,
        offset=offset,
        length=length,
        content_type=types[0] if types else "",
        revisit=record.kind == "revisit",
    )


def belongs(request: Record, record: Record) -> bool:
    """Whether *request* is the request of *record*."""
    return request.kind == "request" and request.warc.get("warc-concurrent-to") == record.warc.get(
        "warc-record-id"
    )


def record_at(path: Path, offset: int) -> tuple[Record, Record | None]:
    """The record at *offset* of a file, and its request record. Raises ArchiveError."""
    try:
        buffer = mapped(path)
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read ({error.strerror})") from error
    found = member_at(buffer, offset)
    if isinstance(found, Broken):
        raise ArchiveError(f"{path}: the record at byte {offset} is damaged")
    record = parse(found.data)
    following = member_at(buffer, offset + found.length)
    if isinstance(following, Broken):  # none, or damaged: only the request's headers are lost
        return record, None
    request = parse(following.data)
    return record, request if belongs(request, record) else None


def _kept(held: tuple[Snapshot, Record], following: Record | None) -> Kept:
    snapshot, record = held
    request = following if following is not None and belongs(following, record) else None
    return Kept(snapshot, page_of(record, request, record.payload))
