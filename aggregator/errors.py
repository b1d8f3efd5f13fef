"""The error tree. Every error says what is wrong, where, and how to mend it, in one message.

AggregatorError
├── ConfigError          config.toml or an option is wrong (file, table, key)
├── ArchiveError         the archive cannot be opened, is locked, or is too new
├── QueryError           a search or filter cannot be read (position in the query)
└── VisitError           an expected failure of a visit; stored with the source, never fatal
    ├── FetchError       no usable answer came (code: dns, connect, tls, timeout, status …)
    ├── ReadError        the answer is no readable listing (code: not-a-feed, empty-list …)
    └── ParserError      the parser died or ran over its bounds (code: parser-died …)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


class AggregatorError(Exception):
    """Base of all errors that are shown to people as one sentence."""


class ConfigError(AggregatorError):
    """The configuration is wrong; the message names file, table and key, and the mend."""

    def __init__(self, file: str, where: str, reason: str, mend: str = "") -> None:
        self.file, self.where, self.reason, self.mend = file, where, reason, mend
        place = f"{file}: {where}: " if where else f"{file}: "
        super().__init__(place + reason + (f" ({mend})" if mend else ""))


class ArchiveError(AggregatorError):
    """The archive cannot be used as asked."""


class QueryError(AggregatorError):
    """A query cannot be read. ``position`` is the 0-based offset of the fault."""

    def __init__(self, query: str, position: int, reason: str) -> None:
        self.query, self.position, self.reason = query, position, reason
        super().__init__(f"{reason} (at character {position + 1} of {query[:200]!r})")


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed visit as a value: ``code`` for programs, ``message`` for people."""

    code: str
    message: str
    status: int | None = None
    retry_at: datetime | None = None
    permanent: bool = False


class VisitError(AggregatorError):
    """An expected failure of one visit.

    ``code`` is stable and documented (docs/fetching.md); ``retry_at`` is the earliest instant the
    origin asked us to come back; ``permanent`` says that asking again is pointless (410).
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        url: str = "",
        status: int | None = None,
        retry_at: datetime | None = None,
        permanent: bool = False,
    ) -> None:
        self.code, self.url, self.status = code, url, status
        self.retry_at, self.permanent = retry_at, permanent
        self.message = message
        super().__init__(message)

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword arguments are lost by the default pickling of exceptions.
        return _rebuild, (
            type(self), self.code, self.message, self.url, self.status, self.retry_at, self.permanent,
        )  # fmt: skip

    def failure(self) -> Failure:
        """This error as a value that can be stored."""
        return Failure(self.code, self.message, self.status, self.retry_at, self.permanent)


def _rebuild(
    cls: type[VisitError],
    code: str,
    message: str,
    url: str,
    status: int | None,
    retry_at: datetime | None,
    permanent: bool,
) -> VisitError:
    return cls(code, message, url=url, status=status, retry_at=retry_at, permanent=permanent)


class FetchError(VisitError):
    """No usable answer came back."""


class ReadError(VisitError):
    """The answer could not be read as the listing it should be."""


class ParserError(VisitError):
    """A parser worker died, hung or ran over its memory bound."""
