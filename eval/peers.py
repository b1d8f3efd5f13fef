"""A folder in, an interpreter that has the other extractors (and what ours needs) out.

The environment is built once, by uv or pip; nothing of it is a
dependency of the project.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PEERS = (
    "trafilatura==2.3.1",
    "newspaper4k[zh]==0.9.6",
    "gne==0.4.3",
    "readability-lxml==0.9",
    "goose3==3.1.22",
    "justext==3.0.2",
    "resiliparse==2.0.1",
    "htmldate==1.11.0",
)
OURS = ("lxml>=6.1", "cssselect>=1.2", "nh3>=0.3", "tzdata")
DEFAULT = Path(tempfile.gettempdir()) / "aggregator-peers"


def interpreter(folder: Path = DEFAULT, *, install: bool = False) -> Path:
    """The Python of the environment in *folder*; with *install* it is built first if needed."""
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    ready = folder / "ready"  # written last: an interrupted build is begun again
    if not ready.exists():
        if not install:
            raise SystemExit(f"no environment of peers in {folder}: run again with --install")
        venv.create(folder, with_pip=True, clear=True)
        _install(python)
        ready.touch()
    return python


def _install(python: Path) -> None:
    uv = shutil.which("uv")
    if uv:
        commands = [[uv, "pip", "install", "--quiet", "--python", python, *PEERS, *OURS]]
    else:
        pip = [python, "-m", "pip", "install", "--quiet"]
        commands = [[*pip, "--upgrade", "pip"], [*pip, *PEERS, *OURS]]
    for command in commands:
        subprocess.run(command, check=True)
