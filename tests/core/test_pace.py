"""When a source or page is asked again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator import pace
from aggregator.config import ScheduleSettings
from aggregator.errors import Failure
from aggregator.model import PaceHints

NOW = datetime(2026, 11, 3, 8, tzinfo=UTC)
SCHEDULE = ScheduleSettings()


def headers(**values: str) -> tuple[tuple[str, str], ...]:
    return tuple((k.replace("_", "-"), v) for k, v in values.items())


def test_freshness_is_max_age_less_age() -> None:
    assert pace.freshness(headers(cache_control="public, max-age=3600", age="3500"), NOW) == 100
    assert pace.freshness(headers(cache_control="no-cache"), NOW) == 0


def test_freshness_by_expires() -> None:
    assert pace.freshness(headers(expires="Tue, 03 Nov 2026 10:00:00 GMT"), NOW) == 7200
    assert pace.freshness(headers(expires="0"), NOW) == 0


@given(st.text(max_size=50), st.text(max_size=50), st.text(max_size=50))
def test_freshness_takes_any_header(control: str, age: str, expires: str) -> None:
    assert pace.freshness(headers(cache_control=control, age=age, expires=expires), NOW) >= 0


def test_ttl_makes_the_interval_longer_up_to_the_cap() -> None:
    ask = pace.source_interval
    assert ask(SCHEDULE, wanted=None, hints=PaceHints(ttl_minutes=120)) == 7200
    assert ask(SCHEDULE, wanted=None, fresh=10.0**9) == SCHEDULE.max_interval
    assert ask(SCHEDULE, wanted=5.0) == 5.0


def test_back_off_grows_and_is_capped() -> None:
    waits = [pace.backoff(SCHEDULE, 3600, n) for n in range(1, 10)]
    assert waits == sorted(waits)
    assert waits[-1] == SCHEDULE.max_backoff


def test_retry_after_is_obeyed() -> None:
    later = NOW + timedelta(days=2)
    failure = Failure("http-503", "busy", 503, retry_at=later)
    assert pace.retry_source(SCHEDULE, NOW, 60, 1, failure, 0.0) == later


def test_a_bare_429_waits_ten_minutes() -> None:
    due = pace.retry_source(SCHEDULE, NOW, 5, 1, Failure("http-429", "slow down", 429), 0.0)
    assert due >= NOW + timedelta(minutes=10)


def test_skip_hours_and_days_are_skipped() -> None:
    hints = PaceHints(skip_hours=frozenset({9, 10}), skip_days=frozenset({2}))
    assert pace.after(NOW, 3600, 0.0, hints).hour == 11
    assert pace.after(NOW, 16 * 3600, 0.0, hints).weekday() != 2


def test_all_hours_skipped_is_no_endless_loop() -> None:
    hints = PaceHints(skip_hours=frozenset(range(24)))
    assert pace.after(NOW, 60, 0.5, hints) > NOW


@given(st.floats(0, 0.999), st.integers(0, 100))
def test_pages_are_given_up_after_all_retries(luck: float, attempts: int) -> None:
    due = pace.retry_page(NOW, attempts, Failure("http-404", "gone", 404), luck)
    assert (due is None) == (attempts > len(pace.PAGE_RETRIES))
    assert due is None or due > NOW


def test_articles_are_visited_again_by_age() -> None:
    fresh = pace.recheck(SCHEDULE, NOW, NOW - timedelta(hours=1), 0.0)
    old = pace.recheck(SCHEDULE, NOW, NOW - timedelta(days=20), 0.0)
    assert fresh is not None
    assert old is not None
    assert fresh < old
    assert pace.recheck(SCHEDULE, NOW, NOW - timedelta(days=400), 0.0) is None
