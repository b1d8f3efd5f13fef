"""Dates in all the forms that Chinese pages and feeds of the world use."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import when
from aggregator.model import Moment, Precision

CHINESE = [
    ("2024-06-25 10:03", "2024-06-25T10:03:00+08:00", "minute"),
    ("2024-06-25 10:03:27", "2024-06-25T10:03:27+08:00", "second"),
    ("2024-06-25  10:03", "2024-06-25T10:03:00+08:00", "minute"),
    ("2024-06-25\u00a010:03", "2024-06-25T10:03:00+08:00", "minute"),
    ("发布时间：2020年02月18日 09:15", "2020-02-18T09:15:00+08:00", "minute"),
    ("2025年06月03日 13时44分", "2025-06-03T13:44:00+08:00", "minute"),
    ("2025年06月03日 13时44分05秒 来源", "2025-06-03T13:44:05+08:00", "second"),
    ("2025年6月3日下午3点05分", "2025-06-03T15:05:00+08:00", "minute"),
    ("2021/09/06", "2021-09-06T00:00:00+08:00", "day"),
    ("2021/9/6 8:03:04", "2021-09-06T08:03:04+08:00", "second"),
    ("2023.05.17", "2023-05-17T00:00:00+08:00", "day"),
    ("2009年08月22日08:29 晨报", "2009-08-22T08:29:00+08:00", "minute"),
    ("2024年3月5日12∶08", "2024-03-05T12:08:00+08:00", "minute"),
    ("２０２４年３月５日　１２：０８", "2024-03-05T12:08:00+08:00", "minute"),
    ("2021-08-01-06:08:00", "2021-08-01T06:08:00+08:00", "second"),
    ("2024-06-25 10:03:27.0", "2024-06-25T10:03:27+08:00", "second"),
    ("2024-06-2510:03", "2024-06-25T10:03:00+08:00", "minute"),
    ("20240625100327", "2024-06-25T10:03:27+08:00", "second"),
    ("202406251003", "2024-06-25T10:03:00+08:00", "minute"),
    ("20240625", "2024-06-25T00:00:00+08:00", "day"),
    ("[2024年06月25日]", "2024-06-25T00:00:00+08:00", "day"),
    ("2024年 6 月 25 日", "2024-06-25T00:00:00+08:00", "day"),
    ("2024年6月25日（星期二）15:05", "2024-06-25T15:05:00+08:00", "minute"),
    ("2024 | 10/08 | 09:59:21", "2024-10-08T09:59:21+08:00", "second"),
    (" 2023 11/ 17 20:52:15", "2023-11-17T20:52:15+08:00", "second"),
    ("2023 11/17 20:52", "2023-11-17T20:52:00+08:00", "minute"),
    ("202311/1720:52:15", "2023-11-17T20:52:15+08:00", "second"),
    ("2023 11/1720:52:15", "2023-11-17T20:52:15+08:00", "second"),
    ("2023年11月17日20时52分", "2023-11-17T20:52:00+08:00", "minute"),
    ("二〇二四年六月二十五日", "2024-06-25T00:00:00+08:00", "day"),
    ("二○二四年十二月十日", "2024-12-10T00:00:00+08:00", "day"),
    ("/n1/2026/1003/c1008-40809151.html", "2026-10-03T00:00:00+08:00", "day"),
    ("/html/2026-10/03/node_1.htm", "2026-10-03T00:00:00+08:00", "day"),
    ("/content_202406/25/x", "2024-06-25T00:00:00+08:00", "day"),
    ("t20240625_33.html", "2024-06-25T00:00:00+08:00", "day"),
    ("会期 2024-06-25 14:00-15:30", "2024-06-25T14:00:00+08:00", "minute"),
    ("2024-06-25T10:03:27Z", "2024-06-25T10:03:27+00:00", "second"),
    ("2024-06-25T10:03:27.123+08:00", "2024-06-25T10:03:27+08:00", "second"),
    ("2024-06-25 10:03 CST", "2024-06-25T10:03:00+08:00", "minute"),
    ("2024-13-01 then 2024-06-25", "2024-06-25T00:00:00+08:00", "day"),
    ("2024年6月25日, 格林尼治标准时间10:41", "2024-06-25T10:41:00+00:00", "minute"),
    ("2024年6月25日北京时间10时41分", "2024-06-25T10:41:00+08:00", "minute"),
    ("2024-06-25 99:99", "2024-06-25T00:00:00+08:00", "day"),
    ("2024年6月", "2024-06-01T00:00:00+08:00", "month"),
    ("2024年", "2024-01-01T00:00:00+08:00", "year"),
]
FEEDS = [
    ("Tue, 25 Jun 2024 10:03:27 +0800", "2024-06-25T10:03:27+08:00", "second"),
    ("Tue, 25 Jun 2024 10:03:27 +0800 (CST)", "2024-06-25T10:03:27+08:00", "second"),
    ("Tue, 25 Jun 2024 10:03:27 GMT", "2024-06-25T10:03:27+00:00", "second"),
    ("Tue, 25 Jun 2024 10:03:27 Z", "2024-06-25T10:03:27+00:00", "second"),
    ("Tue, 25 Jun 2024 10:03:27 CST", "2024-06-25T10:03:27+08:00", "second"),
    ("Tue, 25 Jun 2024 10:03:27", "2024-06-25T10:03:27+08:00", "second"),
    ("25 Jun 24 10:03 EST", "2024-06-25T10:03:00-05:00", "minute"),
    ("Tuesday, 25-Jun-24 10:03:27 GMT", "2024-06-25T10:03:27+00:00", "second"),
    ("Tue Jun 25 10:03:27 CST 2024", "2024-06-25T10:03:27+08:00", "second"),
    ("June 25, 2024 3:05 PM", "2024-06-25T15:05:00+08:00", "minute"),
    ("Tue, 25 Jun 2024", "2024-06-25T00:00:00+08:00", "day"),
    ("Tue, 25 Jun 2024 24:00:00 GMT", "2024-06-26T00:00:00+00:00", "second"),
    ("31 Dec 1999 23:59:60 GMT", "1999-12-31T23:59:59+00:00", "second"),
    ("2024-06-25T10:03:27-05:00", "2024-06-25T10:03:27-05:00", "second"),
    ("2024-06-25 10:03:27", "2024-06-25T10:03:27+08:00", "second"),
    ("2024年06月25日 10:03 GMT+8", "2024-06-25T10:03:00+08:00", "minute"),
    ("1719281007", "2024-06-25T10:03:27+08:00", "second"),
    ("1719281007000", "2024-06-25T10:03:27+08:00", "second"),
    ("2003-12", "2003-12-01T00:00:00+08:00", "month"),
]
NONE = [
    "",
    " ",
    "abc",
    "2024-02-30",
    "1948-12-31",
    "2101-01-01",
    "2024年工作要点",
    "10:03",
    "第20240625001号",
]


@pytest.mark.parametrize(("text", "instant", "precision"), CHINESE)
def test_find_reads(text: str, instant: str, precision: str) -> None:
    found = when.find(text)
    assert found is not None
    assert (found.instant.isoformat(), found.precision.value) == (instant, precision)
    assert found.text in text


@pytest.mark.parametrize(("text", "instant", "precision"), FEEDS + CHINESE)
def test_parse_feed_reads(text: str, instant: str, precision: str) -> None:
    found = when.parse_feed(text)
    assert found is not None
    assert (found.instant.isoformat(), found.precision.value) == (instant, precision)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_date(text: str) -> None:
    assert when.find(text) is None
    assert when.find_all(text) == []
    assert when.parse_feed(text) is None


def test_find_all_says_where() -> None:
    text = "2024-06-25 10:03 来源：某网 更新于2024年6月26日"
    assert [text[a:b] for a, b, _ in when.find_all(text)] == ["2024-06-25 10:03", "2024年6月26日"]


def test_zone_of_the_source() -> None:
    assert when.parse_feed("2024-06-25 10:03", "UTC") == Moment(
        "2024-06-25 10:03", datetime(2024, 6, 25, 10, 3, tzinfo=UTC), Precision.MINUTE
    )
    american = when.parse_feed("Tue, 25 Jun 2024 10:03:27 CST", "America/Chicago")
    assert american is not None
    assert american.instant.utcoffset() == timedelta(hours=-6)
    unknown = when.parse_feed("2024-06-25", "Nowhere/None")
    assert unknown is not None
    assert unknown.instant.utcoffset() == timedelta(hours=8)


def test_epoch_is_a_date_of_feeds_only() -> None:
    assert when.find("1719281007") is None


@given(st.text() | st.text("0123456789-/:年月日. TZ+", max_size=60))
def test_any_text_gives_dates_within_bounds(text: str) -> None:
    for start, end, moment in when.find_all(text):
        assert text[start:end] == moment.text
        assert 1949 <= moment.instant.year <= 2101
    for moment in (when.find(text), when.parse_feed(text)):
        assert moment is None or moment.instant.tzinfo is not None


@given(st.datetimes(datetime(1992, 1, 1), datetime(2100, 12, 31)))  # noqa: DTZ001
def test_round_trip(naive: datetime) -> None:
    naive = naive.replace(microsecond=0)
    for pattern in (
        "%Y-%m-%d %H:%M:%S",
        "%Y年%m月%d日%H:%M:%S",
        "%Y%m%d%H%M%S",
        "%d %b %Y %H:%M:%S",
    ):
        found = when.parse_feed(naive.strftime(pattern))
        assert found is not None
        assert found.instant.replace(tzinfo=None) == naive


@pytest.mark.parametrize(
    "unit", ["2", "20", "2024-", "2024年1月", "1 ", "10:03 ", "一", "2024-1-1 ", "Jan 1 "]
)
def test_long_text_is_read_in_linear_time(unit: str) -> None:
    when.find_all(unit * (300_000 // len(unit)))
    when.find(unit * (300_000 // len(unit)))
