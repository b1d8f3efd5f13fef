"""A path -> Settings, or one ConfigError that names every fault of the file with its mend."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from aggregator.config.options import Settings, SourceOptions, SourceSpec
from aggregator.errors import ConfigError
from aggregator.url import identity

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FILE_NAME = "config.toml"
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_SQLITE_FILE = re.compile(r"(sqlite(?:\+\w+)?:///)(?!/|:memory:)([^?]+)(.*)", re.DOTALL)
_WORDS = {
    "string_type": 'must be a text in quotes ("…")',
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "tuple_type": 'must be an array (["…", "…"])',
    "dataclass_type": "must be a table",
    "missing": "is missing",
}


@dataclass(frozen=True, slots=True)
class _Fault:
    """One thing that is wrong: ``table`` and ``key`` as in the file ("source.x", "list.item")."""

    table: str
    key: str
    reason: str
    mend: str = ""


def default_config_path() -> Path:
    """The configuration that is shipped: inside the package, or at the top of a source tree."""
    package = Path(__file__).resolve().parent.parent
    packed = package / FILE_NAME
    return packed if packed.is_file() else package.parent / FILE_NAME


def load(path: Path | None = None) -> Settings:
    """The settings of *path*; without one of ./config.toml, else of the shipped file.

    Relative paths in the file are relative to its folder; in the shipped file to the current one.
    Raises ConfigError, one line for each fault.
    """
    file, base = _locate(path)
    text = _text(file)
    data = _parsed(file, text)
    faults = list(_unknown(Settings, "", _general(data)))
    settings = _settings(_general(data), faults)
    sources = _sources(data.get("source", {}), faults)
    faults += _cross(settings, sources)
    if faults:
        raise _error(file, text, faults)
    return replace(_anchored(settings, base), file=str(file), sources=tuple(sources))


def source_spec(key: str, table: dict[str, Any], origin: str) -> SourceSpec:
    """One source as it would stand below [source.*key*]. Raises ConfigError naming *origin*."""
    faults: list[_Fault] = []
    spec = _source(key, table, faults)
    if spec is not None:
        faults += _consistent(spec, Settings())
    if spec is None or faults:
        raise _error(Path(origin), "", faults)
    return spec


# ---------------------------------------------------------------- reading


def _locate(path: Path | None) -> tuple[Path, Path]:
    """The file to read, and the folder its relative paths start from."""
    here = Path.cwd()
    if path is not None:
        file = path.expanduser().absolute()
        return file, file.parent
    own = here / FILE_NAME
    return (own if own.is_file() else default_config_path()), here


def _text(file: Path) -> str:
    mend = f"leave the option out to use the shipped sources, or begin with a copy of {default_config_path()}"
    try:
        return file.read_text("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(str(file), "", "there is no such file", mend) from None
    except IsADirectoryError:
        raise ConfigError(
            str(file), "", "is a folder", f"name the file: {file / FILE_NAME}"
        ) from None
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 (byte {error.start + 1})"
        raise ConfigError(str(file), "", reason, "save it as UTF-8, as TOML demands") from None
    except OSError as error:
        raise ConfigError(str(file), "", f"cannot be read: {error.strerror}") from None


def _parsed(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at (.+?)\)$", str(error))
        reason = str(error).partition(" (at ")[0]
        mend = "in TOML texts stand in quotes, and a table or key only once; a backslash is written in '…'"
        where = place[1] if place else ""
        raise ConfigError(str(file), where, f"is not TOML: {reason}", mend) from None


def _general(data: Mapping[str, Any]) -> dict[str, Any]:
    """All but the sources."""
    return {key: value for key, value in data.items() if key != "source"}


def _settings(data: dict[str, Any], faults: list[_Fault]) -> Settings:
    faults += [
        _Fault("", key, "cannot be set in the file", "remove it")
        for key in ("file", "sources")
        if key in data
    ]
    found = _validated(Settings, data, "", faults)
    return found if isinstance(found, Settings) else Settings()


def _sources(tables: object, faults: list[_Fault]) -> list[SourceSpec]:
    if not isinstance(tables, dict):
        faults.append(
            _Fault("", "source", "must be tables", "write [source.some_key] for each source")
        )
        return []
    return [spec for key, table in tables.items() if (spec := _source(key, table, faults))]


def _source(key: str, table: object, faults: list[_Fault]) -> SourceSpec | None:
    where = f"source.{key}"
    if not _KEY.fullmatch(key):
        mend = "use up to 64 of A-Z a-z 0-9 _ -, such as [source.people_cpc]"
        faults.append(_Fault(where, "", "the key of a source is no plain word", mend))
    if not isinstance(table, dict):
        faults.append(_Fault(where, "", "must be a table", f"write [{where}] and its keys below"))
        return None
    faults += _unknown(SourceOptions, where, table)
    found = _validated(SourceOptions, table, where, faults)
    return SourceSpec(key, found) if isinstance(found, SourceOptions) else None


def _validated(cls: type, data: dict[str, Any], where: str, faults: list[_Fault]) -> object:
    """*data* as *cls*, or None with its faults noted. Strict: no text is taken for a number."""
    import json

    from pydantic import ValidationError

    try:
        # JSON mode takes arrays for tuples though it is strict.
        return _adapter(cls).validate_json(json.dumps(data, default=str), strict=True)
    except ValidationError as error:
        found = [_fault(where, cls, dict(e)) for e in error.errors(include_url=False)]
        faults += dict.fromkeys(found)
        return None


@cache
def _adapter(cls: type) -> TypeAdapter[object]:
    from pydantic import TypeAdapter

    return TypeAdapter(cls)


def _fault(where: str, cls: type, error: dict[str, Any]) -> _Fault:
    """An error of pydantic in our words."""
    path = [str(part) for part in error["loc"]]
    if not where and len(path) > 1:
        where, path = path[0], path[1:]
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        reason, _, mend = str(context["error"]).partition(": ")
        return _Fault(where, ".".join(path), reason, mend)
    if kind == "literal_error":
        return _Fault(where, ".".join(path), f"must be {context['expected']}")
    mend = f"add {path[-1]} = …" if kind == "missing" else f"it is {error.get('input')!r:.80}"
    return _Fault(where, ".".join(path), _WORDS.get(kind, error["msg"].lower()), mend)


def _unknown(cls: type, where: str, table: Mapping[str, Any]) -> Iterator[_Fault]:
    """Keys that no option has, with the nearest that there is."""
    hints = get_type_hints(cls)
    for key, value in table.items():
        if key not in hints:
            near = difflib.get_close_matches(key, hints, 1, 0.6)
            mend = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(hints)}"
            yield _Fault(where, key, "is no known option", mend)
        elif is_dataclass(hints[key]) and isinstance(value, dict):
            inner = f"{where}.{key}" if where else key
            yield from _unknown(hints[key], inner, value)


# ---------------------------------------------------------------- what no single value shows


def _cross(settings: Settings, sources: list[SourceSpec]) -> Iterator[_Fault]:
    times = settings.schedule
    if times.min_interval > times.max_interval:
        yield _Fault("schedule", "min_interval", "is longer than max_interval")
    elif not times.min_interval <= times.interval <= times.max_interval:
        yield _Fault("schedule", "interval", "must lie between min_interval and max_interval")
    seen: dict[tuple[str, str], str] = {}
    for spec in sources:
        address = (identity(spec.options.url), spec.options.body)
        first = seen.setdefault(address, spec.key)
        if first != spec.key:
            yield _Fault(
                f"source.{spec.key}", "url", f"is the address of source.{first} too", "remove one"
            )
        yield from _consistent(spec, settings)


def _consistent(spec: SourceSpec, settings: Settings) -> Iterator[_Fault]:
    given, table = spec.options, f"source.{spec.key}"
    if not given.url:
        yield _Fault(table, "url", "is empty", "write the address of the feed or list")
    if given.interval is not None and given.interval < settings.schedule.min_interval:
        least = f"{settings.schedule.min_interval:g} seconds"
        yield _Fault(
            table, "interval", "is shorter than schedule.min_interval", f"at least {least}"
        )
    blank = SourceOptions(url=given.url)
    for kind in ("list", "data"):
        if given.kind != kind and getattr(given, kind) != getattr(blank, kind):
            yield _Fault(
                table, kind, f'is set, but kind is "{given.kind}"', f'write kind = "{kind}"'
            )
    if given.body and given.method != "POST":
        yield _Fault(table, "body", 'is set, but method is "GET"', 'write method = "POST"')
    if given.data.template and not re.search(r"\{[^{}]+\}", given.data.template):
        yield _Fault(
            f"{table}.data",
            "template",
            "names no key of the row",
            'write for example "https://host/?id={id}"',
        )


def _anchored(settings: Settings, base: Path) -> Settings:
    """Relative paths made absolute from *base*."""
    archive = settings.archive
    url = archive.url
    match = _SQLITE_FILE.fullmatch(url)
    if match:
        url = match[1] + str(base / match[2]) + match[3]
    return replace(
        settings,
        archive=replace(archive, url=url, vault=str(base / archive.vault)),
        rules_files=tuple(str(base / file) for file in settings.rules_files),
    )


# ---------------------------------------------------------------- saying it


def _error(file: Path, text: str, faults: list[_Fault]) -> ConfigError:
    placed = sorted(((_line(text, fault), fault) for fault in faults), key=lambda pair: pair[0])
    if len(placed) == 1:
        line, fault = placed[0]
        return ConfigError(str(file), _where(line, fault), fault.reason, fault.mend)
    rows = [
        f"\n  {_where(line, f)}: {f.reason}" + (f" ({f.mend})" if f.mend else "")
        for line, f in placed
    ]
    return ConfigError(str(file), "", f"{len(rows)} faults:" + "".join(rows))


def _where(line: int, fault: _Fault) -> str:
    parts = (f"line {line}" if line else "", f"[{fault.table}]" if fault.table else "", fault.key)
    return " ".join(part for part in parts if part)


def _line(text: str, fault: _Fault) -> int:
    """The line (from 1) of a fault's key, or of its table, or 0 when neither is found."""
    path = tuple(part for part in f"{fault.table}.{fault.key}".split(".") if part)
    best, depth = 0, 0
    header: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        table = re.match(r"\s*\[{1,2}([^\[\]]+)\]", line)
        header = _names(table[1]) if table else header
        at = header if table else (*header, *_assigned(line))
        shared = min(len(at), len(path))
        if shared > depth and at[:shared] == path[:shared]:
            best, depth = number, shared
    return best


def _assigned(line: str) -> tuple[str, ...]:
    match = re.match(r"\s*([\w\"'.-]+)\s*=", line)
    return _names(match[1]) if match else ()


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def option_tables() -> dict[str, type]:
    """The tables of the file and the dataclass behind each, for the documentation's test."""
    tables = {f.name: get_type_hints(Settings)[f.name] for f in fields(Settings)}
    nested = {k: v for k, v in tables.items() if is_dataclass(v)}
    source = {
        f"source.KEY.{k}": v for k, v in get_type_hints(SourceOptions).items() if is_dataclass(v)
    }
    return {**nested, "source.KEY": SourceOptions, **source}  # type: ignore[dict-item]
