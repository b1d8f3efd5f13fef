"""The program as a process: commands that end, services that run; every wait has a deadline."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = (sys.executable, "-m", "aggregator")
PAUSE = 0.05  # seconds between two looks at a condition

CONFIG = """\
[archive]
url = "sqlite:///archive/a.sqlite"
vault = "archive/warc"
[fetch]
delay = 0
robots = false
timeout = 5
allow_private = ["127.0.0.1"]
[schedule]
tick = 0.1
interval = "1h"
[web]
port = {port}
"""


def environment() -> dict[str, str]:
    """The variables of this process without those that send requests elsewhere."""
    kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    return kept | {"PYTHONUNBUFFERED": "1", "COLUMNS": "200"}


def write_config(folder: Path, sources: Mapping[str, str], port: int = 8000) -> Path:
    """A config.toml in *folder*; *sources* are the tables' lines by key."""
    tables = [f"[source.{key}]\n{lines}\n" for key, lines in sources.items()]
    path = folder / "config.toml"
    path.write_text(CONFIG.format(port=port) + "".join(tables), "utf-8")
    return path


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Call = Callable[..., Done]


def invoke(
    *args: str | Path, cwd: Path, code: int = 0, before: Sequence[str] = (), timeout: float = 60.0
) -> Done:
    """Run a command to its end; it must exit with *code* and without a traceback."""
    command = [*before, *PROGRAM, *map(str, args)]
    made = subprocess.run(
        command, cwd=cwd, env=environment(), capture_output=True, timeout=timeout, check=False
    )
    done = Done(made.returncode, made.stdout.decode(), made.stderr.decode())
    assert "Traceback" not in done.err + done.out, done.err
    assert done.code == code, (args, done)
    return done


def refused(*args: str | Path, cwd: Path, code: int, before: Sequence[str] = ()) -> str:
    """The one message of a command that must fail with *code*; nothing is printed beside it."""
    done = invoke(*args, cwd=cwd, code=code, before=before)
    assert done.out == ""
    assert done.err.strip()
    return done.err


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def until(condition: Callable[[], object], what: Callable[[], str], timeout: float = 20.0) -> None:
    """Wait for *condition*; fails with *what* it looked like when the time is over."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout} s: {what()}"
        time.sleep(PAUSE)


@dataclass
class Service:
    """A command that runs until it is stopped; its output is read as it comes."""

    args: Sequence[str | Path]
    cwd: Path
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)

    def __enter__(self) -> Service:
        self.process = subprocess.Popen(
            [*PROGRAM, *map(str, self.args)],
            cwd=self.cwd,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._readers = [
            threading.Thread(target=_collect, args=pair, daemon=True)
            for pair in ((self.process.stdout, self.out), (self.process.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self._end()
        assert "Traceback" not in self.said(), self.said()

    def _end(self) -> int:
        code = self.process.wait(20)
        for reader in self._readers:
            reader.join(5)
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        return code

    def said(self) -> str:
        """All output so far."""
        return "".join(self.out) + "".join(self.err)

    def until_said(self, words: str, timeout: float = 20.0) -> None:
        """Wait until *words* are in the output; fails at once when the process has ended."""
        until(lambda: words in self.said() or self.process.poll() is not None, self.said, timeout)
        if self.process.poll() is not None:
            self._end()
        assert words in self.said(), self.said()

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal and wait for the end: exit code, and how many seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(20)
        took = time.monotonic() - began
        self._end()
        return code, took


def _collect(stream: Any, lines: list[str]) -> None:
    for line in stream:
        lines.append(line)  # noqa: PERF402  seen by others line by line


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def get(port: int, path: str, **headers: str) -> Answer:
    """One GET to a service on loopback, by no proxy."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(
            "GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        response = connection.getresponse()
        fields = {k.lower(): v for k, v in response.getheaders()}
        return Answer(response.status, fields, response.read())
    finally:
        connection.close()


def get_json(port: int, path: str) -> Any:
    """The JSON at *path*."""
    answer = get(port, path)
    assert answer.status == 200, answer
    return json.loads(answer.body)
