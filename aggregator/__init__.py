"""Aggregator: feeds and list pages in, one archive, one combined feed out."""

__version__ = "0.1.0"
