"""What people and disks do wrong: one message in words and the documented exit code, no traceback."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

import aggregator.cli

from system_library import Library
from system_program import Call, invoke, refused, write_config

# Commands that only read, and those that write, with what they need beside the archive.
READING = (["articles"], ["search", "清点"], ["show", "1"], ["status"], ["feed"])
WRITING = (["sync"], ["migrate"], ["run"])


def test_the_exit_codes_are_documented() -> None:
    text = " ".join((aggregator.cli.__doc__ or "").split())
    assert "0 done; 1 something asked for failed or was not found; 2 wrong usage" in text
    assert "3 the archive cannot be used" in text


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["sync", "fedd"], 2, "there is no source 'fedd' (did you mean fed?)"),
        (["articles", "--source", "nosuch"], 2, "no source 'nosuch'"),
        (["feed", "--source", "nosuch"], 2, "no source 'nosuch'"),
        (["articles", "--since", "yesterday"], 2, "'yesterday' is no date; write it like"),
        (["articles", "--until", "2026-02-30"], 2, "'2026-02-30' is no date"),
        (["articles", "--text", '"清点'], 2, "this quotation mark is never closed"),
        (["articles", "--limit", "0"], 2, "0 is not in the range"),
        (["search", "“清点"], 2, "this quotation mark is never closed (at character 1"),
        (["search", "清点 ！"], 2, "(at character 4"),
        (["search", "词" * 201], 2, "at most 200 characters"),
        (["search"], 2, "Missing argument"),
        (["show", "99"], 1, "there is no article 99 in the archive"),
        (["show", "9" * 30], 2, "is not in the range"),
        (["show", "first"], 2, "is not a valid integer"),
        (["show", "1", "--revision", "9"], 1, "there is no article 1 with revision 9"),
        (["show", "1", "--revision", "0"], 2, "is not in the range"),
        (["feed", "--format", "rdf"], 2, "'rdf' is not one of"),
        (["feed", "-o", "absent/feed.xml"], 1, "cannot be read or written"),
        (["run", "--port", "70000"], 2, "is not in the range"),
        (["extract"], 2, "give saved pages, or --again"),
        (["extract", "absent.html"], 2, "does not exist"),
        (["try", "absent.html"], 2, "is neither a file nor an http(s) address"),
        (["try", "http://127.0.0.1:1/"], 1, "the host cannot be reached"),
        (["try", "http://10.0.0.1/"], 1, "private or reserved address"),
        (["fixture", "absent.html"], 2, "is neither a file nor an http(s) address"),
        (["fixture", "--check", "archive"], 2, "archive is no fixture folder"),
        (["fixture", "config.toml", "-o", "config.toml/kept"], 1, "cannot be read or written"),
        (["-c", "absent.toml", "check"], 2, "there is no such file"),
        (["nosuch"], 2, "No such command 'nosuch'"),
        (["articles", "--nosuch"], 2, "No such option"),
    ],
)
def test_wrong_input_is_told_in_one_message(
    library: Library, call: Call, args: list[str], code: int, words: str
) -> None:
    done = call(*args, cwd=library.folder, code=code)
    assert words in done.err
    assert done.out == ""


def test_nothing_is_left_of_a_feed_that_cannot_be_written(library: Library) -> None:
    before = sorted(library.folder.rglob("*.xml*"))
    said = refused("feed", "-o", "absent/feed.xml", cwd=library.folder, code=1)
    assert said.count("\n") == 1
    assert sorted(library.folder.rglob("*.xml*")) == before


def test_a_full_disk_behind_standard_output_is_said(library: Library, call: Call) -> None:
    full = Path("/dev/full")
    if not full.is_char_device():
        pytest.skip("this system has no /dev/full")
    done = call("feed", "-o", full, cwd=library.folder, code=1)
    assert "No space left on device" in done.err
    assert full.is_char_device()


def test_every_fault_of_the_configuration_is_named_with_its_line(tmp_path: Path) -> None:
    text = (
        '[archive]\nurll = "sqlite:///a.sqlite"\n'
        '[source.one]\nurl = "ftp://one.example/"\n'
        '[source.two]\nurl = "http://two.example/"\nkind = "lst"\n'
    )
    (tmp_path / "config.toml").write_text(text, "utf-8")
    said = refused("check", cwd=tmp_path, code=2)
    first, *faults = said.splitlines()
    assert first.endswith("config.toml: 3 faults:")
    assert [line.split(":")[0].strip() for line in faults] == [
        "line 2 [archive] urll",
        "line 4 [source.one] url",
        "line 7 [source.two] kind",
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[source", "is not TOML"),
        ("name = '党建'".encode("gbk"), "is not UTF-8"),
        (b'[archive]\nurl = "postgresql:///x"', "postgresql is not supported"),
    ],
)
def test_a_configuration_that_cannot_be_used(
    call: Call, tmp_path: Path, body: bytes, words: str
) -> None:
    (tmp_path / "config.toml").write_bytes(body)
    code = 3 if b"postgresql" in body else 2
    assert words in call("status", code=code).err


@pytest.mark.parametrize("name", ["try", "fixture"])
def test_rules_that_are_no_text(call: Call, tmp_path: Path, name: str) -> None:
    (tmp_path / "rules.toml").write_bytes("标题".encode("gbk"))
    (tmp_path / "page.html").write_text("<p>书屋</p>", "utf-8")
    assert "is not UTF-8" in call(name, "page.html", "--rules", "rules.toml", code=2).err


# ---------------------------------------------------------------- the archive


@pytest.mark.parametrize("args", [*READING], ids=" ".join)
def test_without_an_archive_the_way_to_one_is_told(
    call: Call, tmp_path: Path, args: list[str]
) -> None:
    write_config(tmp_path, {})
    done = call(*args, code=3)
    assert "there is no archive at" in done.err
    assert "run: aggregator sync" in done.err
    assert not (tmp_path / "archive").exists()


@pytest.mark.parametrize("args", [*READING, *WRITING], ids=" ".join)
def test_an_archive_of_a_newer_release_is_left_alone(
    call: Call, copy: Path, args: list[str]
) -> None:
    with sqlite3.connect(copy / "archive" / "a.sqlite") as base:
        base.execute("UPDATE alembic_version SET version_num = '9999'")
    base.close()
    said = call(*args, cwd=copy, code=3).err
    assert "was written by a newer release (schema 9999" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("damage", ["words", "pages"])
@pytest.mark.parametrize("args", [["articles"], ["sync"], ["migrate"]], ids=" ".join)
def test_a_damaged_archive_is_said_and_not_touched(
    call: Call, copy: Path, args: list[str], damage: str
) -> None:
    file = copy / "archive" / "a.sqlite"
    whole = file.read_bytes()
    broken = {"words": b"only words in a file\n" * 500, "pages": whole[:4096] + b"\x07" * 90_000}
    file.write_bytes(broken[damage])
    said = call(*args, cwd=copy, code=3).err
    assert {"words": "file is not a database", "pages": "malformed"}[damage] in said
    assert said.count("\n") == 1
    assert file.read_bytes() == broken[damage]


def test_a_folder_that_cannot_be_written(library: Library, copy: Path) -> None:
    before: list[str] = []
    if os.geteuid() == 0:  # root may write everywhere, unless it gives that right away
        if shutil.which("setpriv") is None:
            pytest.skip("running as root without setpriv: no folder is read-only")
        before = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
        before.append("--inh-caps=-dac_override,-dac_read_search")
    folders = [copy, copy / "archive", copy / "archive" / "warc"]
    for folder in folders:
        folder.chmod(0o555)
    try:
        said = refused("sync", cwd=copy, code=3, before=before)
        assert "give this user the right to write the file and its folder" in said
        assert said.count("\n") == 1
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert invoke("status", "--json", cwd=copy).json
