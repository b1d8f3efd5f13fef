"""Pages as they come from the net, and the readers under test."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from aggregator.config import SourceOptions
from aggregator.model import Listing, Page
from aggregator.read.feed import read_feed

URL = "http://news.example.cn/feed.xml"


def make_page(body: bytes, content_type: str = "application/rss+xml", url: str = URL) -> Page:
    """A 200 answer."""
    return Page(
        url, url, 200, (("content-type", content_type),), body, datetime(2026, 10, 3, tzinfo=UTC)
    )


def read_one(
    body: bytes | str, content_type: str = "application/rss+xml", **options: object
) -> Listing:
    """*body* read as a feed with the default options."""
    data = body.encode() if isinstance(body, str) else body
    return read_feed(make_page(data, content_type), SourceOptions(url=URL, **options))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def page() -> Callable[..., Page]:
    return make_page


@pytest.fixture(scope="session")
def feed() -> Callable[..., Listing]:
    return read_one
