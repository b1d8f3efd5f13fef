"""The archive that reading commands share, and the command line in this process for many inputs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flow_site import Site
from system_library import Library, make_library
from system_program import Call, Done


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    made = Site()
    yield make_library(tmp_path_factory.mktemp("library"), made)
    made.close()


@pytest.fixture
def copy(library: Library, tmp_path: Path) -> Path:
    """A copy of the library's folder that a test may break."""
    folder = tmp_path / "copy"
    shutil.copytree(library.folder, folder)
    return folder


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Call:
    """The command line as `main` runs it, without a new interpreter: for tables of inputs."""
    from aggregator.cli import main

    def run(*args: str | Path, cwd: Path = tmp_path, code: int = 0) -> Done:
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", ["aggregator", *map(str, args)])
        monkeypatch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as ended:
            main()
        done = Done(int(ended.value.code or 0), *capsys.readouterr())
        assert done.code == code, done
        return done

    return run
