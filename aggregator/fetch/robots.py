"""The robots.txt of an origin -> whether an address may be fetched (RFC 9309), kept for a day."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from protego import Protego

from aggregator.errors import FetchError
from aggregator.fetch.address import Address
from aggregator.ports import Clock

log = logging.getLogger(__name__)

MAX_ROBOTS = 512_000  # bytes that are parsed (RFC 9309 §2.5: at least 500 KiB)
DAY = timedelta(hours=24)  # RFC 9309 §2.4
SOON = timedelta(minutes=30)  # how long an unreachable robots.txt is believed to stay so
KEPT_ORIGINS = 5_000
# What says nothing about robots.txt itself: the visit fails with it as it is.
OWN_FAULTS = frozenset({"dns", "connect", "refused-address", "network-down", "host-paused", "tls"})
_AGENT = re.compile(r"^(\s*user-?agent\s*:\s*(?:[a-z_-]+|\*)).*", re.IGNORECASE)
_NO_RULE = re.compile(
    r"^\s*(?!user|dis|dia|allow|crawl|request|visit|site|host)[\w-]+\s*:(?:\s|$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a robots.txt came to. ``text`` None: unreachable, so nothing may be fetched."""

    text: str | None
    until: datetime


class Robots:
    """Decides for *agent* (a product token). *get* fetches a robots.txt address.

    *folder* keeps the rules over restarts (None: only in memory).
    """

    def __init__(
        self,
        agent: str,
        clock: Clock,
        get: Callable[[Address], Awaitable[bytes]],
        folder: Path | None = None,
    ) -> None:
        self._agent = agent
        self._clock = clock
        self._get = get
        self._folder = folder
        self._known: dict[str, tuple[Rules, Protego | None]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def check(self, at: Address) -> float:
        """The Crawl-delay in seconds (0 for none); FetchError "robots" when *at* is disallowed."""
        rules, parsed = await self._rules(at)
        if parsed is None:
            raise FetchError(
                "robots",
                f"robots.txt of {at.host} cannot be read, so nothing is fetched there "
                f"until {rules.until:%Y-%m-%d %H:%M} UTC",
                retry_at=rules.until,
            )
        if not parsed.can_fetch(at.url, self._agent):
            raise FetchError("robots", f"robots.txt of {at.host} disallows this address")
        return float(parsed.crawl_delay(self._agent) or 0.0)

    async def _rules(self, at: Address) -> tuple[Rules, Protego | None]:
        lock = self._asking.setdefault(at.origin, asyncio.Lock())
        async with lock:  # several pages of a host wait for one request
            known = self._known.get(at.origin) or self._load(at.origin)
            if known is None or known[0].until <= self._clock.now():
                known = _parsed(await self._ask(at.origin))
                self._save(at.origin, known[0])
            self._remember(at.origin, known)
        return known

    async def _ask(self, origin: str) -> Rules:
        now = self._clock.now()
        try:
            body = await self._get(Address(f"{origin}/robots.txt"))
        except FetchError as error:
            if error.code in OWN_FAULTS:
                raise
            return outcome(error, now)
        return Rules(decode(body), now + DAY)

    def _remember(self, origin: str, known: tuple[Rules, Protego | None]) -> None:
        if len(self._known) >= KEPT_ORIGINS and origin not in self._known:
            self._known.clear()
            self._asking = {name: lock for name, lock in self._asking.items() if lock.locked()}
        self._known[origin] = known

    def _path(self, origin: str) -> Path | None:
        return self._folder and self._folder / f"{sha256(origin.encode()).hexdigest()[:32]}.json"

    def _load(self, origin: str) -> tuple[Rules, Protego | None] | None:
        path = self._path(origin)
        if path is None or not path.exists():
            return None
        try:
            kept = json.loads(path.read_text("utf-8"))
            rules = Rules(kept["text"], datetime.fromisoformat(kept["until"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("kept robots.txt of %s cannot be read, asking again: %s", origin, error)
            return None
        # A clock that was set back must not keep old rules for years.
        return _parsed(rules) if rules.until <= self._clock.now() + DAY else None

    def _save(self, origin: str, rules: Rules) -> None:
        path = self._path(origin)
        if path is None:
            return
        kept = {"origin": origin, "until": rules.until.isoformat(), "text": rules.text}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            spare = path.with_suffix(".new")
            spare.write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
            spare.replace(path)
        except OSError as error:
            log.warning("robots.txt of %s cannot be kept: %s", origin, error)


def outcome(error: FetchError, now: datetime) -> Rules:
    """What a robots.txt that did not come means (RFC 9309 §2.3.1).

    4xx and endless redirects: everything may be fetched. 5xx, 429, no answer: nothing.
    """
    status = error.status or 0
    if 400 <= status < 500 and status != 429:
        return Rules("", now + DAY)
    if error.code in ("too-many-redirects", "redirect-loop", "bad-redirect", "bad-scheme"):
        return Rules("", now + DAY)
    return Rules(None, min(error.retry_at or now + SOON, now + DAY))


def decode(body: bytes) -> str:
    """The text of a robots.txt as protego reads it rightly.

    Other charsets only spoil comments: rules are ASCII by nature. A user agent counts up to its
    first other character (RFC 9309 §2.2.1), and a line that is no rule ends no group (§2.2).
    """
    text = body[:MAX_ROBOTS].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    lines = (_AGENT.sub(r"\1", line) for line in re.split(r"\r\n?|\n", text))
    return "\n".join(line for line in lines if not _NO_RULE.match(line))


def allowed(text: str, agent: str, url: str) -> bool:
    """Whether *text* lets *agent* fetch *url*: for judging the parser by itself."""
    return bool(Protego.parse(decode(text.encode())).can_fetch(url, agent))


def _parsed(rules: Rules) -> tuple[Rules, Protego | None]:
    return rules, None if rules.text is None else Protego.parse(rules.text)
