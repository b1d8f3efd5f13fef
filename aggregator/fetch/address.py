"""A URL as found -> a URL that may be requested, or FetchError "bad-url" / "bad-scheme"."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from aggregator.errors import FetchError

MAX_URL = 4096  # characters
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_USERINFO = re.compile(r"(?<=//)[^/?#]*@")


@dataclass(frozen=True, slots=True)
class Address:
    """A URL without fragment and credentials; ``login`` is the Authorization they make, or ""."""

    url: str
    login: str = ""

    @property
    def host(self) -> str:
        """host[:port] in lower case: what politeness counts by."""
        return urlsplit(self.url).netloc.lower()

    @property
    def origin(self) -> str:
        """scheme://host[:port] (RFC 6454): what credentials and robots.txt belong to."""
        parts = urlsplit(self.url)
        return f"{parts.scheme.lower()}://{parts.netloc.lower()}"


def redact(url: str) -> str:
    """*url* without user name and password, short enough for a message."""
    return _USERINFO.sub("", url)[:300]


def address(url: str) -> Address:
    """The address that *url* means. Query and escapes are kept as they stand; FetchError if none."""
    url = urldefrag(url.strip())[0]
    if len(url) > MAX_URL:
        raise FetchError("bad-url", f"the address is longer than {MAX_URL} characters")
    if _CONTROL.search(url):
        url = _CONTROL.sub(lambda found: quote(found[0]), url)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        user, password = parts.username, parts.password
    except ValueError as error:
        raise FetchError("bad-url", f"{redact(url)!r} is no address: {error}") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise FetchError(
            "bad-scheme", f"only http and https are fetched, not {parts.scheme[:20] or 'nothing'!r}"
        )
    if not host:
        raise FetchError("bad-url", f"{redact(url)!r} names no host")
    if user is None:
        return Address(url)
    token = b64encode(f"{unquote(user)}:{unquote(password or '')}".encode()).decode()
    return Address(_USERINFO.sub("", url, count=1), f"Basic {token}")


def target(base: str, location: bytes) -> Address:
    """Where a Location header (raw, as sent) leads from *base* (RFC 9110 §10.2.2)."""
    text = quote(location.strip(), safe="!#$%&'()*+,/:;=?@[]~|^\\\"<>{}`")
    try:
        return address(urljoin(base, text))
    except ValueError as error:
        raise FetchError("bad-redirect", f"the redirect's target is no address: {error}") from None
