"""Every code that a visit may fail with is explained to the operator."""

import re
from pathlib import Path


def test_every_code_is_in_the_documentation(root: Path) -> None:
    raised = set()
    for part in ("fetch", "pool"):
        for path in (root / "aggregator" / part).glob("*.py"):
            raised |= set(
                re.findall(r"(?:Fetch|Parser)Error\(\s*\"([a-z0-9-]+)\"", path.read_text("utf-8"))
            )
    text = (root / "docs" / "fetching.md").read_text("utf-8")
    told = set(re.findall(r"^\| `([a-z0-9-]+)` \|", text, re.MULTILINE))
    assert {"dns", "tls", "bomb", "parser-died"} <= raised
    assert raised - told == set()
    assert told - raised == set()
