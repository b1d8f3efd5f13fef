"""The element around an article, and the lines after it, in; the attachments linked there out."""

from __future__ import annotations

import re

from aggregator.extract.lines import Element, squash
from aggregator.extract.zones import Zones
from aggregator.model import Attachment
from aggregator.url import join

_FILE = re.compile(r"\.(pdf|docx?|xlsx?|pptx?|wps|et|ofd|zip|rar|7z|csv)(?:$|[?#])", re.IGNORECASE)
_TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "ofd": "application/ofd",
    "zip": "application/zip",
    "rar": "application/vnd.rar",
    "7z": "application/x-7z-compressed",
    "csv": "text/csv",
}
_MAX_ATTACHMENTS = 100


def find_attachments(base: str, container: Element, around: Zones) -> tuple[Attachment, ...]:
    """Files linked in the body or right after it, in order, without repetition."""
    found: dict[str, Attachment] = {}
    areas = [container, *(line.owner for line in around.foot if line.links)]
    for link in (link for area in areas for link in area.iter("a")):
        href = link.get("href") or ""
        kind = _FILE.search(href)
        url = join(base, href) if kind else ""
        if kind and url and url not in found and len(found) < _MAX_ATTACHMENTS:
            text = squash("".join(link.itertext())) or (link.get("title") or "")
            found[url] = Attachment(url, text[:200], _TYPES.get(kind[1].lower(), ""))
    return tuple(found.values())
