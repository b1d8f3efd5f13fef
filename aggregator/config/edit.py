"""The text of config.toml and a change of its sources -> the text with that change and no other.

Comments, order and line ends stay. Every edit is proved: the new text is read by tomllib and must
hold the old values with the change, otherwise ConfigError is raised and nothing is written.
"""

from __future__ import annotations

import copy
import os
import re
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

from aggregator.config.load import FILE_NAME, default_config_path, load, source_spec
from aggregator.config.options import Settings, SourceOptions
from aggregator.config.tomltext import Statement, statements, toml_key, toml_value
from aggregator.errors import ConfigError

Keys = tuple[str, ...]
_MEND = "the file is written in an unusual way: make this change by hand"
_COMMENTS = re.compile(r"(?:[ \t]*#[^\n]*\n)+(?=[ \t]*\r?\n|\Z)|[ \t]*#[^\n]*\Z")
_UNITS = ((604_800, "w"), (86_400, "d"), (3600, "h"), (60, "m"))


# ---------------------------------------------------------------- options as they are written


def options_table(options: SourceOptions) -> dict[str, Any]:
    """The options that differ from the defaults, as they would stand in a [source.KEY] table."""
    return _differing(options)


def _differing(value: Any) -> dict[str, Any]:
    table = {}
    for field in fields(value):
        given = getattr(value, field.name)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if given != default:
            table[field.name] = _written(field.name, given)
    return table


def _written(name: str, value: Any) -> Any:
    if is_dataclass(value):
        return _differing(value)
    if name == "headers":
        return dict(value)
    if name == "interval":
        unit = next(((n, word) for n, word in _UNITS if value % n == 0), None)
        return f"{value / unit[0]:.0f}{unit[1]}" if unit else value
    if isinstance(value, tuple):
        return value[0] if len(value) == 1 else list(value)
    return value


def source_text(key: str, table: Mapping[str, Any], comment: str = "") -> str:
    """A [source.KEY] table as text."""
    head = f"[{toml_key(('source', key))}]" + (f"  # {comment}" if comment else "")
    rows = [f"{toml_key((name,))} = {toml_value(value)}" for name, value in table.items()]
    return "\n".join((head, *rows)) + "\n"


# ---------------------------------------------------------------- edits


def add_sources(text: str, tables: Mapping[str, Mapping[str, Any]]) -> str:
    """*text* with the sources of *tables* (key -> options) behind all else."""
    data = _data(text)
    known = data.setdefault("source", {})
    for key, table in tables.items():
        if key in known:
            raise ConfigError(
                FILE_NAME, f"[source.{key}]", "is there already", "choose another key"
            )
        known[key] = dict(table)
    line = _line_break(text)
    body = text if not text or text.endswith("\n") else text + line
    gap = line if body.strip() and not body.endswith(line * 2) else ""
    added = "\n".join(source_text(key, table) for key, table in tables.items())
    return _proved(body + gap + added.replace("\n", line), data)


def set_option(text: str, key: str, option: Keys, value: Any) -> str:
    """*text* with one option of source *key* set; *option* is ("name",) or ("list", "item")."""
    data, path = _data(text), ("source", key, *option)
    _table(data, key)
    _put(data, path, value)
    found = statements(text)
    whole = _covering(found, path)
    if whole:
        return _proved(_with_value(text, whole, _get(data, whole.path)), data)
    exact = next((s for s in found if not s.table and s.path == path), None)
    if exact:
        return _proved(_with_value(text, exact, value), data)
    text = _without(text, path)
    return _proved(_inserted(text, path, value), data)


def unset_option(text: str, key: str, option: Keys) -> str:
    """*text* without an option of source *key*: its default holds again."""
    data, path = _data(text), ("source", key, *option)
    parent = _get(data, path[:-1])
    if not isinstance(parent, dict) or path[-1] not in parent:
        raise ConfigError(FILE_NAME, f"[source.{key}] {'.'.join(option)}", "is not set")
    return _removed(text, data, path)


