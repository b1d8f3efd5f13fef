"""A static HTTP origin on loopback for benchmarks: many ports, ETag, Last-Modified, 304, gzip.

python benchmarks/origin.py FOLDER PORTS        prints its ports and serves until it is ended
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import sys
from email.utils import formatdate
from pathlib import Path


class Origin:
    """Serves the files of one folder; bodies are compressed once and kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.cache: dict[str, tuple[bytes, bytes]] = {}
        self.requests = 0

    def answer(self, path: str) -> tuple[bytes, bytes] | None:
        """(head with validators, compressed body) of a file, or None."""
        if path not in self.cache:
            file = (self.folder / path.lstrip("/")).resolve()
            if not file.is_relative_to(self.folder) or not file.is_file():
                return None
            raw = file.read_bytes()
            tag = hashlib.sha256(raw).hexdigest()[:20]
            kind = "text/html" if path.endswith("html") else "application/xml"
            head = (
                f'ETag: "{tag}"\r\nLast-Modified: {formatdate(file.stat().st_mtime, usegmt=True)}\r\n'
                f"Content-Type: {kind}\r\n"
            )
            self.cache[path] = head.encode(), gzip.compress(raw, 1)
        return self.cache[path]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.requests += 1
                writer.write(self.respond(head))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def respond(self, head: bytes) -> bytes:
        """The answer to one request head."""
        path = head.split(b" ", 2)[1].decode("latin-1").split("?")[0]
        found = self.answer(path)
        if found is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        fields, body = found
        tag = fields.split(b'"')[1]
        if b'"' + tag + b'"' in head:
            return b"HTTP/1.1 304 Not Modified\r\n" + fields + b"\r\n"
        length = f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        return b"HTTP/1.1 200 OK\r\n" + fields + length + body


async def main(folder: str, ports: int) -> None:
    """Listen on *ports* free ports and serve until ended."""
    origin = Origin(Path(folder))
    servers = [await asyncio.start_server(origin.serve, "127.0.0.1", 0) for _ in range(ports)]
    print(*(s.sockets[0].getsockname()[1] for s in servers), flush=True)
    await asyncio.gather(*(s.serve_forever() for s in servers))


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1], int(sys.argv[2])))
    except KeyboardInterrupt:
        sys.exit(0)
