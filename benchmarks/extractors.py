"""Saved pages in; CPU time of our extractor beside readability-lxml and trafilatura out.

    python benchmarks/extractors.py --install [--rounds 3]

All run in one process on the same bytes, round by round in turns, so that a busy machine slows all
alike. Two ratios are printed: over all rounds, what each tool loads at its first page included (the
floors are for this one), and of the quickest rounds, where everything is loaded. Ours gives all
fields, blocks and clean HTML; the others the body (and trafilatura its metadata). Ends with code 1
when a ratio is below its floor.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {"readability_lxml": 3.6, "trafilatura_default": 6.4}


def main() -> None:
    """Measure in the peers' interpreter (started by itself) and print the ratios."""
    options = _options()
    if options.child:
        sys.exit(compare(options.data, options.rounds))
    sys.path.insert(0, str(ROOT / "eval"))
    from peers import interpreter

    python = options.python or interpreter(install=options.install)
    path = os.pathsep.join(map(str, (ROOT, ROOT / "eval", options.data)))
    command = [python, __file__, "--child", "--rounds", str(options.rounds), "--data", options.data]
    sys.exit(
        subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=False).returncode
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "eval")
    parser.add_argument("--python", type=Path, help="an interpreter that has the peers")
    parser.add_argument("--install", action="store_true", help="build one if it is missing")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def compare(data: Path, rounds: int) -> int:
    """Run all tools in turns over the gold pages; 0 when every ratio reaches its floor."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    import adapter
    import baselines
    from trafilatura.meta import reset_caches

    tools: dict[str, Callable[[bytes, str | None], object]] = {"ours": adapter.extract}
    tools |= {name: getattr(baselines, name) for name in FLOORS}
    pages = [
        (data / "pages" / f"{gold.stem}.html").read_bytes()
        for gold in sorted((data / "gold").glob("*.json"))
    ]
    if not pages:
        print(f"no pages in {data}: name the folder with --data")
        return 2
    spent: dict[str, list[float]] = {name: [] for name in tools}
    for turn in range(rounds):
        reset_caches()  # trafilatura remembers texts and dates; a page is seen once in life
        for name in list(tools)[turn % 3 :] + list(tools)[: turn % 3]:
            start = time.process_time()
            for page in pages:
                tools[name](page, None)
            spent[name].append(time.process_time() - start)
    return report(spent, len(pages))


def report(spent: dict[str, list[float]], pages: int) -> int:
    """Print pages a second and ratios; 0 when every ratio over all rounds reaches its floor."""
    failed = 0
    for name, rounds in spent.items():
        ratio, warm = sum(rounds) / sum(spent["ours"]), min(rounds) / min(spent["ours"])
        floor = FLOORS.get(name)
        note = f"  ours is {ratio:.1f} times as fast (floor {floor}), once loaded {warm:.1f} times"
        failed += floor is not None and ratio < floor
        speed = f"{pages * len(rounds) / sum(rounds):7.1f} pages/s, once loaded {pages / min(rounds):7.1f}"
        print(f"{name:20} {speed}{note if floor else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    main()
