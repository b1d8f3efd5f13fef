from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.render import xmltext

CHINA = timezone(timedelta(hours=8))
ANY_TEXT = st.text(st.characters(codec=None))


@given(ANY_TEXT)
def test_any_text_survives_in_an_element_and_an_attribute(text: str) -> None:
    document = f'<a b="{xmltext.attribute(text)}">{xmltext.escape(text)}</a>'
    read = etree.fromstring(document.encode())
    assert (read.text or "") == read.get("b") == xmltext.clean(text)


@given(ANY_TEXT)
def test_clean_only_removes_and_is_idempotent(text: str) -> None:
    once = xmltext.clean(text)
    assert xmltext.clean(once) == once
    once.encode()  # no surrogate is left


def test_clean_keeps_every_legal_character() -> None:
    text = "党\t建\n𠮷😀👨\u200d👩\u200d👧 é \ufffd\u3000"
    assert xmltext.clean(text) == text


def test_a_headline_is_one_line_without_bidi_controls() -> None:
    assert xmltext.line("  甲\u202e乙\r\n丙\x00\u2067丁\u3000戊 ") == "甲乙 丙丁 戊"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.example/b?c=d#e", "http://a.example/b?c=d#e"),
        ("HTTP://A.Example:80", "http://a.example/"),
        ("https://a.example:443/x", "https://a.example/x"),
        ("https://a.example:8443/x", "https://a.example:8443/x"),
        ("http://a.example/党建/1.html", "http://a.example/%E5%85%9A%E5%BB%BA/1.html"),
        ("http://a.example/%E5%85%9A/党", "http://a.example/%E5%85%9A/%E5%85%9A"),
        ("http://a.example/50%/a b\"<>|\\^`{}", "http://a.example/50%25/a%20b%22%3C%3E%7C%5C%5E%60%7B%7D"),
        ("http://党建.example/", "http://xn--n5qz54a.example/"),
        ("http://u:p@a.example/x", "http://a.example/x"),
        ("http://[::1]:8000/x", "http://[::1]:8000/x"),
        ("http://[::1", ""),
        ("http://a.example:99999/", ""),
        ("http://a.example:x/", ""),
        ("//a.example/x", ""),
        ("/x", ""),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("http://", ""),
        ("http://a b/", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_uri(url: str, expected: str) -> None:
    assert xmltext.uri(url) == expected


@given(st.one_of(ANY_TEXT, ANY_TEXT.map(lambda t: "http://a.example/" + t)))
def test_uri_never_raises_gives_ascii_and_is_idempotent(text: str) -> None:
    once = xmltext.uri(text)
    assert once.isascii()
    assert xmltext.uri(once) == once


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("zh-CN", "zh-CN"), ("zh_cn", "zh-CN"), ("ZH", "zh"), ("zh-hans-cn", "zh-Hans-CN"),
        ("ug", "ug"), ("", "zh-CN"), ("中文", "zh-CN"), ("utf-8", "zh-CN"), ("zh-", "zh-CN"),
    ],
)  # fmt: skip
def test_language(tag: str, expected: str) -> None:
    assert xmltext.language(tag) == expected


@given(
    st.datetimes(datetime(1949, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 (zone added below)
    st.sampled_from([UTC, CHINA, timezone(-timedelta(hours=3, minutes=30))]),
)
def test_dates_read_back(naive: datetime, zone: timezone) -> None:
    instant = naive.replace(tzinfo=zone, microsecond=0)
    assert parsedate_to_datetime(xmltext.rfc822(instant)) == instant
    assert datetime.fromisoformat(xmltext.rfc3339(instant)) == instant


@pytest.mark.parametrize("zone", [CHINA, UTC, timezone(-timedelta(hours=3, minutes=30))])
def test_dates_are_written_in_chinese_time(zone: timezone) -> None:
    instant = datetime(2023, 5, 17, 3, 47, 39, 5, CHINA).astimezone(zone)
    assert xmltext.rfc822(instant) == "Wed, 17 May 2023 03:47:39 +0800"
    assert xmltext.rfc3339(instant) == "2023-05-17T03:47:39+08:00"
