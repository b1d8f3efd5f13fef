"""The gold pages and the pinned floors in; 0 when every figure holds, 1 and what fell out.

    python eval/gate.py [--data DIR]

Two floors per figure: over all gold pages, and over those of the sites that were kept out of sight
while tuning (held-out.txt). Where the pages are not on the machine it says so and ends with 0.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CEILINGS = frozenset({"invented"})


def main() -> int:
    """Measure, print one line a figure, and say what fell below its floor."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "eval")
    data: Path = parser.parse_args().data
    if not (data / "score.py").exists():
        print(f"nothing measured: no evaluation pages in {data}")
        return 0
    floors = tomllib.loads((HERE / "floors.toml").read_text("utf-8"))
    measured = figures(data)
    fallen = [line for part in floors for line in check(part, measured[part], floors[part])]
    print("\n".join(fallen) if fallen else "every figure holds its floor")
    return 1 if fallen else 0


def figures(data: Path) -> dict[str, dict[str, float]]:
    """Aggregate figures of our extractor, for all pages and for the held-out ones."""
    sys.path[:0] = [str(ROOT), str(HERE), str(data)]
    score: Any = importlib.import_module("score")
    adapter: Any = importlib.import_module("adapter")
    pages = score.load()
    hidden = set((HERE / "held-out.txt").read_text("utf-8").split())
    parts = {"all": pages, "held_out": [page for page in pages if page[0]["id"] in hidden]}
    return {name: _aggregate(score, adapter.extract, part) for name, part in parts.items()}


def _aggregate(score: Any, function: Any, pages: list[Any]) -> dict[str, float]:
    found, per_page, failures = score.run(function, pages)
    if failures:
        raise SystemExit(f"the extractor raised on {failures}")
    nobody = [gold["id"] for gold, _, _ in pages if not gold["author"]]
    wrong = sum(1 for page in nobody if not per_page[page]["author"])
    return {**found, "invented": wrong / len(nobody)}


def check(part: str, measured: Mapping[str, float], floors: Mapping[str, float]) -> list[str]:
    """Print every figure of *part*; sentences about those beyond their floor (or ceiling)."""
    fallen = []
    for name, floor in floors.items():
        value = measured[name]
        holds = value <= floor if name in CEILINGS else value >= floor
        print(f"{part:9} {name:13} {value:.3f}  {'≤' if name in CEILINGS else '≥'} {floor}")
        if not holds:
            fallen.append(f"{part}: {name} is {value:.3f}, its floor is {floor}")
    return fallen


if __name__ == "__main__":
    sys.exit(main())
