"""Commands about the extractor: extract, try, fixture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.service import load

if TYPE_CHECKING:
    from aggregator.model import Draft, NoArticle

_RULES = click.option(
    "--rules",
    "rules_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A TOML file with site rules that stand before the shipped ones.",
)
_URL = click.option("--url", default="", help="The page's address, when PAGE is a file.")


@click.command()
@click.argument("page", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--again", is_flag=True, help="Re-read the stored pages with today's rules.")
@click.option("--apply", is_flag=True, help="With --again: store what changed.")
@_URL
@click.pass_context
def extract(
    context: click.Context, page: tuple[Path, ...], again: bool, apply: bool, url: str
) -> None:
    """Extract the fields of saved PAGEs to JSON lines; or --again from the stored pages."""
    from aggregator.cli.output import plain

    if bool(page) == again:
        raise click.UsageError("give saved pages, or --again for the pages of the archive")
    if again:
        _again(context, apply)
        return
    for path in page:
        found = _extract(path.read_bytes(), url)
        line = {"file": str(path), "type": type(found).__name__, **_object(plain(found))}
        click.echo(json.dumps(line, ensure_ascii=False))


def _object(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    return value


def _extract(body: bytes, url: str, rules: str = "") -> Draft | NoArticle:
    from aggregator.extract import extract as extract_page

    return extract_page(body, url, rules=rules)


def _again(context: click.Context, apply: bool) -> None:
    import asyncio

    from aggregator.app import reextract
    from aggregator.work.tend import Reread

    found: list[Reread] = []

    def report(result: Reread) -> None:
        found.append(result)
        if result.problem:
            click.echo(f"article {result.article_id}/{result.number}: {result.problem}")
        for name, before, after in result.changes:
            click.echo(f"article {result.article_id}/{result.number} {name}: {before} -> {after}")

    asyncio.run(reextract(load(context), apply=apply, report=report))
    changed = sum(bool(r.changes) for r in found)
    problems = sum(bool(r.problem) for r in found)
    done = "changed and stored" if apply else "would change; --apply stores it"
    click.echo(f"{len(found)} stored revisions read again: {changed} {done}; {problems} not read.")


async def _fetch(context: click.Context, url: str) -> tuple[bytes, str]:
    from aggregator.app import SystemClock
    from aggregator.errors import FetchError
    from aggregator.fetch.http import HttpFetcher
    from aggregator.model import NotModified
    from aggregator.ports import Request

    fetcher = HttpFetcher(load(context).fetch, SystemClock())
    try:
        page = await fetcher.fetch(Request(url))
    finally:
        await fetcher.close()
    if isinstance(page, NotModified):
        raise FetchError("bad-304", "the server answered 304 to an unconditional request", url=url)
    return page.body, page.final_url


def _page(context: click.Context, page: str, url: str) -> tuple[bytes, str]:
    if page.startswith(("http://", "https://")):
        import asyncio

        return asyncio.run(_fetch(context, page))
    path = Path(page)
    if not path.is_file():
        raise click.UsageError(f"{page!r} is neither a file nor an http(s) address")
    return path.read_bytes(), url


@click.command("try")
@click.argument("page")
@_RULES
@_URL
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def try_page(
    context: click.Context, page: str, rules_file: Path | None, url: str, as_json: bool
) -> None:
    """Show the fields of a PAGE (file or address) side by side: generic and by rules."""
    from aggregator.cli.output import say_json, table
    from aggregator.extract.compare import side_by_side, try_rules

    body, address = _page(context, page, url)
    text = _rules(rules_file)
    generic, ruled = try_rules(body, address, text, str(rules_file or ""))
    rows = side_by_side(generic, ruled, None)
    if as_json:
        say_json(rows)
        return
    table(
        ("field", "generic", "its rule", "with rules", "its rule"),
        [(r.field, r.generic, r.generic_rule, r.ruled, r.ruled_rule) for r in rows],
    )


@click.command()
@click.argument("page")
@_RULES
@_URL
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Keep page and expected fields in this folder; without it the fields are printed.",
)
@click.option(
    "--check",
    "check_folder",
    is_flag=True,
    help="PAGE is such a folder: extract again and show the fields that differ.",
)
@click.pass_context
def fixture(
    context: click.Context,
    page: str,
    rules_file: Path | None,
    url: str,
    output: Path | None,
    check_folder: bool,
) -> None:
    """Keep a PAGE with its expected fields, or check a kept one, so that a change shows."""
    from aggregator.extract.compare import fixture as make_fixture
    from aggregator.extract.compare import try_rules

    if check_folder:
        _check(context, Path(page), rules_file)
        return
    body, address = _page(context, page, url)
    text = _rules(rules_file)
    _, ruled = try_rules(body, address, text, str(rules_file or ""))
    fields = json.dumps(make_fixture(ruled), ensure_ascii=False, indent=2)
    if output is None:
        click.echo(fields)
        return
    output.mkdir(parents=True, exist_ok=True)
    (output / "page.html").write_bytes(body)
    (output / "expected.json").write_text(fields + "\n", encoding="utf-8")
    (output / "meta.json").write_text(json.dumps({"url": address}) + "\n", encoding="utf-8")
    click.echo(f"kept in {output}/; read expected.json once with care: it is the truth from now on")


def _rules(file: Path | None) -> str:
    """The text of a file with site rules; "" without one. Raises ConfigError."""
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        from aggregator.errors import ConfigError

        raise ConfigError(str(file), "", f"is not UTF-8 (byte {error.start + 1})") from None


def _check(context: click.Context, folder: Path, rules_file: Path | None) -> None:
    from aggregator.extract.compare import check_fixture, try_rules

    try:
        body = (folder / "page.html").read_bytes()
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        address = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["url"]
    except (OSError, ValueError, KeyError) as error:
        raise click.UsageError(f"{folder} is no fixture folder: {error}") from error
    text = _rules(rules_file)
    _, ruled = try_rules(body, address, text, str(rules_file or ""))
    diffs = check_fixture(expected, ruled)
    for diff in diffs:
        click.echo(f"{diff.field}: expected {diff.expected!r}, found {diff.found!r}")
    click.echo(f"{folder}: {len(diffs)} fields differ" if diffs else f"{folder}: as expected")
    if diffs:
        context.exit(1)


COMMANDS = (extract, try_page, fixture)
