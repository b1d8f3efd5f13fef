"""First sync and no-change sync of N local feeds of 35 items, beside lemon24/reader in one run.

    uv run python benchmarks/sync.py [--feeds 1000] [--rounds 1] [--reader PYTHON]

PYTHON is the interpreter of an environment with `reader` installed (pip install reader
sgmllib3k); without it only our own figures are printed. CPU is user + system of the
whole process tree, memory the peak sum of resident sizes of the tree (sampled), times are seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from corpus import write_feeds

HERE = Path(__file__).resolve().parent
READER = """
import sys
from reader import make_reader
db, step, urls = sys.argv[1:]
r = make_reader(db)
if step == "add":
    for url in open(urls):
        r.add_feed(url.strip(), exist_ok=True)
else:
    bad = sum(isinstance(u.value, Exception) for u in r.update_feeds_iter(workers=10, scheduled=False))
    print("failed", bad, file=sys.stderr)
"""


@contextlib.contextmanager
def origin(folder: Path, ports: int) -> Iterator[list[int]]:
    """The static origin as a child process; yields its ports."""
    command = [sys.executable, str(HERE / "origin.py"), str(folder), str(ports)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        yield [int(p) for p in child.stdout.readline().split()]
    finally:
        child.terminate()
        child.wait()


def tree_rss(pid: int) -> int:
    """Resident bytes of process *pid* and all below it, from /proc."""
    total, todo = 0, [pid]
    while todo:
        one = todo.pop()
        with contextlib.suppress(OSError, ValueError):
            pages = int(Path(f"/proc/{one}/statm").read_text().split()[1])
            total += pages * resource.getpagesize()
            for task in Path(f"/proc/{one}/task").iterdir():
                todo += [int(c) for c in (task / "children").read_text().split()]
    return total


def measure(command: list[str]) -> dict[str, float]:
    """Wall, CPU and peak memory of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    # Both peers may use compiled modules, as they do outside a build machine.
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env)
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            peak[0] = max(peak[0], tree_rss(child.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, errors = child.communicate()
    done.set()
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if child.returncode:
        raise SystemExit(f"{command[:4]} failed:\n{errors.decode()[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": time.perf_counter() - start, "cpu": cpu, "rss_mb": peak[0] / 1e6}


def config(folder: Path, urls: list[str]) -> Path:
    """A configuration with one source a feed."""
    lines = [
        "[archive]", f'url = "sqlite:///{folder}/a.sqlite"', f'vault = "{folder}/warc"',
        "[fetch]", 'allow_private = ["127.0.0.1"]', "delay = 0", "robots = false",
    ]  # fmt: skip
    for n, url in enumerate(urls):
        lines += [f"[source.f{n}]", f'url = "{url}"', 'kind = "feed"']
    path = folder / "config.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def ours(folder: Path, urls: list[str]) -> dict[str, dict[str, float]]:
    """Our first and second sync; the articles are counted afterwards."""
    command = [
        sys.executable,
        "-m",
        "aggregator",
        "-c",
        str(config(folder, urls)),
        "sync",
        "--json",
    ]
    found = {"first": measure(command), "again": measure(command)}
    with contextlib.closing(sqlite3.connect(folder / "a.sqlite")) as db:
        found["stored"] = {"items": db.execute("select count(*) from appearance").fetchone()[0]}
    found["stored"]["db_mb"] = (folder / "a.sqlite").stat().st_size / 1e6
    found["stored"]["warc_mb"] = sum(f.stat().st_size for f in (folder / "warc").rglob("*")) / 1e6
    return found


def readers(python: str, folder: Path, urls: list[str]) -> dict[str, dict[str, float]]:
    """The same of lemon24/reader."""
    script, listing, db = folder / "r.py", folder / "urls", str(folder / "r.sqlite")
    script.write_text(READER, encoding="utf-8")
    listing.write_text("\n".join(urls), encoding="utf-8")
    command = [python, str(script), db]
    add = measure([*command, "add", str(listing)])
    found = {
        "add": add,
        "first": measure([*command, "update", "-"]),
        "again": measure([*command, "update", "-"]),
    }
    with contextlib.closing(sqlite3.connect(db)) as store:
        found["stored"] = {"items": store.execute("select count(*) from entries").fetchone()[0]}
    found["stored"]["db_mb"] = Path(db).stat().st_size / 1e6
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--reader", default="")
    parser.add_argument("--json", default="")
    args = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        (base / "www").mkdir()
        with origin(base / "www", 64) as ports:
            urls = write_feeds(base / "www", args.feeds, ports)
            for turn in range(args.rounds):
                for peer in ("aggregator", *(["reader"] if args.reader else [])):
                    folder = base / f"{peer}{turn}"
                    folder.mkdir()
                    run = (
                        ours(folder, urls)
                        if peer == "aggregator"
                        else readers(args.reader, folder, urls)
                    )
                    results.append({"peer": peer, "round": turn, **run})
                    print(json.dumps(results[-1]), flush=True)
                    shutil.rmtree(folder)
    table(results)
    if args.json:
        Path(args.json).write_text(json.dumps(results, indent=1), encoding="utf-8")


def table(results: list[dict[str, object]]) -> None:
    """The figures as a Markdown table, with our share of reader's where both ran."""
    print(
        f"\n{os.cpu_count()} cores\n\n| peer | sync | wall s | CPU s | peak MB | items |\n|---|---|---|---|---|---|"
    )
    for run in results:
        for step in ("first", "again"):
            m, items = run[step], run["stored"]["items"]  # type: ignore[index]
            print(
                f"| {run['peer']} | {step} | {m['wall']:.1f} | {m['cpu']:.1f} | {m['rss_mb']:.0f} | {items} |"
            )  # type: ignore[index]
    pairs = [
        (a, b)
        for a in results
        for b in results
        if a["round"] == b["round"] and (a["peer"], b["peer"]) == ("aggregator", "reader")
    ]
    for a, b in pairs:
        for step in ("first", "again"):
            ratio = {k: b[step][k] / a[step][k] for k in ("wall", "cpu")}  # type: ignore[index]
            print(
                f"round {a['round']}, {step}: reader / aggregator = wall {ratio['wall']:.2f}, CPU {ratio['cpu']:.2f}"
            )


if __name__ == "__main__":
    main()
