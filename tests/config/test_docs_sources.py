"""The examples of docs/sources.md are valid as they stand."""

import re
from pathlib import Path

from aggregator import config


def test_examples_can_be_used(root: Path, tmp_path: Path) -> None:
    text = (root / "docs" / "sources.md").read_text("utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    file = tmp_path / "config.toml"
    file.write_text("\n".join(blocks), "utf-8")
    kinds = [spec.options.kind for spec in config.load(file).sources]
    assert set(kinds) == {"feed", "list", "data", "sitemap"}
    assert len(kinds) == len(re.findall(r"(?m)^\[source\.", text))


def test_numbers_of_the_catalogue_are_right(root: Path) -> None:
    from aggregator.catalogue import load_catalogue

    text = (root / "docs" / "sources.md").read_text("utf-8")
    shipped = config.load(root / "config.toml").sources
    on = [site for site in load_catalogue() if site.state == "on"]
    assert f"lists {len(load_catalogue())} known sites" in text
    assert f"holds {len(shipped)} sources of the {len(on)} sites" in text
