"""What the tests let the workers do."""

import os
import resource
import signal
import sys
import threading
import time
from datetime import UTC, datetime

from aggregator.errors import ReadError


def size(body: bytes) -> int:
    """The length of what came over."""
    return len(body)


def blow(count: int) -> bytes:
    """A result of *count* bytes."""
    return bytes(count)


def spin() -> None:
    """Use CPU for ever."""
    while True:
        pass


def hang() -> None:
    """Wait for ever without using CPU."""
    threading.Event().wait()


def segfault() -> None:
    """Die as a C library would."""
    os.kill(os.getpid(), signal.SIGSEGV)


def deep(depth: int) -> int:
    """Recurse too deep."""
    return deep(depth + 1)


def expected() -> None:
    """Fail as a reader does."""
    when = datetime(2026, 1, 2, tzinfo=UTC)
    raise ReadError("not-a-feed", "不是列表", url="http://a.example/", status=200, retry_at=when)


def unexpected() -> None:
    """Fail as a parser with a fault does."""
    raise KeyError("links")


def leave() -> None:
    """Try to end the worker in the orderly way."""
    sys.exit(3)


def unpicklable() -> object:
    """A result that cannot be sent."""
    return threading.Lock()


def cpu_limit() -> int:
    """The CPU seconds at which the kernel would end this worker."""
    return int(resource.getrlimit(resource.RLIMIT_CPU)[0])


def burn(seconds: float) -> None:
    """Use some CPU."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
