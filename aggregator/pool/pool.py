"""(function, arguments) -> result or ParserError: a pool of killable parser processes for asyncio.

Codes of ParserError: "parser-timeout" (wall or CPU time), "parser-died" (a signal, the memory
bound), "parser-failed" (an exception that is no VisitError; its name is in the message).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

from aggregator.errors import ParserError
from aggregator.pool.channel import Channel, Lost
from aggregator.pool.frames import Answer, pack
from aggregator.pool.worker import EXHAUSTED, Limits
from aggregator.pool.zygote import KILL, SPAWN

T = TypeVar("T")
log = logging.getLogger(__name__)

START = "import sys; from aggregator.pool.zygote import main; main(int(sys.argv[1]))"
WARM = ("aggregator.read", "aggregator.extract")  # what the workers mostly run
BIRTH = 30.0  # seconds until a new worker must have said hello (the first waits for the imports)
RECYCLE = 2000  # calls after which a worker is replaced, so that leaks of C libraries stay small


class WorkerPool:
    """At most *size* worker processes, started when first needed; calls wait in order of arrival.

    *memory_mb* bounds the address space of a worker, *cpu_seconds* the CPU time of one call.
    *warm* are modules imported once, before the workers are forked.
    """

    def __init__(
        self,
        size: int,
        memory_mb: int = 512,
        cpu_seconds: int = 15,
        warm: Sequence[str] = WARM,
    ) -> None:
        self._limits = Limits(memory_mb * 1_000_000, cpu_seconds)
        self._warm = tuple(warm)
        self._turns = asyncio.Semaphore(size)
        self._idle: deque[Channel] = deque()
        self._busy: set[Channel] = set()
        self._zygote: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._closed = False

    async def run(self, function: Callable[..., T], *args: object, timeout: float = 15.0) -> T:
        """*function* (importable) of *args* in a worker; *timeout* is wall seconds.

        VisitErrors come through as they are, everything else as ParserError (see the module).
        """
        call = pack((function, args))  # what cannot be pickled is the caller's fault: raised here
        async with self._turns:
            answer = await self._ask(call, getattr(function, "__name__", "call"), timeout)
        if answer.error is not None:
            raise answer.error
        if answer.exception:
            self._tell_failure(answer)
        value: T = answer.value
        return value

    async def close(self) -> None:
        """End the workers; calls that are running fail with "parser-died"."""
        self._closed = True
        for channel in self._busy:
            channel.hang_up()
        for channel in self._idle:
            channel.close()
        self._idle.clear()
        if self._control is not None:
            self._control.close()
        if self._zygote is not None:
            await asyncio.to_thread(_end, self._zygote)
            self._zygote = None

    async def _ask(self, call: bytes, name: str, timeout: float) -> Answer:
        channel = await self._worker()
        self._busy.add(channel)
        started = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(timeout):
                answer = await channel.ask(call)
        except TimeoutError:
            self._discard(channel)
            raise ParserError(
                "parser-timeout", f"{name} did not end within {timeout:g} s and was stopped"
            ) from None
        except Lost:
            self._discard(channel)
            self._tell_death(name, asyncio.get_running_loop().time() - started)
        except BaseException:  # cancelled: the worker is still at it
            self._discard(channel)
            raise
        self._give_back(channel, answer)
        return answer

    async def _worker(self) -> Channel:
        """An idle worker that is alive, or a new one."""
        while self._idle:
            channel = self._idle.pop()
            if channel.alive():
                return channel
            channel.close()
        return await self._spawn()

    async def _spawn(self) -> Channel:
        if self._closed:
            raise ParserError("parser-died", "the parser workers were already ended")
        ours, theirs = socket.socketpair()
        try:
            self._order(SPAWN, theirs)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        channel = Channel(ours)
        try:
            async with asyncio.timeout(BIRTH):
                channel.pid = await channel.read()
        except (TimeoutError, Lost):
            channel.close()
            raise ParserError("parser-died", "a parser process could not be started") from None
        except BaseException:
            channel.close()
            raise
        return channel

    def _order(self, order: bytes, theirs: socket.socket) -> None:
        """Tell the zygote; start it first where there is none, or a new one when it has died."""
        if self._control is not None and self._zygote is not None and self._zygote.poll() is None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                socket.send_fds(self._control, [order], [theirs.fileno()])
                return
        self._start()
        assert self._control is not None
        socket.send_fds(self._control, [order], [theirs.fileno()])

    def _start(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._zygote is not None:
            _end(self._zygote)
        self._control, theirs = socket.socketpair()
        fd = theirs.fileno()
        self._zygote = subprocess.Popen(  # noqa: S603 - this interpreter and our own module
            [sys.executable, "-c", START, str(fd)],
            pass_fds=[fd],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self._control.sendall(pack((sys.path, self._warm, self._limits)))

    def _give_back(self, channel: Channel, answer: Answer) -> None:
        self._busy.discard(channel)
        if self._closed or answer.exception == EXHAUSTED or channel.calls >= RECYCLE:
            channel.close()  # the worker ends at the end of its socket
        else:
            self._idle.append(channel)

    def _discard(self, channel: Channel) -> None:
        """Kill the worker: it is dead, hanging, or at work nobody waits for."""
        self._busy.discard(channel)
        channel.close()
        if self._control is not None and not self._closed:
            with contextlib.suppress(OSError):  # no zygote, no workers
                self._control.sendall(KILL + pack(channel.pid))

    def _tell_death(self, name: str, seconds: float) -> NoReturn:
        if seconds >= self._limits.cpu_seconds:  # only then the kernel may have ended it
            raise ParserError(
                "parser-timeout",
                f"{name} used more than {self._limits.cpu_seconds} s of CPU and was stopped",
            )
        raise ParserError("parser-died", f"the parser process died in {name}")

    def _tell_failure(self, answer: Answer) -> NoReturn:
        if answer.exception == EXHAUSTED:
            raise ParserError(
                "parser-died",
                f"the document needs more than {self._limits.memory // 1_000_000} MB to be parsed",
            )
        log.warning("parser failed: %s", answer.trace)
        what = f"{answer.exception}: {answer.detail}" if answer.detail else answer.exception
        raise ParserError("parser-failed", f"the parser failed on this document ({what})")


def _end(process: subprocess.Popen[Any]) -> None:
    """Wait shortly for a process that was told to end, then kill it."""
    try:
        process.wait(timeout=1.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
