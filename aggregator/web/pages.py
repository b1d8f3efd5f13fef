"""Requests for web pages -> HTML in Chinese or English, made by Jinja2 from the archive."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlencode

import jinja2
from fastapi import APIRouter, HTTPException, Path
from starlette.requests import Request
from starlette.responses import HTMLResponse

from aggregator.config import Settings
from aggregator.errors import QueryError
from aggregator.model import Draft, Field, Moment, Person
from aggregator.render.xmltext import line, uri
from aggregator.store.query import Archive, ArticleFilter, ArticleRow, ArticleView
from aggregator.web import body, diff
from aggregator.web.feeds import FORMS, base_url
from aggregator.web.language import LANGUAGES, Voice, voice
from aggregator.web.security import POLICY_WITH_PICTURES

T = TypeVar("T")
_BREAK = re.compile(r"(?<=[^\x00-\x7f])\n+(?=[^\x00-\x7f])")
Order = Literal["newest", "relevance"]
Number = Annotated[int, Path(ge=1, lt=2**63)]  # what a database counts with
PAGE_SIZE = 30
YEAR = 31_536_000  # seconds
# The fields of a draft in the order in which a reader looks for them.
FIELDS = (
    "overline", "title", "subtitle", "inner_title", "authors", "source", "published", "updated",
    "issue", "page_number", "editors", "column", "breadcrumb", "keywords", "summary",
    "original_title", "original_url",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """One field of a draft as a page shows it."""

    name: str
    value: str
    field: Field[Any]


class Pages:
    """Makes pages: the templates with what every page needs."""

    def __init__(self, archive: Archive, settings: Settings) -> None:
        self.archive, self.settings = archive, settings
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("aggregator.web"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # Pieces of a snippet keep the space at their ends; whole titles do not.
        self._templates.filters |= {"line": line, "uri": uri, "line_inside": _inside}
        self._templates.globals |= {"style": _style(), "forms": FORMS, "languages": LANGUAGES}

    def page(
        self, request: Request, name: str, *, status: int = 200, policy: str = "", **values: Any
    ) -> HTMLResponse:
        """The template *name* filled with *values*, in the language of the request."""
        say = voice(request.query_params, request.cookies, request.headers)
        text = self._templates.get_template(name).render(
            t=say,
            request=request,
            web=self.settings.web,
            here=lambda **changes: _here(request, **changes),
            **values,
        )
        answer = HTMLResponse(text, status)
        answer.headers["content-language"] = say.language
        answer.headers["vary"] = "Accept-Language, Cookie"
        answer.headers["cache-control"] = "no-cache"
        if policy:
            answer.headers["content-security-policy"] = policy
        if request.query_params.get("lang"):
            answer.set_cookie("lang", say.language, max_age=YEAR, httponly=True, samesite="lax")
        return answer

    def error(
        self, request: Request, status: int, detail: str = "", query: QueryError | None = None
    ) -> HTMLResponse:
        """An error in words; unknown statuses are told like the nearest known one."""
        known = status if status in (400, 404, 405, 421, 503) else 400 if status < 500 else 500
        return self.page(
            request,
            "error.html",
            status=status,
            code=status,
            known=known,
            detail=detail,
            error=query,
        )


@lru_cache(maxsize=1)
def _style() -> str:
    """The address of the stylesheet; it changes with its content, so that it may be kept long."""
    content = files("aggregator.web").joinpath("static/style.css").read_bytes()
    return f"/static/style.css?v={hashlib.sha256(content).hexdigest()[:12]}"


def _here(request: Request, **changes: str | None) -> str:
    """The address of this page with some parameters set, or taken out (None)."""
    query = {**request.query_params, **changes}
    kept = urlencode({key: value for key, value in query.items() if value is not None})
    return f"{request.url.path}?{kept}" if kept else request.url.path


def _inside(text: str) -> str:
    """A piece of a snippet: the space at its ends stays; Chinese lines join without one."""
    return line(f"|{_BREAK.sub('', text)}|")[1:-1]


def value_text(value: object, say: Voice) -> str:
    """A field's value as one line."""
    if isinstance(value, Moment):
        return say.moment(value)
    if isinstance(value, Person):
        # The label says 作者 already; other roles (记者, 责任编辑, 通讯员) add something.
        role = "" if value.role == "作者" else value.role
        return line(f"{value.name}（{role}）" if role else value.name)
    if isinstance(value, tuple):
        return ("、" if say.language == "zh-CN" else ", ").join(value_text(v, say) for v in value)
    return line(str(value))


