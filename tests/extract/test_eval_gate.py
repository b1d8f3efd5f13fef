"""The evaluation gate: floors hold on the saved pages, and a fallen figure is told."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def gate(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("gate", root / "eval" / "gate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_figure_below_its_floor_is_told(gate: ModuleType) -> None:
    measured = {"F": 0.9, "invented": 0.1, "title": 1.0}
    fallen = gate.check("all", measured, {"F": 0.95, "invented": 0.02, "title": 1.0})
    assert fallen == [
        "all: F is 0.900, its floor is 0.95",
        "all: invented is 0.100, its floor is 0.02",
    ]


def test_without_pages_the_gate_says_so(root: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(root / "eval" / "gate.py"), "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "nothing measured" in done.stdout


@pytest.mark.shared
def test_the_floors_hold(root: Path, shared: Path) -> None:
    command = [sys.executable, str(root / "eval" / "gate.py"), "--data", str(shared / "eval")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
