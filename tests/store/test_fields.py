"""Every field of every noun that is stored comes back: a forgotten column passes all other tests."""

from __future__ import annotations

import asyncio
import dataclasses
import types
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import count
from typing import Literal, Union, get_args, get_origin, get_type_hints

import pytest

from aggregator.config import SourceOptions, SourceSpec
from aggregator.model import Capture, Draft, Sighting, Snapshot
from aggregator.ports import PageTask, PageVisit, SourceState, SourceVisit
from aggregator.store.codec import dump, load
from aggregator.store.packing import pack, pack_clauses, unpack, unpack_clauses
from aggregator.text import search_tokens


def filled(hint, numbers=None, bound=None):
    """A value of the type *hint* with every field set, each to another value that is no default."""
    numbers = count(3) if numbers is None else numbers
    hint = (bound or {}).get(hint, hint)
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return filled(next(a for a in args if a is not type(None)), numbers, bound)
    if origin is Literal:
        return args[-1]
    if origin in (tuple, frozenset):
        items = (args[0], args[0]) if args[-1] is Ellipsis or origin is frozenset else args
        return origin(filled(item, numbers, bound) for item in items)
    if origin is dict:
        return {filled(args[0], numbers): filled(args[1], numbers)}
    if dataclasses.is_dataclass(origin or hint):
        return filled_dataclass(origin or hint, args, numbers)
    return scalar(hint, next(numbers))


def filled_dataclass(cls, args, numbers):
    parameters = getattr(cls, "__parameters__", ())
    bound = dict(zip(parameters, args, strict=True))
    hints = get_type_hints(cls)
    return cls(
        **{
            f.name: not f.default
            if isinstance(f.default, bool)
            else filled(hints[f.name], numbers, bound)
            for f in dataclasses.fields(cls)
        }
    )


def scalar(hint, number):
    if issubclass(hint, Enum):
        return list(hint)[-1]
    if hint is bool:
        return True
    if hint is datetime:
        return datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=number, milliseconds=number)
    return hint(f"值{number}") if hint is str else hint(number)


@pytest.mark.parametrize("noun", [SourceOptions, Sighting, Draft])
def test_the_filler_leaves_no_field_at_its_default(noun):
    value = filled(noun)
    for field in dataclasses.fields(noun):
        assert getattr(value, field.name) != field.default
        assert getattr(value, field.name) not in (None, "", ())


@pytest.mark.parametrize("noun", [SourceOptions, Sighting, Draft, Snapshot])
def test_json_gives_back_what_it_was_given(noun):
    value = filled(noun)
    assert load(noun, dump(value)) == value


def test_json_of_defaults_is_short_and_complete():
    options = SourceOptions("http://a.example/")
    assert dump(options) == '{"url":"http://a.example/"}'
    assert load(SourceOptions, dump(options)) == options


def test_json_of_another_release_is_read():
    text = '{"url":"http://a.example/","unknown":[1],"name":"x"}'
    assert load(SourceOptions, text) == SourceOptions("http://a.example/", name="x")


def test_a_packed_draft_comes_back_whether_its_blocks_follow_the_text_or_not(made):
    for draft in (filled(Draft), made.draft(made.body("粮仓")), made.draft("")):
        packed = pack(draft)
        assert unpack(packed.draft, packed.text, packed.html) == draft


def test_a_packed_draft_holds_its_text_once(made):
    draft = made.draft(made.body("粮仓"))
    assert "粮仓" not in pack(draft).draft


def test_clauses_are_signed_numbers_of_64_bits():
    clauses = (-(2**63), -1, 0, 7, 2**63 - 1)
    assert unpack_clauses(pack_clauses(clauses)) == clauses


def test_every_option_of_a_source_is_kept(world, made):
    options = replace(filled(SourceOptions), url="http://c.example/feed", enabled=True)
    world.store.register([SourceSpec("c", options)], made.now)
    (state,) = world.store.due_sources("c.example", made.now)
    assert state.options == options


# What a visit says, under the name that the source has for it.
_STATE_OF_VISIT = {
    "last_visit_at": "finished_at",
    "last_ok_at": "finished_at",
    "items_usual": "items",
}
_ROW_OF_VISIT = {"new_items", "revised_items", "id"}


