"""Commands that write: run, demo, sync, migrate."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.progress import Progress

    from aggregator.config import Settings
    from aggregator.work.visit import Outcome


def load(context: click.Context) -> Settings:
    """The settings that this call works with. Raises ConfigError."""
    from aggregator.config import load as load_settings

    path = context.obj["config"]
    return load_settings(Path(path) if path else None)


def set_up_logging(verbose: bool) -> None:
    """Log to standard error: warnings, and every visit when *verbose*."""
    import logging

    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING,
        format="%(asctime)s %(levelname)-7s %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
    )
    logging.getLogger("aggregator").setLevel(logging.INFO if verbose else logging.WARNING)
    # A tick that is still running when the next is due is no fault: the next one does it all.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def _tell(text: str) -> None:
    click.echo(text)
    sys.stdout.flush()


@click.command()
@click.option("--host", default=None, help="Address to listen on. [default: of the configuration]")
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Port to listen on.")
@click.pass_context
def run(context: click.Context, host: str | None, port: int | None) -> None:
    """Run the service: fetch what is due, serve pages, API and feeds; Ctrl-C stops it."""
    import asyncio

    from aggregator.app import serve

    settings = load(context)
    set_up_logging(True)
    web = replace(settings.web, host=host or settings.web.host, port=port or settings.web.port)
    settings = replace(settings, web=web)
    url = f"http://{web.host}:{web.port}"
    on = sum(spec.options.enabled for spec in settings.sources)

    def ready() -> None:
        _tell(f"Aggregator is running: {on} sources, pages at {url}/ , feed at {url}/feed.xml")
        _tell("Press Ctrl-C to stop.")

    asyncio.run(serve(settings, tell=_tell, ready=ready))
    _tell("Stopped; everything is stored.")


@click.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-archive"),
    show_default=True,
    help="Where the demo keeps its archive.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--new", is_flag=True, help="Begin anew: removes the archive of the earlier demo.")
@click.pass_context
def demo(context: click.Context, folder: Path, port: int, new: bool) -> None:
    """See it without the internet: the real service against a small invented web on loopback.

    Started again, it goes on where it was; --new begins the story anew.
    """
    import asyncio

    set_up_logging(context.obj["verbose"])
    asyncio.run(_demo(folder, port, not new))
    _tell(
        f"Stopped. The demo's archive stays in {folder}/: start it again to go on, or with --new."
    )


async def _demo(folder: Path, port: int, keep: bool) -> None:
    from aggregator.app import serve
    from aggregator.cli.output import local
    from aggregator.demo import DemoWeb, demo_settings, prepare_folder, tour

    begun = prepare_folder(folder, keep=keep)
    if begun.ports:
        _tell(f"Going on with the demo of {local(begun.at)} in {folder}/ (--new begins anew).")
    web = DemoWeb(begun)
    await web.start()
    try:
        settings = demo_settings(web, folder)
        settings = replace(settings, web=replace(settings.web, port=port))

        def ready() -> None:
            _tell(tour(f"http://{settings.web.host}:{port}"))

        await serve(settings, tell=_tell, ready=ready)
    finally:
        await web.stop()


@dataclass
class _Board:
    """Progress bars of a sync, and what it came to."""

    progress: Progress
    outcomes: list[Outcome] = field(default_factory=list)
    bars: dict[str, Any] = field(default_factory=dict)
    queued: int = 0

    def started(self, sources: int) -> None:
        self.bars["source"] = self.progress.add_task("sources", total=sources)
        self.bars["page"] = self.progress.add_task("articles", total=None)

    def report(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.queued += outcome.counts.queued
        pages = sum(o.kind == "page" for o in self.outcomes[-1:])
        self.progress.advance(self.bars["page" if pages else "source"])
        if self.queued:
            self.progress.update(self.bars["page"], total=self.queued)


@click.command()
@click.argument("source", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print the outcomes as JSON.")
@click.pass_context
def sync(context: click.Context, source: tuple[str, ...], as_json: bool) -> None:
    """Visit all sources (or the SOURCEs named) once, and then the articles that are due."""
    import asyncio

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from aggregator import app

    settings = load(context)
    set_up_logging(context.obj["verbose"])
    check_keys(settings, source)
    columns = (
        TextColumn("{task.description:9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        board = _Board(progress)
        asyncio.run(app.sync(settings, source, board.report, started=board.started))
    _summary(board.outcomes, as_json)
    if any(o.outcome == "failed" and o.kind == "source" for o in board.outcomes):
        context.exit(1)


def check_keys(settings: Settings, keys: tuple[str, ...]) -> None:
    """Raise ConfigError for a key that no source has, with the nearest one."""
    from difflib import get_close_matches

    from aggregator.errors import ConfigError

    known = [spec.key for spec in settings.sources]
    for key in keys:
        if key not in known:
            near = get_close_matches(key, known, 1)
            mend = f"did you mean {near[0]}?" if near else "`aggregator sources` lists them"
            raise ConfigError(
                settings.file or "config.toml", "", f"there is no source {key!r}", mend
            )


def _summary(outcomes: list[Outcome], as_json: bool) -> None:
    from aggregator.cli.output import say_json, table

    if as_json:
        say_json(outcomes)
        return
    rows = [
        (
            o.source,
            o.failure.code if o.failure else o.outcome,
            o.items,
            o.counts.new,
            o.counts.revised,
            o.counts.queued,
            o.failure.message if o.failure else "",
        )
        for o in outcomes
        if o.kind == "source"
    ]
    table(("source", "result", "items", "new", "revised", "to visit", "error"), rows)
    pages = [o for o in outcomes if o.kind == "page"]
    results: dict[str, int] = {}
    for page in pages:
        word = page.failure.code if page.failure else page.outcome
        results[word] = results.get(word, 0) + 1
    new = sum(o.counts.new for o in pages)
    linked = sum(o.counts.linked for o in pages)
    revised = sum(o.counts.revised for o in pages)
    said = ", ".join(f"{count} {word}" for word, count in sorted(results.items())) or "none"
    click.echo(f"Article pages visited: {len(pages)} ({said}).")
    click.echo(
        f"Articles from pages: {new} new, {linked} linked to known works, {revised} revised."
    )


@click.command()
@click.pass_context
def migrate(context: click.Context) -> None:
    """Bring the archive to the schema of this version (the service does it by itself at start)."""
    from aggregator.store import migrate as migrate_archive

    click.echo(migrate_archive(load(context).archive.url))


COMMANDS = (run, demo, sync, migrate)
