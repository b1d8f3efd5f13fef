"""Commands that read the archive: articles, search, show, feed."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from aggregator.cli.service import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.model import Draft
    from aggregator.store.query import Archive, ArticleRow, ArticleView

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_NUMBER = click.IntRange(1, 2**63 - 1)
_LIMIT = click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)


def _day(_context: click.Context, option: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    from aggregator.when import find

    moment = find(value)
    if moment is None:
        raise click.BadParameter(f"{value!r} is no date; write it like 2026-11-03", param=option)
    return moment.instant


@click.command()
@click.option("--source", help="Key of a source.")
@click.option("--since", callback=_day, help="Published on or after this day.")
@click.option("--until", callback=_day, help="Published before this day.")
@click.option("--author", help="A name in the byline.")
@click.option("--from", "source_name", help="The claimed source (来源).")
@click.option("--text", help="Words that the article must hold.")
@_LIMIT
@_JSON
@click.pass_context
def articles(context: click.Context, /, limit: int, as_json: bool, **wanted: Any) -> None:
    """List articles, newest first."""
    from aggregator.app import open_reading
    from aggregator.store.query import ArticleFilter

    archive = open_reading(load(context))
    try:
        _check_source(archive, wanted["source"])
        found = archive.articles(ArticleFilter(**wanted), limit=limit)
    finally:
        archive.close()
    _list(found.rows, as_json)


def _check_source(archive: Archive, key: str | None) -> None:
    if key is not None and key not in {row.key for row in archive.sources()}:
        said = f"the archive has no source {key!r}; `aggregator status` lists them"
        raise click.BadParameter(said, param_hint="--source")


def _list(rows: Sequence[ArticleRow], as_json: bool) -> None:
    from aggregator.cli.output import say_json, table

    if as_json:
        say_json(rows)
        return
    table(
        ("id", "published", "title", "来源", "author", "state"),
        [
            (r.id, r.published_at, r.title, r.source_name, "、".join(r.authors), r.state)
            for r in rows
        ],
    )


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--order", type=click.Choice(["newest", "relevance"]), default="newest")
@_LIMIT
@_JSON
@click.pass_context
def search(
    context: click.Context,
    query: tuple[str, ...],
    order: Literal["newest", "relevance"],
    limit: int,
    as_json: bool,
) -> None:
    """Find articles that hold every word of QUERY (Chinese words of any length)."""
    from aggregator.app import open_reading
    from aggregator.cli.output import local, say_json

    archive = open_reading(load(context))
    try:
        found = archive.search(" ".join(query), limit=limit, order=order)
    finally:
        archive.close()
    if as_json:
        say_json(found)
    for row in () if as_json else found.rows:
        click.echo(
            f"{row.article.id:>6}  {local(row.article.published_at):16}  {row.article.title}"
        )
        snippet = "".join(click.style(t, bold=True) if hit else t for t, hit in row.snippet)
        click.echo(f"        {snippet}")
    if not as_json:
        click.echo(f"{'at least ' if found.more_than else ''}{found.total} found.")
    if not found.rows:
        context.exit(1)


@click.command()
@click.argument("article", type=_NUMBER)
@click.option("--why", is_flag=True, help="With every value the rule that found it and its place.")
@click.option("--revision", type=_NUMBER, default=None, help="An earlier revision, counted from 1.")
@click.option("--markdown", is_flag=True, help="Print the article as Markdown.")
@_JSON
@click.pass_context
def show(
    context: click.Context,
    article: int,
    why: bool,
    revision: int | None,
    markdown: bool,
    as_json: bool,
) -> None:
    """Show one ARTICLE by its number: fields, text, other appearances, revisions."""
    from aggregator.app import open_reading
    from aggregator.cli.output import say_json

    archive = open_reading(load(context))
    try:
        view = archive.article(article)
        draft = archive.revision(article, revision) if view and revision else None
    finally:
        archive.close()
    if view is None or (revision and draft is None):
        what = f"article {article}" + (f" with revision {revision}" if view else "")
        click.echo(f"aggregator: there is no {what} in the archive", err=True)
        context.exit(1)
    draft = draft or view.draft
    if as_json:
        say_json({"article": view, "draft": draft})
    elif markdown:
        from aggregator.extract.markdown import to_markdown

        click.echo(to_markdown(draft))
    else:
        _show_draft(draft, why)
        _show_story(view)


FIELDS = (
    ("overline", "引题"),
    ("title", "标题"),
    ("inner_title", "内题"),
    ("subtitle", "副题"),
    ("authors", "作者"),
    ("source", "来源"),
    ("published", "发布时间"),
    ("updated", "更新时间"),
    ("issue", "刊期"),
    ("page_number", "版面"),
    ("editors", "编辑"),
    ("column", "栏目"),
    ("breadcrumb", "位置"),
    ("keywords", "关键词"),
    ("summary", "摘要"),
    ("original_title", "原标题"),
    ("original_url", "原文链接"),
)


def field_text(value: object) -> str:
    """A field's value as one line of text."""
    from aggregator.cli.output import local
    from aggregator.model import Moment, Person

    if isinstance(value, Moment):
        return f"{local(value.instant)} ({value.precision})"
    if isinstance(value, Person):
        return f"{value.name}（{value.role}）" if value.role else value.name
    if isinstance(value, tuple):
        return "、".join(field_text(v) for v in value)
    return str(value)


