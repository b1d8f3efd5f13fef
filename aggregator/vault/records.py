"""Page <-> WARC 1.1 records (ISO 28500:2017) as bytes; the one place that names warcio.

A response record holds the identity-coded body with headers that fit it: Content-Encoding and
Transfer-Encoding, and a Content-Length that spoke of the coded body, stand as X-Archive-Orig-….
Names as they came are lower case, what we add is capitalised, so reading gives back the same Page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from io import BytesIO
from urllib.parse import urlsplit
from uuid import uuid4

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from aggregator.errors import ArchiveError
from aggregator.model import Page, Snapshot

Headers = tuple[tuple[str, str], ...]
CODED = ("content-encoding", "transfer-encoding")
ORIGINAL = "X-Archive-Orig-"
URL, REDIRECTS, REFERS_TO = "X-Fetch-URL", "X-Fetch-Redirects", "X-Refers-To-Place"
METHOD = ":method"  # pseudo request header of a page that was not asked for with GET


class _Utf8Headers(StatusAndHeaders):  # type: ignore[misc]  # warcio has no types
    """HTTP headers written as they are; warcio would percent-encode what is not ASCII."""

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        self.headers_buff = self.to_bytes(header_filter, "utf-8")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies: file (relative to the vault), offset and length in bytes."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read: its type, WARC headers, HTTP head and payload."""

    kind: str
    warc: dict[str, str]
    status: int
    headers: Headers
    request_line: str
    payload: bytes

    def refers_to(self) -> Place | None:
        """Where the payload of a revisit record lies, if it says so."""
        text = self.warc.get(REFERS_TO.lower())
        if text is None:
            return None
        offset, length, file = text.split(" ", 2)
        return Place(file, int(offset), int(length))


def digest_of(body: bytes) -> str:
    """The digest by which bodies are known: "sha256:<hex>"."""
    return f"sha256:{sha256(body).hexdigest()}"


def info_record(file: str, software: str) -> bytes:
    """The warcinfo record that begins a file."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="WARC/1.1")
    about = {
        "software": software,
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    }
    writer.write_record(writer.create_warcinfo_record(file, about))
    return out.getvalue()


def page_record(page: Page, digest: str, record_id: str) -> bytes:
    """The response record of *page*."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="WARC/1.1")
    writer.write_record(
        writer.create_warc_record(
            page.final_url,
            "response",
            payload=BytesIO(page.body),
            length=len(page.body),
            http_headers=_head(page),
            warc_headers_dict=_warc(page, record_id) | {"WARC-Payload-Digest": digest},
        )
    )
    return out.getvalue()


def revisit_record(page: Page, first: Snapshot, record_id: str) -> bytes:
    """The revisit record of *page*, whose payload is that of *first*."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="WARC/1.1")
    place = f"{first.offset} {first.length} {first.file}"
    writer.write_record(
        writer.create_revisit_record(
            page.final_url,
            first.digest,
            first.url,
            _date(first.fetched_at),
            http_headers=_head(page),
            warc_headers_dict=_warc(page, record_id) | {REFERS_TO: place},
        )
    )
    return out.getvalue()


def request_record(page: Page, record_id: str) -> bytes:
    """The request record that goes with the record *record_id* of *page*."""
    parts = urlsplit(page.final_url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    method = dict(page.request_headers).get(METHOD, "GET")
    sent = [(name, value) for name, value in page.request_headers if name != METHOD]
    head = _Utf8Headers(f"{target} HTTP/1.1", [("Host", parts.netloc), *sent], protocol=method)
    out = BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="WARC/1.1")
    writer.write_record(
        writer.create_warc_record(
            page.final_url,
            "request",
            http_headers=head,
            warc_headers_dict={
                "WARC-Date": _date(page.fetched_at),
                "WARC-Record-ID": new_id(),
                "WARC-Concurrent-To": record_id,
            },
        )
    )
    return out.getvalue()


def new_id() -> str:
    """A fresh WARC-Record-ID."""
    return f"<urn:uuid:{uuid4()}>"


def parse(data: bytes) -> Record:
    """The record that *data* (one inflated member) holds. Raises ArchiveError."""
    try:
        record = next(ArchiveIterator(BytesIO(data)))
        payload = record.raw_stream.read()
    except (ArchiveLoadFailed, StopIteration, EOFError, ValueError) as error:
        raise ArchiveError(f"a WARC record cannot be read: {error or 'it is empty'}") from error
    http = record.http_headers
    line = f"{http.protocol} {http.statusline}" if http else ""
    code = http.get_statuscode() if http and record.rec_type != "request" else ""
    return Record(
        kind=record.rec_type,
        warc={name.lower(): value for name, value in record.rec_headers.headers},
        status=int(code) if code.isdigit() else 0,
        headers=tuple((name, value) for name, value in http.headers) if http else (),
        request_line=line,
        payload=payload,
    )


def page_of(record: Record, request: Record | None, body: bytes) -> Page:
    """The Page that was kept as *record*; *body* is its payload, wherever that lies."""
    final = record.warc["warc-target-uri"]
    return Page(
        url=record.warc.get(URL.lower(), final),
        final_url=final,
        status=record.status,
        headers=tuple(_as_received(record.headers)),
        body=body,
        fetched_at=datetime.fromisoformat(record.warc["warc-date"]),
        redirects=tuple((s, u) for s, u in json.loads(record.warc.get(REDIRECTS.lower(), "[]"))),
        request_headers=_request_headers(request) if request else (),
    )


def _request_headers(request: Record) -> Headers:
    method = request.request_line.split(" ", 1)[0]
    sent = tuple((name, value) for name, value in request.headers if name != "Host")
    return sent if method == "GET" else (*sent, (METHOD, method))


def _warc(page: Page, record_id: str) -> dict[str, str]:
    headers = {"WARC-Record-ID": record_id, "WARC-Date": _date(page.fetched_at)}
    if page.url != page.final_url:
        headers[URL] = page.url
    if page.redirects:
        headers[REDIRECTS] = json.dumps(page.redirects)
    return headers


def _head(page: Page) -> _Utf8Headers:
    try:
        phrase = HTTPStatus(page.status).phrase
    except ValueError:
        phrase = ""
    headers = list(_as_stored(page.headers, str(len(page.body))))
    return _Utf8Headers(f"{page.status} {phrase}".rstrip(), headers, protocol="HTTP/1.1")


def _as_stored(headers: Headers, length: str) -> Iterable[tuple[str, str]]:
    """*headers* made to fit a body of *length* bytes without any coding."""
    true_length = False
    for name, value in headers:
        fits = name == "content-length" and value == length
        true_length = true_length or fits
        if name in CODED or (name == "content-length" and not fits):
            yield ORIGINAL + name.title(), value
        else:
            yield name, value
    if not true_length:
        yield "Content-Length", length


def _as_received(headers: Headers) -> Iterable[tuple[str, str]]:
    for name, value in headers:
        if name.startswith(ORIGINAL):
            yield name.removeprefix(ORIGINAL).lower(), value
        elif name != "Content-Length":
            yield name, value


def _date(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
