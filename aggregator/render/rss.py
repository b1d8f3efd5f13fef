"""FeedInfo and Entries -> an RSS 2.0 document (UTF-8), after the RSS Board's Best Practices Profile."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.model import Entry, FeedInfo
from aggregator.render import parts
from aggregator.render.xmltext import attribute, clean, escape, language, line, rfc822, rfc3339, uri

CONTENT_TYPE = "application/rss+xml; charset=utf-8"
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:media="http://search.yahoo.com/mrss/">\n<channel>\n'
)


def render(info: FeedInfo, entries: Sequence[Entry]) -> bytes:
    """The whole document; entries in the order given."""
    items = [_item(info, entry) for entry in parts.unique(entries)]
    document = "".join([_HEAD, _channel(info), *items, "</channel>\n</rss>\n"])
    return document.encode()


def _channel(info: FeedInfo) -> str:
    title = line(info.title) or parts.GENERATOR
    related = "".join(_link(rel, href) for rel, href in info.links.items())
    return (
        f"<title>{_plain(title)}</title>\n<link>{escape(uri(info.home_url))}</link>\n"
        f"<description>{_plain(line(info.subtitle) or title)}</description>\n"
        f"<language>{language(info.language)}</language>\n"
        f"<lastBuildDate>{rfc822(info.updated)}</lastBuildDate>\n"
        f"<generator>{parts.GENERATOR}</generator>\n"
        "<docs>https://www.rssboard.org/rss-specification</docs>\n"
        f"{_link('self', info.self_url, 'application/rss+xml')}{_link('hub', info.hub_url)}{related}"
    )


def _item(info: FeedInfo, entry: Entry) -> str:
    return "".join(
        [
            f"<item>\n<title>{_plain(parts.headline(entry))}</title>\n",
            f"<link>{escape(parts.address(info, entry))}</link>\n",
            f'<guid isPermaLink="false">{escape(entry.id)}</guid>\n',
            f"<pubDate>{rfc822(entry.published)}</pubDate>\n",
            f"<atom:updated>{rfc3339(entry.updated)}</atom:updated>\n",
            *(f"<dc:creator>{_plain(name)}</dc:creator>\n" for name in parts.names(entry.authors)),
            *(
                f"<dc:contributor>{_plain(name)}</dc:contributor>\n"
                for name in parts.names(entry.editors)
            ),
            *(f"<category>{_plain(name)}</category>\n" for name in parts.names(entry.categories)),
            _source(entry),
            _body(entry),
            _files(entry),
            *(_link(link.rel, link.href, "", link.title) for link in parts.links(info, entry)),
            "</item>\n",
        ]
    )


def _source(entry: Entry) -> str:
    """Either the channel it came from or the 来源 as claimed: RSS allows one of the two."""
    if entry.source and (url := uri(entry.source.feed_url)):
        name = line(entry.source.title) or url
        return f'<source url="{attribute(url)}">{_plain(name)}</source>\n'
    name = line(entry.source_name)
    return f"<dc:source>{_plain(name)}</dc:source>\n" if name else ""


def _body(entry: Entry) -> str:
    # A description is HTML to every reader, so the plain excerpt is escaped twice.
    description = escape(escape(parts.excerpt(entry)))
    full = entry.html or _paragraphs(entry.text)
    encoded = f"<content:encoded>{escape(full)}</content:encoded>\n" if full else ""
    return f"<description>{description}</description>\n{encoded}"


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in clean(text).split("\n") if part.strip())


def _files(entry: Entry) -> str:
    """The first file as the enclosure (RSS allows one), the others as atom:link."""
    thumbnail = uri(entry.image)
    shown = f'<media:thumbnail url="{attribute(thumbnail)}"/>\n' if thumbnail else ""
    for number, file in enumerate(parts.files(entry.enclosures)):
        shown += (
            _link("enclosure", file.url, file.type, file.title, file.length)
            if number
            else f'<enclosure url="{attribute(file.url)}" length="{file.length}"'
            f' type="{attribute(file.type)}"/>\n'
        )
    return shown


def _link(rel: str, url: str, kind: str = "", title: str = "", length: int = 0) -> str:
    href = uri(url)
    if not href:
        return ""
    extra = f' type="{attribute(kind)}"' if kind else ""
    extra += f' title="{attribute(title)}"' if title else ""
    extra += f' length="{length}"' if length else ""
    return f'<atom:link rel="{attribute(rel)}" href="{attribute(href)}"{extra}/>\n'


def _plain(text: str) -> str:
    # The Profile's spelling of & and < in plain text: fewest readers take it for HTML.
    return clean(text).replace("&", "&#x26;").replace("<", "&#x3C;").replace(">", "&gt;")
