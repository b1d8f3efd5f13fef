"""The folder of a demo: what is kept there, and the settings of the service that works in it."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

from aggregator.config import (
    ArchiveSettings,
    FetchSettings,
    ScheduleSettings,
    Settings,
    WebSettings,
)
from aggregator.demo.web import Beginning, DemoWeb
from aggregator.errors import ArchiveError

STATE = "demo.json"
ARCHIVE = "aggregator.sqlite"
VAULT = "warc"


def prepare_folder(folder: Path, *, keep: bool = False, now: datetime | None = None) -> Beginning:
    """The beginning of the demo in *folder*: the one noted there if *keep*, else a new one.

    A new one removes the archive of an earlier demo. Raises ArchiveError when the folder holds
    something else, or when another process works in it.
    """
    note = folder / STATE
    if keep and note.is_file():
        return _read(note)
    if note.is_file():
        _remove_archive(folder)
    elif folder.is_dir() and any(folder.iterdir()):
        raise ArchiveError(
            f"{folder} holds files that are not of a demo, so no demo is begun there; "
            "name another folder"
        )
    folder.mkdir(parents=True, exist_ok=True)
    return Beginning((now or datetime.now(UTC)).replace(microsecond=0))


def _read(note: Path) -> Beginning:
    try:
        values = json.loads(note.read_text("utf-8"))
        at = datetime.fromisoformat(values["start"])
        ports = {str(site): int(port) for site, port in values["ports"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveError(
            f"{note} cannot be read as the note of a demo ({error}); begin a new demo with --new"
        ) from error
    return Beginning(at, ports)


def _remove_archive(folder: Path) -> None:
    from aggregator.store.lock import ArchiveLock

    with ArchiveLock(folder / ARCHIVE) as lock:
        for path in folder.glob(f"{ARCHIVE}*"):
            if path != lock.path:
                path.unlink()
        shutil.rmtree(folder / VAULT, ignore_errors=True)
        (folder / STATE).unlink()


def note_beginning(web: DemoWeb, folder: Path) -> None:
    """Write down when *web* began and where its sites lie, for ``prepare_folder(keep=True)``."""
    values = {"start": web.clock_start.isoformat(), "ports": web.ports}
    draft = folder / f"{STATE}.new"
    draft.write_text(json.dumps(values, indent=1) + "\n", "utf-8")
    draft.replace(folder / STATE)


def demo_settings(web: DemoWeb, folder: Path) -> Settings:
    """Settings for the service that reads *web* (started) and archives into *folder*.

    Also notes the demo's beginning in the folder, so that it can be gone on with after a crash.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    note_beginning(web, folder)
    return Settings(
        file="(the demo's own settings)",
        archive=ArchiveSettings(url=f"sqlite:///{folder / ARCHIVE}", vault=str(folder / VAULT)),
        fetch=FetchSettings(
            delay=0.05,
            timeout=10.0,
            allow_private=tuple(f"127.0.0.1:{port}" for port in web.ports.values()),
        ),
        schedule=ScheduleSettings(
            tick=0.5,
            interval=6.0,
            min_interval=5.0,
            max_interval=30.0,
            max_backoff=60.0,
            # Articles are looked at again often enough to see a correction within seconds.
            recheck=((3600.0, 10.0), (86_400.0, 120.0), (2_592_000.0, 600.0)),
        ),
        web=WebSettings(port=8000, title="党建新闻汇编（演示）"),
        sources=tuple(web.sources()),
    )
