"""Clean HTML of an article -> the same as our page shows it: pictures as links until asked for.

Reading must not tell the origin that somebody reads. So pictures, video and sound stand as links;
only when the reader asks are pictures loaded. The input is what nh3 wrote: attributes are always
in double quotes, so that its tags can be found by one expression.
"""

from __future__ import annotations

import re
from html import escape, unescape

from markupsafe import Markup

from aggregator.model import Draft, Image
from aggregator.web.language import Voice

_TAG = re.compile(r"<(/?)(a|img|video|audio|h1)((?:\s+[a-z-]+(?:=\"[^\"]*\")?)*)\s*/?>")
_ATTRIBUTE = re.compile(r"([a-z-]+)=\"([^\"]*)\"")
# The page indents paragraphs itself; sites do it with ideographic or no-break spaces.
_INDENT = re.compile(r"(<p>|<br>)(?:[\s\u3000\xa0]|&nbsp;)+")
_KINDS = {"img": "image", "video": "video", "audio": "audio"}


def shown_html(html: str, voice: Voice, *, pictures: bool) -> Markup:
    """*html* ready for the page; with *pictures* the images themselves, else links to them."""
    inside_link = False

    def change(match: re.Match[str]) -> str:
        nonlocal inside_link
        end, tag, rest = match.groups()
        if tag == "a":
            inside_link = not end
            return match[0]
        if tag == "h1":  # the page has one of its own
            return f"<{end}h2>"
        if end:
            return ""
        attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(rest)}
        if tag == "img" and pictures:
            return f'<img{rest} loading="lazy" decoding="async">'
        return _placeholder(tag, attributes, voice, linked=not inside_link)

    return Markup(_TAG.sub(change, _INDENT.sub(r"\1", html)))  # noqa: S704  # cleaned at ingest


def _placeholder(tag: str, attributes: dict[str, str], voice: Voice, *, linked: bool) -> str:
    url = attributes.get("src", "")
    said = attributes.get("alt") or attributes.get("title") or ""
    label = f'<span class="what">{escape(voice(_KINDS[tag]))}</span> {escape(said)}'.strip()
    if not linked or not url.startswith(("http://", "https://")):
        return f'<span class="picture">{label}</span>'
    return f'<a class="picture" href="{escape(url)}" rel="external noreferrer">{label}</a>'


def has_pictures(draft: Draft) -> bool:
    """Whether there is anything that ``pictures`` would load."""
    return "<img" in draft.html or bool(draft.images)


def other_images(draft: Draft) -> list[Image]:
    """The images that the body's HTML does not hold."""
    held = {unescape(url) for url in re.findall(r'<img[^>]*?\ssrc="([^"]*)"', draft.html)}
    return [image for image in draft.images if image.url not in held]
