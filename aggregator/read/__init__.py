"""One answer of a source's address -> Listing, by the kind of the source."""

from __future__ import annotations

from aggregator.config import SourceOptions
from aggregator.model import Listing, Page


def read(page: Page, options: SourceOptions) -> Listing:
    """The Listing of *page*, read as ``options.kind`` says. Raises ReadError(code, message)."""
    # Imported late: each reader brings its own heavy library, and a worker often needs only one.
    match options.kind:
        case "feed":
            from aggregator.read.feed import read_feed

            return read_feed(page, options)
        case "list":
            from aggregator.read.listpage import read_list

            return read_list(page, options)
        case "data":
            from aggregator.read.datalist import read_data

            return read_data(page, options)
        case "sitemap":
            from aggregator.read.sitemap import read_sitemap

            return read_sitemap(page, options)
