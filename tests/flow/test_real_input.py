"""Real saved pages and damaged feeds through the whole line: named outcomes, no internal fault."""

from pathlib import Path

import pytest

from real_input import measure


@pytest.mark.shared
@pytest.mark.slow
def test_real_pages_and_bad_feeds_have_named_outcomes(shared: Path) -> None:
    table, stored = measure(shared, ("bad",))
    pages = sum(n for (kind, _), n in table.items() if kind == "page")
    assert pages == len(list((shared / "eval/pages").glob("*.html")))
    assert table["page", "ok"] >= 0.95 * pages
    assert not [key for key in table if key[1] == "internal"]
    assert stored >= table["page", "ok"]