def _show_draft(draft: Draft, why: bool) -> None:
    for name, label in FIELDS:
        found = getattr(draft, name)
        if found is None:
            continue
        click.echo(f"{label}（{name}）: {field_text(found.value)}")
        if why:
            sure = f"{found.confidence:.0%}"
            click.echo(f"    rule: {found.rule} | at: {found.where or '-'} | sure: {sure}")
            if found.text and found.text != found.value:
                click.echo(f"    as it stood: {found.text}")
    click.echo(f"\n{draft.text}\n")
    for attachment in draft.attachments:
        click.echo(f"附件: {attachment.title} {attachment.url}")
    for missing in draft.missing_pages:
        click.echo(f"missing page: {missing}")
    if why:
        click.echo(f"encoding: {draft.encoding} | rules: {draft.rules or 'generic'}")


def _show_story(view: ArticleView) -> None:
    from aggregator.cli.output import local

    click.echo(f"state: {view.row.state} | {view.row.url}")
    for other in view.appearances:
        click.echo(
            f"appearance {other.id}: {local(other.published_at)} {other.relation} "
            f"{other.title} {other.url}"
        )
    for revision in view.revisions:
        kinds = ", ".join(revision.kinds) or "first"
        click.echo(f"revision {revision.number}: {local(revision.seen_at)} {kinds}")


@click.command()
@click.option("--format", "form", type=click.Choice(["rss", "atom", "json"]), default="rss")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=None)
@click.option("--source", help="Only entries of this source (its key).")
@click.option("--limit", type=click.IntRange(1, 10_000), default=None)
@click.pass_context
def feed(
    context: click.Context, form: str, output: Path | None, source: str | None, limit: int | None
) -> None:
    """Write the combined feed to a file (or standard output)."""
    from aggregator.app import open_reading
    from aggregator.web.feeds import render_feed

    settings = load(context)
    archive = open_reading(settings)
    try:
        _check_source(archive, source)
        body = render_feed(archive, settings, form, limit=limit, source=source)
    finally:
        archive.close()
    if output is None:
        sys.stdout.buffer.write(body)
        return
    if output.exists() and not output.is_file():  # a pipe or device
        output.write_bytes(body)
        return
    # Written beside and moved, so that a reader never sees half a feed.
    half = output.with_name(output.name + ".part")
    half.write_bytes(body)
    half.replace(output)
    click.echo(f"{output}: {len(body)} bytes")


COMMANDS = (articles, search, show, feed)
