"""The list of sources -> an OPML 2.0 subscription list, UTF-8."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from aggregator.render.parts import GENERATOR
from aggregator.render.xmltext import attribute, escape, language, line, rfc822, uri

CONTENT_TYPE = "text/x-opml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class OpmlItem:
    """One source. With ``xml_url`` it is a feed; without, ``html_url`` is the page that is read."""

    text: str
    xml_url: str = ""
    html_url: str = ""
    folder: str = ""
    language: str = ""
    description: str = ""


def render_opml(title: str, date: datetime, items: Sequence[OpmlItem]) -> bytes:
    """The whole document: items without a folder first, then one outline a folder, by name."""
    body = "".join(
        _folder(folder, "".join(_outline(item) for item in group))
        for folder, group in groupby(sorted(items, key=_folder_of), key=_folder_of)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n<head>\n'
        f"<title>{escape(line(title) or GENERATOR)}</title>\n"
        f"<dateCreated>{rfc822(date)}</dateCreated>\n"
        "<docs>http://opml.org/spec2.opml</docs>\n</head>\n"
        f"<body>\n{body}</body>\n</opml>\n"
    ).encode()


def _folder_of(item: OpmlItem) -> str:
    return line(item.folder)


def _folder(name: str, inner: str) -> str:
    # newsboat takes the folder's name from title, most others from text.
    return f"<outline{_attributes(text=name, title=name)}>\n{inner}</outline>\n" if name else inner


def _outline(item: OpmlItem) -> str:
    feed, page = uri(item.xml_url), uri(item.html_url)
    text = line(item.text) or feed or page
    about = {"description": line(item.description)}
    if not feed:
        return f"<outline{_attributes(text=text, type='link', url=page, **about)}/>\n"
    lang = language(item.language, "") if item.language else ""
    shown = _attributes(
        text=text, title=text, type="rss", xmlUrl=feed, htmlUrl=page, language=lang, **about
    )
    return f"<outline{shown}/>\n"


def _attributes(**values: str) -> str:
    return "".join(f' {name}="{attribute(value)}"' for name, value in values.items() if value)
