"""Changes of config.toml: the change that is meant, and nothing else, in any layout of the file."""

import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aggregator import config
from aggregator.catalogue import load_catalogue
from aggregator.config import DataRule, ListRule, Paging, SourceOptions, edit, source_spec
from aggregator.config.tomltext import statements, toml_key, toml_value
from aggregator.errors import ConfigError

TEXT = '''\
# top comment
workers = 1  # few

[source.a]  # the first
name = "A"   # its name
url = "https://a.example/rss.xml"
include = ["x",  # one
  "[y]",
]

# a note about b
[source.b]
url = "https://b.example/l.html"
kind = "list"
body = """
[source.fake]
url = "no"
"""
method = "POST"
list = { item = "ul li", drop = ["em"] }

[source.c]
url = "https://c.example/d.json"
kind = "data"
data.date = "brief"
paging.pattern = "?page={n}"

[source.d]
url = "https://d.example/"
kind = "list"
[source.d.list]
item = "li"  # rows
# end
'''


def values(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


def changed(before: str, after: str) -> list[str]:
    """The lines that only one of two texts has."""
    old, new = before.splitlines(), after.splitlines()
    return [f"-{x}" for x in old if x not in new] + [f"+{x}" for x in new if x not in old]


@pytest.mark.parametrize(
    ("key", "option", "value", "lines"),
    [
        ("a", ("name",), "Z", ['-name = "A"   # its name', '+name = "Z"   # its name']),
        ("a", ("column",), "要闻", ['+column = "要闻"']),
        ("b", ("list", "date"), "i", ['-list = { item = "ul li", drop = ["em"] }',
                                      '+list = { item = "ul li", drop = ["em"], date = "i" }']),
        ("c", ("data", "title"), "t", ['+data.title = "t"']),
        ("c", ("data", "date"), "d", ['-data.date = "brief"', '+data.date = "d"']),
        ("c", ("paging", "pages"), 3, ["+paging.pages = 3"]),
        ("d", ("list", "item"), "p", ['-item = "li"  # rows', '+item = "p"  # rows']),
        ("d", ("list", "date"), "b", ['+date = "b"']),
        ("d", ("enabled",), False, ["+enabled = false"]),
        ("d", ("list",), {"item": "q"}, ["-[source.d.list]", '-item = "li"  # rows', '+list = { item = "q" }']),
    ],
)  # fmt: skip
def test_one_option_is_set_and_no_other_line_changes(
    key: str, option: tuple[str, ...], value: object, lines: list[str]
) -> None:
    assert changed(TEXT, edit.set_option(TEXT, key, option, value)) == lines


def test_an_array_over_several_lines_is_replaced_whole() -> None:
    text = edit.set_option(TEXT, "a", ("include",), "z")
    assert values(text)["source"]["a"]["include"] == "z"
    assert "[y]" not in text
    assert "# a note about b" in text


def test_a_source_is_removed_with_its_own_comments_only() -> None:
    text = edit.remove_source(TEXT, "b")
    assert set(values(text)["source"]) == {"a", "c", "d"}
    assert "# a note about b\n\n[source.c]" in text
    assert "# end" not in edit.remove_source(TEXT, "d")
    assert edit.remove_source(TEXT, "a").startswith("# top comment\nworkers = 1  # few\n\n# a note")


def test_a_new_source_stands_at_the_end() -> None:
    text = edit.add_sources(TEXT, {"e": {"url": "https://e.example/", "include": r"/t\d+"}})
    assert text == TEXT + "\n[source.e]\nurl = \"https://e.example/\"\ninclude = '/t\\d+'\n"
    assert edit.remove_source(text, "e") == TEXT + "\n"


def test_an_option_is_unset() -> None:
    assert changed(TEXT, edit.unset_option(TEXT, "a", ("name",))) == ['-name = "A"   # its name']
    text = edit.unset_option(TEXT, "b", ("list", "drop"))
    assert values(text)["source"]["b"]["list"] == {"item": "ul li"}
    assert "list" not in values(edit.unset_option(TEXT, "d", ("list",)))["source"]["d"]
    with pytest.raises(ConfigError, match="is not set"):
        edit.unset_option(TEXT, "a", ("column",))


@pytest.mark.parametrize(
    "text",
    [
        "source = { k = { url = 'https://a.example/' } }\n",
        "source.k.url = 'https://a.example/'\nsource.k.name = 'n'\nworkers = 3\n",
        "[source]\nk.url = 'https://a.example/' # x\n[web]\nport = 1",
        "[source]\nk = { url = 'https://a.example/' }",
        "[ source . 'k' ]\r\n  url = 'https://a.example/'\r\n\r\n[web]\r\nport = 1\r\n",
        "\ufeff[source.k]\nurl = 'https://a.example/'",
        '[source."k"]\nurl = """https://a.example/"""',
    ],
)
def test_every_way_to_write_a_source_can_be_edited(text: str) -> None:
    before = values(text.removeprefix("\ufeff"))
    named = values(edit.set_option(text, "k", ("name",), "新").removeprefix("\ufeff"))
    assert named["source"]["k"] == {"url": "https://a.example/", "name": "新"}
    assert {k: v for k, v in named.items() if k != "source"} == {
        k: v for k, v in before.items() if k != "source"
    }
    gone = values(edit.remove_source(text, "k").removeprefix("\ufeff"))
    assert not gone.get("source")
    if "\r\n" in text:
        assert "\n" not in edit.set_option(text, "k", ("name",), "新").replace("\r\n", "")


def test_what_cannot_be_edited_is_refused() -> None:
    with pytest.raises(ConfigError, match="no source 'zz'"):
        edit.remove_source(TEXT, "zz")
    with pytest.raises(ConfigError, match="is there already"):
        edit.add_sources(TEXT, {"a": {"url": "https://e.example/"}})
    with pytest.raises(ConfigError, match="by hand"):
        edit.add_sources("source = {}\n", {"a": {"url": "https://e.example/"}})
    with pytest.raises(ConfigError, match="is not TOML"):
        edit.remove_source("x", "a")


# ---------------------------------------------------------------- any file, any change

names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=8)
words = st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True)
plain = st.one_of(names, st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False))
nested = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)


