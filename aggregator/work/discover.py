"""An address -> the sources that its site offers: fetch, look, fetch what looks best, within a bound.

Every request goes through the real fetcher, so robots.txt, distances and bounds hold; pages are
read in the parser workers. Nothing is stored.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aggregator.catalogue import CatalogueSite, load_catalogue
from aggregator.errors import FetchError, VisitError
from aggregator.model import NotModified, Page
from aggregator.ports import Fetcher, Request, Workers
from aggregator.read.discover import Candidate, Look, look, ranked
from aggregator.read.leads import Lead, address_leads
from aggregator.url import canonical, host, identity

REQUESTS = 20  # pages and files that one search asks for
_DEPTH_LOSS = 12  # weight lost with each page further away
_CATALOGUE = 6  # lists of a known site that are tried
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Looking:
    """What a search works with."""

    fetcher: Fetcher
    workers: Workers


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a search, and what came of it in words."""

    url: str
    why: str
    said: str
    found: int = 0


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a search found, best first; ``known`` are the catalogue's sites at this host."""

    start: str
    candidates: tuple[Candidate, ...]
    known: tuple[CatalogueSite, ...]
    asked: tuple[Asked, ...]


Tell = Callable[[Asked], None]


async def discover(
    parts: Looking,
    address: str,
    *,
    requests: int = REQUESTS,
    near: bool = False,
    tell: Tell | None = None,
) -> Discovery:
    """Search the site at *address* (a bare host, a column, one article) for sources.

    With *near* only what the page itself is, or names as its feed or data file, is looked at.
    Raises FetchError when nothing at all could be fetched.
    """
    search = _Search(parts, requests, tell or (lambda asked: None))
    start = await search.begin(address)
    if not near:
        search.add(address_leads(start), 0)
        search.add(_known_leads(start), 0)
    while (lead := search.next(near)) is not None:
        await search.follow(lead)
    best = ranked(search.found, search.starts)[:_SHOWN]
    return Discovery(start, best, known_sites(start), tuple(search.asked))


def known_sites(url: str) -> tuple[CatalogueSite, ...]:
    """The sites of the catalogue at the host of *url*."""
    name = host(url)
    return tuple(site for site in load_catalogue() if name in site.hosts)


def _known_leads(url: str) -> tuple[Lead, ...]:
    lists = [one for site in known_sites(url) for one in site.lists if one.options.method == "GET"]
    return tuple(
        Lead(one.options.url, "the catalogue knows this list", 72, one.name, "page", one.options)
        for one in lists[:_CATALOGUE]
    )


def addresses(text: str) -> tuple[str, ...]:
    """The addresses that *text* may mean: itself, or a bare host by https and by http."""
    text = text.strip()
    if "://" in text:
        found = [canonical(text)]
    else:
        found = [canonical(f"{scheme}://{text}") for scheme in ("https", "http")]
    return tuple(one for one in found if one)


@dataclass
class _Search:
    """The state of one search: leads by weight, what was asked, what was found."""

    parts: Looking
    left: int
    tell: Tell
    asked: list[Asked] = field(default_factory=list)
    found: list[Candidate] = field(default_factory=list)
    starts: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    heap: list[tuple[int, int, int, Lead]] = field(default_factory=list)
    order: int = 0

    async def begin(self, text: str) -> str:
        """Ask the first address that answers; returns it. Raises FetchError when none does."""
        tries = addresses(text)
        if not tries:
            raise FetchError("bad-address", f"{text!r} is no web address: write http://host/…")
        first: VisitError | None = None
        for url in tries:
            try:
                await self._follow(Lead(url, "as asked", 100), -1)
                return self.starts[-1]
            except VisitError as error:
                first = first or error
                self._note(Lead(url, "as asked", 100), error.message, 0)
                if error.status is not None:  # the host is there: go up from here
                    self.starts.append(url)
                    return url
        assert first is not None
        raise first

    def add(self, leads: Iterable[Lead], depth: int) -> None:
        """Take up leads that are new."""
        for lead in leads:
            self.order += 1
            weight = lead.weight - _DEPTH_LOSS * depth
            heapq.heappush(self.heap, (-weight, self.order, depth, lead))

    def next(self, near: bool) -> tuple[Lead, int] | None:
        """The heaviest lead that was not asked yet (*near*: no pages), or None when it is over."""
        while self.heap and self.left > 0:
            _, _, depth, lead = heapq.heappop(self.heap)
            known = {lead.url, identity(lead.url)} & self.seen
            if not known and not (near and lead.accept == "page"):
                return lead, depth
        return None

    async def follow(self, step: tuple[Lead, int]) -> None:
        """Ask for a lead; a failure is noted and costs only this lead."""
        lead, depth = step
        try:
            await self._follow(lead, depth)
        except VisitError as error:
            self._note(lead, error.message, 0)

    async def _follow(self, lead: Lead, depth: int) -> None:
        self.left -= 1
        self.seen.add(lead.url)
        page = await self._fetch(lead)
        # Only what answered rules its other spellings out: a folder may lack its index page.
        self.seen |= {identity(lead.url), identity(page.final_url)}
        if not self.starts:
            self.starts += [lead.url, page.final_url]
        seen = await self.parts.workers.run(look, page, lead, timeout=30.0)
        self.found += seen.candidates
        self.add(seen.leads, depth + 1)
        self._note(lead, _said(seen), len(seen.candidates))

    async def _fetch(self, lead: Lead) -> Page:
        answer = await self.parts.fetcher.fetch(Request(lead.url, lead.accept))
        if isinstance(answer, NotModified):
            raise FetchError("bad-304", "the answer is 304 to an unconditional request")
        return answer

    def _note(self, lead: Lead, said: str, found: int) -> None:
        asked = Asked(lead.url, lead.why, said, found)
        self.asked.append(asked)
        self.tell(asked)


def _said(seen: Look) -> str:
    kinds = [f"{one.options.kind} of {one.items} items" for one in seen.candidates]
    return ", ".join(kinds) or seen.refused
