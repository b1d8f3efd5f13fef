"""Commands about whole lists of sources: catalogue, sources test, export, import."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.manage import address_of, addresses, changed, config_file
from aggregator.cli.service import check_keys, load, set_up_logging
from aggregator.cli.sources import sources

if TYPE_CHECKING:
    from aggregator.config import Settings, SourceSpec
    from aggregator.work.trial import Trial


@click.command()
@click.argument("word", default="")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def catalogue(context: click.Context, word: str, as_json: bool) -> None:
    """The shipped catalogue of sites: state, and the year of the newest evidence for each list."""
    from aggregator.catalogue import find, load_catalogue
    from aggregator.cli.output import say_json

    sites = find(word) if word else load_catalogue()
    if as_json:
        say_json(sites)
    for site in () if as_json else sites:
        click.echo(f"{site.name} {site.hosts[0]}: {site.state}, {site.year or 'undated'}")
        for one in site.lists:
            year, kind = one.year or "?", one.options.kind
            click.echo(f"  {one.key:28} {year:4} {kind:7} {one.name}  {one.options.url}")
    if not sites:
        click.echo(f"The catalogue has nothing for {word!r}.", err=True)
        context.exit(1)
    if not as_json:
        click.echo("on: shipped and switched on; try: add it and see; off: no list can be read.")
        click.echo("Take a list: aggregator sources add KEY")


@sources.command("test")
@click.argument("key", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every source that is on.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def test(context: click.Context, key: tuple[str, ...], every: bool, as_json: bool) -> None:
    """Fetch and read sources once, storing nothing: items, dates, newest, sample, error."""
    from aggregator.cli.output import say_json

    if bool(key) == every:
        raise click.UsageError("name the sources to test, or --all for those that are on")
    settings = load(context)
    set_up_logging(context.find_root().obj["verbose"])
    trials = _trials(settings, _chosen(settings, key))
    if as_json:
        say_json(trials)
    else:
        _say_trials(trials)
    if any(trial.error for trial in trials):
        context.exit(1)


def _chosen(settings: Settings, keys: Sequence[str]) -> list[SourceSpec]:
    check_keys(settings, tuple(keys))
    return [s for s in settings.sources if s.key in keys or (not keys and s.options.enabled)]


def _trials(settings: Settings, specs: Sequence[SourceSpec]) -> list[Trial]:
    """The trials in the order of the configuration."""
    import asyncio

    from aggregator.app import open_looking
    from aggregator.work.trial import try_sources

    done: dict[str, Trial] = {}

    def report(trial: Trial) -> None:
        done[trial.key] = trial
        if sys.stderr.isatty():
            click.echo(f"\r{len(done)} of {len(specs)} tested", nl=False, err=True)

    async def run() -> None:
        async with open_looking(settings) as looking:
            await try_sources(looking, specs, report, settings.fetch.concurrency)

    asyncio.run(run())
    if sys.stderr.isatty():
        click.echo("", err=True)
    return [done[spec.key] for spec in specs]


def _say_trials(trials: Sequence[Trial]) -> None:
    from aggregator.cli.output import local, table

    table(
        ("source", "result", "items", "dated", "newest", "first item", "error"),
        [
            (t.key, t.code, t.items, t.dated, local(t.newest), t.sample, t.error)
            for t in trials
        ],
    )  # fmt: skip
    good = sum(not t.error for t in trials)
    click.echo(f"{good} of {len(trials)} sources can be read.")


@sources.command("export")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it."
)
@click.pass_context
def export(context: click.Context, output: Path | None) -> None:
    """Write the sources as OPML 2.0; import gives every option back."""
    from datetime import UTC, datetime

    from aggregator.opml import write_opml

    settings = load(context)
    data = write_opml(settings.sources, settings.web.title, datetime.now(UTC))
    if output is None:
        click.echo(data, nl=False)
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        raise click.UsageError(f"{output} cannot be written: {error.strerror}") from error
    click.echo(f"{len(settings.sources)} sources written to {output}.")


@sources.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def import_(context: click.Context, file: Path) -> None:
    """Add the sources of an OPML FILE from any reader; folders become columns."""
    from aggregator.config import load as load_settings
    from aggregator.config.edit import add_sources, change_file, options_table
    from aggregator.opml import read_opml
    from aggregator.text import printable

    found = read_opml(file.read_bytes())
    config = config_file(context)
    settings = load_settings(config)
    new = _fresh(settings, found.sources)
    if new:
        tables = {spec.key: options_table(spec.options) for spec in new}
        change_file(config, lambda text: add_sources(text, tables))
    for one in found.refused:
        click.echo(
            f"refused: {printable(one.text, 80) or 'an outline'}: {printable(one.reason, 200)}"
        )
    known = len(found.sources) - len(new) + found.repeated
    click.echo(f"{len(new)} sources added, {known} known already, {len(found.refused)} refused.")
    if new:
        changed(config, f"{file.name} imported")
    elif found.refused:
        context.exit(1)


def _fresh(settings: Settings, specs: Sequence[SourceSpec]) -> list[SourceSpec]:
    """Those of *specs* whose address is not configured yet, with keys that are free."""
    from aggregator.config import SourceSpec
    from aggregator.read.discover import free_key, suggest_key

    here = addresses(settings)
    taken = {spec.key for spec in settings.sources}
    fresh = []
    for spec in specs:
        if (address := address_of(spec.options)) in here:
            continue
        here[address] = spec.key
        key = free_key(spec.key, taken) if spec.key else suggest_key(spec.options, taken)
        taken.add(key)
        fresh.append(SourceSpec(key, spec.options))
    return fresh


COMMANDS = (catalogue,)
