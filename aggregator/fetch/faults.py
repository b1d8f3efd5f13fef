"""An exception of the HTTP libraries -> a FetchError with its code and a message in words."""

from __future__ import annotations

import errno
import ssl
from collections.abc import Callable

import aiohttp

from aggregator.errors import FetchError
from aggregator.fetch.guard import AddressRefusedError
from aggregator.fetch.library import httpx

EXPECTED = (aiohttp.ClientError, httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError)
# These say that no connection came about: they count towards "our network is down".
UNREACHED = frozenset({"dns", "connect"})
_LOCAL = {
    errno.EMFILE: "this process has too many files open (raise its limit: ulimit -n)",
    errno.ENFILE: "this machine has too many files open",
    errno.ENOBUFS: "this machine has no memory left for connections",
    errno.EADDRNOTAVAIL: "this machine has no free port or no address of that kind",
    errno.ENETDOWN: "the network of this machine is down",
}


def explain(error: BaseException, in_body: bool, deadline: float) -> FetchError:
    """What *error* means to a person; *in_body* when the head of the answer had come already.

    *deadline* is the total time in seconds, which a plain TimeoutError says has passed.
    """
    if type(error) is TimeoutError and error.errno is None:  # asyncio's; the system's has a number
        return FetchError("timeout", f"no complete answer within {deadline:g} s")
    if isinstance(error, httpx.HTTPError) and error.__cause__ is not None:
        error = error.__cause__  # the translation to httpx loses what happened
    return next(
        (tell(error, in_body) for kind, tell in _RULES if isinstance(error, kind)),
        FetchError("protocol", f"the answer is no proper HTTP ({_short(error)})"),
    )


def _tls(error: BaseException, in_body: bool) -> FetchError:
    reason = getattr(error, "certificate_error", None) or error.__cause__ or error
    return FetchError("tls", f"the secure connection failed ({_short(reason)})")


def _idle(error: BaseException, in_body: bool) -> FetchError:
    if in_body:
        return FetchError("idle-timeout", "the host stopped sending in the middle of the answer")
    return FetchError("idle-timeout", "the host took the request and sent nothing")


def _refused(error: BaseException, in_body: bool) -> FetchError:
    return FetchError(
        "refused-address",
        "the host stands at a private or reserved address, which is not fetched "
        "(if it is meant, add it to fetch.allow_private)",
    )


def _connector(error: BaseException, in_body: bool) -> FetchError:
    assert isinstance(error, aiohttp.ClientConnectorError)
    reason = error.os_error
    if isinstance(reason, AddressRefusedError):
        return _refused(reason, in_body)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return FetchError("dns", f"the name of the host cannot be resolved ({_short(reason)})")
    return _unreached(reason, in_body)


def _unreached(error: BaseException, in_body: bool) -> FetchError:
    if in_body:
        return FetchError("truncated", f"the connection broke in the answer ({_short(error)})")
    if isinstance(error, OSError) and error.errno in _LOCAL:
        return FetchError("network-down", _LOCAL[error.errno])
    return FetchError("connect", f"the host cannot be reached ({_short(error)})")


def _payload(error: BaseException, in_body: bool) -> FetchError:
    if isinstance(error.__cause__, aiohttp.http_exceptions.ContentLengthError):
        return FetchError("truncated", "the answer is shorter than its Content-Length says")
    return FetchError("truncated", f"the answer is not complete ({_short(error)})")


def _address(error: BaseException, in_body: bool) -> FetchError:
    return FetchError("bad-url", f"the address cannot be requested ({_short(error)})")


def _head(error: BaseException, in_body: bool) -> FetchError:
    text = _short(error)
    if "when reading" in text or "Too many" in text:
        return FetchError("head-too-large", "the head of the answer is larger than allowed")
    return FetchError("protocol", f"the answer is no proper HTTP ({text})")


def _short(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientResponseError):
        text = error.message
    else:
        text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:120]


# The first that fits: subclasses stand before their bases.
_RULES: tuple[tuple[type[BaseException], Callable[[BaseException, bool], FetchError]], ...] = (
    (aiohttp.ClientSSLError, _tls),
    (aiohttp.ClientConnectorError, _connector),
    (aiohttp.SocketTimeoutError, _idle),
    (aiohttp.ClientPayloadError, _payload),
    (aiohttp.ClientResponseError, _head),
    (aiohttp.ClientConnectionError, _unreached),
    (aiohttp.InvalidURL, _address),
    (httpx.InvalidURL, _address),
    (UnicodeError, _address),
    (ssl.SSLError, _tls),
    (AddressRefusedError, _refused),
    (OSError, _unreached),
)
