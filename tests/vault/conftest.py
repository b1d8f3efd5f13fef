"""A vault in a fresh folder, a clock that is set by hand, and pages to keep."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.model import Page
from aggregator.vault import WarcVault


@dataclass
class SetClock:
    """A clock that stands until it is set."""

    instant: datetime = datetime(2026, 5, 4, 3, 2, 1, 654321, tzinfo=UTC)

    def now(self) -> datetime:
        """The time it was set to."""
        return self.instant


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands."""
    return SetClock()


@pytest.fixture
def make_vault(tmp_path: Path, clock: SetClock) -> Callable[..., WarcVault]:
    """Opens the vault of this test; again and again, as restarts do."""

    def make(rotate_bytes: int = 1_000_000_000) -> WarcVault:
        return WarcVault(tmp_path / "warc", rotate_bytes, clock)

    return make


@pytest.fixture
def make_page(clock: SetClock) -> Callable[..., Page]:
    """Makes an invented page; keyword arguments replace its fields."""

    def make(number: int = 0, **changes: object) -> Page:
        url = f"http://news.example/art/{number}.html"
        fields: dict[str, object] = {
            "url": url,
            "final_url": url,
            "status": 200,
            "headers": (("content-type", "text/html; charset=gbk"), ("etag", f'"{number}"')),
            "body": f"<h1>第 {number} 篇</h1><p>{'正文' * (number % 7)}</p>".encode("gbk"),
            "fetched_at": clock.now(),
            "request_headers": (("user-agent", "Test/1"), ("accept", "text/html")),
        }
        return Page(**(fields | changes))  # type: ignore[arg-type]  # names checked by Page

    return make
