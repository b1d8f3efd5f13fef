"""Commands about sources: sources (a group: manage.py and exchange.py add to it), status, check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aggregator.cli.service import check_keys, load

if TYPE_CHECKING:
    from aggregator.config import Settings
    from aggregator.store.query import Archive, SourceRow, TroubleRow


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
@click.argument("source", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--failing", is_flag=True, help="Only sources whose last visit failed.")
@click.option("--pages", is_flag=True, help="Article pages whose last visit failed, instead.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Of --pages."
)
@click.pass_context
def status(
    context: click.Context,
    source: tuple[str, ...],
    as_json: bool,
    failing: bool,
    pages: bool,
    limit: int,
) -> None:
    """Per source: last visit, result, next visit, new items, and the error in words."""
    from aggregator.app import open_reading
    from aggregator.cli.output import say_json

    if pages and failing:
        raise click.UsageError("--failing is about sources: leave it out with --pages")
    settings = load(context)
    archive = open_reading(settings)
    try:
        known = archive.sources()
        check_keys(settings, tuple(k for k in source if k not in {row.key for row in known}))
        rows = [r for r in known if (not source or r.key in source) and (r.failures or not failing)]
        troubles = _troubles(archive, source, limit) if pages else []
    finally:
        archive.close()
    if as_json:
        say_json(troubles if pages else rows)
    elif pages:
        _show_troubles(troubles)
    else:
        _show_sources(rows)


def _troubles(archive: Archive, keys: tuple[str, ...], limit: int) -> list[TroubleRow]:
    """The troubled pages of these sources (all when there are none), newest failure first."""
    if not keys:
        return archive.troubles(limit=limit)
    found = [row for key in set(keys) for row in archive.troubles(key, limit)]
    found.sort(key=lambda row: (row.last_visit_at is not None, row.last_visit_at), reverse=True)
    return found[:limit]


def _show_sources(rows: list[SourceRow]) -> None:
    from datetime import UTC, datetime

    from aggregator.cli.output import ago, table

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


def _show_troubles(rows: list[TroubleRow]) -> None:
    from datetime import UTC, datetime

    from aggregator.cli.output import ago, table

    if not rows:
        click.echo("No article page failed at its last visit.")
        return
    now = datetime.now(UTC)
    table(
        ("source", "last visit", "tries", "next visit", "code", "article", "error"),
        [
            (
                r.source,
                ago(r.last_visit_at, now),
                r.attempts,
                ago(r.next_visit_at, now) if r.next_visit_at else "given up",
                r.code,
                f"{r.title} {r.url}".strip(),
                r.message,
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
    check_rules(settings)
    lines = {spec.key: describe(spec.options, settings) for spec in settings.sources}
    if as_json:
        say_json({"file": settings.file, "sources": lines})
        return
    for key, line in lines.items():
        click.echo(f"{key}: {line}")
    on = sum(s.options.enabled for s in settings.sources)
    click.echo(f"{settings.file}: good; {len(lines)} sources, {on} on.")


def check_rules(settings: Settings) -> None:
    """Raise ConfigError when a source names site rules that do not exist."""
    from difflib import get_close_matches

    from aggregator.app import own_rules
    from aggregator.errors import ConfigError
    from aggregator.extract.rules import NONE, names

    known = names() | names(own_rules(settings) or {}) | {"", NONE}
    for spec in settings.sources:
        if spec.options.rules not in known:
            near = get_close_matches(spec.options.rules, known, 1)
            mend = f"did you mean {near[0]!r}?" if near else "leave it out to choose by host"
            reason = f"there are no site rules called {spec.options.rules!r}"
            raise ConfigError(settings.file, f"[source.{spec.key}] rules", reason, mend)


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
