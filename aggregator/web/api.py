"""Requests for JSON -> the archive's articles, searches and sources; errors as problem+json.

Version 1: fields may be added, none is renamed or removed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse

from aggregator.errors import QueryError
from aggregator.model import Draft, Field, Moment, Person, Relation, State
from aggregator.store.query import (
    Archive,
    ArticleFilter,
    ArticleRow,
    ArticleView,
    SearchResult,
    SourceRow,
)

PREFIX = "/api/v1"
_TITLES = {
    400: "The request cannot be read",
    404: "Not found",
    405: "Method not allowed",
    421: "Misdirected request",
    422: "The request cannot be read",
    503: "The archive cannot be read",
}


class Model(BaseModel):
    """Built from the attributes of the archive's own values."""

    model_config = ConfigDict(from_attributes=True)


class Article(Model):
    """One appearance of a work, as lists show it."""

    id: int
    work_id: int
    title: str
    subtitle: str
    url: str
    site: str
    source: str
    source_title: str
    source_name: str
    authors: tuple[str, ...]
    editors: tuple[str, ...]
    published_at: datetime | None
    published_text: str
    precision: str
    first_seen_at: datetime
    last_seen_at: datetime
    column: str
    state: State
    relation: Relation
    number: int
    image: str
    summary: str
    missed_since: datetime | None
    gone_at: datetime | None


class ArticleList(Model):
    """Articles, newest first; ``next`` is the value of ``after`` for those that follow."""

    articles: tuple[Article, ...]
    next: str | None


class Value(Model):
    """One extracted field: the value, and what it rests on."""

    value: Any
    rule: str
    where: str
    text: str
    confidence: float


class Picture(Model):
    """A picture of the body."""

    url: str
    caption: str
    width: int | None
    height: int | None


class File(Model):
    """An attachment of the article."""

    url: str
    title: str
    type: str


class Version(Model):
    """One revision; ``kinds`` says what changed (empty for the first)."""

    number: int
    seen_at: datetime
    kinds: tuple[str, ...]
    title: str


class ArticleDetail(Article):
    """One appearance with all its fields, its text, its revisions and the others of its work."""

    entry_id: str
    fields: dict[str, Value]
    html: str
    text: str
    images: tuple[Picture, ...]
    attachments: tuple[File, ...]
    missing_pages: tuple[str, ...]
    encoding: str
    language: str
    appearances: tuple[Article, ...]
    revisions: tuple[Version, ...]


class Piece(Model):
    """A piece of a snippet; ``hit`` where it is what was looked for."""

    text: str
    hit: bool


class Hit(Model):
    """An article that was found, and where."""

    article: Article
    title: tuple[Piece, ...]
    snippet: tuple[Piece, ...]


class Found(Model):
    """The answer to a search; ``total`` is exact unless ``more_than``, then a lower bound."""

    hits: tuple[Hit, ...]
    total: int
    more_than: bool
    next: str | None


class Source(Model):
    """A source and how it does."""

    key: str
    name: str
    url: str
    kind: str
    enabled: bool
    stopped: bool
    last_visit_at: datetime | None
    last_ok_at: datetime | None
    next_visit_at: datetime | None
    newest_at: datetime | None
    last_outcome: str
    last_code: str
    last_error: str
    last_status: int | None
    failures: int
    items: int
    articles: int


class Sources(Model):
    """All sources."""

    sources: tuple[Source, ...]


class Trouble(Model):
    """An article's page whose last visit failed; without ``next_visit_at`` it is given up."""

    url: str
    title: str
    source: str
    code: str
    message: str
    status: int | None
    attempts: int
    last_visit_at: datetime | None
    next_visit_at: datetime | None


class Troubles(Model):
    """Pages that failed, newest failure first, and how many there are in all."""

    troubles: tuple[Trouble, ...]
    total: int


class Problem(Model):
    """An error (RFC 9457); ``position`` is where in ``query`` the trouble is, counted from 0."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    query: str | None = None
    position: int | None = None


Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
After = Annotated[str | None, Query(max_length=200, description="`next` of the page before.")]


class Routes:
    """The endpoints of version 1; plain functions, so that each runs in a thread."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def articles(
        self,
        source: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        author: str | None = None,
        source_name: str | None = None,
        state: State | None = None,
        column: str | None = None,
        site: str | None = None,
        limit: Limit = 50,
        after: After = None,
    ) -> ArticleList:
        """Articles that fit all given filters, newest first."""
        wanted = ArticleFilter(
            source=source, since=_aware(since, "since"), until=_aware(until, "until"),
            author=author, source_name=source_name, state=state, column=column, site=site,
        )  # fmt: skip
        found = self._archive.articles(wanted, limit=limit, cursor=after)
        return ArticleList(articles=_articles(found.rows), next=found.next)

    def article(self, article_id: Annotated[int, Path(ge=1, lt=2**63)]) -> ArticleDetail:
        """One article."""
        view = self._archive.article(article_id)
        if view is None:
            raise HTTPException(404, f"there is no article {article_id} in the archive")
        return detail(view)

    def search(
        self,
        q: Annotated[str, Query(max_length=200, description="Words; all must occur.")],
        order: Literal["newest", "relevance"] = "newest",
        limit: Limit = 20,
        after: After = None,
    ) -> Found:
        """Articles that hold every word of *q* in title or text."""
        return hits(self._archive.search(q, limit=limit, cursor=after, order=order))

    def sources(self) -> Sources:
        """All sources and how they do."""
        return Sources(sources=tuple(source_model(row) for row in self._archive.sources()))

    def troubles(self, key: str, limit: Limit = 50) -> Troubles:
        """The article pages of one source whose last visit failed."""
        if all(row.key != key for row in self._archive.sources()):
            raise HTTPException(404, f"there is no source {key!r}")
        found = self._archive.troubles(key, limit)
        total = self._archive.trouble_counts().get(key, 0)
        return Troubles(troubles=tuple(Trouble.model_validate(row) for row in found), total=total)


