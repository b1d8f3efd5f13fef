"""Capture + Known -> Decision: what is to happen with an article, without doing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aggregator.dedup import relation
from aggregator.model import Capture, Relation, State


@dataclass(frozen=True, slots=True)
class KnownAppearance:
    """The stored appearance of the same address. ``number`` is that of its newest revision."""

    id: int
    work_id: int
    number: int
    state: State
    facets: Mapping[str, str]
    content: str


@dataclass(frozen=True, slots=True)
class Kin:
    """Another appearance that may show the same work."""

    appearance_id: int
    work_id: int
    content: str
    body: str
    clauses: tuple[int, ...]
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """All that the store knows which bears on a capture."""

    appearance: KnownAppearance | None = None
    kin: tuple[Kin, ...] = ()


@dataclass(frozen=True, slots=True)
class New:
    """A new appearance: of a new work (``work_id`` None) or linked to a known one."""

    work_id: int | None = None
    relation: Relation = Relation.ORIGINAL
    kin_id: int | None = None


@dataclass(frozen=True, slots=True)
class Revised:
    """The appearance says something else now. ``back`` means: it had been away."""

    appearance_id: int
    kinds: tuple[str, ...]
    back: bool = False


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The appearance says what it said."""

    appearance_id: int
    back: bool = False


Decision = New | Revised | Unchanged

# Which kinship is believed first when several are at hand.
_ORDER = (Relation.COPY, Relation.EDITED, Relation.EXCERPT, Relation.COMPILATION)


def decide(capture: Capture, known: Known) -> Decision:
    """The decision on *capture*. Equal facets are no revision; kin are linked, never deleted."""
    if known.appearance is not None:
        return _again(capture, known.appearance)
    ranked = [(kind, kin) for kin in known.kin if (kind := _kinship(capture, kin)) is not None]
    if not ranked:
        return New()
    kind, kin = min(ranked, key=lambda pair: (_ORDER.index(pair[0]), pair[1].appearance_id))
    return New(kin.work_id, kind, kin.appearance_id)


def _again(capture: Capture, old: KnownAppearance) -> Decision:
    back = old.state is not State.LIVE
    new = capture.fingerprint.facets
    kinds = tuple(kind for kind, value in new.items() if old.facets.get(kind, value) != value)
    return Revised(old.id, kinds, back) if kinds else Unchanged(old.id, back)


def _kinship(capture: Capture, kin: Kin) -> Relation | None:
    ours = capture.fingerprint
    if ours.body and ours.body == kin.body:
        return Relation.COPY
    if ours.content == kin.content and capture.draft.text and capture.draft.title:
        return Relation.COPY
    return relation(kin.clauses, ours.clauses)
