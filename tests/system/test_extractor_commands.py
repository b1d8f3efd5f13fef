"""`extract`, `try` and `fixture` on files and addresses: fields as JSON, differences, exit codes."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from flow_site import Site, page, paragraphs
from system_program import Call, invoke, write_config

TITLE = "石桥村书屋开放"
INFO = "2026-11-03 09:15　来源：石桥组工报　作者：唐若宁"
RULES = """
[own]
hosts = ["a.example"]
title = [".foot"]
"""


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A saved page in GBK that says so."""
    file = tmp_path / "page.html"
    html = page(TITLE, paragraphs("书屋"), INFO).replace("charset='utf-8'", "charset='gbk'")
    file.write_bytes(html.encode("gbk"))
    return file


def test_extract_writes_a_line_of_json_for_each_page(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_bytes(b"")
    done = invoke(
        "extract", "page.html", "empty.html", "--url", "http://a.example/1.html", cwd=tmp_path
    )
    article, nothing = map(json.loads, done.out.splitlines())
    assert (article["file"], article["type"]) == ("page.html", "Draft")
    assert article["title"]["value"] == TITLE
    assert article["title"]["rule"]
    assert article["text"].split("\n") == paragraphs("书屋")
    assert article["published"]["value"]["instant"] == "2026-11-03T09:15:00+08:00"
    assert (nothing["type"], nothing["kind"]) == ("NoArticle", "empty")


@pytest.mark.parametrize("body", [b"\x00" * 5000, bytes(range(256)) * 40, b"<" * 3000, b"<html>"])
def test_extract_takes_any_bytes(call: Call, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "page.html").write_bytes(body)
    assert call("extract", "page.html").json["type"] == "NoArticle"


def test_try_shows_a_file_and_an_address_alike(
    call: Call, saved: Path, site: Site, tmp_path: Path
) -> None:
    write_config(tmp_path, {})
    url = site.put("/a/1.html", saved.read_bytes())
    by_file = {row["field"]: row for row in call("try", "page.html", "--url", url, "--json").json}
    by_address = {row["field"]: row for row in call("try", url, "--json").json}
    assert by_file == by_address
    assert by_file["title"]["generic"] == TITLE
    assert by_file["source"]["generic"] == "石桥组工报"
    assert TITLE in call("try", "page.html").out


def test_try_with_rules_of_ones_own(call: Call, saved: Path, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES, "utf-8")
    told = ["page.html", "--url", "http://a.example/1.html", "--rules", "rules.toml"]
    rows = {row["field"]: row for row in call("try", *told, "--json").json}
    assert (rows["title"]["generic"], rows["title"]["ruled"]) == (TITLE, "主办：青禾市某部门")
    assert rows["published"]["generic"] == rows["published"]["ruled"]
    assert call("fixture", *told).json["title"] == "主办：青禾市某部门"


def test_a_fixture_is_kept_and_checked(saved: Path, call: Call, tmp_path: Path) -> None:
    done = invoke(
        "fixture", "page.html", "--url", "http://a.example/1.html", "-o", "kept", cwd=tmp_path
    )
    assert done.out.startswith("kept in kept/")
    kept = tmp_path / "kept"
    assert (kept / "page.html").read_bytes() == saved.read_bytes()
    expected = json.loads((kept / "expected.json").read_text("utf-8"))
    assert expected["title"] == TITLE
    assert call("fixture", "--check", "kept").out == "kept: as expected\n"

    (kept / "expected.json").write_text(json.dumps(expected | {"title": "另一个标题"}), "utf-8")
    said = call("fixture", "--check", "kept", code=1).out
    assert f"title: expected '另一个标题', found '{TITLE}'" in said
    assert said.endswith("kept: 1 fields differ\n")


def test_a_fixture_without_a_folder_is_printed(call: Call, saved: Path) -> None:
    assert call("fixture", "page.html").json["title"] == TITLE


def test_stored_pages_are_read_again_and_a_worse_reading_is_mended(call: Call, copy: Path) -> None:
    """The archive holds a headline as an earlier release might have read it."""
    same = call("extract", "--again", cwd=copy).out
    assert same == "2 stored revisions read again: 0 would change; --apply stores it; 0 not read.\n"
    base = sqlite3.connect(copy / "archive" / "a.sqlite")
    with base:
        changed = base.execute(
            "UPDATE revision SET title = '旧题', draft = replace(draft, '石桥村议事会开张', '旧题') "
            "WHERE title = '石桥村议事会开张'"
        )
        assert changed.rowcount == 1
    base.close()
    told = call("extract", "--again", cwd=copy).out
    assert "title: '旧题' -> '石桥村议事会开张'" in told
    assert "1 would change" in told
    assert "1 changed and stored" in call("extract", "--again", "--apply", cwd=copy).out
    assert call("extract", "--again", cwd=copy).out == same
