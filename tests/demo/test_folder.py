"""Beginning a demo in a folder, going on with it, and what the service is told."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.demo import Beginning, DemoWeb, demo_settings, prepare_folder, tour
from aggregator.demo.folder import ARCHIVE, STATE, VAULT
from aggregator.errors import ArchiveError
from aggregator.store.lock import ArchiveLock

START = datetime(2026, 11, 3, 1, 30, tzinfo=UTC)


def run_demo(folder: Path, begin: Beginning) -> dict[str, int]:
    """Start and stop a demo in *folder*; the ports of its sites."""

    async def run() -> dict[str, int]:
        web = DemoWeb(begin)
        await web.start()
        try:
            demo_settings(web, folder)
            return dict(web.ports)
        finally:
            await web.stop()

    return asyncio.run(run())


def test_a_demo_that_is_kept_begins_when_and_where_it_began(tmp_path: Path) -> None:
    begin = prepare_folder(tmp_path / "demo", now=START)
    ports = run_demo(tmp_path / "demo", begin)
    again = prepare_folder(tmp_path / "demo", keep=True)
    assert again == Beginning(START, ports)
    assert run_demo(tmp_path / "demo", again) == ports


def test_a_new_demo_removes_the_archive_of_the_old_one_only(tmp_path: Path) -> None:
    run_demo(tmp_path, prepare_folder(tmp_path, now=START))
    (tmp_path / ARCHIVE).write_bytes(b"old")
    (tmp_path / f"{ARCHIVE}-wal").write_bytes(b"old")
    (tmp_path / VAULT).mkdir()
    (tmp_path / VAULT / "a.warc.gz").write_bytes(b"old")
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    later = datetime(2026, 11, 4, tzinfo=UTC)
    assert prepare_folder(tmp_path, now=later) == Beginning(later)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{ARCHIVE}.lock", "notes.txt"]


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_bytes(b"x")
    with pytest.raises(ArchiveError, match="not of a demo"):
        prepare_folder(tmp_path)
    assert (tmp_path / "thesis.odt").read_bytes() == b"x"


def test_the_archive_of_a_running_demo_is_not_removed(tmp_path: Path) -> None:
    run_demo(tmp_path, prepare_folder(tmp_path, now=START))
    (tmp_path / ARCHIVE).write_bytes(b"in use")
    with ArchiveLock(tmp_path / ARCHIVE), pytest.raises(ArchiveError, match="in use"):
        prepare_folder(tmp_path)
    assert (tmp_path / ARCHIVE).exists()


@pytest.mark.parametrize(
    "text", ["", "[]", '{"start": "soon", "ports": {}}', '{"start": "2026-11-03"}']
)
def test_a_damaged_note_is_said_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / STATE).write_text(text, "utf-8")
    with pytest.raises(ArchiveError, match="cannot be read"):
        prepare_folder(tmp_path, keep=True)


def test_the_settings_allow_the_demos_ports_and_nothing_else(tmp_path: Path) -> None:
    archive = tmp_path.resolve() / ARCHIVE

    async def run() -> None:
        web = DemoWeb(START, ran=0.0)
        await web.start()
        settings = demo_settings(web, tmp_path)
        await web.stop()
        assert settings.fetch.allow_private == tuple(
            f"127.0.0.1:{port}" for port in web.ports.values()
        )
        assert settings.archive.url == f"sqlite:///{archive}"
        assert [spec.options.kind for spec in settings.sources] == [
            "list", "feed", "feed", "data", "list", "data", "data", "sitemap",
        ]  # fmt: skip

    asyncio.run(run())


def test_the_tour_names_what_there_is_to_see() -> None:
    text = tour("http://127.0.0.1:8000/")
    for word in ("three appearances", "9654人次", "404", "over three pages", "/feed.xml", "撤稿"):
        assert word in text
    assert "8000//" not in text
    assert all(len(line) < 240 for line in text.splitlines())
