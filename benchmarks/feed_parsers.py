"""Our feed reader beside feedparser, on generated feeds: MB/s, items/s and the ratio, in CPU time.

    uv run python benchmarks/feed_parsers.py [--feeds 20] [--rounds 5] [--folder DIR]

Without --folder the feeds are invented here: three RSS to one Atom, 35 items with full text, every
twentieth in GBK. feedparser's sanitising and URL resolving are off, as ours come later; "lenient"
is our reader without its strict parser. The best of the rounds counts. It ends with 1 when the two
ways of ours give different items.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import feedparser

from aggregator import charset
from aggregator.config import SourceOptions
from aggregator.model import Listing, Page
from aggregator.read.feed import read_feed
from aggregator.read.feedfields import Context
from aggregator.read.feedparsed import read_parsed
from aggregator.read.feedtext import prepare

sys.path.insert(0, str(Path(__file__).resolve().parent))
from corpus import write_feeds

URL = "http://127.0.0.1/feed.xml"
OPTIONS = SourceOptions(url=URL)


def ours(body: bytes) -> Listing:
    page = Page(
        URL,
        URL,
        200,
        (("content-type", "application/xml"),),
        body,
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    return read_feed(page, OPTIONS)


def lenient(body: bytes) -> Listing:
    text, how = charset.decode(body)
    prepared = prepare(text)
    if prepared is None:
        raise SystemExit("a generated feed was not recognised as one")
    return read_parsed(prepared, Context(URL, OPTIONS.timezone, OPTIONS.max_items, how))


def theirs(body: bytes) -> object:
    return feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)


def seconds(read: Callable[[bytes], object], bodies: Sequence[bytes], rounds: int) -> float:
    """The least CPU time of one pass over *bodies*."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        for body in bodies:
            read(body)
        times.append(time.process_time() - start)
    return min(times)


def invented(count: int) -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        write_feeds(Path(folder), count, [8080])
        bodies = [(Path(folder) / "f" / f"{n}.xml").read_bytes() for n in range(count)]
    return [as_gbk(body) if n % 20 == 19 else body for n, body in enumerate(bodies)]


def as_gbk(body: bytes) -> bytes:
    return body.decode().replace('encoding="utf-8"', 'encoding="GB2312"').encode("gb18030")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--feeds", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="read the *.xml of this folder instead")
    arguments = parser.parse_args()
    if arguments.folder:
        bodies = [path.read_bytes() for path in sorted(arguments.folder.glob("*.xml"))]
    else:
        bodies = invented(arguments.feeds)
    megabytes = sum(map(len, bodies)) / 1e6
    items = sum(len(ours(body).sightings) for body in bodies)
    differ = sum(ours(body).sightings != lenient(body).sightings for body in bodies)
    print(
        f"{len(bodies)} feeds, {items} items, {megabytes:.1f} MB; feedparser {feedparser.__version__}"
    )
    base = seconds(theirs, bodies, arguments.rounds)
    for name, read in (("feedparser", theirs), ("lenient", lenient), ("ours", ours)):
        took = base if read is theirs else seconds(read, bodies, arguments.rounds)
        print(
            f"{name:12}{megabytes / took:8.1f} MB/s{items / took:10.0f} items/s{base / took:8.1f} x"
        )
    print(f"feeds that our two ways read differently: {differ}")
    return 1 if differ else 0


if __name__ == "__main__":
    raise SystemExit(main())