def shown_fields(draft: Draft, say: Voice) -> list[Shown]:
    """The fields that the draft has."""
    found = ((name, getattr(draft, name)) for name in FIELDS)
    return [Shown(name, value_text(f.value, say), f) for name, f in found if f is not None]


@dataclass(frozen=True, slots=True)
class Change:
    """A field whose value differs between two revisions, with the differing pieces marked."""

    name: str
    pieces: tuple[tuple[diff.Mark, str], ...]


def changed_fields(old: Draft, new: Draft, say: Voice) -> list[Change]:
    """The fields that are not the same in both drafts."""
    before = {shown.name: shown.value for shown in shown_fields(old, say)}
    after = {shown.name: shown.value for shown in shown_fields(new, say)}
    pairs = ((name, before.get(name, ""), after.get(name, "")) for name in FIELDS)
    return [Change(name, diff.pieces(a, b)) for name, a, b in pairs if a != b]


@dataclass(frozen=True, slots=True)
class Spread:
    """An appearance of a work and how long after the first one it came, in words."""

    row: ArticleRow
    delay: str


def spread(view: ArticleView, say: Voice) -> list[Spread]:
    """All appearances of the work in the order of their times."""

    def instant(row: ArticleRow) -> datetime:
        return row.published_at or row.first_seen_at

    rows = sorted([view.row, *view.appearances], key=instant)
    first = instant(rows[0])
    return [Spread(row, _delay(instant(row) - first, say)) for row in rows]


def _delay(length: timedelta, say: Voice) -> str:
    return say("later", span=say.span(length)) if length else ""


def router(archive: Archive, settings: Settings, pages: Pages) -> APIRouter:
    """The routes of all pages."""
    routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    say = _voice_of

    @routes.get("/")
    def newest(request: Request, after: str | None = None, source: str | None = None) -> Any:
        found = archive.articles(ArticleFilter(source=source), limit=PAGE_SIZE, cursor=after)
        named = next((r.source_title for r in found.rows), source)
        return pages.page(
            request, "list.html", found=found, source=source, named=named, counts=archive.counts()
        )

    @routes.get("/search")
    def search(
        request: Request, q: str = "", after: str | None = None, order: str = "newest"
    ) -> Any:
        if not q.strip():
            return pages.page(request, "search.html", query="", found=None, order="newest")
        chosen: Order = "relevance" if order == "relevance" else "newest"
        found = archive.search(q, limit=PAGE_SIZE, cursor=after, order=chosen)
        return pages.page(request, "search.html", query=q, found=found, order=chosen)

    @routes.get("/articles/{article_id}")
    def article(request: Request, article_id: Number, pictures: bool = False) -> Any:
        view = _found(archive.article(article_id))
        return pages.page(
            request,
            "article.html",
            policy=POLICY_WITH_PICTURES if pictures else "",
            view=view,
            draft=view.draft,
            fields=shown_fields(view.draft, say(request)),
            spread=spread(view, say(request)),
            permalink=f"{base_url(settings)}/articles/{article_id}",
            text=body.shown_html(view.draft.html, say(request), pictures=pictures),
            images=body.other_images(view.draft),
            pictures=pictures if body.has_pictures(view.draft) else None,
        )

    @routes.get("/articles/{article_id}/revisions/{number}")
    def revision(request: Request, article_id: Number, number: Number) -> Any:
        view = _found(archive.article(article_id))
        new = _found(archive.revision(article_id, number))
        old = archive.revision(article_id, number - 1) if number > 1 else None
        rows = diff.fold(diff.compare(old.text, new.text)) if old else []
        return pages.page(
            request,
            "revision.html",
            view=view,
            number=number,
            draft=new,
            changes=changed_fields(old, new, say(request)) if old else [],
            rows=rows,
            changed=any(isinstance(row, diff.Row) and row.kind != "same" for row in rows),
            compared=old is not None,
            text=body.shown_html(new.html, say(request), pictures=False),
        )

    @routes.get("/sources")
    def sources(request: Request) -> Any:
        return pages.page(request, "sources.html", rows=archive.sources(), counts=archive.counts())

    @routes.get("/sources/{key}")
    def source(request: Request, key: str) -> Any:
        row = _found(next((row for row in archive.sources() if row.key == key), None))
        planned = row.interval or row.options.interval or settings.schedule.interval
        return pages.page(
            request,
            "source.html",
            row=row,
            visits=archive.visits(row.id),
            interval=timedelta(seconds=planned),
        )

    return routes


def _voice_of(request: Request) -> Voice:
    return voice(request.query_params, request.cookies, request.headers)


def _found(value: T | None) -> T:
    if value is None:
        raise HTTPException(404)
    return value
