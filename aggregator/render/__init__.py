"""Entries -> bytes of the output formats (RSS 2.0, Atom 1.0, JSON Feed 1.1, OPML 2.0)."""
