"""A demo web without sockets: fixed start, fixed addresses."""

from datetime import UTC, datetime

import pytest

from aggregator.demo.sites import SITES
from aggregator.demo.world import World, build


@pytest.fixture(scope="session")
def world() -> World:
    """The demo as it would be if it had started on a morning in November."""
    origins = {site.key: f"http://127.0.0.1:{9001 + i}" for i, site in enumerate(SITES)}
    return build(datetime(2026, 11, 3, 1, 30, 5, tzinfo=UTC), origins)
