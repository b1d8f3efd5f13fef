"""A Retry-After header -> the instant before which we do not come back (RFC 9110 §10.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=7)  # an origin that asks for years means "not now"
BARE_429 = timedelta(minutes=10)


def retry_after(value: str, now: datetime) -> datetime | None:
    """The instant that *value* (seconds or HTTP-date) asks for, at most LONGEST after *now*.

    None when it is absent, cannot be read, or lies in the past.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        # More digits than this are more than LONGEST anyhow, and would overflow.
        wait = timedelta(seconds=int(value[:7])) if len(value) <= 7 else LONGEST
    else:
        instant = _http_date(value)
        if instant is None:
            return None
        wait = instant - now
    return now + min(wait, LONGEST) if wait > timedelta() else None


def _http_date(value: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def retry_at(status: int, value: str, now: datetime) -> datetime | None:
    """When to come back after *status*: as asked; ten minutes after a 429 that does not say."""
    asked = retry_after(value, now)
    return now + BARE_429 if asked is None and status == 429 else asked
