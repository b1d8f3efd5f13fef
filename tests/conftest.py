"""Fixtures that every part of the suite may use."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of research data beside the project; skips, saying so, where it is absent."""
    path = ROOT.parent / "shared"
    if not (path / "eval" / "pages").is_dir():
        pytest.skip("the research data (../shared) is not on this machine")
    return path
