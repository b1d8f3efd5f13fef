"""The guard: which addresses are refused, for every way to name one."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from fetch_world import World
from hypothesis import given
from hypothesis import strategies as st
from scripted_origin import answer, redirect, serving

from aggregator.fetch.guard import permit, why_refused
from aggregator.fetch.http import HttpFetcher

Run = Callable[..., Any]


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:1::1",
        "2001:10::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert why_refused(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "126.1.1.1",
        "128.0.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "192.167.1.1",
        "223.255.255.255",
        "202.108.22.5",
        "2400:3200::1",
        "2606:4700::1111",
        "240e::1",
        "2a00::1",
    ],
)
def test_what_is_public_is_not(address: str) -> None:
    assert why_refused(ipaddress.ip_address(address)) == ""


@given(st.ip_addresses())
def test_nothing_that_python_calls_private_is_let_through(address: Any) -> None:
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        # 192.0.0.9 and the like are global by exception; refusing them too costs nobody anything
        assert why_refused(address)


@pytest.mark.parametrize(
    ("entry", "host", "address", "port", "fine"),
    [
        ("127.0.0.1", "x", "127.0.0.1", 80, True),
        ("127.0.0.1", "x", "127.0.0.2", 80, False),
        ("10.0.0.0/8", "x", "10.9.9.9", 1, True),
        ("10.1.2.3/8", "x", "10.9.9.9", 1, True),
        ("127.0.0.1:8080", "x", "127.0.0.1", 8080, True),
        ("127.0.0.1:8080", "x", "127.0.0.1", 8081, False),
        ("::1", "x", "::1", 80, True),
        ("[::1]:8080", "x", "::1", 8080, True),
        ("[::1]:8080", "x", "::1", 80, False),
        ("fd00::/8", "x", "fd00::9", 80, True),
        ("Intra.Example", "intra.example", "10.0.0.1", 80, True),
        ("intra.example", "other.example", "10.0.0.1", 80, False),
        ("intra.example:81", "intra.example", "10.0.0.1", 80, False),
        ("intra.example:81", "intra.example", "10.0.0.1", 81, True),
        ("10.0.0.0/8", "x", "fd00::1", 80, False),
    ],
)
def test_the_allow_list(entry: str, host: str, address: str, port: int, fine: bool) -> None:
    assert permit(entry).covers(host, ipaddress.ip_address(address), port) is fine


class Names(AbstractResolver):
    """Answers each name with the next of its answers; the last repeats."""

    def __init__(self, **names: list[str]) -> None:
        self.names = {name.replace("_", "."): answers for name, answers in names.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        if host not in self.names:
            raise OSError(None, "no such name")
        answers = self.names[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found.split()
        ]

    async def close(self) -> None:
        return


def test_a_name_that_means_a_private_address_is_refused(world: Run) -> None:
    names = Names(evil_example=["127.0.0.1"], both_example=["127.0.0.1 ::1"])

    async def use(w: World) -> None:
        w.origin.on("/", answer(200, b"secret"))
        for host in ("evil.example", "both.example"):
            assert (await w.fail(f"http://{host}:{w.origin.port}/")).code == "refused-address"
        assert w.origin.seen == []
        assert names.asked == ["evil.example", "both.example"]

    world(use, resolver=names, allow_private=())


def test_a_name_that_changes_its_answer_wins_nothing(world: Run) -> None:
    names = Names(rebind_example=["127.0.0.1", "127.0.0.2"])

    async def use(w: World) -> None:
        async with serving("127.0.0.2") as canary:
            w.origin.on("/", redirect(302, f"http://rebind.example:{canary.port}/"))
            url = f"http://rebind.example:{canary.port}/"
            assert [(await w.fail(url)).code for _ in range(3)][-1] in (
                "connect",
                "refused-address",
            )
            assert (await w.fail("/")).code in ("connect", "refused-address")
            assert canary.seen == []

    world(use, resolver=names)


def test_a_name_on_the_allow_list_may_be_private(world: Run) -> None:
    names = Names(intra_example=["127.0.0.1"], other_example=["127.0.0.1"])

    async def use(w: World) -> None:
        w.origin.on("/", answer(200, b"inside"))
        assert (await w.get(f"http://intra.example:{w.origin.port}/")).body == b"inside"
        assert w.origin.seen[0].headers["host"] == f"intra.example:{w.origin.port}"
        error = await w.fail(f"http://other.example:{w.origin.port}/")
        assert error.code == "refused-address"

    world(use, resolver=names, allow_private=("intra.example",))


def test_a_name_without_an_answer_is_a_dns_error(world: Run) -> None:
    async def use(w: World) -> None:
        assert (await w.fail("http://nowhere.example/")).code == "dns"

    world(use, resolver=Names())


def test_side_by_side_connections_do_not_lend_each_other_their_names(world: Run) -> None:
    names = Names(intra_example=["127.0.0.1"], evil_example=["127.0.0.1"])

    async def use(w: World) -> None:
        w.origin.on("/", answer(200, b"inside"))
        hosts = ["intra.example", "evil.example"] * 10
        found = await asyncio.gather(
            *(w.ask(f"http://{host}:{w.origin.port}/") for host in hosts), return_exceptions=True
        )
        assert [getattr(one, "code", "fine") for one in found] == ["fine", "refused-address"] * 10

    world(use, resolver=names, allow_private=("intra.example",), per_host=20)


def test_a_proxy_is_used_and_still_not_asked_for_private_addresses(world: Run) -> None:
    async def use(w: World) -> None:
        async with serving("127.0.0.1") as proxy:
            proxy.on("http://public.example/f", answer(200, b"through"))
            settings = replace(w.settings, proxy=proxy.url, allow_private=())
            fetcher = HttpFetcher(settings, w.clock)
            w.fetcher = fetcher
            assert (await w.get("http://public.example/f")).body == b"through"
            for host in ("127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "[::1]", "localhost"):
                error = await w.fail(f"http://{host}/f")
                assert error.code in ("refused-address", "bad-url")
            await fetcher.close()
            assert proxy.targets() == ["http://public.example/f"]

    world(use)
