"""FeedInfo and Entries -> an Atom 1.0 document (RFC 4287), UTF-8."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zlib import crc32

from aggregator.model import Entry, EntrySource, FeedInfo
from aggregator.render import parts
from aggregator.render.xmltext import attribute, escape, language, line, rfc3339, uri

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
_NAMESPACES = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:media="http://search.yahoo.com/mrss/"'
)


def render(info: FeedInfo, entries: Sequence[Entry]) -> bytes:
    """The whole document; entries in the order given."""
    lang = language(info.language)
    body = [_entry(info, entry, lang) for entry in parts.unique(entries)]
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<feed {_NAMESPACES} xml:lang="{lang}">\n'
    return "".join([head, _feed(info), *body, "</feed>\n"]).encode()


def _feed(info: FeedInfo) -> str:
    title = line(info.title) or parts.GENERATOR
    subtitle = line(info.subtitle)
    return (
        f"<id>{escape(info.id)}</id>\n<title>{escape(title)}</title>\n"
        + (f"<subtitle>{escape(subtitle)}</subtitle>\n" if subtitle else "")
        + f"<updated>{rfc3339(info.updated)}</updated>\n{_people('author', [title])}"
        f"{_link('self', info.self_url, 'application/atom+xml')}"
        f"{_link('alternate', info.home_url, 'text/html')}{_link('hub', info.hub_url)}"
        + "".join(_link(rel, href) for rel, href in info.links.items())
        + f"<generator>{parts.GENERATOR}</generator>\n"
    )


def _entry(info: FeedInfo, entry: Entry, feed_language: str) -> str:
    lang = language(entry.language, feed_language)
    return "".join(
        [
            "<entry>\n" if lang == feed_language else f'<entry xml:lang="{lang}">\n',
            f"<id>{escape(entry.id)}</id>\n<title>{escape(parts.headline(entry))}</title>\n",
            f"<updated>{moment(entry)}</updated>\n<published>{rfc3339(entry.published)}</published>\n",
            _people("author", parts.names(entry.authors)),
            _people("contributor", parts.names(entry.editors)),
            *(f'<category term="{attribute(name)}"/>\n' for name in parts.names(entry.categories)),
            _link("alternate", parts.address(info, entry), "text/html"),
            *(_link(link.rel, link.href, "", link.title) for link in parts.links(info, entry)),
            *(
                _link("enclosure", file.url, file.type, file.title, file.length)
                for file in parts.files(entry.enclosures)
            ),
            _source(entry.source) if entry.source else "",
            _content(entry),
            _extras(entry),
            "</entry>\n",
        ]
    )


def moment(entry: Entry) -> str:
    """``updated`` with a fraction of a second made of the id.

    Entries stored by one visit share their second; the fraction keeps them apart for readers that
    sort or compare by ``updated``, and depends on nothing but the entry itself.
    """
    text = rfc3339(entry.updated)
    return f"{text[:19]}.{crc32(entry.id.encode(errors='replace')) % 1_000_000:06d}{text[19:]}"


def _people(element: str, people: Iterable[str]) -> str:
    return "".join(f"<{element}><name>{escape(name)}</name></{element}>\n" for name in people)


def _source(source: EntrySource) -> str:
    title = line(source.title) or uri(source.url) or parts.NO_TITLE
    return (
        f"<source>\n<id>{escape(source.id)}</id>\n<title>{escape(title)}</title>\n"
        f"<updated>{rfc3339(source.updated)}</updated>\n{_people('author', [title])}"
        f"{_link('alternate', source.url)}{_link('self', source.feed_url)}</source>\n"
    )


def _content(entry: Entry) -> str:
    summary = parts.excerpt(entry)
    shown = f"<summary>{escape(summary)}</summary>\n" if summary else ""
    if entry.html:
        return f'{shown}<content type="html">{escape(entry.html)}</content>\n'
    return f"{shown}<content>{escape(entry.text)}</content>\n" if entry.text else shown


def _extras(entry: Entry) -> str:
    name, thumbnail = line(entry.source_name), uri(entry.image)
    return (f"<dc:source>{escape(name)}</dc:source>\n" if name else "") + (
        f'<media:thumbnail url="{attribute(thumbnail)}"/>\n' if thumbnail else ""
    )


def _link(rel: str, url: str, kind: str = "", title: str = "", length: int = 0) -> str:
    href = uri(url)
    if not href:
        return ""
    extra = f' type="{attribute(kind)}"' if kind else ""
    extra += f' title="{attribute(title)}"' if title else ""
    extra += f' length="{length}"' if length else ""
    return f'<link rel="{attribute(rel)}" href="{attribute(href)}"{extra}/>\n'
