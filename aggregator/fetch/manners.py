"""What is sent to an origin, and what its refusals mean in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from aggregator.errors import FetchError
from aggregator.fetch.address import address
from aggregator.fetch.chain import Hop
from aggregator.ports import Request

FEEDS = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
ACCEPT: Mapping[str, str] = MappingProxyType(
    {
        "feed": FEEDS,
        "page": "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.5",
        "data": "application/json, text/javascript;q=0.9, */*;q=0.5",
    }
)
SECRET = frozenset({"authorization", "cookie", "proxy-authorization"})
WORDS: Mapping[int, str] = MappingProxyType(
    {
        400: "the host does not understand the request (400)",
        401: "the address asks for a login (401)",
        402: "the address asks for payment (402)",
        403: "the host refuses us (403)",
        404: "there is nothing at this address (404)",
        410: "the address is gone for good (410); it is not asked again",
        429: "the host says that we ask too often (429)",
        451: "the address is withheld for legal reasons (451)",
        500: "the host has a fault (500)",
        502: "the host's own server behind it does not answer (502)",
        503: "the host is overloaded or closed for the moment (503)",
        504: "the host's own server behind it does not answer in time (504)",
    }
)


def headers(request: Request, hop: Hop, user_agent: str) -> list[tuple[str, str]]:
    """The request headers of *hop*. A source's own win; secrets stay with the first origin."""
    sent = {
        "user-agent": user_agent,
        "accept": ACCEPT[request.accept],
        "accept-language": "zh-CN, zh;q=0.9, en;q=0.5",
        "accept-encoding": "gzip, deflate",
    }
    if hop.method == "GET":
        sent |= {"if-none-match": request.etag, "if-modified-since": request.last_modified}
    sent |= {"authorization": hop.at.login, "cookie": hop.cookie} | own(request, hop)
    return [(name, value) for name, value in sent.items() if value]


def own(request: Request, hop: Hop) -> dict[str, str]:
    """The headers that the source itself sets, as far as *hop* may see them."""
    given = {name.lower(): value for name, value in request.headers}
    if given and hop.at.origin != address(request.url).origin:
        return {name: value for name, value in given.items() if name not in SECRET}
    return given


def status_error(status: int, back: datetime | None) -> FetchError:
    """The error that an answer with *status* is; *back* is when to ask again at the earliest."""
    words = WORDS.get(status) or f"the host answers with status {status}"
    if back is not None:
        words += f"; not asked again before {back:%Y-%m-%d %H:%M} UTC"
    return FetchError(
        f"http-{status}", words, status=status, retry_at=back, permanent=status == 410
    )
