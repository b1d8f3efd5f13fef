"""Normal forms: what search and comparison take as equal."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from aggregator.text import fold, norm, printable, query_windows, search_tokens, squeeze

CHINESE = st.text(st.sampled_from("学习党建工作会议，。、“”·《》 abc12　\n"), max_size=60)


def test_soft_punctuation_vanishes_inside_a_phrase() -> None:
    assert norm("拥护“两个确立”") == "拥护两个确立"
    assert norm("阿卜杜勒·热合曼、李明") == "阿卜杜勒热合曼李明"
    assert norm("牢记嘱托　感恩奋进") == "牢记嘱托感恩奋进"


def test_hard_punctuation_keeps_clauses_apart() -> None:
    assert norm("推动发展。坚持改革\n第一") == "推动发展 坚持改革 第一"
    assert "发展坚持" not in norm("推动发展，坚持改革")


def test_width_and_case_are_folded() -> None:
    assert norm("ＧＰＴ－４　Ｄａｔａ") == norm("gpt-4 data")
    assert norm("１２３７１．ｃｎ") == "12371.cn"


def test_numbers_stay_whole() -> None:
    assert norm("增长3.5%，共1,225个") == "增长3.5% 共1,225个"
    assert norm("时间：19:47") == "时间 19:47"


@given(st.text(max_size=200))
def test_norm_is_idempotent(text: str) -> None:
    assert norm(norm(text)) == norm(text)


@given(CHINESE, CHINESE, CHINESE)
def test_index_proposes_whatever_matches(before: str, term: str, after: str) -> None:
    """Every text that holds the term also holds all windows that the index is asked for."""
    text = before + term + after
    if not norm(term) or norm(term) not in norm(text):
        return
    tokens = search_tokens(text).split()
    whole, prefixes = query_windows(term)
    assert set(whole) <= set(tokens)
    assert all(any(t.startswith(p) for t in tokens) for p in prefixes)


def test_tokens_are_windows_and_run_ends() -> None:
    assert set(search_tokens("党建，a1").split()) == {"党建", "建", "a1", "1"}
    assert query_windows("主题教育") == (("主题", "题教", "教育"), ())
    assert query_windows("党") == ((), ("党",))


def test_fold_keeps_what_was_changed_and_drops_what_was_not() -> None:
    assert fold("“学习” ２０２６\u200b") == fold('"学习"2026')
    assert fold("9645人次") != fold("9654人次")
    assert fold("推动，发展") != fold("推动发展")


def test_squeeze_keeps_letters_and_digits() -> None:
    assert squeeze("《 石桥 组工报》（第3期）") == "石桥组工报第3期"


@given(st.text(max_size=300))
def test_printable_is_one_clean_line(text: str) -> None:
    shown = printable(text, 100)
    assert all(unicodedata.category(c) != "Cc" for c in shown)
    assert "\n" not in shown