def test_every_field_of_a_visit_to_a_source_is_kept(world):
    visit = replace(
        filled(SourceVisit), source_id=1, outcome="ok", stopped=False, sightings=(), listed_keys=()
    )
    asyncio.run(world.store.record_source(visit))
    (state,) = world.store.due_sources("a.example", visit.next_visit_at)
    own = {"id": 1, "key": "a", "host": "a.example", "failures": 0, "options": state.options}
    for field in dataclasses.fields(SourceState):
        name = field.name
        expected = own[name] if name in own else getattr(visit, _STATE_OF_VISIT.get(name, name))
        assert getattr(state, name) == expected, name
    row = world.archive.sources()[0]
    assert (row.title, row.home_url) == (visit.title, visit.home_url)
    assert (row.last_code, row.last_error) == (visit.failure.code, visit.failure.message)
    (logged,) = world.archive.visits(1)
    for field in dataclasses.fields(logged):
        if field.name not in _ROW_OF_VISIT | {"code", "message"}:
            assert getattr(logged, field.name) == getattr(visit, field.name), field.name
    assert world.store.body(visit.snapshot.digest) is None  # it says that it is a revisit


def test_a_source_that_stopped_stays_stopped(world):
    visit = replace(filled(SourceVisit), source_id=1, outcome="failed", sightings=())
    asyncio.run(world.store.record_source(visit))
    assert world.store.source_states(["a"])[0].stopped
    assert world.archive.sources()[0].failures == 1


def test_every_field_of_a_page_and_its_visit_is_kept(world, made):
    said = replace(filled(Sighting), url="http://x.example/1")
    line = replace(made.line("x.example/1"), sighting=said)
    world.visit(line)
    (task,) = world.store.due_pages("x.example", made.now, 1)
    draft = replace(filled(Draft), text=made.body("粮仓"))
    kept = replace(filled(Snapshot), revisit=False)
    capture = made.capture("x.example/1", draft, snapshot=kept)
    visit = replace(
        filled(PageVisit), page_id=task.id, source_id=1, outcome="ok", state="live",
        capture=capture, snapshots=(kept,),
    )  # fmt: skip
    counts = asyncio.run(world.store.record_page(visit))
    (after,) = world.store.due_pages("x.example", visit.next_visit_at, 1)
    own = {
        "id": task.id, "key": line.key, "url": said.url, "host": "x.example", "source_id": 1,
        "source_key": world.archive.sources()[0].key, "options": task.options, "sighting": replace(said, content=""), "attempts": 0,
        "appearance_id": counts.appearance_ids[0], "first_seen_at": made.now,
    }  # fmt: skip
    for field in dataclasses.fields(PageTask):
        name = field.name
        assert getattr(after, name) == (own[name] if name in own else getattr(visit, name)), name
    assert world.store.body(kept.digest) == kept
    view = world.archive.article(counts.appearance_ids[0])
    assert view.draft == draft
    assert view.revisions[0].snapshot == kept
    logged = view.visits[0]
    assert (logged.status, logged.bytes, logged.code) == (
        visit.status, visit.bytes, visit.failure.code,
    )  # fmt: skip


def test_every_field_of_a_capture_matters(world, made):
    """The capture's own fields: where each is found again (the draft is walked above)."""
    kept = made.snapshot(7)
    capture = made.capture("x.example/1", made.draft(made.body("粮仓")), snapshot=kept)
    capture = replace(capture, tokens=search_tokens("独有词语"), normal="独有词语")
    number = world.visit(made.line(capture.key, captured=capture)).appearance_ids[0]
    view = world.archive.article(number)
    found = {
        "key": next(iter(world.store.known_entries(1, [capture.key]))),
        "url": view.row.url,
        "seen_at": view.row.first_seen_at,
        "draft": view.draft,
        "snapshot": view.revisions[0].snapshot,
        "fingerprint": _again_is_unchanged(world, made, capture),
    }
    # The index proposes by the tokens, the normal text decides: both are needed for a hit.
    searched = world.archive.search("独有词语").total == 1
    found |= {n: getattr(capture, n) if searched else "" for n in ("tokens", "normal")}
    assert found == {f.name: getattr(capture, f.name) for f in dataclasses.fields(Capture)}


def _again_is_unchanged(world, made, capture):
    counts = world.visit(made.line(capture.key, captured=capture))
    return capture.fingerprint if counts.unchanged else None
