"""An answer and the hop that led to it -> the next hop, or nothing: the rules of redirects, pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from aggregator.errors import FetchError
from aggregator.fetch.address import Address, target

REDIRECTS = frozenset({301, 302, 303, 307, 308})
SMALL = 16_384  # bytes; a page that only sets a cookie and reloads is smaller
_META = re.compile(rb"<meta[^>]+http-equiv\s*=\s*[\"']?refresh[\"']?[^>]*>", re.IGNORECASE)
_CONTENT = re.compile(rb"content\s*=\s*[\"']?\s*(\d+)\s*(?:;\s*(?:url\s*=\s*)?([^\"'>]*))?", re.I)
_REFRESH = re.compile(rb"\s*(\d+)\s*(?:;\s*(?:url\s*=\s*)?[\"']?([^\"']*))?", re.I)
RawHeaders = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Hop:
    """One request of a chain and what the chain remembers.

    ``cookies`` are those of ``cookie_host``, set during this chain; they go out only when the
    handshake is on (``handshake``): a host that sets a cookie and sends us to the same page again.
    """

    at: Address
    method: str = "GET"
    body: bytes = b""
    redirects: tuple[tuple[int, str], ...] = ()
    seen: frozenset[str] = frozenset()
    cookies: tuple[tuple[str, str], ...] = ()
    cookie_origin: str = ""
    handshake: bool = False

    @property
    def cookie(self) -> str:
        """The Cookie header of this hop, "" for none."""
        if not self.handshake or self.at.origin != self.cookie_origin:
            return ""
        return "; ".join(f"{name}={value}" for name, value in self.cookies)


def first(value: RawHeaders, name: bytes) -> bytes:
    """The first header called *name* (lower case), b"" for none."""
    return next((v for k, v in value if k.lower() == name), b"")


def redirected(hop: Hop, status: int, headers: RawHeaders, limit: int) -> Hop:
    """The hop that a 30x answer asks for.

    FetchError: bad-redirect, bad-scheme, bad-url, redirect-loop, too-many-redirects.
    """
    location = first(headers, b"location")
    if not location.strip():
        raise FetchError("bad-redirect", f"a redirect ({status}) that does not say where to")
    return _onward(hop, status, target(hop.at.url, location), headers, limit)


def reloaded(hop: Hop, status: int, headers: RawHeaders, body: bytes, limit: int) -> Hop | None:
    """The hop that a "cookie and reload" page asks for; None for every other page."""
    if hop.handshake or len(body) > SMALL or not first(headers, b"set-cookie"):
        return None
    refresh = _REFRESH.match(first(headers, b"refresh")) or _meta_refresh(body)
    if refresh is None or int(refresh[1][:4]) > 5:
        return None
    again = target(hop.at.url, refresh[2] or b"")
    return _onward(hop, status, again, headers, limit) if again.url == hop.at.url else None


def _meta_refresh(body: bytes) -> re.Match[bytes] | None:
    meta = _META.search(body)
    return _CONTENT.search(meta[0]) if meta else None


def _onward(hop: Hop, status: int, to: Address, headers: RawHeaders, limit: int) -> Hop:
    if len(hop.redirects) >= limit:
        raise FetchError("too-many-redirects", f"more than {limit} redirects in a row")
    seen = hop.seen | {hop.at.url}
    jar = _jar(hop, headers)
    again = to.url in seen
    if again and (hop.handshake or not jar or to.origin != hop.at.origin):
        raise FetchError("redirect-loop", "the redirects lead round in a circle")
    keeps = status in (307, 308) or hop.method == "GET" or again
    login = to.login or (hop.at.login if to.origin == hop.at.origin else "")
    return Hop(
        at=replace(to, login=login),
        method=hop.method if keeps else "GET",
        body=hop.body if keeps else b"",
        redirects=(*hop.redirects, (status, to.url)),
        seen=frozenset() if again else seen,
        cookies=jar,
        cookie_origin=hop.at.origin,
        handshake=hop.handshake or again,
    )


def _jar(hop: Hop, headers: RawHeaders) -> tuple[tuple[str, str], ...]:
    """The cookies after this answer; those of another origin are forgotten."""
    jar = dict(hop.cookies) if hop.cookie_origin == hop.at.origin else {}
    for name, value in headers:
        if name.lower() == b"set-cookie":
            pair = value.partition(b";")[0].decode("latin-1")
            key, _, content = pair.partition("=")
            if key.strip() and len(jar) < 20 and len(pair) < 4096:
                jar[key.strip()] = content.strip()
    return tuple(jar.items())
