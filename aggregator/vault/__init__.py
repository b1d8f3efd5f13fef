"""Fetched pages -> WARC files, and back: the archive of what was really sent."""

from aggregator.vault.scan import Damage, Kept, iterate
from aggregator.vault.warc import WarcVault

__all__ = ["Damage", "Kept", "WarcVault", "iterate"]
