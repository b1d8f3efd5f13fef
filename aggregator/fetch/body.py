"""A streaming answer -> its complete inflated body within bounds, or FetchError."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import AsyncExitStack

from aggregator.config import FetchSettings
from aggregator.errors import FetchError
from aggregator.fetch import faults
from aggregator.fetch.inflate import Inflater, codings
from aggregator.fetch.library import RawBody, httpx

LARGE = 1_000_000  # bytes in memory from which a body needs one of the few large places
LARGE_PLACES = 3
DRAINED = 65_536  # bytes of an unwanted body that are read so that the connection can be kept
DRAIN_TIME = 2.0  # seconds


def pieces_of(answer: httpx.Response) -> RawBody:
    """The undecoded pieces of an answer of our transport."""
    assert isinstance(answer.stream, RawBody)
    return answer.stream


async def read(answer: httpx.Response, settings: FetchSettings, large: asyncio.Semaphore) -> bytes:
    """The body of *answer*, as identity coding.

    Codes: too-large, bomb, encoding, truncated. *large* bounds how many bodies over LARGE are held
    at a time, so that the memory of all fetches together is bounded too.
    """
    announced = answer.headers.get("content-length", "")
    if announced.isdigit() and int(announced[:20]) > settings.max_wire:
        raise FetchError(
            "too-large", f"the answer is said to have {int(announced[:20]):,} bytes, "
            f"more than {settings.max_wire:,}",
        )  # fmt: skip
    inflater = Inflater(codings(answer.headers.get("content-encoding", "")), settings.max_body)
    pieces: list[bytes] = []
    wire = 0
    async with AsyncExitStack() as held:
        async for chunk in pieces_of(answer):
            before = inflater.size
            wire += len(chunk)
            if wire > settings.max_wire:
                raise FetchError("too-large", f"more than {settings.max_wire:,} bytes were sent")
            pieces.extend(inflater.feed(chunk))
            if before < LARGE <= inflater.size:
                await held.enter_async_context(large)
        if wire:
            pieces.extend(inflater.finish())
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def drain(answer: httpx.Response) -> None:
    """Read a little of a body nobody wants: then the connection may serve the next request.

    How such a body ends does not matter, so its faults are not told: the status said it all.
    """
    read = 0
    with contextlib.suppress(*faults.EXPECTED, TimeoutError):
        async with asyncio.timeout(DRAIN_TIME):
            async for chunk in pieces_of(answer):
                read += len(chunk)
                if read > DRAINED:
                    return


async def beginning(answer: httpx.Response, limit: int) -> bytes:
    """At most *limit* bytes of an inflated body; the rest is not waited for."""
    inflater = Inflater(codings(answer.headers.get("content-encoding", "")), 10 * limit)
    data = bytearray()
    async for chunk in pieces_of(answer):
        for piece in inflater.feed(chunk):
            data += piece
        if len(data) >= limit:
            break
    return bytes(data[:limit])
