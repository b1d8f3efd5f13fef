"""Orders on a control socket -> forked workers: one single-threaded process with warm imports.

Forking from here is safe whatever threads the main program has, needs no second import of the
parsers (5 ms instead of 0.5 s a worker), and shares their memory.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import socket
import sys
import traceback
from types import FrameType
from typing import NoReturn

from aggregator.pool.frames import receive
from aggregator.pool.worker import Limits, serve

KILL = b"K"  # followed by a frame with the pid
SPAWN = b"S"  # carries the worker's end of its socket


def main(control_fd: int) -> None:
    """Obey the orders that come over *control_fd* until its other side is closed."""
    control = socket.socket(fileno=control_fd)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    path, modules, limits = receive(control)
    sys.path[:] = path
    warm(modules)
    children: set[int] = set()

    def reap(_signal: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ChildProcessError):
            while pid := os.waitpid(-1, os.WNOHANG)[0]:
                children.discard(pid)

    signal.signal(signal.SIGCHLD, reap)
    obey(control, limits, children)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for pid in children:
        kill(pid)


def warm(modules: tuple[str, ...]) -> None:
    """Import what the workers will need; one that fails is told and left to the call itself."""
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception:
            print(f"worker pool: cannot import {name} beforehand", file=sys.stderr)  # noqa: T201
            traceback.print_exc(limit=-3)
    gc.collect()
    gc.freeze()


def obey(control: socket.socket, limits: Limits, children: set[int]) -> None:
    """Fork a worker for every SPAWN, end one for every KILL."""
    while True:
        order, fds, _, _ = socket.recv_fds(control, 1, 1)
        if not order:
            return
        if order == KILL:
            pid = receive(control)
            if pid in children:  # not reaped yet, so the number is still its own
                kill(pid)
            continue
        # Blocked until the pid is in the set: a worker may die at once.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        children.add(fork(fds[0], control, limits))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def fork(fd: int, control: socket.socket, limits: Limits) -> int:
    """Start a worker on *fd*; returns its pid (here) or never (in the worker)."""
    pid = os.fork()
    if pid == 0:
        work(fd, control, limits)
    os.close(fd)
    return pid


def work(fd: int, control: socket.socket, limits: Limits) -> NoReturn:
    """The whole life of a worker process."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        control.close()
        serve(socket.socket(fileno=fd), limits)
        code = 0
    except ConnectionError:
        code = 0  # the pool went away in the middle of an answer
    except BaseException:
        traceback.print_exc(limit=-5)
    finally:
        os._exit(code)


def kill(pid: int) -> None:
    """End *pid*, if it still is."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
