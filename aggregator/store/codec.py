"""Frozen dataclasses <-> JSON text: what a noun holds comes back equal; defaults are left out.

Works on any dataclass built of str, int, float, bool, None, datetime, StrEnum, tuple, frozenset,
dict and further dataclasses. Unknown names in stored text are passed over, missing ones take the
default: an archive outlives the release that wrote it.
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Generic, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Convert = Callable[[Any], Any]

_MISSING = dataclasses.MISSING
_PLAIN = (str, int, float, bool, type(None))
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """*text* as every database takes it: NUL and lone surrogates become U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def dump(value: object) -> str:
    """The JSON text of a dataclass."""
    return to_json(encoder(_class(value))(value))


def load(cls: type[T], text: str) -> T:
    """The *cls* whose JSON text is *text*."""
    return cast("T", decoder(cast("Hashable", cls))(json.loads(text)))


def to_json(plain: object) -> str:
    """Compact JSON text of plain values, Chinese as it is."""
    return clean(json.dumps(plain, ensure_ascii=False, separators=(",", ":")))


# ---------------------------------------------------------------- encoding


@cache
def encoder(cls: Hashable) -> Convert:
    """The function from a value of class *cls* to plain values (by the value, not the hints)."""
    if not isinstance(cls, type):
        raise TypeError(f"{cls!r} is no class")
    if dataclasses.is_dataclass(cls):
        return _dataclass_encoder(cls)
    if cls in (str, int, float, bool, type(None)):
        return _same
    if issubclass(cls, StrEnum):
        return str
    if issubclass(cls, datetime):
        return datetime.isoformat
    if issubclass(cls, tuple | list):
        return lambda items: [encoder(_class(i))(i) for i in items]
    if issubclass(cls, frozenset):
        return lambda items: sorted(encoder(_class(i))(i) for i in items)
    if issubclass(cls, Mapping):
        return lambda items: {k: encoder(_class(v))(v) for k, v in items.items()}
    raise TypeError(f"no JSON form is known for {cls.__name__}")


def _class(value: object) -> Hashable:
    return cast("Hashable", type(value))


def _same(value: object) -> object:
    return value


def _dataclass_encoder(cls: type) -> Convert:
    fields = [(f.name, _default(f)) for f in dataclasses.fields(cls)]

    def encode(value: object) -> dict[str, object]:
        plain = {}
        for name, default in fields:
            item = getattr(value, name)
            if item is not default and item != default:
                plain[name] = encoder(_class(item))(item)
        return plain

    return encode


def _default(field: dataclasses.Field[Any]) -> object:
    if field.default_factory is not _MISSING:
        return field.default_factory()
    return field.default


# ---------------------------------------------------------------- decoding


@cache
def decoder(hint: Hashable) -> Convert:
    """The function from plain values to a value of the type that *hint* says."""
    if hint in _PLAIN or hint is Any:
        return _same
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _optional(hint)
    if origin is tuple:
        return _tuple(get_args(hint))
    if origin is frozenset:
        return _frozenset(decoder(*get_args(hint)))
    if origin in (dict, Mapping, Literal):
        return _same
    if dataclasses.is_dataclass(origin or hint):
        return _dataclass_decoder(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    if hint is datetime:
        return datetime.fromisoformat
    raise TypeError(f"no JSON form is known for {hint!r}")


def _optional(hint: Any) -> Convert:
    (kind,) = (a for a in get_args(hint) if a is not type(None))
    convert = decoder(kind)
    return lambda plain: None if plain is None else convert(plain)


def _frozenset(item: Convert) -> Convert:
    return lambda plain: frozenset(item(p) for p in plain)


def _tuple(args: tuple[Any, ...]) -> Convert:
    if args[-1] is Ellipsis:
        item = decoder(args[0])
        return tuple if item is _same else lambda plain: tuple(map(item, plain))
    items = [decoder(a) for a in args]
    return lambda plain: tuple(one(p) for one, p in zip(items, plain, strict=True))


def _dataclass_decoder(hint: Any) -> Convert:
    cls = get_origin(hint) or hint
    bound = dict(zip(_parameters(cls), get_args(hint), strict=False))
    fields = {name: _late(bound.get(kind, kind)) for name, kind in get_type_hints(cls).items()}

    def decode(plain: dict[str, Any]) -> object:
        return cls(**{name: fields[name](value) for name, value in plain.items() if name in fields})

    return decode


def _parameters(cls: type) -> tuple[Any, ...]:
    for base in getattr(cls, "__orig_bases__", ()):
        if get_origin(base) is Generic:
            return get_args(base)
    return ()


def _late(hint: Any) -> Convert:
    # Not decoder(hint) at once: classes may refer to themselves.
    return lambda plain: decoder(hint)(plain)
