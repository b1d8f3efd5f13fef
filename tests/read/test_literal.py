"""JavaScript literals: what sites write is read, what they could run is not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.read.literal import (
    SAFE_INTEGER,
    LiteralError,
    Value,
    find_value,
    find_variables,
    parse,
    parse_at,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[]", []),
        (" {} ; ", {}),
        ("[1,2,]", [1, 2]),
        ("[1,,2]", [1, 2]),
        ("{a:1,'b':2,\"c\":3,4:5,}", {"a": 1, "b": 2, "c": 3, "4": 5}),
        ("{标题:'甲',$x_1:'乙'}", {"标题": "甲", "$x_1": "乙"}),
        ("'it\\'s \"so\"'", 'it\'s "so"'),
        ('"a\\n\\t\\\\\\/\\x41\\u515a\\u{5efa}\\0"', "a\n\t\\/A党建\0"),
        ("'\\ud83d\\ude00'", "😀"),
        ("'\\ud83d'", "\ufffd"),
        ("`党${''}`", None),
        ("`党$建\n`", "党$建\n"),
        ("'a\\\nb'", "ab"),
        ("'党' + \"建\" + 1", "党建1"),
        ("[-1, +2, .5, 1e3, 0x1F, 0b11, 1_000, -0.25]", [-1, 2, 0.5, 1000.0, 31, 3, 1000, -0.25]),
        ("[true,false,null,undefined,NaN,!0,!1]", [True, False, None, None, None, True, False]),
        ("/* c */ [ // x\n 1 /* y */, <!-- z\n 2]", [1, 2]),
        ("(['a'])", ["a"]),
        ("new Date(1900000000000)", 1900000000000),
        ("9007199254740991", 9007199254740991),
        ("9007199254740993", "9007199254740993"),
        ("19007199254740993001", "19007199254740993001"),
        ("-9007199254740993", "-9007199254740993"),
        ("12345678901234567890n", "12345678901234567890"),
    ],
)
def test_what_sites_write(text: str, value: Value) -> None:
    if value is None:
        with pytest.raises(LiteralError):
            parse(text)
    else:
        assert parse(text) == value


@pytest.mark.parametrize(
    ("text", "reason", "position"),
    [
        ("", "the text ends too early", 0),
        ("[1", "the text ends too early", 2),
        ("[1 2]", "',' or ']' is expected", 3),
        ("{a 1}", "':' is expected", 3),
        ("{,}", "a key is expected", 1),
        ("'abc", "the string does not end", 0),
        ("'a\nb'", "the string does not end", 0),
        ("'\\u12'", "an escape is damaged", 3),
        ("[f(1)]", "a value is expected", 1),
        ("1+2", "a sum of numbers is no literal", 1),
        ("'a'+[1]", "only strings and numbers can be joined", 3),
        ("new Image()", "only dates", 3),
        ("[1] x", "more text behind the literal", 4),
        ("-'a'", "a number is expected", 0),
        ("[" * 99, "nested deeper than 64", 65),
    ],
)
def test_faults_are_named_with_their_place(text: str, reason: str, position: int) -> None:
    with pytest.raises(LiteralError) as caught:
        parse(text)
    assert reason in str(caught.value)
    assert caught.value.position == position
    assert f"at character {position + 1}" in str(caught.value)


SCRIPT = """
var itemcount = 2; /* item=[ */
function f(){ return item == [1]; }
window.page.item = load(); item=[{ 'title':'让党旗\\'飘扬\\'起来','brief':'2031-06-18 09:00:00', },
 {'title':"第二条",'link_add':'http://a.example.cn/2.shtml'}];
var MI4_PAGE_ARTICLE=[{id:9007199254740993}], _totalCnt = 120;
"""


def test_a_variable_is_found_in_a_script() -> None:
    value, end = find_value(SCRIPT, "item")
    assert isinstance(value, list)
    assert [sorted(row) for row in value if isinstance(row, dict)] == [["brief", "title"], ["link_add", "title"]]  # fmt: skip
    assert SCRIPT[end] == ";"
    assert find_value(SCRIPT, "_totalCnt")[0] == 120
    assert find_value(SCRIPT, "MI4_PAGE_ARTICLE")[0] == [{"id": "9007199254740993"}]
    assert find_value("{'datas' : [1]}", "datas")[0] == [1]


def test_a_variable_that_is_not_there() -> None:
    with pytest.raises(LiteralError, match="there is no variable 'rows'"):
        find_value(SCRIPT, "rows")
    with pytest.raises(LiteralError, match="a value is expected"):
        find_value("rows = load();", "rows")


def test_all_variables() -> None:
    assert set(find_variables(SCRIPT)) == {"item", "MI4_PAGE_ARTICLE"}
    assert find_variables("a = {b: f()}; c = [1]") == {"c": [1]}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-SAFE_INTEGER, SAFE_INTEGER) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(json_values, st.booleans())
def test_every_json_value_is_read_as_json_means_it(value: Value, plain: bool) -> None:
    assert parse(json.dumps(value, ensure_ascii=plain)) == json.loads(json.dumps(value))


@given(st.text(alphabet="[]{}()'\"`\\,:+-!0189.exn_$ua党 \n/*<"))
def test_no_text_raises_anything_else(text: str) -> None:
    position = -1
    try:
        parse(text)
    except LiteralError as error:
        position = error.position
    assert -1 <= position <= len(text)


@given(st.text(alphabet="ab=[]{}'\",:1 ;", max_size=60))
def test_looking_for_variables_never_fails(text: str) -> None:
    assert isinstance(find_variables(text), dict)


def test_a_long_list_takes_no_long_time() -> None:
    text = "var a=[" + "{'t':'标题','u':'/1.html'}," * 50_000 + "]"
    value, _ = find_value(text, "a")
    assert isinstance(value, list)
    assert len(value) == 50_000


@pytest.mark.parametrize("start", ["a=[", "a=[/*", "a=['", "a={b:"])
def test_unclosed_starts_take_no_long_time(start: str) -> None:
    text = start * 20_000
    assert find_variables(text) == {}
    with pytest.raises(LiteralError):
        parse_at(text, 0)
