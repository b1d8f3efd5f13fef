"""What starting costs: `import aggregator.cli` loads no heavy library, so help is there at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import aggregator

from system_program import environment, invoke

HEAVY = (
    "sqlalchemy", "alembic", "httpx", "aiohttp", "lxml", "bs4", "feedparser", "fastapi", "uvicorn",
    "pydantic", "rich", "asyncio", "apscheduler", "warcio", "jinja2", "protego",
)  # fmt: skip


def test_the_command_line_is_imported_without_heavy_libraries(tmp_path: Path) -> None:
    code = f"import sys, aggregator.cli; print([m for m in {HEAVY!r} if m in sys.modules])"
    made = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert made.stdout.strip() == "[]"


def test_version_and_help(tmp_path: Path) -> None:
    assert (
        invoke("--version", cwd=tmp_path).out == f"aggregator, version {aggregator.__version__}\n"
    )
    said = invoke("--help", cwd=tmp_path).out
    for command in ("run", "demo", "sync", "sources", "articles", "search", "show", "status",
                    "feed", "migrate", "check", "extract", "try", "fixture"):  # fmt: skip
        assert f"\n  {command} " in said
