"""Requests -> complete pages: polite to the origins, bounded against what they send."""
