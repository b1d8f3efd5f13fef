"""What a list yielded, as it stood -> the sightings that are kept, each article once, in order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from aggregator.config import SourceOptions
from aggregator.errors import ReadError
from aggregator.model import Page, Sighting
from aggregator.url import identity


def keep_items(
    found: Iterable[Sighting], options: SourceOptions
) -> tuple[tuple[Sighting, ...], tuple[str, ...]]:
    """(sightings, warnings): filtered by include and exclude, without repetition, numbered from 0.

    Raises ReadError "empty-list" when the filters leave none of the items there were.
    """
    items = list(found)
    wanted = [item for item in items if _is_wanted(item.url, options)]
    if items and not wanted:
        raise ReadError(
            "empty-list",
            f"include and exclude leave none of the {len(items)} links found, such as "
            f"{items[0].url}: mend the two options",
        )
    once = {identity(item.url): item for item in reversed(wanted)}
    kept = [item for item in wanted if once[identity(item.url)] is item]
    cut = kept[: options.max_items]
    warnings = (
        (f"the list has {len(kept)} items: only the first {len(cut)} (max_items) were taken",)
        if len(cut) < len(kept)
        else ()
    )
    return tuple(replace(item, position=place) for place, item in enumerate(cut)), warnings


def _is_wanted(url: str, options: SourceOptions) -> bool:
    if any(re.search(pattern, url) for pattern in options.exclude):
        return False
    return not options.include or any(re.search(pattern, url) for pattern in options.include)


def http_charset(page: Page) -> str:
    """The charset that the Content-Type header names, or ""."""
    match = re.search(
        r"charset\s*=\s*[\"']?([\w.:-]{1,40})", page.header("content-type") or "", re.I
    )
    return match[1] if match else ""
