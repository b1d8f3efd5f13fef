"""Which charset bytes are read in, whatever is said about them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import charset

TEXT = "<title>基层党组织建设的新探索，朱镕基、喆</title>" * 4
TRADITIONAL = "<title>臺灣地區與會代表討論了經濟發展問題</title>" * 4


@pytest.mark.parametrize(
    "declared", ["", "gb2312", "utf-8", "iso-8859-1", "big5", "nonsense", "\0"]
)
def test_valid_utf8_wins_over_any_declaration(declared: str) -> None:
    assert charset.decode(TEXT.encode(), declared) == (TEXT, "utf-8 (valid)")


@pytest.mark.parametrize("declared", ["", "gb2312", "GBK", "utf-8", "iso-8859-1", "windows-1252"])
def test_gbk_is_read_whatever_is_declared(declared: str) -> None:
    assert charset.decode(TEXT.encode("gb18030"), declared) == (TEXT, "gb18030 (valid)")


@pytest.mark.parametrize(
    "codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
def test_marks_and_wide_charsets(codec: str) -> None:
    text, how = charset.decode(TEXT.encode(codec), "gb2312")
    assert text == TEXT
    assert "BOM" in how or "first bytes" in how


def test_big5_declared_and_undeclared() -> None:
    body = TRADITIONAL.encode("big5")
    assert charset.decode(body, "big5") == (TRADITIONAL, "big5hkscs (declared)")
    assert charset.decode(body) == (TRADITIONAL, "big5hkscs (likely)")


def test_declaration_inside_the_document() -> None:
    body = b'<?xml version="1.0" encoding="windows-1251"?><t>' + "Привет, мир".encode("cp1251")
    text, how = charset.decode(body)
    assert text.endswith("Привет, мир")
    assert how == "cp1251 (declared)"
    assert (
        charset.declared_in(b"<meta http-equiv=x content='text/html; charset=gb2312'>") == "gb2312"
    )


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_one_damaged_byte_costs_one_character(codec: str) -> None:
    body = TEXT.encode(codec)
    spoiled = body[:40] + b"\xff" + body[41:]
    text, how = charset.decode(spoiled)
    assert how.startswith(codec)
    assert "damaged" in how
    assert text.count("基层党组织建设的新探索") >= 3


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_a_cut_last_character(codec: str) -> None:
    text, how = charset.decode((TEXT + "末").encode(codec)[:-1])
    assert text.startswith(TEXT)
    assert how.startswith(codec)


def test_override_goes_first() -> None:
    assert charset.decode(TEXT.encode("gb18030"), "utf-8", "gbk") == (
        TEXT,
        "gb18030 (set for the source)",
    )
    assert charset.decode(TEXT.encode(), "", "no such charset")[1] == "utf-8 (valid)"


@pytest.mark.parametrize(
    "name", ["rot13", "zlib", "unicode_escape", "idna", "utf-7", "", "\0", "\ud800", "x" * 999]
)
def test_codecs_that_are_no_charsets_of_pages(name: str) -> None:
    assert charset.known(name) == ""


@given(st.binary(), st.text(max_size=12), st.text(max_size=12))
def test_any_bytes_give_text(body: bytes, declared: str, override: str) -> None:
    text, how = charset.decode(body, declared, override)
    assert isinstance(text, str)
    assert how


@given(st.text(st.characters(codec="utf-8")))
def test_utf8_round_trip(text: str) -> None:
    text = "<p>" + text
    assert charset.decode(text.encode(), "gb2312")[0] == text
