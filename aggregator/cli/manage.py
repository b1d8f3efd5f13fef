"""Commands that find a source and change config.toml: discover, sources add, edit, remove …"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.service import load, set_up_logging
from aggregator.cli.sources import sources

if TYPE_CHECKING:
    from aggregator.catalogue import CatalogueList
    from aggregator.config import Settings, SourceOptions
    from aggregator.read.discover import Candidate
    from aggregator.work.discover import Asked, Discovery

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_SET = click.option(
    "--set", "changes", multiple=True, metavar="OPTION=VALUE",
    help="An option of the source, such as interval=2h or list.item='ul.news li'. Repeatable.",
)  # fmt: skip
_KEYS = click.argument("key", nargs=-1, required=True)


# ---------------------------------------------------------------- discover


@click.command()
@click.argument("url")
@click.option(
    "--requests",
    type=click.IntRange(1, 200),
    default=20,
    show_default=True,
    help="How many pages and files to ask for at most.",
)
@_JSON
@click.pass_context
def discover(context: click.Context, url: str, requests: int, as_json: bool) -> None:
    """Find the feeds, lists and data files of a site, from its host, a column or one article.

    For each: what a visit gives, and the table for config.toml.
    """
    from aggregator.cli.output import say_json

    settings = load(context)
    set_up_logging(context.obj["verbose"])
    found = _search(settings, url, requests)
    keyed = _keyed(found.candidates, settings)
    if as_json:
        say_json(_found_object(found, keyed))
    else:
        _say_found(found, keyed)
    if not found.candidates:
        context.exit(1)


def _search(settings: Settings, url: str, requests: int, near: bool = False) -> Discovery:
    import asyncio

    from aggregator.app import open_looking
    from aggregator.work.discover import discover as search

    async def run() -> Discovery:
        async with open_looking(settings) as looking:
            return await search(looking, url, requests=requests, near=near, tell=_tell)

    return asyncio.run(run())


def _tell(asked: Asked) -> None:
    from aggregator.text import printable

    click.echo(f"  {asked.url}: {printable(asked.said, 160)}", err=True)


def _keyed(candidates: Sequence[Candidate], settings: Settings) -> list[tuple[str, Candidate]]:
    """The candidates with keys that are free; one that is configured has its key there."""
    from aggregator.read.discover import suggest_key

    here = addresses(settings)
    taken = {spec.key for spec in settings.sources}
    keyed = []
    for one in candidates:
        key = here.get(address_of(one.options)) or suggest_key(one.options, taken)
        taken.add(key)
        keyed.append((key, one))
    return keyed


def address_of(options: SourceOptions) -> tuple[str, str]:
    """What makes two sources the same one: identity of the address, body of the request."""
    from aggregator.url import identity

    return identity(options.url), options.body


def addresses(settings: Settings) -> dict[tuple[str, str], str]:
    """The keys of the configured sources by what makes them the same."""
    return {address_of(spec.options): spec.key for spec in settings.sources}


def _found_object(found: Discovery, keyed: list[tuple[str, Candidate]]) -> dict[str, object]:
    from aggregator.config.edit import options_table, source_text

    rows = [
        {
            "key": key,
            "kind": one.options.kind,
            "url": one.options.url,
            "why": one.why,
            "items": one.items,
            "dated": round(one.dated, 3),
            "titled": round(one.titled, 3),
            "newest": one.newest,
            "samples": one.samples,
            "score": one.score,
            "options": options_table(one.options),
            "toml": source_text(key, options_table(one.options)),
        }
        for key, one in keyed
    ]
    known = [{"key": s.key, "name": s.name, "state": s.state, "year": s.year} for s in found.known]
    return {"url": found.start, "candidates": rows, "catalogue": known, "asked": found.asked}


def _say_found(found: Discovery, keyed: list[tuple[str, Candidate]]) -> None:
    from aggregator.cli.output import local
    from aggregator.config.edit import options_table, source_text
    from aggregator.text import printable

    for number, (key, one) in enumerate(keyed, 1):
        newest = f", newest {local(one.newest)}" if one.newest else ""
        click.echo(f"\n{number}. {one.options.kind}: {one.options.url} ({one.why})")
        click.echo(f"   {one.items} items, {one.dated:.0%} with dates{newest}")
        for sample in one.samples:
            click.echo(f"   · {printable(sample, 100)}")
        table = source_text(key, options_table(one.options))
        click.echo("\n" + "".join(f"   {line}\n" for line in table.splitlines()))
    for site in found.known:
        lists = ", ".join(one.name for one in site.lists) or "no list"
        click.echo(
            f"The catalogue knows {site.name} ({site.state}, {site.year or 'undated'}): {lists}.\n"
            f"  aggregator sources add {site.key}"
        )
    if keyed:
        click.echo(f"Take one: aggregator sources add {keyed[0][1].options.url}")
    else:
        click.echo(f"Nothing that lists articles was found in {len(found.asked)} requests.")


# ---------------------------------------------------------------- sources: changes of config.toml


def config_file(context: click.Context) -> Path:
    """The file that changes go to; a first one is made as a copy of the shipped one, and said."""
    from aggregator.config.edit import user_file

    given = context.find_root().obj["config"]
    file, made = user_file(Path(given) if given else None)
    if made:
        click.echo(f"{file} was made as a copy of the shipped configuration.")
    return file


def changed(file: Path, said: str) -> None:
    """Say what was changed, where, and when it takes effect."""
    click.echo(f"{said} ({file}). A running service takes it up when it is started again.")


@sources.command("add")
@click.argument("what", metavar="URL|CATALOGUE-NAME")
@click.option("--key", default="", help="The key in config.toml. [default: made from the address]")
@click.option("--name", default="", help="What the source is called.")
@click.option(
    "--kind",
    type=click.Choice(["feed", "list", "data", "sitemap"]),
    help="How it is read; without it the page is fetched once to find out.",
)
@_SET
@click.pass_context
def add(
    context: click.Context,
    what: str,
    key: str,
    name: str,
    kind: str | None,
    changes: tuple[str, ...],
) -> None:
    """Add a source by its address, or lists of the catalogue (dangjian.cn/理论, a key, a host)."""
    from aggregator.config import load as load_settings
    from aggregator.config.edit import add_sources, change_file

    file = config_file(context)
    settings = load_settings(file)
    found = _wanted(settings, what, kind, key)
    if key and len(found) > 1:
        raise click.UsageError(f"{what} names {len(found)} lists: --key fits only one of them")
    here = addresses(settings)
    tables = {}
    for one_key, options in found:
        if address_of(options) in here:
            click.echo(f"{options.url} is there already as {here[address_of(options)]}.", err=True)
            continue
        tables[key or one_key] = _with_changes(key or one_key, options, name, changes)
    if not tables:
        context.exit(1)
    change_file(file, lambda text: add_sources(text, tables))
    for one_key, table in tables.items():
        click.echo(f"{one_key}: {table.get('kind', 'feed')} {table['url']}")
    changed(file, f"{len(tables)} added")


def _with_changes(
    key: str, options: SourceOptions, name: str, changes: Sequence[str]
) -> dict[str, Any]:
    from aggregator.config.edit import option_value, options_table, put_option

    table = options_table(options)
    if name:
        table["name"] = name
    for option, value in map(_pair, changes):
        put_option(table, option, option_value(table, key, option, value))
    return table


def _pair(change: str) -> tuple[tuple[str, ...], str]:
    option, sign, value = change.partition("=")
    if not sign or not option.strip():
        raise click.UsageError(f"--set {change!r}: write OPTION=VALUE, such as interval=2h")
    return tuple(part.strip() for part in option.split(".")), value.strip()


def _wanted(
    settings: Settings, what: str, kind: str | None, key: str
) -> list[tuple[str, SourceOptions]]:
    """(key, options) of what is to be added. Raises ConfigError when nothing fits."""
    from aggregator.config import SourceOptions
    from aggregator.errors import ConfigError
    from aggregator.read.discover import suggest_key
    from aggregator.url import canonical

    listed = _catalogued(what)
    if listed:
        return listed
    taken = [spec.key for spec in settings.sources]
    if "://" not in what and "." not in what:
        mend = "`aggregator catalogue` lists its names; an address begins with http:// or https://"
        raise ConfigError("catalogue", "", f"there is nothing for {what!r}", mend)
    if kind:
        url = canonical(what if "://" in what else f"https://{what}")
        options = SourceOptions(url=url or what, kind=kind)  # type: ignore[arg-type]  # click checked it
        return [(key or suggest_key(options, taken), options)]
    options = _looked_at(settings, what)
    return [(key or suggest_key(options, taken), options)]


def _catalogued(what: str) -> list[tuple[str, SourceOptions]]:
    """The lists of the catalogue that *what* names: by address, key, or host and word."""
    from aggregator.catalogue import load_catalogue
    from aggregator.url import identity

    lists = [one for site in load_catalogue() for one in site.lists]
    if "://" in what:
        found = [one for one in lists if identity(one.options.url) == identity(what)]
    else:
        found = [one for one in lists if what == one.key] or list(_lists_of_site(what))
    return [(one.key, one.options) for one in found]


def _lists_of_site(word: str) -> tuple[CatalogueList, ...]:
    """The lists of the one site that *word* names. Raises ConfigError when it names several."""
    from aggregator.catalogue import find
    from aggregator.errors import ConfigError

    sites = find(word)
    name = word.partition("/")[0].lower()
    named = [s for s in sites if name in (s.key, s.name, *s.hosts) or f"www.{name}" in s.hosts]
    sites = tuple(named) or sites
    if len(sites) > 1:
        keys = ", ".join(site.key for site in sites)
        raise ConfigError(
            "catalogue", "", f"{word!r} names {len(sites)} sites", f"take one: {keys}"
        )
    return sites[0].lists if sites else ()


def _looked_at(settings: Settings, url: str) -> SourceOptions:
    """The best source that the page at *url* is, or names as its feed or data file."""
    from aggregator.errors import ReadError

    found = _search(settings, url, 6, near=True)
    if not found.candidates:
        why = found.asked[0].said if found.asked else "no answer"
        raise ReadError("not-a-list", f"{url}: {why}. `aggregator discover {url}` looks around it")
    return found.candidates[0].options


@sources.command("edit")
@click.argument("key")
@_SET
@click.option("--unset", multiple=True, metavar="OPTION", help="Back to the default. Repeatable.")
@click.pass_context
def edit(
    context: click.Context, key: str, changes: tuple[str, ...], unset: tuple[str, ...]
) -> None:
    """Change options of a source; only the lines of these options change in the file."""
    from aggregator.config.edit import change_file, change_options

    if not changes and not unset:
        raise click.UsageError("nothing to change: give --set OPTION=VALUE or --unset OPTION")
    file = config_file(context)
    pairs = [_pair(change) for change in changes]
    gone = [tuple(option.split(".")) for option in unset]
    change_file(file, lambda text: change_options(text, key, pairs, gone))
    changed(file, f"{key} changed")


@sources.command("remove")
@_KEYS
@click.pass_context
def remove(context: click.Context, key: tuple[str, ...]) -> None:
    """Remove sources from the configuration; their articles stay in the archive."""
    from aggregator.config.edit import change_file, remove_source

    def without(text: str) -> str:
        for one in key:
            text = remove_source(text, one)
        return text

    file = config_file(context)
    change_file(file, without)
    changed(file, f"{', '.join(key)} removed; the articles stay in the archive")


@sources.command("enable")
@_KEYS
@click.pass_context
def enable(context: click.Context, key: tuple[str, ...]) -> None:
    """Switch sources on."""
    _switch(context, key, True)


@sources.command("disable")
@_KEYS
@click.pass_context
def disable(context: click.Context, key: tuple[str, ...]) -> None:
    """Switch sources off; they stay in the configuration."""
    _switch(context, key, False)


def _switch(context: click.Context, keys: Sequence[str], on: bool) -> None:
    from aggregator.config.edit import change_file, set_option

    def switched(text: str) -> str:
        for key in keys:
            text = set_option(text, key, ("enabled",), on)
        return text

    file = config_file(context)
    change_file(file, switched)
    changed(file, f"{', '.join(keys)} {'on' if on else 'off'}")


COMMANDS = (discover,)
