"""Record bytes <-> gzip members (RFC 1952): one a record, each with the same ten bytes in front.

The fixed head makes the start of a record recognisable anywhere in a file: a damaged record costs
only itself, and a file that was cut is mended from its end without reading all of it.
"""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Level 4 instead of 6: two thirds of the time for 4 % more bytes (on 100 article pages).
LEVEL = 4
# deflate, no flags, no time, "slowest" hint and "unknown" system: as nothing else in a file is.
HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
LARGEST = 256_000_000  # bytes of one inflated record; ours are bounded by fetch.max_body
STEP = 1 << 16  # bytes read at a time: most records fit
Buffer = bytes | mmap.mmap


@dataclass(frozen=True, slots=True)
class Member:
    """A whole gzip member: where it lies in the file (bytes), and what it holds."""

    offset: int
    length: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """A stretch of a file that is no whole member. ``cut``: the file ends in the middle of it."""

    offset: int
    length: int
    cut: bool


def compress(record: bytes) -> bytes:
    """*record* as one gzip member."""
    machine = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = machine.compress(record) + machine.flush()
    crc, size = zlib.crc32(record), len(record) & 0xFFFFFFFF
    return HEAD + body + crc.to_bytes(4, "little") + size.to_bytes(4, "little")


def member_at(buffer: Buffer, offset: int) -> Member | Broken:
    """The member that begins at *offset* of *buffer*; its checksum has been verified."""
    machine = zlib.decompressobj(zlib.MAX_WBITS | 16)
    pieces: list[bytes] = []
    size, at = 0, offset
    try:
        while not machine.eof and size <= LARGEST:
            feed = machine.unconsumed_tail
            if not feed:
                feed = buffer[at : at + STEP]
                at += len(feed)
            piece = machine.decompress(feed, 16 * STEP)
            if not feed and not piece:
                return Broken(offset, len(buffer) - offset, cut=True)
            pieces.append(piece)
            size += len(piece)
    except zlib.error:
        return Broken(offset, 0, cut=False)
    if not machine.eof:
        return Broken(offset, 0, cut=False)
    return Member(offset, at - len(machine.unused_data) - offset, b"".join(pieces))


def members(buffer: Buffer) -> Iterator[Member | Broken]:
    """All members of *buffer* in order; what is damaged is told and skipped."""
    offset, total = 0, len(buffer)
    while offset < total:
        found = member_at(buffer, offset)
        if isinstance(found, Broken):
            following = buffer.find(HEAD, offset + 1)
            end = total if following < 0 else following
            found = Broken(offset, end - offset, cut=found.cut and following < 0)
        yield found
        offset += found.length


def whole_end(buffer: Buffer) -> int:
    """The end of the last whole member of *buffer*: what follows was cut and may go."""
    start = buffer.rfind(HEAD)
    while start >= 0:
        found = member_at(buffer, start)
        if isinstance(found, Member):
            return start + found.length
        start = buffer.rfind(HEAD, 0, start + len(HEAD) - 1)
    return 0


def mapped(path: Path) -> Buffer:
    """The content of a file, mapped where it has any."""
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
