"""Python values <-> length-prefixed pickles: what the pool and its workers say to each other."""

from __future__ import annotations

import pickle
import socket
import struct
from dataclasses import dataclass
from typing import Any

from aggregator.errors import VisitError

HEAD = struct.Struct("!Q")
MAX_REPLY = 128_000_000  # bytes; a reply that is longer is refused by the worker that made it


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker made of a call: a value, an expected error, or the name of an unexpected one.

    ``trace`` is for the log only.
    """

    value: Any = None
    error: VisitError | None = None
    exception: str = ""
    detail: str = ""
    trace: str = ""


def pack(value: object) -> bytes:
    """*value* as one frame: eight bytes of length (network order), then the pickle."""
    body = pickle.dumps(value, protocol=5)
    return HEAD.pack(len(body)) + body


def send(channel: socket.socket, value: object) -> None:
    """Write one frame to a blocking socket."""
    channel.sendall(pack(value))


def receive(channel: socket.socket) -> Any:
    """The next value from a blocking socket. EOFError when the other side is gone."""
    size = HEAD.unpack(_exactly(channel, HEAD.size))[0]
    return pickle.loads(_exactly(channel, size))  # noqa: S301 - both ends are this program


def _exactly(channel: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    view, have = memoryview(data), 0
    while have < size:
        got = channel.recv_into(view[have:])
        if not got:
            raise EOFError
        have += got
    return data
