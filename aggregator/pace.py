"""When to ask again: outcome, hints and history of a source or page -> an interval.

Pure: the clock and the random draw (``luck`` in [0, 1)) are arguments.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from aggregator.config import ScheduleSettings
from aggregator.errors import Failure
from aggregator.model import PaceHints

JITTER = 0.1  # of every interval, so that many sources do not meet in one second
PAGE_RETRIES = (300.0, 1800.0, 7200.0, 28_800.0, 86_400.0, 259_200.0)  # seconds
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)


def freshness(headers: tuple[tuple[str, str], ...], now: datetime) -> float:
    """Seconds for which the answer calls itself fresh (RFC 9111, 4.2): max-age less Age, or Expires."""
    values = dict(reversed(headers))
    found = _MAX_AGE.search(values.get("cache-control", ""))
    if found:
        age = values.get("age", "0")
        return max(0.0, float(found[1]) - (float(age) if age.isascii() and age.isdigit() else 0.0))
    try:
        expires = parsedate_to_datetime(values.get("expires", ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    if expires.tzinfo is None:
        expires = expires.replace(tzinfo=UTC)
    return max(0.0, (expires - now).total_seconds())


def source_interval(
    schedule: ScheduleSettings,
    *,
    wanted: float | None,
    hints: PaceHints = PaceHints(),  # noqa: B008  frozen
    fresh: float = 0.0,
) -> float:
    """Seconds until a source that answered well is asked again, before jitter.

    An interval set by hand is obeyed down to no lower bound but the tick; what the origin says
    (ttl, update period, freshness) can only make it longer, never beyond schedule.max_interval.
    """
    asked = max((hints.ttl_minutes or 0) * 60.0, float(hints.update_period_seconds or 0), fresh)
    base = wanted if wanted is not None else max(schedule.interval, schedule.min_interval)
    return max(base, min(asked, schedule.max_interval))


def backoff(schedule: ScheduleSettings, interval: float, failures: int) -> float:
    """Seconds until a source is asked again after *failures* failed visits in a row."""
    return min(max(interval, 1.0) * 2.0 ** min(failures, 30), max(schedule.max_backoff, interval))


def after(
    now: datetime,
    seconds: float,
    luck: float,
    hints: PaceHints = PaceHints(),  # noqa: B008
) -> datetime:
    """*now* plus *seconds* with jitter, moved out of the feed's skipHours and skipDays (GMT)."""
    due = now + timedelta(seconds=seconds * (1.0 + JITTER * luck))
    for _ in range(24 * 8):
        utc = due.astimezone(UTC)
        if utc.hour not in hints.skip_hours and utc.weekday() not in hints.skip_days:
            return due
        due = utc.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due


def retry_source(
    schedule: ScheduleSettings,
    now: datetime,
    interval: float,
    failures: int,
    failure: Failure,
    luck: float,
) -> datetime:
    """When a failed source is asked again: back-off, and not before the origin's Retry-After."""
    seconds = backoff(schedule, interval, failures)
    if failure.status == 429:
        seconds = max(seconds, 600.0)
    due = after(now, seconds, luck)
    return max(due, failure.retry_at) if failure.retry_at else due


def retry_page(now: datetime, attempts: int, failure: Failure, luck: float) -> datetime | None:
    """When a page that failed *attempts* times is asked again; None when it is given up."""
    if failure.permanent or attempts > len(PAGE_RETRIES):
        return None
    due = after(now, PAGE_RETRIES[max(attempts, 1) - 1], luck)
    return max(due, failure.retry_at) if failure.retry_at else due


def recheck(
    schedule: ScheduleSettings, now: datetime, born: datetime, luck: float
) -> datetime | None:
    """When an article of *born* is visited again by the age table; None after its last row."""
    age = (now - born).total_seconds()
    for limit, distance in schedule.recheck:
        if age < limit:
            return after(now, distance, luck)
    return None
