"""Commands about sources: sources (a group: manage.py and exchange.py add to it), status, check."""

from __future__ import annotations

import click

from aggregator.cli.service import load


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def sources(context: click.Context, as_json: bool) -> None:
    """List the configured sources, or change them in config.toml with a command below."""
    from aggregator.cli.output import say_json, table

    if context.invoked_subcommand:
        return
    specs = load(context).sources
    if as_json:
        say_json(specs)
        return
    rows = [
        (s.key, s.options.name, s.options.kind, "on" if s.options.enabled else "off", s.options.url)
        for s in specs
    ]
    table(("key", "name", "kind", "state", "address"), rows)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--failing", is_flag=True, help="Only sources whose last visit failed.")
@click.pass_context
def status(context: click.Context, as_json: bool, failing: bool) -> None:
    """Per source: last visit, result, next visit, new items, and the error in words."""
    from datetime import UTC, datetime

    from aggregator.app import open_reading
    from aggregator.cli.output import ago, say_json, table

    archive = open_reading(load(context))
    rows = [r for r in archive.sources() if not failing or r.failures]
    archive.close()
    if as_json:
        say_json(rows)
        return
    now = datetime.now(UTC)
    table(
        ("source", "last visit", "result", "next visit", "items", "articles", "error"),
        [
            (
                r.key,
                ago(r.last_visit_at, now),
                r.last_outcome,
                "stopped" if r.stopped else ago(r.next_visit_at, now),
                r.items_usual,
                r.articles,
                r.last_error,
            )
            for r in rows
        ],
    )


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def check(context: click.Context, as_json: bool) -> None:
    """Validate the configuration and say what each source would do; nothing is fetched."""
    from aggregator.cli.output import say_json

    settings = load(context)
    lines = {spec.key: describe(spec.options, settings) for spec in settings.sources}
    if as_json:
        say_json({"file": settings.file, "sources": lines})
        return
    for key, line in lines.items():
        click.echo(f"{key}: {line}")
    on = sum(s.options.enabled for s in settings.sources)
    click.echo(f"{settings.file}: good; {len(lines)} sources, {on} on.")


def describe(options: object, settings: object) -> str:
    """What a source would do, in one sentence."""
    from aggregator.config import Settings, SourceOptions

    assert isinstance(options, SourceOptions)
    assert isinstance(settings, Settings)
    if not options.enabled:
        return f"off ({options.url})"
    reader = {
        "feed": "reads the feed",
        "list": "reads the list page " + ("by its selectors" if options.list.item else "by itself"),
        "data": f"reads the list held as data ({options.data.variable or 'JSON'})",
    }.get(options.kind, f"reads the {options.kind}")
    minutes = (options.interval or settings.schedule.interval) / 60
    follow = {
        "auto": "visits the articles unless the list holds their text",
        "always": "visits every article",
        "never": "never visits the articles",
    }[options.follow]
    pages = f", {options.paging.pages} pages of it" if options.paging.pages > 1 else ""
    return f"{reader} {options.url}{pages} every {minutes:g} min and {follow}"


COMMANDS = (sources, status, check)
