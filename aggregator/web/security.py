"""Requests in, guarded requests on; every answer out with the security headers.

One ASGI layer round the whole application, so that error answers are guarded too: it refuses
foreign Host names (DNS rebinding of a loopback service, 421), answers HEAD like GET without the
body, and turns an unexpected exception into a page in words. The exception goes to the log.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

# Pictures of the origins are named only where a reader asked for them: see pages.article_page.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'{images}; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
POLICY = _POLICY.format(images="")
POLICY_WITH_PICTURES = _POLICY.format(images=" http: https:")
HEADERS = (
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
)
ErrorPage = Callable[[Request, int, str], Response]


def allowed_hosts(bind: str, base_url: str) -> frozenset[str] | None:
    """Host names that may be asked for; None = any, because the bind is not to loopback.

    A loopback service trusts whoever reaches it, so that a foreign page whose name is made to
    point at 127.0.0.1 must not read it.
    """
    if not _is_loopback(bind):
        return None
    public = urlsplit(base_url).hostname if base_url else None
    return frozenset({"localhost", "127.0.0.1", "::1", bind.lower(), public or "localhost"})


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def host_name(header: str) -> str:
    """The name in a Host header without the port, in lower case; "" when it cannot be read."""
    try:
        return (urlsplit(f"//{header}").hostname or "").lower()
    except ValueError:
        return ""


class Guard:
    """The ASGI layer; ``error_page`` makes the answers of its own refusals."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None, error_page: ErrorPage) -> None:
        self.app, self.hosts, self.error_page = app, hosts, error_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        if head:
            scope = {**scope, "method": "GET"}
        answer = _Answer(send, head)
        try:
            await self._serve(scope, receive, answer)
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            if answer.started:
                raise  # the server closes the connection, so the client sees that it is cut short
            await self.error_page(Request(scope), 500, "")(scope, receive, answer)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if self.hosts is not None and host_name(request.headers.get("host", "")) not in self.hosts:
            await self.error_page(request, 421, "")(scope, receive, send)
            return
        await self.app(scope, receive, send)


class _Answer:
    """Passes an answer on: adds the headers that it lacks, drops the body of HEAD."""

    def __init__(self, send: Callable[[Message], Awaitable[None]], head: bool) -> None:
        self.send, self.head, self.started = send, head, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message = {**message, "headers": [*message["headers"], *_missing(message["headers"])]}
        elif self.head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self.send(message)


def _missing(present: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    names = {name.lower() for name, _ in present}
    return [
        (name.encode(), value.encode()) for name, value in HEADERS if name.encode() not in names
    ]
