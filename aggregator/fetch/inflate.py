"""Compressed pieces of a body -> inflated pieces, bounded in size and ratio (RFC 9110 §8.4).

Own zlib calls with a bound on every step: the decoders of httpx 0.28 make gigabytes of one piece.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from aggregator.errors import FetchError

STEP = 65_536  # bytes that one zlib call may make
MAX_CODINGS = 3
MAX_RATIO = 200  # output per input; text reaches about 20
BOMB_RATIO = 50  # ... from which a body over the bound is called a bomb
RATIO_FROM = 4_000_000  # bytes of output below which the ratio does not matter
GZIP_MAGIC = b"\x1f\x8b"


def codings(header: str) -> tuple[str, ...]:
    """The codings of a Content-Encoding header in the order to undo them.

    Raises FetchError "encoding" for one that we did not ask for, or for too many.
    """
    names = [name.strip().lower().removeprefix("x-") for name in header.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    unknown = [name for name in names if name not in ("gzip", "deflate")]
    if unknown:
        raise FetchError("encoding", f"the answer is coded as {unknown[0][:40]!r}, not asked for")
    if len(names) > MAX_CODINGS:
        raise FetchError("encoding", f"the answer is coded {len(names)} times over")
    return tuple(reversed(names))


class Layer:
    """Undoes one coding: gzip (several members too) or deflate (with or without zlib header)."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._zlib: zlib._Decompress | None = None
        self._held = b""  # less than two bytes, or what follows the end
        self._ended = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What *data* gives, in pieces of at most STEP bytes."""
        while data:
            machine = self._machine(data)
            if machine is None:
                return
            data, self._held = self._held + data if self._held else data, b""
            piece = self._step(machine, data)
            data = machine.unconsumed_tail
            if machine.eof:
                data, self._zlib, self._ended = machine.unused_data, None, True
            if piece:
                yield piece

    def rest(self) -> Iterator[bytes]:
        """What zlib still holds after the last input; FetchError when the end is missing."""
        while self._zlib is not None:
            piece = self._step(self._zlib, b"")
            if self._zlib.eof:
                self._zlib, self._ended = None, True
            elif not piece:
                raise FetchError("truncated", f"the {self._coding} body ends in the middle")
            if piece:
                yield piece
        if self._held and not self._ended:
            raise FetchError("truncated", f"the {self._coding} body ends in the middle")

    def _machine(self, data: bytes) -> zlib._Decompress | None:
        """The decompressor for *data*; None while its kind is unknown or when all is over."""
        if self._zlib is not None:
            return self._zlib
        head = (self._held + data)[:2]
        if len(head) < 2:
            self._held = head
            return None
        if self._ended and (self._coding != "gzip" or head != GZIP_MAGIC):
            self._held = b""
            return None  # padding after the last member: ignored, as browsers do
        self._zlib = zlib.decompressobj(_window(self._coding, head))
        self._ended = False
        return self._zlib

    def _step(self, machine: zlib._Decompress, data: bytes) -> bytes:
        try:
            return machine.decompress(data, STEP)
        except zlib.error as error:
            raise FetchError(
                "encoding", f"the body is not the {self._coding} it is said to be ({error})"
            ) from None


def _window(coding: str, head: bytes) -> int:
    if coding == "gzip":
        return zlib.MAX_WBITS | 16
    has_zlib_header = head[0] & 0x0F == 8 and int.from_bytes(head) % 31 == 0
    return zlib.MAX_WBITS if has_zlib_header else -zlib.MAX_WBITS


class Inflater:
    """Undoes *codings*; raises FetchError "bomb" or "too-large" before a bound is passed.

    *max_body* bounds the output, and what any layer between makes, in bytes.
    """

    def __init__(self, codings: Sequence[str], max_body: int) -> None:
        self._layers = [Layer(coding) for coding in codings]
        self._made = [0] * len(self._layers)
        self._max = max_body
        self._fed = 0
        self.size = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The inflated pieces that *data* (as it came over the wire) gives."""
        self._fed += len(data)
        for piece in self._through(0, data):
            self._bound(self.size + len(piece))
            self.size += len(piece)
            yield piece

    def finish(self) -> Iterator[bytes]:
        """The last pieces; FetchError "truncated" when a coding has not come to its end."""
        for index, layer in enumerate(self._layers):
            for piece in layer.rest():
                self._count(index, piece)
                for last in self._through(index + 1, piece):
                    self.size += len(last)
                    yield last

    def _through(self, index: int, data: bytes) -> Iterator[bytes]:
        if index == len(self._layers):
            yield data
            return
        for piece in self._layers[index].pieces(data):
            self._count(index, piece)
            yield from self._through(index + 1, piece)

    def _count(self, index: int, piece: bytes) -> None:
        self._made[index] += len(piece)
        made = self._made[index]
        if made > RATIO_FROM and made > MAX_RATIO * self._fed:
            raise FetchError("bomb", f"{self._fed:,} bytes inflate to more than {made:,}")
        self._bound(made)

    def _bound(self, made: int) -> None:
        """Refuse to make more than the bound; what grew that much on the way is called a bomb."""
        if made <= self._max:
            return
        if self._layers and made > BOMB_RATIO * self._fed:
            raise FetchError("bomb", f"{self._fed:,} bytes inflate to more than {self._max:,}")
        raise FetchError("too-large", f"the answer is larger than {self._max:,} bytes")
