"""Draft -> Fingerprint, and two fingerprints -> what one text is to the other.

Reposts are linked by clauses (the text between two punctuation marks), not by titles: a header,
a footer, a cut paragraph or an edit leaves most clauses as they were. Measured in the project's
research on storage: 24 anchors an article found all repost classes but scattered OCR noise.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from hashlib import blake2b
from heapq import nsmallest
from posixpath import basename
from urllib.parse import urlsplit

from aggregator.model import Draft, Field, Fingerprint, Moment, Person, Precision, Relation
from aggregator.text import fold, nfkc

VERSION = 1
ANCHORS = 24
MIN_CLAUSE = 8  # letters; shorter clauses are set phrases
MIN_COMMON = 5  # clauses that two texts must share to be kin at all
MIN_SHARE = 0.6  # of the shorter text's clauses
COPY_SHARE = 0.95
EXCERPT_SIZE = 0.6  # the shorter text has at most this share of the longer one's clauses
MIN_BODY = 40  # letters; below, equal bodies prove nothing without an equal title

_CLAUSE_END = re.compile(r"[。,!?;:\n]+")
_NOT_WORD = re.compile(r"[\W_]+")


def _hash(*parts: str) -> str:
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def clause_hashes(text: str) -> tuple[int, ...]:
    """Signed 64-bit hashes of the clauses of *text* with 8 letters or more, in order, once each."""
    clauses = (_NOT_WORD.sub("", c) for c in _CLAUSE_END.split(nfkc(text).lower()))
    digests = (
        blake2b(c.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        for c in clauses
        if len(c) >= MIN_CLAUSE
    )
    return tuple(dict.fromkeys(int.from_bytes(d, "big", signed=True) for d in digests))


def _value(found: Field[str] | None) -> str:
    return fold(found.value) if found else ""


def _names(found: Field[tuple[Person, ...]] | None) -> str:
    return " ".join(fold(p.name) for p in found.value) if found else ""


def _date(found: Field[Moment] | None) -> str:
    if not found:
        return ""
    moment = found.value
    exact = moment.precision in (Precision.MINUTE, Precision.SECOND)
    return moment.instant.isoformat(timespec="minutes") if exact else str(moment.instant.date())


def _path(url: str) -> str:
    # Hosts and query strings of pictures change with CDNs and nonces; the file name does not.
    return basename(urlsplit(url).path)


def _facets(draft: Draft, lead: str, rest: str) -> dict[str, str]:
    return {
        "title": _hash(_value(draft.title), _value(draft.subtitle), _value(draft.overline)),
        "byline": _hash(_names(draft.authors), _value(draft.source), _names(draft.editors)),
        "date": _hash(_date(draft.published)),
        "lead": _hash(lead),
        "body": _hash(rest),
        "pictures": _hash(*(_path(i.url) for i in draft.images)),
        "attachments": _hash(*(f"{_path(a.url)} {fold(a.title)}" for a in draft.attachments)),
    }


def fingerprint(draft: Draft) -> Fingerprint:
    """The hashes of *draft*: over canonical fields, with a version, so that noise changes none."""
    first, _, others = draft.text.partition("\n")
    lead, rest = fold(first), fold(others)
    folded = lead + rest
    body = _hash(str(VERSION), folded)
    return Fingerprint(
        version=VERSION,
        content=_hash(str(VERSION), _value(draft.title), folded),
        body=body if len(folded) >= MIN_BODY else "",
        clauses=clause_hashes(draft.text),
        facets=_facets(draft, lead, rest),
    )


def anchors(clauses: Sequence[int], stop: Container[int] = (), k: int = ANCHORS) -> tuple[int, ...]:
    """The *k* smallest clause hashes that are no stop clauses: equal texts choose equal ones."""
    return tuple(nsmallest(k, (c for c in clauses if c not in stop)))


def relation(old: Sequence[int], new: Sequence[int]) -> Relation | None:
    """What the text with clauses *new* is to the one with clauses *old*; None if no kin."""
    common = len(set(old) & set(new))
    shorter, longer = sorted((len(old), len(new)))
    if common < MIN_COMMON or common < MIN_SHARE * shorter:
        return None
    if shorter <= EXCERPT_SIZE * longer:
        return Relation.EXCERPT if len(new) == shorter else Relation.COMPILATION
    return Relation.COPY if common >= COPY_SHARE * longer else Relation.EDITED
