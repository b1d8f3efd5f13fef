"""HTML of anybody in, small HTML that is safe to show and to put into feeds out.

Two parsers stand in a row. libxml2 goes first: it is linear and stops at a depth of 256, where nh3
is quadratic; on its tree links are made absolute, lazy images mended and hidden things cut. nh3
(ammonia) goes last and alone decides what is allowed.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import cast

import nh3
from lxml import etree

from aggregator.url import join

Element = etree._Element

MAX_CHARS = 3_000_000  # below libxml2's limit of 10 MB for one text
MAX_PLAIN = 400_000  # escaped and in paragraphs at most MAX_CHARS
MAX_TAG = 16_384  # libxml2 is quadratic in the attributes of one tag
MAX_REFERENCES = 100_000  # nh3 is quadratic in the "&" of one text
_ROUNDS = 6  # until the output is its own clean form; two are usual
_TAGS = frozenset((
    "a", "abbr", "audio", "b", "blockquote", "br", "caption", "cite", "code", "col",
    "colgroup", "dd", "del", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2",
    "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre", "q", "rp", "rt",
    "ruby", "s", "small", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "u", "ul", "video",
))  # fmt: skip
_WITH_CONTENT = frozenset((
    "script", "style", "iframe", "frame", "frameset", "object", "embed", "applet", "noscript",
    "noembed", "noframes", "template", "title", "textarea", "select", "option", "button",
    "svg", "math", "xmp", "plaintext", "listing", "canvas", "map",
))  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "audio": {"src"},
    "col": {"span"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "video": {"src", "poster", "width", "height"},
}
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_WITH_CONTENT),
    attributes=_ATTRIBUTES,
    set_tag_attribute_values={"video": {"controls": ""}, "audio": {"controls": ""}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
)
# Where the real address stands when src is a placeholder; the second row only when src is none.
_LAZY = ("data-original", "data-src", "data-lazy-src", "data-actualsrc", "data-echo", "data-url")
_SPARE = ("_src", "oldsrc", "original", "file")
_PIXEL_STYLE = re.compile(r"(?:^|[;\s])(?:width|height)\s{0,3}:\s{0,3}[01](?:px)?\s{0,3}(?:;|$)")
_HIDDEN = re.compile(r"display\s{0,3}:\s{0,3}none", re.IGNORECASE)
_DIGITS = re.compile(r"\s{0,3}(\d{1,5})(?:px)?\s{0,3}\Z")
_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{MAX_TAG},}}>?")
_INNER_END = re.compile(r"</\s{0,9}(?:html|body)\s{0,9}>", re.IGNORECASE)
_CONTROLS = bytes(b for b in (*range(32), 127) if b not in b"\t\n\r")
_HIDDEN_ELEMENTS = etree.XPath("descendant::*[@hidden or contains(@style, 'none')][not(self::img)]")
_MENDED = ("a", "img", "video", "audio", "td", "th", "ol", "col")
_SECTIONS = ("section", "article", "main", "header", "footer", "center", "address", "aside", "form")
# Paragraphs without nesting: what both parsers leave as it is, so no second round is needed.
_SETTLED = re.compile(
    r"(?>[ \t\n]|</?div>|<p>(?>[^<]|<br>|<img [^<>]*>|<a [^<>]*>[^<]*+</a>"
    r"|<strong>[^<]*+</strong>|<b>[^<]*+</b>|<em>[^<]*+</em>)*+</p>)*+\Z"
)
_ANY_TAG = re.compile(r"<[!/?a-zA-Z][^<>]{0,9000}>")
_INLINE = frozenset((
    "b", "big", "cite", "code", "del", "em", "font", "i", "ins", "o", "s", "small", "span",
    "strong", "sub", "sup", "u",
))  # fmt: skip
_DEEP_TAG = re.compile(
    r"<(?!/?(?:p|br|img|a|h[1-6]|table|tr|td|th|script|style|iframe|textarea|title)\b)(/?\w+)[^<>]{0,9000}>",
    re.IGNORECASE,
)


def clean_html(html: str, base: str) -> str:
    """*html* with only what may be shown, its links absolute (http, https, mailto).

    *base* is the page's address ("" = unknown: relative links lose their target). Scripts,
    styles, frames, handlers, hidden elements and tracking pixels are gone; images keep src (also
    from lazy attributes), alt, width and height. Cleaning the output again changes nothing.
    """
    for _ in range(_ROUNDS):
        html = html[:MAX_CHARS]
        cleaned = _round(parse_fragment(html), base)
        if cleaned == html or _SETTLED.match(cleaned):
            return cleaned
        html = cleaned
    return _plain(html)


def cleaned_once(html: str, base: str) -> str:
    """HTML that is built in this form already: nh3 passes it, and only what it changes goes round."""
    if html.count("&") > MAX_REFERENCES:
        return _plain(html)
    cleaned = _CLEANER.clean(html)
    return cleaned if cleaned == html else clean_html(cleaned, base)


def clean_tree(tree: Element | None, base: str) -> str:
    """The same for a tree (or a part of one) that is given up to it."""
    cleaned = _round(tree, base)
    return cleaned if _SETTLED.match(cleaned) else clean_html(cleaned, base)


def _round(tree: Element | None, base: str) -> str:
    if tree is None:
        return ""
    mend(tree, base)
    html: str = etree.tostring(tree, encoding="unicode", method="html", with_tail=False)
    if html.count("&") > MAX_REFERENCES:
        return _plain(html)
    cleaned = _CLEANER.clean(html)
    # The HTML parser drops the first line end in <pre>: keep none, or each cleaning takes one.
    return re.sub(r"<pre>\n+", "<pre>", cleaned).strip()


def parse_fragment(html: str) -> Element | None:
    """The tree (html, body) of a piece of HTML; nesting deeper than libxml2 takes is flattened."""
    text = _INNER_END.sub("", html) if "</" in html else html
    if max(map(len, text.split(">"))) > MAX_TAG:
        text = _LONG_TAG.sub("", text)
    tree, whole = _parse(text)
    if not whole:
        tree, whole = _parse(_DEEP_TAG.sub(_flat, text))
    return tree if whole else _parse(_plain(text))[0]


def _parse(text: str) -> tuple[Element | None, bool]:
    """The tree, and whether all of *text* is in it."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    data = text.encode("utf-8", "ignore").translate(None, _CONTROLS).replace(b"\r", b"\n")
    try:
        tree = etree.fromstring(data, parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None, True  # nothing but blanks and comments
    deep = text.count("<") > 250 and any("depth" in entry.message for entry in parser.error_log)
    return tree, not deep


def _flat(tag: re.Match[str]) -> str:
    return "" if tag[1].lstrip("/").lower() in _INLINE else "<br>"


def _plain(html: str) -> str:
    """The text alone, one paragraph a line: the form of last resort."""
    lines = (line.strip() for line in unescape(_ANY_TAG.sub("\n", html)).split("\n"))
    text = "\n".join(line for line in lines if line)[:MAX_PLAIN]
    return "".join(f"<p>{escape(line.strip(), quote=False)}</p>" for line in text.split("\n"))


# ---------------------------------------------------------------- mending a tree


def mend(tree: Element, base: str) -> None:
    """Make links absolute, images real, and cut hidden elements and pixels, in place."""
    for element in cast("list[Element]", _HIDDEN_ELEMENTS(tree)):
        if element.get("hidden") is not None or _HIDDEN.search(element.get("style", "")):
            drop(element)
    for element in tree.iter(*_SECTIONS):
        element.tag = "div"
    for element in list(tree.iter(*_MENDED)):
        if element.tag == "img":
            _mend_image(element, base)
        else:
            _mend_attributes(element, base)


def drop(element: Element) -> None:
    """Take *element* out of its tree, leaving the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    tail = element.tail
    before = element.getprevious()
    parent.remove(element)
    if not tail:
        return
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail


def _mend_image(image: Element, base: str) -> None:
    url = image_url(image, base)
    if not url or is_pixel(image):
        drop(image)
        return
    kept = {key: image.get(key, "") for key in ("alt", "title")}
    size = {key: pixels(image.get(key)) for key in ("width", "height")}
    image.attrib.clear()
    image.set("src", url)
    for key, value in kept.items():
        if value or key == "alt":
            image.set(key, value)
    for key, number in size.items():
        if number:
            image.set(key, str(number))


def image_url(image: Element, base: str) -> str:
    """The absolute address of the picture an img element means, "" when there is none."""
    src = image.get("src", "").strip()
    spare = (
        _SPARE if not src or (":" in src[:12] and not src.startswith(("http:", "https:"))) else ()
    )
    for candidate in (*map(image.get, _LAZY), src, *map(image.get, spare)):
        url = absolute(base, candidate or "")
        if url.startswith("http"):
            return url
    return ""


def is_pixel(image: Element) -> bool:
    """Whether an image is at most one pixel wide or high: a counter, not a picture."""
    sizes = [pixels(image.get(key)) for key in ("width", "height")]
    return any(size in (0, 1) for size in sizes) or bool(
        _PIXEL_STYLE.search(image.get("style", ""))
    )


def pixels(value: str | None) -> int | None:
    """A length in pixels ("600", "600px"), None for anything else."""
    found = _DIGITS.match(value or "")
    return int(found[1]) if found else None


def absolute(base: str, ref: str) -> str:
    """*ref* as an absolute http, https or mailto address; "" for all others and for "#…"."""
    ref = ref.strip()
    if ref.startswith(("http://", "https://", "mailto:")):
        return ref
    return "" if not ref or ref.startswith("#") else join(base, ref)


def _mend_attributes(element: Element, base: str) -> None:
    for key in ("href", "src", "poster"):
        if (value := element.get(key)) is None:
            continue
        if url := absolute(base, value):
            element.set(key, url)
        else:
            del element.attrib[key]
    for key in ("colspan", "rowspan", "span", "start"):
        if element.get(key) is not None and (pixels(element.get(key)) or 0) not in range(1, 1001):
            del element.attrib[key]
