"""A socket -> answers: one worker process, which runs the calls it is sent until the socket ends."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import resource
import signal
import socket
import traceback
from dataclasses import dataclass

from aggregator.errors import VisitError
from aggregator.pool.frames import MAX_REPLY, Answer, pack, receive, send

PR_SET_PDEATHSIG = 1  # prctl(2)
EXHAUSTED = "MemoryError"  # a worker that ran out of memory ends after telling so


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one worker: address space in bytes, CPU in seconds for each call."""

    memory: int
    cpu_seconds: int


def serve(channel: socket.socket, limits: Limits) -> None:
    """Answer the calls that come over *channel* until its other side is closed."""
    confine(limits)
    send(channel, os.getpid())
    while True:
        try:
            function, args = receive(channel)
        except (EOFError, ConnectionError):
            return
        except Exception as error:  # an argument or function that cannot be rebuilt here
            channel.sendall(pack(failed(error)))
            continue
        arm(limits.cpu_seconds)
        answer = call(function, args)
        # The arguments may be large: gone before the next call is read.
        del function, args
        channel.sendall(frame(answer))
        if answer.exception == EXHAUSTED:
            return


def confine(limits: Limits) -> None:
    """Bound the memory, end with the parent, leave Ctrl-C to the parent, write no core files."""
    with contextlib.suppress(OSError, AttributeError):  # Linux only; elsewhere the socket's end
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def arm(seconds: int) -> None:
    """Allow *seconds* more of CPU time from now; then the kernel ends the process (SIGXCPU)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(
        resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime) + seconds, hard)
    )


def call(function: object, args: tuple[object, ...]) -> Answer:
    """The answer of one call. Even SystemExit is an answer: only signals end a worker."""
    try:
        return Answer(value=function(*args))  # type: ignore[operator]  # whatever was sent
    except VisitError as error:
        return Answer(error=error)
    except BaseException as error:
        return failed(error)


def failed(error: BaseException) -> Answer:
    """An unexpected exception as an answer."""
    return Answer(
        exception=type(error).__name__,
        detail=str(error)[:200],
        trace="".join(traceback.format_exception(error, limit=-20))[-8000:],
    )


def frame(answer: Answer) -> bytes:
    """*answer* as a frame; a value that cannot be sent, or is too large, becomes a failure."""
    try:
        data = pack(answer)
    except Exception as error:  # whatever the value's own pickling raises
        return pack(failed(error))
    if len(data) > MAX_REPLY:
        return pack(Answer(exception="OverflowError", detail=f"result of {len(data)} bytes"))
    return data
