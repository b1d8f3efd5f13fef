"""A function of a path in, an HTTP/1.1 server on loopback out (RFC 9110 and 9112, GET and HEAD)."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

from aggregator.demo.answer import Answer

HEAD_LIMIT = 16_384
IDLE = 30.0  # seconds an open connection may be silent
SMALLEST_GZIP = 256  # bytes

Site = Callable[[str], Answer]


class BadRequestError(Exception):
    """The request cannot be read; the connection is closed after the answer."""


class SiteServer:
    """Serves one site on 127.0.0.1."""

    def __init__(self, site: Site, now: Callable[[], datetime]) -> None:
        self._site, self._now = site, now
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self, port: int) -> int:
        """Bind *port* (0 = any free one) and say which one it became. Raises OSError."""
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", port, limit=HEAD_LIMIT
        )
        address: tuple[str, int] = self._server.sockets[0].getsockname()
        return address[1]

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is None:
            return
        self._server.close()
        tasks = list(self._open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answer_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            return  # the client went away or fell silent: nobody is left to be told
        finally:
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether the connection stays open."""
        try:
            raw = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE)
            method, target, headers, persistent = parse_head(raw)
            persistent = persistent and method in ("GET", "HEAD")
        except (BadRequestError, asyncio.LimitOverrunError):
            writer.write(plain(HTTPStatus.BAD_REQUEST))
            await writer.drain()
            return False
        writer.write(self._reply(method, target, headers, persistent))
        await writer.drain()
        return persistent

    def _reply(
        self, method: str, target: str, headers: Mapping[str, str], persistent: bool
    ) -> bytes:
        if method not in ("GET", "HEAD"):
            return plain(HTTPStatus.METHOD_NOT_ALLOWED, ("Allow", "GET, HEAD"))
        status, fields, body = respond(self._site(target), headers)
        fields = [("Date", format_datetime(self._now(), usegmt=True)), *fields]
        if not persistent:
            fields.append(("Connection", "close"))
        return compose(status, fields, b"" if method == "HEAD" else body)


def parse_head(raw: bytes) -> tuple[str, str, dict[str, str], bool]:
    """(method, target, headers by lower-case name, persistent) of a request head."""
    first, *rest = raw.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[1].startswith("/") or not words[2].startswith("HTTP/1."):
        raise BadRequestError(first)
    headers: dict[str, str] = {}
    for line in filter(None, rest):
        name, colon, value = line.partition(":")
        if not colon or name != name.strip():
            raise BadRequestError(line)
        headers[name.lower()] = value.strip()
    return words[0], words[1], headers, _persistent(words[2], headers)


def _persistent(version: str, headers: Mapping[str, str]) -> bool:
    """Whether the connection stays open (RFC 9112, 9.3); never after a body, which is not read."""
    if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        return False
    wish = headers.get("connection", "").lower()
    return "keep-alive" in wish if version == "HTTP/1.0" else "close" not in wish


def respond(answer: Answer, headers: Mapping[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, header fields and body of *answer* under the request's conditions."""
    zipped = len(answer.body) >= SMALLEST_GZIP and accepts_gzip(headers.get("accept-encoding", ""))
    etag = f'{answer.etag[:-1]}-gzip"' if zipped else answer.etag
    fields = [("Vary", "Accept-Encoding")]
    if answer.status == HTTPStatus.OK:
        modified = format_datetime(answer.last_modified.astimezone(UTC), usegmt=True)
        fields += [("ETag", etag), ("Last-Modified", modified)]
        if is_unchanged(etag, answer.last_modified, headers):
            return HTTPStatus.NOT_MODIFIED, fields, b""
    body = gzip.compress(answer.body, mtime=0) if zipped else answer.body
    fields += [("Content-Type", answer.content_type), ("Content-Length", str(len(body)))]
    if zipped:
        fields.append(("Content-Encoding", "gzip"))
    return answer.status, fields, body


def is_unchanged(etag: str, modified: datetime, headers: Mapping[str, str]) -> bool:
    """Whether the conditions of the request call for a 304 (RFC 9110, 13.2.2)."""
    known = headers.get("if-none-match")
    if known is not None:
        tags = [tag.strip().removeprefix("W/") for tag in known.split(",")]
        return "*" in tags or etag in tags
    since = headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False  # a date that cannot be read is ignored (RFC 9110, 13.1.3)


def accepts_gzip(wish: str) -> bool:
    """Whether an Accept-Encoding value allows gzip (RFC 9110, 12.5.3)."""
    for part in wish.lower().split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip() in ("gzip", "x-gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def compose(status: int, fields: list[tuple[str, str]], body: bytes) -> bytes:
    """The bytes of a response."""
    phrase = HTTPStatus(status).phrase
    lines = [f"HTTP/1.1 {int(status)} {phrase}", *(f"{name}: {value}" for name, value in fields)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def plain(status: HTTPStatus, *fields: tuple[str, str]) -> bytes:
    """A short answer in words after which the connection may end."""
    body = f"{status.value} {status.phrase}\n".encode()
    head = [
        ("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Connection", "close"),
    ]  # fmt: skip
    return compose(status, [*fields, *head], body)
