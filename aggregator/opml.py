"""OPML bytes -> sources with the reasons for what was refused; sources -> OPML that loses nothing.

Our options stand in attributes of a namespace of our own, so every other reader sees a plain
OPML 2.0 file (opml.org/spec2.opml). Foreign files may be damaged; entities are never resolved.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from lxml import etree

from aggregator import charset
from aggregator.config import SourceOptions, SourceSpec, source_spec
from aggregator.config.edit import options_table
from aggregator.errors import AggregatorError, ConfigError
from aggregator.render.parts import GENERATOR
from aggregator.render.xmltext import attribute, escape, line, rfc822
from aggregator.url import canonical, identity

NAMESPACE = "urn:party-aggregator:opml:1"
MAX_BYTES = 20_000_000
MAX_OUTLINES = 20_000
_KEY = f"{{{NAMESPACE}}}key"
_OPTIONS = f"{{{NAMESPACE}}}options"
_FEEDS = frozenset({"", "rss", "atom", "rss1", "rdf", "feed", "source", "pie"})
_FRONT = re.compile(r"\s*<\?xml[^>]{0,200}\?>", re.DOTALL)
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6});)(\w{1,30};)?", re.I)
_Element = etree._Element


class OpmlError(AggregatorError):
    """The file is no OPML that can be read."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An outline that became no source: what it is called, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds. Sources have the key of the file, or "" where it has none."""

    title: str
    sources: tuple[SourceSpec, ...]
    refused: tuple[Refused, ...]
    repeated: int = 0


# ---------------------------------------------------------------- reading


def read_opml(data: bytes) -> Imported:
    """The sources of an OPML file, each address once. Raises OpmlError."""
    root = _root(data)
    sources: dict[tuple[str, str], SourceSpec] = {}
    refused: list[Refused] = []
    repeated = 0
    for outline, folders in _outlines(root):
        try:
            spec = _source(outline, folders)
        except ConfigError as error:
            refused.append(Refused(_called(outline), error.reason))
            continue
        address = (identity(spec.options.url), spec.options.body)
        repeated += address in sources
        sources.setdefault(address, spec)
    return Imported(_title(root), tuple(sources.values()), tuple(refused), repeated)


def _root(data: bytes) -> _Element:
    if len(data) > MAX_BYTES:
        raise OpmlError(f"the file is larger than {MAX_BYTES // 1_000_000} MB: no OPML list is")
    declared = re.search(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})", data[:400])
    text, _ = charset.decode(data, declared[1].decode() if declared else "")
    if "<!ENTITY" in text:
        raise OpmlError("the file defines entities, which no OPML list needs: it is not read")
    text = _HIDDEN.sub("", _FRONT.sub("", text.lstrip("\ufeff"), count=1))
    text = _AMPERSAND.sub(_mended, text)
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, recover=True, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise OpmlError(f"the file is no OPML: {error.msg}") from None
    if root is None or _local(root) != "opml":
        what = f"its root is <{_local(root)}>" if root is not None else "it is no XML"
        raise OpmlError(f"the file is no OPML: {what}")
    return root


def _mended(match: re.Match[str]) -> str:
    """A bare "&" as "&amp;", an entity of HTML as its character."""
    return escape(html.unescape(match[0]))