@given(nested)
def test_values_are_written_so_that_they_read_the_same(value: object) -> None:
    assert values(f"{toml_key(('x', 'é y'))} = {toml_value(value)}")["x"]["é y"] == value


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A file with sources, written in several ways, and their keys."""
    keys = draw(st.lists(words, min_size=1, max_size=4, unique=True))
    line = draw(st.sampled_from(["\n", "\r\n"]))
    rows = ["workers = 2 # x", "", "[web]", "title = '''", "[source.no]", "'''"]
    for key in keys:
        table = draw(st.dictionaries(words, nested, max_size=4))
        note = draw(st.sampled_from(["", " # note [x]", "\t#'"]))
        rows += ["# above", f"[source.{key}]{note}"]
        tables = {k: v for k, v in table.items() if isinstance(v, dict) and draw(st.booleans())}
        for name, value in table.items():
            if name not in tables:
                rows.append(f"  {name} = {toml_value(value)}{note}")
        for name, inner in tables.items():
            rows += [
                f"[source.{key}.{name}]",
                *(f"{toml_key((k,))}={toml_value(v)}" for k, v in inner.items()),
            ]
        rows += draw(st.lists(st.sampled_from(["", "# free"]), max_size=2))
    return line.join(rows) + draw(st.sampled_from(["", line])), keys


@given(files(), st.data())
def test_any_edit_of_any_file_makes_the_intended_change_only(
    made: tuple[str, list[str]], data: st.DataObject
) -> None:
    text, keys = made
    key = data.draw(st.sampled_from(keys))
    table = values(text)["source"][key]
    name = data.draw(words if not table else st.sampled_from([*table, "new"]))
    value = data.draw(nested)
    wanted = values(text)
    wanted["source"][key][name] = value
    assert values(edit.set_option(text, key, (name,), value)) == wanted

    del wanted["source"][key]
    left = values(edit.remove_source(text, key))
    assert left.get("source", {}) == wanted["source"]
    assert left["web"] == wanted["web"]

    assume("fresh" not in keys)
    wanted = values(text)
    wanted["source"]["fresh"] = {"url": value}
    assert values(edit.add_sources(text, {"fresh": {"url": value}})) == wanted


@given(files())
def test_statements_cover_all_keys(made: tuple[str, list[str]]) -> None:
    text, _ = made
    for statement in statements(text):
        at: Any = values(text)
        for name in statement.path:
            at = at[name]
        if not statement.table:
            value = text[statement.value : statement.value_end]
            assert values(f"v = {value}".replace("\r\n", "\n"))["v"] == at


# ---------------------------------------------------------------- options


def test_every_option_of_a_source_survives_being_written() -> None:
    options = SourceOptions(
        url="https://a.example/", name="名", kind="data", enabled=False, interval=5400.0,
        follow="never", column="栏", charset="gb18030", timezone="+08:00", include=(r"\d", "b"),
        exclude=("c",), base="https://b.example/", rules="r",
        data=DataRule(variable="v", items="a.b", url=("u",), title=("t", "s"), template="{id}"),
        paging=Paging("?p={n}", 3), max_items=9, method="POST", body='{"a": "\\n"}',
        headers=(("Referer", "x"), ("A", "b")),
    )  # fmt: skip
    unset = [f.name for f in fields(options) if getattr(options, f.name) == f.default]
    assert unset == []
    table = edit.options_table(options)
    assert source_spec("k", table, "test").options == options
    assert values(edit.source_text("k", table))["source"]["k"] == edit._plain(table)
    listed = replace(
        SourceOptions("https://a.example/"), kind="list", list=ListRule("li", drop=("b",))
    )
    assert source_spec("k", edit.options_table(listed), "test").options == listed


def test_the_catalogue_can_be_written_as_tables() -> None:
    lists = [one for site in load_catalogue() for one in site.lists]
    for one in lists:
        text = edit.source_text(one.key, edit.options_table(one.options))
        assert source_spec(one.key, values(text)["source"][one.key], "test").options == one.options
    assert len(lists) > 100


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        ("name", "2024", "2024"),
        ("name", "true", "true"),
        ("name", '"quoted"', "quoted"),
        ("interval", "2h", "2h"),
        ("interval", "3600", 3600),
        ("enabled", "false", False),
        ("include", r"/t\d+", r"/t\d+"),
        ("include", '["a", "b"]', ["a", "b"]),
        ("paging.pages", "2", 2),
        ("headers", '{ Referer = "x" }', {"Referer": "x"}),
        ("name", "a\nb = 2", "a\nb = 2"),
    ],
)
def test_a_value_is_what_fits_the_option(option: str, text: str, value: object) -> None:
    table = {"url": "https://a.example/", "kind": "list"}
    assert edit.option_value(table, "k", tuple(option.split(".")), text) == value


@pytest.mark.parametrize(
    ("option", "text", "reason"),
    [
        ("enabled", "maybe", "true or false"),
        ("interval", "1s", "out of bounds"),
        ("nmae", "x", "did you mean 'name'"),
        ("url", "ftp://x", "no web address"),
        ("name.x", "y", "must be a text"),
    ],
)
def test_a_wrong_value_is_refused_in_words(option: str, text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        edit.option_value({"url": "https://a.example/"}, "k", tuple(option.split(".")), text)


# ---------------------------------------------------------------- the file


def test_a_file_is_replaced_only_by_a_valid_one(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[source.a]\nurl = "https://a.example/"\n', "utf-8")
    file.chmod(0o640)
    settings = edit.change_file(file, lambda t: edit.set_option(t, "a", ("name",), "N"))
    assert settings.sources[0].options.name == "N"
    assert file.stat().st_mode & 0o777 == 0o640
    good = file.read_bytes()
    with pytest.raises(ConfigError, match=r"config\.toml: line 2 \[source.a\] url") as caught:
        edit.change_file(file, lambda t: edit.set_option(t, "a", ("url",), "nonsense"))
    assert caught.value.file == str(file)
    assert file.read_bytes() == good
    assert [p.name for p in tmp_path.iterdir()] == ["config.toml"]


def test_a_file_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[source.a]\nurl = "https://a.example/"\n', "utf-8")

    def slow(text: str) -> str:
        file.write_text('[source.b]\nurl = "https://b.example/"\n', "utf-8")
        return edit.set_option(text, "a", ("name",), "N")

    with pytest.raises(ConfigError, match="meanwhile"):
        edit.change_file(file, slow)
    assert config.load(file).sources[0].key == "b"


def test_without_a_file_of_ones_own_the_shipped_one_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file, made = edit.user_file(None)
    assert (file, made) == (tmp_path / "config.toml", True)
    assert file.read_bytes() == config.default_config_path().read_bytes()
    assert edit.user_file(None) == (file, False)
    first = config.load(file).sources[0].key
    after = edit.change_file(file, lambda t: edit.remove_source(t, first))
    assert [s.key for s in after.sources] == [
        s.key for s in config.load(config.default_config_path()).sources
    ][1:]
