"""Any text or URL -> text that may stand in an XML document (and in JSON and in a headline).

The rules: XML 1.0 section 2.2 (legal characters), RFC 3986 (URLs), RFC 5646 (language tags),
RFC 822 with a four-digit year (RSS dates), RFC 3339 (Atom and JSON Feed dates). Dates are in Chinese
time, as the sites and their readers mean them.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from urllib.parse import quote, urlsplit

# C0 and C1 controls, DEL, surrogates and the two non-characters that XML forbids. U+0085 is legal
# in XML but only ever comes from a wrong charset.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Embeddings, overrides and isolates reach beyond the headline they stand in (Trojan Source).
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_PLAIN_URL = re.compile(r"https?://[a-z0-9.-]+/(?:[A-Za-z0-9/._~!$&'()*+,;=:@?-]|%[0-9A-Fa-f]{2})*")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?")
_DEFAULT_PORTS = {("http", 80), ("https", 443)}
_CHINA = timezone(timedelta(hours=8))
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def clean(text: str) -> str:
    """*text* without characters that XML 1.0 forbids; line ends are LF."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _ILLEGAL.sub("", text)


def line(text: str) -> str:
    """*text* as one line for a headline or name: white space folded, no bidi control left open."""
    return " ".join(_BIDI.sub("", clean(text)).split())


def escape(text: str) -> str:
    """*text* as XML character data."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attribute(text: str) -> str:
    """*text* as the value of an attribute in double quotes."""
    return escape(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def uri(url: str) -> str:
    """*url* as an absolute http(s) URI in ASCII (RFC 3986), or "" when it is none.

    Chinese paths are percent-encoded as UTF-8, Chinese hosts become punycode, user names and
    passwords are left out, scheme and host are lower case, an empty path becomes "/".
    """
    if _PLAIN_URL.fullmatch(url):
        return url
    try:
        parts = urlsplit(clean(url).strip())
        port = parts.port
    except ValueError:
        return ""
    host = _ascii_host(parts.hostname or "")
    if parts.scheme not in ("http", "https") or not host:
        return ""
    if port is not None and (parts.scheme, port) not in _DEFAULT_PORTS:
        host = f"{host}:{port}"
    query = "?" + _encode(parts.query) if parts.query else ""
    fragment = "#" + _encode(parts.fragment) if parts.fragment else ""
    return f"{parts.scheme}://{host}{_encode(parts.path) or '/'}{query}{fragment}"


def _encode(part: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe="/?:@!$&'()*+,;=-._~%", errors="replace")


def _ascii_host(host: str) -> str:
    if ":" in host:
        host = f"[{host}]"
    elif not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    return host if _HOST.fullmatch(host) else ""


def language(tag: str, default: str = "zh-CN") -> str:
    """*tag* spelled as RFC 5646 wants it (zh_cn -> zh-CN, zh-hans -> zh-Hans), else *default*."""
    head, *rest = tag.strip().replace("_", "-").split("-")
    spelled = "-".join([head.lower(), *(_subtag(part) for part in rest)])
    return spelled if _LANGUAGE.fullmatch(spelled) else default


def _subtag(part: str) -> str:
    return part.title() if len(part) == 4 else part.upper()


def rfc3339(instant: datetime) -> str:
    """``2023-05-17T19:47:39+08:00``; whole seconds in Chinese time."""
    return instant.astimezone(_CHINA).isoformat(timespec="seconds")


def rfc822(instant: datetime) -> str:
    """``Wed, 17 May 2023 19:47:39 +0800`` in Chinese time; English names whatever the locale is."""
    there = instant.astimezone(_CHINA)
    return (
        f"{_DAYS[there.weekday()]}, {there.day:02d} {_MONTHS[there.month - 1]} "
        f"{there.year:04d} {there:%H:%M:%S} +0800"
    )
