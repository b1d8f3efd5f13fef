"""A body that is still compressed (gzip, zlib) -> its bytes, within a bound."""

from __future__ import annotations

import zlib

from aggregator.errors import ReadError

MAX_BYTES = 50_000_000  # the protocol's bound of a sitemap: 50 MB
_GZIP = b"\x1f\x8b"


def unpack(body: bytes, limit: int = MAX_BYTES) -> bytes:
    """*body*, inflated when it begins as gzip does; at most *limit* bytes.

    Raises ReadError: "too-large" above the limit, "truncated" when the stream is cut or damaged.
    """
    if not body.startswith(_GZIP):
        return body
    out = bytearray()
    while body.startswith(_GZIP):  # a gzip file may have several members (RFC 1952, 2.2)
        member = zlib.decompressobj(wbits=31)
        try:
            out += member.decompress(body, limit + 1 - len(out))
        except zlib.error as error:
            raise ReadError("truncated", f"the gzip stream is damaged: {error}") from error
        if len(out) > limit:
            raise ReadError("too-large", f"the answer inflates to more than {limit:,} bytes")
        if not member.eof:
            raise ReadError("truncated", "the gzip stream ends too soon")
        body = member.unused_data
    return bytes(out)
