"""Dates as rows of lists show them: with and without a year, in parts, relative."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Precision
from aggregator.read.rowdate import row_date, url_date

SEEN = datetime(2031, 1, 3, 4, tzinfo=UTC)  # noon of 3 January in China
PLAIN = "http://a.cn/view?id=1"


def day(text: str, url: str = PLAIN) -> str:
    found = row_date(text, url, SEEN, "Asia/Shanghai")
    return found.instant.isoformat()[:16] if found else ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2030-12-31", "2030-12-31T00:00"),
        ("[2030年12月31日]", "2030-12-31T00:00"),
        ("来源：某某日报 2030/12/31 08:05", "2030-12-31T08:05"),
        ("01-02", "2031-01-02T00:00"),
        ("(1/2)", "2031-01-02T00:00"),
        ("12-31", "2030-12-31T00:00"),
        ("12月31日", "2030-12-31T00:00"),
        ("31 2030-12", "2030-12-31T00:00"),
        ("2030.12 31", "2030-12-31T00:00"),
        ("12-31 2030", "2030-12-31T00:00"),
        ("12/31 | 2030", "2030-12-31T00:00"),
        ("刚刚", "2031-01-03T00:00"),
        ("5分钟前", "2031-01-03T00:00"),
        ("13小时前", "2031-01-02T00:00"),
        ("3 天前", "2030-12-31T00:00"),
        ("昨天 18:40", "2031-01-02T18:40"),
        ("前天", "2031-01-01T00:00"),
        ("2031-01-04", "2031-01-04T00:00"),
        ("2031-02-01", ""),
        ("13-45", ""),
        ("02-30", ""),
        ("增长 1/2% 左右", ""),
        ("10:30", ""),
        ("点击 120-130 次", ""),
        ("", ""),
    ],
)
def test_what_rows_show(text: str, expected: str) -> None:
    assert day(text) == expected


def test_the_address_knows_the_year_that_a_row_leaves_out() -> None:
    assert day("06-18", "http://a.cn/2027/0618/c1-9.html") == "2027-06-18T00:00"
    assert day("01-02", "http://a.cn/2027/1231/c1-9.html") == "2027-01-02T00:00"


def test_relative_dates_do_not_change_from_visit_to_visit() -> None:
    early = row_date("2小时前", PLAIN, datetime(2031, 1, 3, 4, 10, tzinfo=UTC), "Asia/Shanghai")
    later = row_date("3小时前", PLAIN, datetime(2031, 1, 3, 5, 20, tzinfo=UTC), "Asia/Shanghai")
    assert early
    assert later
    assert early.instant == later.instant
    assert early.precision is Precision.DAY


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.cn/n1/2030/0618/c1-90000001.html", "2030-06-18"),
        ("http://a.cn/203006/t20300618_1.html", "2030-06-18"),
        ("http://a.cn/2030-06/18/content_1.htm", "2030-06-18"),
        ("http://a.cn/20300618/0123456789abcdef0123456789abcdef/c.html", "2030-06-18"),
        ("http://a.cn/art/2030/6/18/art_1_2.html", "2030-06-18"),
        ("http://a.cn/up/20300618093000_1.pdf", "2030-06-18"),
        ("http://20300618.cn/a.html", ""),
        ("http://a.cn/a.html?d=20300618", ""),
        ("http://a.cn/2099/0101/1.html", ""),
        ("", ""),
    ],
)
def test_dates_in_addresses(url: str, expected: str) -> None:
    found = url_date(url, SEEN, "Asia/Shanghai")
    assert (found.instant.date().isoformat() if found else "") == expected


@given(st.text(alphabet="0123456789-/.年月日: 前天小时昨", max_size=40))
def test_no_text_is_too_odd_and_no_date_is_far_ahead(text: str) -> None:
    found = row_date(text, PLAIN, SEEN, "Asia/Shanghai")
    assert found is None or (found.instant - SEEN).days <= 2
