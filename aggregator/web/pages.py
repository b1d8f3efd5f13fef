"""Requests for web pages -> HTML in Chinese or English, made by Jinja2 from the archive."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
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
from aggregator.render.xmltext import line, uri
from aggregator.store.query import Archive, ArticleFilter
from aggregator.web import body, diff
from aggregator.web.feeds import FORMS, base_url
from aggregator.web.language import LANGUAGES, Voice, voice
from aggregator.web.security import POLICY_WITH_PICTURES
from aggregator.web.view import changed_fields, shown_fields, spread

T = TypeVar("T")
_BREAK = re.compile(r"(?<=[^\x00-\x7f])\n+(?=[^\x00-\x7f])")
Order = Literal["newest", "relevance"]
Number = Annotated[int, Path(ge=1, lt=2**63)]  # what a database counts with
PAGE_SIZE = 30
YEAR = 31_536_000  # seconds


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


class Routes:
    """The endpoints of all pages; plain functions, so that each runs in a thread."""

    def __init__(self, archive: Archive, settings: Settings, pages: Pages) -> None:
        self._archive, self._settings, self._pages = archive, settings, pages

    def newest(self, request: Request, after: str | None = None, source: str | None = None) -> Any:
        """The newest articles, of one source if named."""
        found = self._archive.articles(ArticleFilter(source=source), limit=PAGE_SIZE, cursor=after)
        named = next((r.source_title for r in found.rows), source)
        return self._pages.page(
            request,
            "list.html",
            found=found,
            source=source,
            named=named,
            counts=self._archive.counts(),
        )

    def search(
        self, request: Request, q: str = "", after: str | None = None, order: str = "newest"
    ) -> Any:
        """The search form, or what was found."""
        if not q.strip():
            return self._pages.page(request, "search.html", query="", found=None, order="newest")
        chosen: Order = "relevance" if order == "relevance" else "newest"
        found = self._archive.search(q, limit=PAGE_SIZE, cursor=after, order=chosen)
        return self._pages.page(request, "search.html", query=q, found=found, order=chosen)

    def article(self, request: Request, article_id: Number, pictures: bool = False) -> Any:
        """One article."""
        view, say = _found(self._archive.article(article_id)), _voice_of(request)
        return self._pages.page(
            request,
            "article.html",
            policy=POLICY_WITH_PICTURES if pictures else "",
            view=view,
            draft=view.draft,
            fields=shown_fields(view.draft, say),
            spread=spread(view, say),
            permalink=f"{base_url(self._settings)}/articles/{article_id}",
            text=body.shown_html(view.draft.html, say, pictures=pictures),
            images=body.other_images(view.draft),
            pictures=pictures if body.has_pictures(view.draft) else None,
        )

    def revision(self, request: Request, article_id: Number, number: Number) -> Any:
        """One revision, compared with the one before."""
        view, say = _found(self._archive.article(article_id)), _voice_of(request)
        new = _found(self._archive.revision(article_id, number))
        old = self._archive.revision(article_id, number - 1) if number > 1 else None
        rows = diff.fold(diff.compare(old.text, new.text)) if old else []
        return self._pages.page(
            request,
            "revision.html",
            view=view,
            number=number,
            draft=new,
            changes=changed_fields(old, new, say) if old else [],
            rows=rows,
            changed=any(isinstance(row, diff.Row) and row.kind != "same" for row in rows),
            compared=old is not None,
            text=body.shown_html(new.html, say, pictures=False),
        )

    def sources(self, request: Request) -> Any:
        """All sources and how they do."""
        return self._pages.page(
            request,
            "sources.html",
            rows=self._archive.sources(),
            counts=self._archive.counts(),
            troubles=self._archive.trouble_counts(),
        )

    def source(self, request: Request, key: str) -> Any:
        """One source, the pages that failed and its newest visits."""
        row = _found(next((row for row in self._archive.sources() if row.key == key), None))
        planned = row.interval or row.options.interval or self._settings.schedule.interval
        return self._pages.page(
            request,
            "source.html",
            row=row,
            visits=self._archive.visits(row.id),
            troubles=self._archive.troubles(key),
            troubled=self._archive.trouble_counts().get(key, 0),
            interval=timedelta(seconds=planned),
        )


def router(archive: Archive, settings: Settings, pages: Pages) -> APIRouter:
    """The routes of all pages."""
    routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    made = Routes(archive, settings, pages)
    for path, endpoint in (
        ("/", made.newest),
        ("/search", made.search),
        ("/articles/{article_id}", made.article),
        ("/articles/{article_id}/revisions/{number}", made.revision),
        ("/sources", made.sources),
        ("/sources/{key}", made.source),
    ):
        routes.add_api_route(path, endpoint, methods=["GET"])
    return routes


def _voice_of(request: Request) -> Voice:
    return voice(request.query_params, request.cookies, request.headers)


def _found(value: T | None) -> T:
    if value is None:
        raise HTTPException(404)
    return value
