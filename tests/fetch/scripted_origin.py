"""A scripted origin on loopback that speaks raw bytes, so that it can misbehave in every way."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Act = Callable[[asyncio.StreamWriter, "Seen"], Awaitable[None]]
PATIENCE = 10.0  # seconds after which the origin ends by itself whatever it is doing


@dataclass(frozen=True)
class Seen:
    """A request as it arrived. Header names are lower case; values are the raw text."""

    method: str
    target: str
    headers: dict[str, str]
    names: tuple[str, ...]
    body: bytes
    connection: int
    at: float


@dataclass
class Origin:
    """Answers by path: the n-th request gets the n-th answer, the last answer repeats."""

    script: dict[str, list[bytes | Act]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    most: int = 0  # requests in flight at once
    taken: int = 0  # bytes that clients took from endless answers
    port: int = 0
    _flying: int = 0
    _connections: int = 0

    @property
    def url(self) -> str:
        """The address of the origin, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def on(self, path: str, *answers: bytes | Act) -> str:
        """Script *path* (without query); returns its URL."""
        self.script[path] = list(answers)
        return self.url + path

    def targets(self) -> list[str]:
        """What was asked for, in order."""
        return [one.target for one in self.seen]

    def gaps(self) -> list[float]:
        """Seconds between the requests."""
        return [b.at - a.at for a, b in zip(self.seen, self.seen[1:], strict=False)]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self._connections += 1
        number = self._connections
        gone = (OSError, asyncio.IncompleteReadError, TimeoutError, asyncio.CancelledError)
        with contextlib.suppress(*gone):  # cancelled: the test is over
            async with asyncio.timeout(PATIENCE):
                while await self._one(reader, writer, number):
                    pass
        writer.close()

    async def _one(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> bool:
        seen = parse(await reader.readuntil(b"\r\n\r\n"), number)
        length = int(seen.headers.get("content-length", "0"))
        if length:
            seen = Seen(**{**vars(seen), "body": await reader.readexactly(length)})
        self.seen.append(seen)
        path = seen.target.partition("?")[0]
        answers = self.script.get(path, [answer(404, b"nothing here")])
        nth = sum(one.target.partition("?")[0] == path for one in self.seen) - 1
        chosen = answers[min(nth, len(answers) - 1)]
        self._flying += 1
        self.most = max(self.most, self._flying)
        try:
            if isinstance(chosen, bytes):
                writer.write(chosen)
                await writer.drain()
            else:
                await chosen(writer, seen)
        finally:
            self._flying -= 1
        return isinstance(chosen, bytes) and b"content-length:" in chosen.lower()


def parse(head: bytes, connection: int) -> Seen:
    """The request that *head* is."""
    first, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")[:-2]
    method, target, _ = first.split(" ", 2)
    pairs = [line.split(": ", 1) for line in lines]
    return Seen(
        method,
        target,
        {name.lower(): value for name, value in pairs},
        tuple(name.lower() for name, _ in pairs),
        b"",
        connection,
        asyncio.get_running_loop().time(),
    )


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A well-formed answer; ``content_type="x"`` becomes ``content-type: x``."""
    lines = [f"HTTP/1.1 {status} Words"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if status != 304 and "content_length" not in headers and "transfer_encoding" not in headers:
        lines.append(f"content-length: {len(body)}")
    elif status == 304:
        lines.append("content-length: 0")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def redirect(status: int, location: str, **headers: str) -> bytes:
    """A redirect."""
    return answer(status, location=location, **headers)


def gzipped(body: bytes, **headers: str) -> bytes:
    """*body* as a gzip-coded answer."""
    return answer(200, gzip.compress(body, mtime=0), content_encoding="gzip", **headers)


def endless(origin: Origin, head: bytes, piece: bytes) -> Act:
    """*head*, then *piece* for ever, as fast as the client takes it."""

    async def act(writer: asyncio.StreamWriter, _: Seen) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            origin.taken += len(piece)

    return act


def drip(head: bytes, piece: bytes, every: float = 0.02) -> Act:
    """*head*, then *piece* again and again, slowly."""

    async def act(writer: asyncio.StreamWriter, _: Seen) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every)

    return act


def silent(head: bytes = b"") -> Act:
    """*head*, then nothing, the connection stays open."""

    async def act(writer: asyncio.StreamWriter, _: Seen) -> None:
        writer.write(head)
        await writer.drain()
        await asyncio.sleep(PATIENCE)

    return act


def cut(data: bytes, reset: bool = False) -> Act:
    """*data*, then the end of the connection (a reset on demand)."""

    async def act(writer: asyncio.StreamWriter, _: Seen) -> None:
        writer.write(data)
        await writer.drain()
        if reset:
            writer.transport.abort()

    return act


def after(seconds: float, data: bytes) -> Act:
    """*data* after a while."""

    async def act(writer: asyncio.StreamWriter, _: Seen) -> None:
        await asyncio.sleep(seconds)
        writer.write(data)
        await writer.drain()

    return act


def bomb(size: int, times: int = 1) -> bytes:
    """*size* bytes of blanks, compressed *times* over by gzip."""
    machine = zlib.compressobj(9, zlib.DEFLATED, 31)
    blanks = bytes(1 << 20)
    data = b"".join(machine.compress(blanks) for _ in range(size >> 20)) + machine.flush()
    for _ in range(times - 1):
        data = gzip.compress(data, mtime=0)
    return data


@asynccontextmanager
async def serving(host: str = "127.0.0.1") -> AsyncIterator[Origin]:
    """An origin that listens on a free port of *host*."""
    origin = Origin()
    server = await asyncio.start_server(origin.serve, host, 0, limit=1 << 20)
    origin.port = server.sockets[0].getsockname()[1]
    try:
        yield origin
    finally:
        server.close()
        mine = asyncio.current_task()
        tasks = [t for t in asyncio.all_tasks() if t is not mine and "Origin.serve" in str(t)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
