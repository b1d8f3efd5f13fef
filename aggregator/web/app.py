"""Archive and settings in, the web application out: pages, feeds, API, and errors in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles

from aggregator.config import Settings
from aggregator.errors import ArchiveError, QueryError
from aggregator.render import opml
from aggregator.store.query import Archive, SourceRow
from aggregator.web import api, pages
from aggregator.web.feeds import FORMS, FeedCache, make_document, respond
from aggregator.web.security import Guard, allowed_hosts


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """How the running service does, for /healthz: whether it fetches, and if not why, in a sentence.

    ``last_tick`` is when the scheduler last looked for what is due, ``running`` the number of hosts
    that are being visited.
    """

    fetching: bool
    note: str = ""
    last_tick: datetime | None = None
    running: int = 0


def create_app(
    archive: Archive, settings: Settings, *, status: Callable[[], ServiceStatus] | None = None
) -> FastAPI:
    """The application; it only reads. ``status`` tells of the scheduler beside it, if any."""
    app = FastAPI(
        title="Aggregator",
        version=version("party-aggregator"),
        summary="Articles of Party-building news sites with their fields, copies and revisions",
        openapi_url="/api/openapi.json",
        docs_url=None,  # the interactive pages load scripts from elsewhere
        redoc_url=None,
    )
    made = pages.Pages(archive, settings)
    _add_errors(app, made)
    app.include_router(pages.router(archive, settings, made))
    app.include_router(api.router(archive))
    _add_documents(app, archive, settings)
    _add_health(app, archive, status)
    folder = str(files("aggregator.web").joinpath("static"))
    app.mount("/static", _Static(directory=folder), name="static")
    hosts = allowed_hosts(settings.web.host, settings.web.base_url)
    app.add_middleware(Guard, hosts=hosts, error_page=_teller(made))
    return app


class _Static(StaticFiles):
    """Files that may be kept for a year: their address holds a digest of the content."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


# ---------------------------------------------------------------- feeds and lists


def _add_documents(app: FastAPI, archive: Archive, settings: Settings) -> None:
    cache = FeedCache(archive, settings)

    def feed(form: str) -> Callable[[Request], Response]:
        kind = FORMS[form]

        def endpoint(request: Request) -> Response:
            return respond(request, cache.document(form), kind.content_type)

        return endpoint

    for form, kind in FORMS.items():
        app.add_route(kind.path, feed(form), methods=["GET"])

    def subscriptions(request: Request) -> Response:
        items = [_outline(row) for row in archive.sources() if row.enabled and not row.removed_at]
        _, changed = archive.feed_state()
        body = opml.render_opml(settings.web.title, changed, items)
        answer = respond(request, make_document(0, body, changed), opml.CONTENT_TYPE)
        answer.headers["content-disposition"] = 'inline; filename="sources.opml"'
        return answer

    app.add_route("/opml", subscriptions, methods=["GET"])


def _outline(row: SourceRow) -> opml.OpmlItem:
    name = row.options.name or row.title or row.key
    feed = row.url if row.options.kind == "feed" else ""
    return opml.OpmlItem(name, feed, row.home_url if feed else row.url, row.options.column)


def _add_health(app: FastAPI, archive: Archive, status: Callable[[], ServiceStatus] | None) -> None:
    def health(request: Request) -> Response:
        seq, changed = archive.feed_state()  # raises ArchiveError: answered 503
        told: dict[str, Any] = {"status": "ok", "change": seq, "changed_at": _iso(changed)}
        code = 200
        if status is not None:
            service = status()
            told |= {
                "fetching": service.fetching,
                "last_tick": _iso(service.last_tick) if service.last_tick else None,
                "running": service.running,
            }
            if not service.fetching:
                code, told["status"], told["note"] = 503, "failing", service.note
        return JSONResponse(told, code, headers={"cache-control": "no-store"})

    app.add_route("/healthz", health, methods=["GET"])


def _iso(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")


# ---------------------------------------------------------------- errors


def _teller(made: pages.Pages) -> Callable[..., Response]:
    """How errors are told: as problem+json to API clients, as a page to people."""

    def tell(
        request: Request, status: int, detail: str = "", query: QueryError | None = None
    ) -> Response:
        if request.url.path.startswith("/api/"):
            return api.problem(request, status, detail, query)
        return made.error(request, status, detail, query)

    return tell


def _add_errors(app: FastAPI, made: pages.Pages) -> None:
    tell = _teller(made)

    def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        standard = error.detail in ("Not Found", "Method Not Allowed")
        answer = tell(request, error.status_code, "" if standard else str(error.detail))
        answer.headers.update(error.headers or {})
        return answer

    def on_query(request: Request, error: Exception) -> Response:
        assert isinstance(error, QueryError)
        if error.query == request.query_params.get("after"):  # a cursor, not what was looked for
            return tell(request, 400, error.reason)
        return tell(request, 400, "", error)

    def on_parameters(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        if "path" in {e["loc"][0] for e in error.errors()}:
            return tell(request, 404)  # /articles/abc: no such article
        said = "; ".join(f"{e['loc'][-1]}: {e['msg']}" for e in error.errors()[:5])
        status = 422 if request.url.path.startswith("/api/") else 400
        return tell(request, status, said)

    def on_archive(request: Request, error: Exception) -> Response:
        return tell(request, 503, str(error))

    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(QueryError, on_query)
    app.add_exception_handler(RequestValidationError, on_parameters)
    app.add_exception_handler(ArchiveError, on_archive)
