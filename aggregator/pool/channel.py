"""One call's frame -> its answer: the pool's end of the socket to one worker, for asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import select
import socket
from typing import Any

from aggregator.pool.frames import HEAD, Answer

BUFFER = 1 << 20  # bytes; a page usually goes over in one piece


class Lost(Exception):  # noqa: N818 - never leaves the pool
    """The worker at the other end is gone."""


class Channel:
    """A socket to one worker process. ``calls`` counts what it was asked."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        self._sock = sock
        self.pid = 0
        self.calls = 0

    def alive(self) -> bool:
        """Whether an idle worker is still there (it says nothing unasked but its end)."""
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        return not poll.poll(0)

    async def ask(self, call: bytes) -> Answer:
        """Send a packed call and wait for the answer. Raises Lost."""
        self.calls += 1
        try:
            await asyncio.get_running_loop().sock_sendall(self._sock, call)
        except OSError as error:
            raise Lost from error
        answer: Answer = await self.read()
        return answer

    async def read(self) -> Any:
        """The next value the worker sends. Raises Lost."""
        size = HEAD.unpack(await self._exactly(HEAD.size))[0]
        return pickle.loads(await self._exactly(size))  # noqa: S301 - from our own worker

    async def _exactly(self, size: int) -> bytearray:
        data = bytearray(size)
        view, have = memoryview(data), 0
        loop = asyncio.get_running_loop()
        while have < size:
            try:
                got = await loop.sock_recv_into(self._sock, view[have:])
            except OSError as error:
                raise Lost from error
            if not got:
                raise Lost
            have += got
        return data

    def hang_up(self) -> None:
        """Let a call that waits on this channel get Lost (closing alone would not wake it)."""
        with contextlib.suppress(OSError):  # the other side went first
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close our end; an idle worker ends by that."""
        self._sock.close()
