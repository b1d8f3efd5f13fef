"""The wheel holds all that it needs to run: built, opened, installed into an empty environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import aggregator

from system_program import environment

MUST = (
    "config.toml", "catalogue.toml", "py.typed", "migrations/env.py", "migrations/script.py.mako",
    "demo/data/stories.toml", "demo/templates/trs.html", "web/templates/base.html",
    "web/static/style.css", "extract/sites/families.toml", "extract/sites/sites.toml",
)  # fmt: skip


def uv(*args: str | Path, cwd: Path) -> None:
    """Run uv without the network; skips where what it needs is not in its cache."""
    program = shutil.which("uv")
    if program is None:
        pytest.skip("uv is not on the PATH, so no wheel can be built")
    made = subprocess.run(
        [program, *map(str, args), "--offline"],
        cwd=cwd, env=environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    if made.returncode and ("network was disabled" in made.stderr or "not found" in made.stderr):
        pytest.skip(f"uv needs the network here: {made.stderr.strip().splitlines()[-1]}")
    assert made.returncode == 0, made.stderr


@pytest.fixture(scope="session")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--wheel", "-o", folder, cwd=root)
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_holds_every_file_of_the_package(root: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
    assert {f"aggregator/{name}" for name in MUST} <= names
    packages = {"aggregator": root / "aggregator", "aggregator/migrations": root / "migrations"}
    for place, folder in packages.items():
        files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
        assert len(files) > 2
        assert {f"{place}/{path.relative_to(folder).as_posix()}" for path in files} <= names
    info = f"party_aggregator-{aggregator.__version__}.dist-info/"
    assert all(name.startswith(("aggregator/", info)) for name in names)


def test_the_installed_program_works_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    place, empty = tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    uv("venv", place, "--python", sys.executable, cwd=tmp_path)
    uv("pip", "install", "--no-deps", "--python", place / "bin" / "python", wheel, cwd=tmp_path)
    # The libraries are those of this environment, the program is the wheel's alone.
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")

    def run(*args: str) -> str:
        made = subprocess.run(
            [place / "bin" / "aggregator", *args],
            cwd=empty, env=clean_environment(), capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert made.stderr == ""
        return made.stdout

    assert run("--version") == f"aggregator, version {aggregator.__version__}\n"
    assert f"{packages}/aggregator/config.toml: good;" in run("check")
    assert run("migrate").endswith("(it is new).\n")
    assert (empty / "archive" / "aggregator.sqlite").is_file()
    assert run("articles", "--json") == "[]\n"


def clean_environment() -> dict[str, str]:
    """Nothing that points at the source tree or at the environment of the tests."""
    kept = {k: v for k, v in environment().items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return kept | {"PYTHONUTF8": "1", "PATH": os.defpath}