def remove_source(text: str, key: str) -> str:
    """*text* without source *key*. Comments above its table stay."""
    data = _data(text)
    _table(data, key)
    return _removed(text, data, ("source", key))


def _removed(text: str, data: dict[str, Any], path: Keys) -> str:
    parent = _get(data, path[:-1])
    del parent[path[-1]]
    whole = _covering(statements(text), path)
    if whole:
        return _proved(_with_value(text, whole, _get(data, whole.path)), data)
    return _proved(_without(text, path), data)


def _with_value(text: str, statement: Statement, value: Any) -> str:
    return text[: statement.value] + toml_value(value) + text[statement.value_end :]


def _covering(found: Sequence[Statement], path: Keys) -> Statement | None:
    """The key whose inline table holds *path*."""
    return next(
        (
            s
            for s in found
            if not s.table and len(s.path) < len(path) and path[: len(s.path)] == s.path
        ),
        None,
    )


def _inserted(text: str, path: Keys, value: Any) -> str:
    """*text* with a new key line, as deep in the tables as they reach."""
    found = statements(text)
    heads = [
        s for s in found if s.table and s.path == path[: len(s.path)] and len(s.path) < len(path)
    ]
    head = max(heads, key=lambda s: len(s.path), default=None)
    section = head.path if head else ()
    rows = [s for s in found if not s.table and s.section == section and s.path[:2] == path[:2]]
    anchor = rows[-1] if rows else head
    if anchor is None:
        raise ConfigError(
            FILE_NAME, f"[{toml_key(path[:2])}]", "has no line to write behind", _MEND
        )
    line = _line_break(text)
    lines = text[: anchor.end] if text[: anchor.end].endswith("\n") else text[: anchor.end] + line
    row = f"{toml_key(path[len(section) :])} = {toml_value(value)}{line}"
    return lines + _indent(text, rows) + row + text[anchor.end :]


def _indent(text: str, rows: Sequence[Statement]) -> str:
    found = re.match(r"[ \t]*", text[rows[-1].start :]) if rows else None
    return found[0] if found else ""


def _without(text: str, path: Keys) -> str:
    """*text* without what stands at or below *path*: key lines, and sections with their comments."""
    spans: list[tuple[int, int]] = []
    for s in statements(text):
        if s.path[: len(path)] != path:
            continue
        inside = spans and not s.table and s.section[: len(path)] == path
        if inside:
            spans[-1] = (spans[-1][0], s.end)
        else:
            spans.append((s.start, s.end))
    for start, end in reversed(spans):
        text = _cut(text, start, end, whole=len(path) == 2)
    return text


def _cut(text: str, start: int, end: int, *, whole: bool) -> str:
    """*text* without start..end; of a *whole* source also the comment lines right behind it."""
    if not whole:
        return text[:start] + text[end:]
    comments = _COMMENTS.match(text, end)
    before, after = text[:start], text[comments.end() if comments else end :]
    if not before or before.endswith(("\n\n", "\n\r\n")):
        after = re.sub(r"\A[ \t]*\r?\n", "", after, count=1)
    return before + after


# ---------------------------------------------------------------- values and proof


