"""Our extractor and the others on the same gold pages in; a table of what each reaches out.

    python eval/compare.py --install        # builds an environment of the peers, then measures
    python eval/compare.py --python PATH    # measures with an interpreter that has them

Needs the pages, gold, scorer and adapters in ../shared/eval (or --data DIR).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path

from peers import DEFAULT, interpreter

ROOT = Path(__file__).resolve().parent.parent
OTHERS = (
    "trafilatura_default", "trafilatura_precision", "newspaper4k", "gne", "readability_lxml",
    "goose3", "justext", "resiliparse", "htmldate_min",
)  # fmt: skip
BODY = ("P", "R", "F", "ge95", "para", "pps")
FIELDS = {  # what each tool's adapter answers with; the rest is no answer, not a wrong one
    "ours": (
        "title",
        "date",
        "minute",
        "author_found",
        "author",
        "source",
        "editor",
        "imgP",
        "imgR",
    ),
    "trafilatura_default": ("title", "date", "author_found", "author"),
    "trafilatura_precision": ("title", "date", "author_found", "author"),
    "newspaper4k": ("title", "date", "minute", "author_found", "author", "imgP", "imgR"),
    "gne": ("title", "date", "minute", "author_found", "author", "imgP", "imgR"),
    "readability_lxml": ("title", "imgP", "imgR"),
    "goose3": ("title", "date", "minute", "author_found", "author"),
    "resiliparse": ("title",),
    "htmldate_min": ("date", "minute"),
}
COLUMNS = {
    "P": "body P", "R": "R", "F": "F1", "ge95": "F1≥.95", "para": "paragraphs", "title": "title", "date": "day",
    "minute": "minute", "author_found": "author found", "author": "author", "source": "source", "editor": "editor",
    "imgP": "img P", "imgR": "img R", "pps": "pages/s",
}  # fmt: skip


def main() -> None:
    """Measure all and print the table as Markdown."""
    options = _options()
    python = options.python or interpreter(options.peers, install=options.install)
    names = {"ours": "adapter"} | {name: f"baselines:{name}" for name in OTHERS}
    rows = {name: measure(python, module, options.data) for name, module in names.items()}
    print(table(rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "eval")
    parser.add_argument(
        "--peers", type=Path, default=DEFAULT, help="folder of the peers' environment"
    )
    parser.add_argument(
        "--install", action="store_true", help="build that environment if it is missing"
    )
    parser.add_argument("--python", type=Path, help="an interpreter that has the peers already")
    options = parser.parse_args()
    if not (options.data / "score.py").exists():
        raise SystemExit(f"no evaluation data in {options.data}: name its folder with --data")
    return options


def measure(python: Path, module: str, data: Path) -> dict[str, float | None]:
    """The aggregate figures that the scorer gives *module* (adapter or baselines:NAME)."""
    path = os.pathsep.join(map(str, (ROOT, ROOT / "eval", data)))
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        command = [python, "-W", "ignore", data / "score.py", module, "--json", answer]
        environment = {**os.environ, "PYTHONPATH": path}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{module} could not be measured:\n{done.stderr[-2000:]}")
        figures: dict[str, float | None] = json.loads(answer.read_text("utf-8"))["agg"]
    return figures


def table(rows: dict[str, dict[str, float | None]]) -> str:
    """*rows* as a Markdown table, one tool a row."""
    lines = ["| tool | " + " | ".join(COLUMNS.values()) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, figures in rows.items():
        offered = (*(BODY if name != "htmldate_min" else ("pps",)), *FIELDS.get(name, ()))
        cells = (_cell(key, figures.get(key) if key in offered else None) for key in COLUMNS)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(key: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if key == "pps" else f"{value:.3f}"


if __name__ == "__main__":
    main()