def _local(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _title(root: _Element) -> str:
    found = (e for e in root.iter() if isinstance(e.tag, str) and _local(e) == "title")
    return line(next((e.text or "" for e in found), ""))


def _outlines(root: _Element) -> Iterator[tuple[_Element, tuple[str, ...]]]:
    """The outlines that are no mere folders, with the names of the folders around them."""
    stack: list[tuple[_Element, tuple[str, ...]]] = [(root, ())]
    seen = 0
    while stack:
        element, folders = stack.pop()
        inner = folders
        if _local(element) == "outline":
            seen += 1
            if seen > MAX_OUTLINES:
                raise OpmlError(f"the file has more than {MAX_OUTLINES:,} outlines: divide it")
            children = any(isinstance(child.tag, str) for child in element)
            if _address(element) or element.get(_OPTIONS) or not children:
                yield element, folders
            if children:
                inner = (*folders, _called(element))
        stack.extend((child, inner) for child in reversed(element) if isinstance(child.tag, str))


def _attributes(element: _Element) -> dict[str, str]:
    """The attributes by lower-case local name: writers disagree about xmlUrl and xmlURL."""
    return {str(k).rpartition("}")[2].lower(): line(str(v)) for k, v in element.items()}


def _address(element: _Element) -> str:
    given = _attributes(element)
    return given.get("xmlurl") or given.get("url", "")


def _called(element: _Element) -> str:
    given = _attributes(element)
    return given.get("text") or given.get("title") or _address(element) or given.get("htmlurl", "")


def _source(element: _Element, folders: Sequence[str]) -> SourceSpec:
    """The source of one outline. Raises ConfigError with the reason why it is none."""
    key = line(element.get(_KEY) or "")
    ours = element.get(_OPTIONS)
    if ours:
        spec = source_spec(key or "imported", _own_options(ours), "OPML")
        return SourceSpec(key, spec.options)
    given = _attributes(element)
    url = canonical(_feed_address(given))
    if not url:
        raise ConfigError("OPML", "", f"{_feed_address(given)!r:.200} is no http(s) address")
    column = "/".join(filter(None, folders))
    options = SourceOptions(url=url, name=_called(element)[:200], column=column[:200])
    return SourceSpec(key, options)


def _own_options(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ConfigError("OPML", "", "its options are damaged")
    return found


def _feed_address(given: dict[str, str]) -> str:
    """The address of the feed that an outline names. Raises ConfigError when it names none."""
    kind = given.get("type", "").lower()
    if given.get("xmlurl") and (kind in _FEEDS or kind == "link"):
        return given["xmlurl"]
    reasons = {
        "link": "is a link to a page, no feed: `aggregator discover` finds the lists of a page",
        "include": "includes another OPML file: import that file itself",
    }
    if kind in reasons and (given.get("url") or given.get("xmlurl") or given.get("htmlurl")):
        raise ConfigError("OPML", "", reasons[kind])
    if given.get("xmlurl"):
        return given["xmlurl"]
    raise ConfigError("OPML", "", "has no address of a feed (xmlUrl)")


# ---------------------------------------------------------------- writing


def write_opml(specs: Iterable[SourceSpec], title: str, date: datetime) -> bytes:
    """*specs* as OPML 2.0, columns as folders; ``read_opml`` gives the same specs back."""
    rows = sorted(specs, key=lambda spec: line(spec.options.column))
    body = "".join(
        _folder(column, "".join(map(_outline, group)))
        for column, group in groupby(rows, key=lambda spec: line(spec.options.column))
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<opml version="2.0" xmlns:ag="{NAMESPACE}">\n<head>\n'
        f"<title>{escape(line(title) or GENERATOR)}</title>\n"
        f"<dateCreated>{rfc822(date)}</dateCreated>\n"
        f"<docs>http://opml.org/spec2.opml</docs>\n</head>\n<body>\n{body}</body>\n</opml>\n"
    ).encode()


def _folder(name: str, inner: str) -> str:
    shown = attribute(name)
    return f'<outline text="{shown}" title="{shown}">\n{inner}</outline>\n' if name else inner


def _outline(spec: SourceSpec) -> str:
    options = spec.options
    name = line(options.name) or spec.key
    values = {"text": name, "title": name}
    if options.kind == "feed" and options.method == "GET":
        values |= {"type": "rss", "xmlUrl": options.url}
    else:  # a page or data file: other readers must not take it for a feed
        values |= {"type": "link", "url": options.url}
    # In JSON the text is ASCII, so no character is lost that XML does not know.
    own = json.dumps(options_table(options), ensure_ascii=True)
    values |= {"ag:key": spec.key, "ag:options": own}
    return "<outline" + "".join(f' {k}="{attribute(v)}"' for k, v in values.items()) + "/>\n"
