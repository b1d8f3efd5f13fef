"""Which hosts answered and which did not -> whether our own network is down."""

from __future__ import annotations

SILENT = 5  # so many different hosts without any answer in between


class NetworkWatch:
    """Counts different hosts that gave no answer since any host answered last.

    One site that is down is its own fault; when five sites in a row are unreachable, it is ours.
    """

    def __init__(self) -> None:
        self._silent: set[str] = set()

    def answered(self) -> None:
        """Some host answered, whatever it said."""
        if self._silent:
            self._silent.clear()

    def failed(self, host: str) -> bool:
        """*host* could not be reached; True when our network must be the reason."""
        if len(self._silent) < 10 * SILENT:
            self._silent.add(host)
        return len(self._silent) >= SILENT
