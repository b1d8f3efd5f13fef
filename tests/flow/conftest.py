"""A world for each test: a real site on loopback, the real parts, a clock that tests move."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flow_site import Site, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    site = Site()
    yield World(site, tmp_path)
    site.close()
