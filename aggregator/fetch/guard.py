"""A socket address -> allowed or refused, at the moment of connecting.

The check looks at the address that is really connected to, after resolution, for every hop. So no
spelling of a host, no redirect and no changing DNS answer gets round it.
``ipaddress.is_global`` is no guard: it is true for NAT64, 6to4 and site-local addresses.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass

from aiohttp.abc import AbstractResolver, ResolveResult

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
AddrInfo = tuple[int, int, int, str, tuple[str | int, ...]]

# IANA special-purpose registry, IPv4 (RFC 6890 and successors); 240/4 holds the broadcast address.
REFUSED_4: dict[str, tuple[str, ...]] = {
    "unspecified": ("0.0.0.0/8",),
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
    "carrier NAT": ("100.64.0.0/10",),
    "loopback": ("127.0.0.0/8",),
    "link-local": ("169.254.0.0/16",),
    "multicast": ("224.0.0.0/4",),
    "reserved": ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4"),
    "documentation": ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),
}
# Of IPv6 only 2000::/3 is global unicast (RFC 4291); these parts of it are not, or carry IPv4.
GLOBAL_6 = ipaddress.ip_network("2000::/3")
REFUSED_6: dict[str, tuple[str, ...]] = {
    "Teredo or reserved": ("2001::/23",),
    "documentation": ("2001:db8::/32", "3fff::/20"),
    "6to4": ("2002::/16",),
}
NAMED_6: dict[str, tuple[str, ...]] = {
    "IPv4-mapped": ("::ffff:0:0/96",),
    "NAT64": ("64:ff9b::/96", "64:ff9b:1::/48"),
    "loopback, unspecified or IPv4-compatible": ("::/96",),
    "unique local": ("fc00::/7",),
    "link-local": ("fe80::/10",),
    "site-local": ("fec0::/10",),
    "multicast": ("ff00::/8",),
}


def _table(groups: dict[str, tuple[str, ...]]) -> tuple[tuple[str, Network], ...]:
    return tuple((name, ipaddress.ip_network(net)) for name, nets in groups.items() for net in nets)


_TABLE_4 = _table(REFUSED_4)
_TABLE_6 = _table({**REFUSED_6, **NAMED_6})


def why_refused(address: Address) -> str:
    """What kind of non-public address *address* is; "" when it is public."""
    table = _TABLE_4 if address.version == 4 else _TABLE_6
    for name, network in table:
        if address in network:
            return name
    return "" if address.version == 4 or address in GLOBAL_6 else "reserved"


@dataclass(frozen=True, slots=True)
class Permit:
    """One entry of the allow-list: a host name or a network, with a port or (None) any."""

    host: str = ""
    network: Network | None = None
    port: int | None = None

    def covers(self, host: str, address: Address, port: int) -> bool:
        """Whether a connection for *host* to *address*:*port* is permitted by this entry."""
        if self.port is not None and self.port != port:
            return False
        if self.network is None:
            return host == self.host
        return address.version == self.network.version and address in self.network


def permit(entry: str) -> Permit:
    """An allow-list entry: ``name``, ``name:port``, an address, a network, ``[v6]:port``."""
    entry = entry.strip().lower()
    if (network := _network(entry)) is not None:
        return Permit(network=network)
    head, _, tail = entry.rpartition(":")
    host, port = (head, int(tail)) if head and tail.isdigit() else (entry, None)
    host = host.strip("[]").rstrip(".")
    return Permit(host, _network(host), port)


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


class AddressRefusedError(OSError):
    """The address is not public and not on the allow-list. All have the same text on purpose:

    aiohappyeyeballs passes the errors of several addresses on as they are only when they agree.
    """

    def __init__(self) -> None:
        super().__init__("refused address")


# The host whose connection is being made: the socket itself only knows the address.
CONNECTING: ContextVar[str] = ContextVar("aggregator_connecting_host", default="")


def check_named(host: str, port: int, allowed: Iterable[str]) -> None:
    """Refuse a *host* that is by itself no public address: all we can see when a proxy connects.

    ``inet_aton`` reads every odd spelling of IPv4 (2130706433, 0x7f.1) that a proxy might.
    """
    try:
        literal = ipaddress.ip_address(socket.inet_aton(host) if ":" not in host else host)
    except (OSError, ValueError):
        if host != "localhost" and not host.endswith(".localhost"):
            return
        literal = ipaddress.ip_address("127.0.0.1")
    permits = (permit(entry) for entry in allowed)
    if why_refused(literal) and not any(p.covers(host, literal, port) for p in permits):
        raise AddressRefusedError


def guarded_sockets(allowed: Iterable[str]) -> Callable[[AddrInfo], socket.socket]:
    """A socket factory that raises AddressRefusedError for what is neither public nor *allowed*."""
    permits = tuple(permit(entry) for entry in allowed)

    def make(info: AddrInfo) -> socket.socket:
        family, kind, proto, _, sockaddr = info
        address = ipaddress.ip_address(str(sockaddr[0]).partition("%")[0])
        host, port = CONNECTING.get(), int(sockaddr[1])
        if why_refused(address) and not any(p.covers(host, address, port) for p in permits):
            raise AddressRefusedError
        return socket.socket(family, kind, proto)

    return make


class SystemResolver(AbstractResolver):
    """getaddrinfo in a daemon thread of its own for each question.

    asyncio's default executor has a handful of threads, so a few slow DNS answers would hold up
    every host, and its threads are waited for at exit.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of *host*. Raises OSError (gaierror)."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[ResolveResult]] = loop.create_future()

        def ask() -> None:
            try:
                found = look_up(host, port, family)
            except (OSError, UnicodeError) as error:
                tell(answer.set_exception, _as_os_error(error))
            else:
                tell(answer.set_result, found)

        def tell(setter: Callable[..., None], value: object) -> None:
            try:
                loop.call_soon_threadsafe(lambda: None if answer.done() else setter(value))
            except RuntimeError:
                return  # the loop was closed while we waited: nobody is left to be told

        threading.Thread(target=ask, name=f"dns {host}", daemon=True).start()
        return await answer

    async def close(self) -> None:
        """Nothing to close: threads end with their question."""


def look_up(host: str, port: int, family: int) -> list[ResolveResult]:
    """The system's answer for *host*, in its order."""
    infos = socket.getaddrinfo(
        host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
    return [
        ResolveResult(
            hostname=host,
            host=str(sockaddr[0]),
            port=int(sockaddr[1]),
            family=found,
            proto=proto,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for found, _, proto, _, sockaddr in infos
    ]


def _as_os_error(error: Exception) -> OSError:
    return error if isinstance(error, OSError) else OSError(str(error))