def _data(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        mend = "`aggregator check` says where"
        raise ConfigError(FILE_NAME, "", f"is not TOML: {error}", mend) from None


def _table(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    sources = data.get("source", {})
    table = sources.get(key) if isinstance(sources, dict) else None
    if not isinstance(table, dict):
        raise ConfigError(
            FILE_NAME, "", f"there is no source {key!r}", "`aggregator sources` lists them"
        )
    return table


def _get(data: Any, path: Keys) -> Any:
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _put(data: dict[str, Any], path: Keys, value: Any) -> None:
    at = data
    for name in path[:-1]:
        inner = at.setdefault(name, {})
        if not isinstance(inner, dict):
            raise ConfigError(
                FILE_NAME, toml_key(path), f"{name} is no table, so it has no such option"
            )
        at = inner
    at[path[-1]] = copy.deepcopy(value)


def _proved(text: str, wanted: dict[str, Any]) -> str:
    """*text*, if it holds exactly the values *wanted*."""
    try:
        found = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError:
        found = None
    if _plain(found) != _plain(wanted):
        raise ConfigError(FILE_NAME, "", "the change cannot be made line by line", _MEND)
    return text


def _plain(value: Any) -> Any:
    """*value* with tuples as lists and without empty tables of sources that are all gone."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if (k, v) != ("source", {})}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


def _line_break(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


# ---------------------------------------------------------------- what is meant by option=value


def change_options(
    text: str, key: str, given: Sequence[tuple[Keys, str]], gone: Sequence[Keys]
) -> str:
    """*text* with the options *given* (as ``option_value`` reads them) set and those *gone* unset."""
    for option in gone:
        text = unset_option(text, key, option)
    for option, value in given:
        table = _table(_data(text), key)
        text = set_option(text, key, option, option_value(table, key, option, value))
    return text


def put_option(table: dict[str, Any], option: Keys, value: Any) -> None:
    """Set an option, such as ("list", "item"), in the *table* of a source."""
    _put(table, option, value)


def option_value(table: Mapping[str, Any], key: str, option: Keys, text: str) -> Any:
    """The value that *text* means for an option: as TOML if that is valid there, else as text.

    ``table`` is the source as it stands; so 30, "15m", true, ["a", "b"] and a bare word all work.
    Raises ConfigError saying what is wrong with the value.
    """
    errors = []
    for value in _readings(text):
        trial = {"source": {key: copy.deepcopy(dict(table))}}
        _put(trial, ("source", key, *option), value)
        try:
            source_spec(key, trial["source"][key], FILE_NAME)
        except ConfigError as error:
            errors.append(error)
        else:
            return value
    raise errors[0]


def _readings(text: str) -> list[Any]:
    try:
        found = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return [text]
    # A text such as '1\nx = 2' would be two statements.
    return [found["value"], text] if len(found) == 1 else [text]


# ---------------------------------------------------------------- the file


def user_file(path: Path | None) -> tuple[Path, bool]:
    """(the file that edits go to, whether it was made just now as a copy of the shipped one)."""
    if path is not None:
        return path.expanduser().absolute().resolve(), False
    file = Path.cwd() / FILE_NAME
    if file.exists():
        return file.resolve(), False
    _replace(file, default_config_path().read_bytes())
    return file, True


def change_file(file: Path, edit: Callable[[str], str]) -> Settings:
    """Apply *edit* to *file*: the new text is validated as a whole, then put in its place at once.

    Raises ConfigError, and leaves the file as it was, when the new text is not valid.
    """
    before = _read(file)
    text = edit(_decoded(file, before))
    fresh = _written_beside(file, text.encode())
    try:
        settings = load(fresh)
        if _read(file) != before:
            raise ConfigError(str(file), "", "was changed by somebody else meanwhile", "try again")
        fresh.replace(file)
    except ConfigError as error:
        raise _of_file(error, fresh, file) from None
    finally:
        fresh.unlink(missing_ok=True)
    return settings


def _of_file(error: ConfigError, fresh: Path, file: Path) -> ConfigError:
    """*error* about the draft, naming the file that is meant."""
    name = str(file) if error.file == str(fresh) else error.file
    return ConfigError(name, error.where, error.reason, error.mend)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise ConfigError(str(file), "", reason, "make it, or leave --config out") from None


def _decoded(file: Path, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ConfigError(str(file), "", "is not UTF-8", "save it as UTF-8") from None


def _replace(file: Path, data: bytes) -> None:
    _written_beside(file, data).replace(file)


def _written_beside(file: Path, data: bytes) -> Path:
    """A durable new file beside *file* with its mode."""
    try:
        number, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".tmp", dir=file.parent)
    except OSError as error:
        raise ConfigError(str(file), "", f"cannot be written: {error.strerror}") from None
    with os.fdopen(number, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    with suppress(FileNotFoundError):
        Path(name).chmod(file.stat().st_mode & 0o777)
    if not file.exists():
        Path(name).chmod(0o644)
    return Path(name)