def router(archive: Archive) -> APIRouter:
    """The routes of version 1."""
    errors: dict[int | str, dict[str, Any]] = {
        400: {"model": Problem, "description": "The query or a parameter cannot be read."},
        422: {"model": Problem, "description": "A parameter is out of its bounds."},
    }
    missing: dict[int | str, dict[str, Any]] = {404: {"model": Problem}}
    made = Routes(archive)
    routes = APIRouter(prefix=PREFIX, tags=["archive"], responses=errors)
    routes.get("/articles")(made.articles)
    routes.get("/articles/{article_id}", responses=missing)(made.article)
    routes.get("/search")(made.search)
    routes.get("/sources")(made.sources)
    routes.get("/sources/{key}/troubles", responses=missing)(made.troubles)
    return routes


def _aware(instant: datetime | None, name: str) -> datetime | None:
    if instant is not None and instant.tzinfo is None:
        raise HTTPException(400, f"{name} needs a time zone, like 2026-05-17T00:00:00+08:00")
    return instant


def _articles(rows: tuple[ArticleRow, ...]) -> tuple[Article, ...]:
    return tuple(Article.model_validate(row) for row in rows)


def detail(view: ArticleView) -> ArticleDetail:
    """All of one article."""
    draft = view.draft
    return ArticleDetail(
        **Article.model_validate(view.row).model_dump(),
        entry_id=view.entry_id,
        fields=draft_fields(draft),
        html=draft.html,
        text=draft.text,
        images=tuple(Picture.model_validate(image) for image in draft.images),
        attachments=tuple(File.model_validate(file) for file in draft.attachments),
        missing_pages=draft.missing_pages,
        encoding=draft.encoding,
        language=draft.language,
        appearances=_articles(view.appearances),
        revisions=tuple(Version.model_validate(revision) for revision in view.revisions),
    )


def draft_fields(draft: Draft) -> dict[str, Value]:
    """The fields that the draft has, by name."""
    found = ((name, getattr(draft, name)) for name in draft.__dataclass_fields__)
    return {
        name: Value(
            value=plain(field.value),
            rule=field.rule,
            where=field.where,
            text=field.text,
            confidence=field.confidence,
        )
        for name, field in found
        if isinstance(field, Field)
    }


def plain(value: object) -> object:
    """A field's value as JSON: persons and times as objects."""
    if isinstance(value, Moment):
        return {"instant": value.instant.isoformat(), "precision": str(value.precision)}
    if isinstance(value, Person):
        return {"name": value.name, "role": value.role}
    return [plain(part) for part in value] if isinstance(value, tuple) else value


def hits(result: SearchResult) -> Found:
    """A search's answer."""
    return Found(
        hits=tuple(
            Hit(
                article=Article.model_validate(row.article),
                title=tuple(Piece(text=text, hit=hit) for text, hit in row.title),
                snippet=tuple(Piece(text=text, hit=hit) for text, hit in row.snippet),
            )
            for row in result.rows
        ),
        total=result.total,
        more_than=result.more_than,
        next=result.next,
    )


def source_model(row: SourceRow) -> Source:
    """A source."""
    return Source(
        name=row.options.name or row.title or row.key,
        kind=row.options.kind,
        items=row.items_usual,
        **{
            name: getattr(row, name)
            for name in Source.model_fields
            if name not in ("name", "kind", "items")
        },
    )


def problem(
    request: Request, status: int, detail: str = "", query: QueryError | None = None
) -> JSONResponse:
    """An error as application/problem+json (RFC 9457)."""
    body = Problem(
        title=_TITLES.get(status, "Error"),
        status=status,
        detail=query.reason if query else detail,
        instance=request.url.path,
        query=query.query if query else None,
        position=query.position if query else None,
    )
    return JSONResponse(
        body.model_dump(exclude_none=True), status, media_type="application/problem+json"
    )
