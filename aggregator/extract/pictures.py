"""The media lines of a body in; the pictures and films that belong to the article out."""

from __future__ import annotations

import re

from aggregator.extract.lines import Element, Line, label
from aggregator.model import Image
from aggregator.url import join

_SOURCES = (
    "data-original",
    "data-src",
    "data-original-src",
    "data-lazy-src",
    "data-echo",
    "data-url",
    "_src",
    "orgsrc",
    "src",
)
_NO_SOURCES = ("alt", "title", "style", "class", "id", "onclick", "onload", "onerror", "srcset")
_PLACEHOLDER = re.compile(
    r"(?:blank|loading|lazy|spacer|transparent|placeholder|grey|pixel|1x1|default_?img)[^/]*$",
    re.IGNORECASE,
)
_ORNAMENT = re.compile(
    r"(?:(?:^|[/_.-])(?:icons?|ico|logo|weixin|wechat|weibo|share|print|btn|button|arrow|dot|line|bg|banner|avatar|"
    r"close|download|audio|voice|sound|play|emoji|smile|yuyin|horn|fontsize|dayin|shoucang|ad|end|money)"
    r"\d{0,3}(?=[_.-]))[^/]{0,24}\.(?:png|gif|jpe?g|svg|webp)(?:$|\?)",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?:qr_?code|ewm|erweima|2wm)[^/]{0,24}\.(?:png|gif|jpe?g|svg|webp)(?:$|\?)", re.IGNORECASE
)
_LARGE = 250  # pixels; no icon is as wide
_ATTACHMENT_ICON = re.compile(
    r"icon_|/fileTypeImages/|filetype|ewebeditor/sysimage|/sysimages/|/icons?/|/images/icon",
    re.IGNORECASE,
)
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp)(?:$|\?)", re.IGNORECASE)
_BANNER = 4  # times as wide as high
_NUMBER = re.compile(r"\d{1,5}")
_STYLES = {
    n: re.compile(rf"(?<![-\w]){n}\s*:\s*(\d{{1,5}})(?:\.\d+)?px") for n in ("width", "height")
}
_NAME = 120  # characters at the end of an address that tell what it shows
_SMALL = 40  # pixels; less in either direction is an ornament
_CAPTION = re.compile(
    r"^(?:图\d{0,2}\s?[:：]|图为|图片说明|[△▲↑▼◎]|图中|图|左图|右图|上图|下图|资料图)|(?:摄|供图|资料图片?|视觉中国.{0,6}|图片来源[:：].{1,20}|截图|配图|发[)）]?)[)）]?[。]?$"
)
_CAPTION_CLASS = re.compile(
    r"caption|img-?(?:desc|title|text|info)|pic-?(?:desc|txt|text|title|info)|tushuo|photo-?(?:desc|text)|desc_?img",
    re.IGNORECASE,
)


def picture(line: Line, base: str) -> Image | None:
    """The picture of a media line, None when it is an ornament or no picture."""
    source = picture_source(line)
    if not source or line.media is None:
        return None
    width, height = _size(line.media, "width"), _size(line.media, "height")
    return Image(join(base, source) or source, "", width, height)


def picture_source(line: Line) -> str:
    """The address of a picture as it stands in the page, "" for ornaments and other lines."""
    element = line.media
    if element is None or element.tag != "img":
        return ""
    source = _source(element)
    size = _size(element, "width"), _size(element, "height")
    return "" if not source or _is_small(*size) or _is_ornament(source, *size) else source


def _is_ornament(source: str, width: int | None, height: int | None) -> bool:
    """Whether the address is that of an icon, unless the page says that the picture is large."""
    name = source[-_NAME:]
    if _CODE.search(name):
        return True
    if max(width or 0, height or 0) >= _LARGE:
        return False
    return _ORNAMENT.search(name) is not None or _ATTACHMENT_ICON.search(name) is not None


def _source(element: Element) -> str:
    for name in _SOURCES:
        value = (element.get(name) or "").strip()
        if value and not value.startswith("data:") and not _PLACEHOLDER.search(value):
            return value
    # Names of lazy attributes are many; what they hold is an address of a picture.
    others = (value.strip() for name, value in element.attrib.items() if name not in _NO_SOURCES)
    return next((one for one in others if _is_picture_file(one)), "")


def _is_picture_file(value: str) -> bool:
    return _PICTURE_FILE.search(value) is not None and not _PLACEHOLDER.search(value)


def _size(element: Element, name: str) -> int | None:
    value = element.get(name) or ""
    if not value:
        style = element.get("style")
        found = _STYLES[name].search(style) if style else None
        return int(found[1]) if found else None
    found = _NUMBER.match(value.strip())
    return int(found[0]) if found and "%" not in value else None


def _is_small(width: int | None, height: int | None) -> bool:
    return any(size is not None and 0 < size < _SMALL for size in (width, height))


def is_linked(line: Line) -> bool:
    """Whether a picture stands in a link."""
    return _link_around(line) is not None


def shows_itself(line: Line) -> bool:
    """Whether the link around a picture leads to a picture: the same one, larger."""
    link = _link_around(line)
    return link is not None and _PICTURE_FILE.search(link.get("href") or "") is not None


def _link_around(line: Line) -> Element | None:
    if line.media is None:
        return None
    return next((one for one in line.media.iterancestors() if one.tag == "a"), None)


def is_banner(line: Line) -> bool:
    """Whether a picture is much wider than high, as advertisements are."""
    if line.media is None:
        return False
    width, height = _size(line.media, "width"), _size(line.media, "height")
    return bool(width and height and width > _BANNER * height)


def film(line: Line, base: str) -> str | None:
    """The address of the film of a media line ("" when it hides it), None when it is no film."""
    element = line.media
    if element is None or element.tag == "img":
        return None
    sources = [
        element.get("src"),
        element.get("data-src"),
        *(s.get("src") for s in element.iter("source")),
    ]
    for source in sources:
        if source:
            return join(base, source) or None
    return "" if element.tag == "video" else None


def is_caption(line: Line, previous: Line) -> bool:
    """Whether *line* is the caption of the picture in *previous*."""
    text = line.text
    if line.media is not None or not 2 <= len(text) <= 120 or line.number - previous.number > 2:
        return False
    owner = line.owner
    if owner.tag == "figcaption" or _CAPTION_CLASS.search(label(owner)):
        return True
    if _CAPTION.search(text) and len(text) <= 100:
        return True
    centred = "center" in (owner.get("style") or "") + (owner.get("align") or "")
    return centred and len(text) <= 60 and not text.endswith(("。", "：", ":"))
