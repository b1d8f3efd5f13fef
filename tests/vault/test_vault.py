"""The vault: what is kept comes back, whatever happens to the file or the process."""

import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from aggregator.errors import ArchiveError
from aggregator.model import Page
from aggregator.vault import Damage, Kept, WarcVault, iterate
from aggregator.vault.members import HEAD, Broken, Member, compress, members, whole_end
from aggregator.vault.records import digest_of, page_of, page_record, parse, request_record

MakeVault = Callable[..., WarcVault]
MakePage = Callable[..., Page]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def kept(folder: Path) -> list[Page]:
    return [found.page for found in iterate(folder) if isinstance(found, Kept)]


def test_a_page_comes_back_as_it_was(make_vault: MakeVault, make_page: MakePage) -> None:
    page = make_page(
        1,
        final_url="http://www.news.example/moved.html?id=1",
        redirects=((301, "http://www.news.example/moved.html?id=1"),),
        headers=(
            ("content-type", "text/html"),
            ("content-encoding", "gzip"),
            ("transfer-encoding", "chunked"),
            ("x-note", "中文头"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
        ),
    )
    vault = make_vault()
    snapshot = vault.keep(page)
    assert vault.read(snapshot) == page
    vault.close()
    assert make_vault().read(snapshot) == page


def test_the_snapshot_says_what_and_where(make_vault: MakeVault, make_page: MakePage) -> None:
    page = make_page(3)
    vault = make_vault()
    snapshot = vault.keep(page)
    vault.close()
    assert snapshot.digest == "sha256:" + sha256(page.body).hexdigest()
    assert (snapshot.url, snapshot.status) == (page.final_url, 200)
    assert snapshot.content_type == "text/html; charset=gbk"
    assert not snapshot.revisit


def test_the_time_of_another_zone_is_the_same_instant(
    make_vault: MakeVault, make_page: MakePage
) -> None:
    east = datetime(2026, 5, 4, 11, 0, 0, 5, tzinfo=timezone(timedelta(hours=8)))
    vault = make_vault()
    page = vault.read(vault.keep(make_page(1, fetched_at=east)))
    vault.close()
    assert page.fetched_at == east
    assert page.fetched_at.utcoffset() == timedelta(0)


TOKEN = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12)
VALUE = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=30)


@given(
    headers=st.lists(st.tuples(TOKEN, VALUE), max_size=8),
    body=st.binary(max_size=300),
    status=st.integers(200, 599),
    length=st.booleans(),
    sent=st.lists(st.tuples(TOKEN, VALUE), max_size=4),
)
@settings(max_examples=150, deadline=None)
def test_every_page_survives_its_record(
    headers: list[tuple[str, str]],
    body: bytes,
    status: int,
    length: bool,
    sent: list[tuple[str, str]],
) -> None:
    if length:
        headers = [*headers, ("content-length", str(len(body)))]
    url = "http://a.example/x"
    page = Page(
        url, url, status, tuple(headers), body, datetime(2026, 1, 2, tzinfo=UTC), (), tuple(sent)
    )
    record = parse(page_record(page, digest_of(body), "<urn:uuid:1>"))
    request = parse(request_record(page, "<urn:uuid:1>"))
    assert page_of(record, request, record.payload) == page


def test_warcio_reads_every_record_and_its_digests(
    make_vault: MakeVault, make_page: MakePage, tmp_path: Path
) -> None:
    vault = make_vault()
    first = vault.keep(make_page(1, headers=(("content-encoding", "gzip"),)))
    vault.keep(make_page(1), first)
    vault.close()
    (path,) = (tmp_path / "warc").iterdir()
    with path.open("rb") as file:
        found = []
        for record in ArchiveIterator(file, check_digests="raise"):
            body = record.content_stream().read()
            http = record.http_headers
            found.append((record.rec_type, body, http and http.get_header("content-length")))
    page = make_page(1)
    length = str(len(page.body))
    assert [kind for kind, _, _ in found] == [
        "warcinfo", "response", "request", "revisit", "request",
    ]  # fmt: skip
    assert found[1][1:] == (page.body, length)
    assert found[3][1] == b""


def test_a_request_that_was_no_get_keeps_its_method(
    make_vault: MakeVault, make_page: MakePage, tmp_path: Path
) -> None:
    page = make_page(1, request_headers=(("accept", "*/*"), (":method", "POST")))
    vault = make_vault()
    assert vault.read(vault.keep(page)) == page
    vault.close()
    (path,) = (tmp_path / "warc").iterdir()
    with path.open("rb") as file:
        methods = [
            r.http_headers.protocol for r in ArchiveIterator(file) if r.rec_type == "request"
        ]
    assert methods == ["POST"]


def test_an_equal_body_is_kept_once(make_vault: MakeVault, make_page: MakePage) -> None:
    vault = make_vault()
    body = bytes(range(256)) * 400
    first = vault.keep(make_page(1, body=body))
    later = make_page(1, body=body, headers=(("etag", '"new"'),))
    second = vault.keep(later, first)
    assert second.revisit
    assert second.length < 1000
    assert vault.read(second) == later
    third = vault.keep(later, second)  # a revisit of a revisit
    assert vault.read(third) == later
    vault.close()


def test_a_wrong_claim_of_equality_keeps_the_body(
    make_vault: MakeVault, make_page: MakePage
) -> None:
    vault = make_vault()
    first = vault.keep(make_page(1))
    second = vault.keep(make_page(2), first)
    vault.close()
    assert not second.revisit
    assert vault.read(second).body == make_page(2).body


def test_the_file_is_open_while_it_is_written(
    make_vault: MakeVault, make_page: MakePage, tmp_path: Path
) -> None:
    vault = make_vault()
    snapshot = vault.keep(make_page(1))
    assert names(tmp_path / "warc") == [snapshot.file + ".open"]
    vault.close()
    assert names(tmp_path / "warc") == [snapshot.file]


def test_a_restart_continues_the_file_of_the_day(
    make_vault: MakeVault, make_page: MakePage, tmp_path: Path
) -> None:
    snapshots = []
    for number in range(4):
        vault = make_vault()
        snapshots.append(vault.keep(make_page(number)))
        vault.close()
    assert len(names(tmp_path / "warc")) == 1
    assert [make_vault().read(s) for s in snapshots] == [make_page(n) for n in range(4)]


def test_a_new_day_and_a_full_file_begin_a_new_file(
    make_vault: MakeVault, make_page: MakePage, tmp_path: Path, clock: Any
) -> None:
    vault = make_vault()
    vault.keep(make_page(1))
    clock.instant += timedelta(days=1)
    vault.keep(make_page(2))
    vault.close()
    assert [name[:8] for name in names(tmp_path / "warc")] == ["20260504", "20260505"]
    small = make_vault(rotate_bytes=2_500)
    for number in range(6):
        clock.instant += timedelta(seconds=1)
        small.keep(make_page(number))
    small.close()
    assert all(path.stat().st_size <= 2_500 for path in (tmp_path / "warc").iterdir())
    assert len(kept(tmp_path / "warc")) == 8


def test_two_vaults_at_once_write_two_files(
    make_vault: MakeVault, make_page: MakePage, tmp_path: Path, clock: Any
) -> None:
    one, two = make_vault(), make_vault()
    first = one.keep(make_page(1))
    clock.instant += timedelta(seconds=1)
    second = two.keep(make_page(2))
    assert first.file != second.file
    one.close()
    two.close()
    assert len(kept(tmp_path / "warc")) == 2


def test_threads_may_keep_side_by_side(
    make_vault: MakeVault, make_page: MakePage, tmp_path: Path
) -> None:
    vault = make_vault()
    pages = [make_page(number, body=b"%d " % number * 3000) for number in range(60)]
    with ThreadPoolExecutor(8) as threads:
        snapshots = list(threads.map(vault.keep, pages))
        vault.sync()
        assert list(threads.map(vault.read, snapshots)) == pages
    vault.close()
    assert sorted(page.url for page in kept(tmp_path / "warc")) == sorted(p.url for p in pages)


def six_records(make_page: MakePage) -> tuple[bytes, list[int]]:
    """A file of six records, and where each ends."""
    data, ends = b"", []
    for number in range(6):
        page = make_page(number)
        data += compress(page_record(page, digest_of(page.body), f"<urn:uuid:{number}>"))
        ends.append(len(data))
    return data, ends


def test_cut_at_any_byte_the_whole_records_remain(make_page: MakePage) -> None:
    data, ends = six_records(make_page)
    for cut in range(len(data) + 1):
        assert whole_end(data[:cut]) == max((end for end in ends if end <= cut), default=0)


@pytest.mark.parametrize("share", [0.0, 0.03, 0.2, 0.5, 0.77, 0.999, 1.0])
def test_a_cut_file_is_mended_and_continued(
    share: float, make_vault: MakeVault, make_page: MakePage, tmp_path: Path
) -> None:
    vault = make_vault()
    snapshots = [vault.keep(make_page(number)) for number in range(6)]
    vault.sync()
    folder = tmp_path / "warc"
    (path,) = folder.iterdir()
    cut = int(path.stat().st_size * share)
    del vault  # as a killed process leaves it: the open file stays, its lock goes
    copy = path.read_bytes()[:cut]
    path.unlink()
    path.write_bytes(copy)

    again = make_vault()
    after = again.keep(make_page(99))
    again.close()
    whole = [s for s in snapshots if s.offset + s.length <= cut]
    assert [page.url for page in kept(folder)] == [*(s.url for s in whole), after.url]
    assert not [found for found in iterate(folder) if isinstance(found, Damage)]
    assert again.read(after) == make_page(99)


def test_one_flipped_bit_costs_only_its_own_record(make_page: MakePage) -> None:
    data, ends = six_records(make_page)
    whole = [m.data for m in members(data) if isinstance(m, Member)]
    step = max(1, len(data) * 8 // 700)
    for bit in range(0, len(data) * 8, step):
        broken = bytearray(data)
        broken[bit // 8] ^= 1 << bit % 8
        own = next(index for index, end in enumerate(ends) if bit // 8 < end)
        found = [m.data for m in members(bytes(broken)) if isinstance(m, Member)]
        others = whole[:own] + whole[own + 1 :]
        assert found in (others, whole)  # a bit of the head that says nothing does no harm


def test_damage_is_told_and_the_rest_is_read(
    make_vault: MakeVault, make_page: MakePage, tmp_path: Path
) -> None:
    vault = make_vault()
    snapshots = [vault.keep(make_page(number)) for number in range(3)]
    vault.close()
    (path,) = (tmp_path / "warc").iterdir()
    data = bytearray(path.read_bytes())
    data[snapshots[1].offset + 60] ^= 4
    path.write_bytes(data)
    found = list(iterate(tmp_path / "warc"))
    assert [f.page.url for f in found if isinstance(f, Kept)] == [
        snapshots[0].url, snapshots[2].url,
    ]  # fmt: skip
    (damage,) = [f for f in found if isinstance(f, Damage)]
    assert (damage.file, damage.offset, damage.length) == (
        snapshots[1].file, snapshots[1].offset, snapshots[1].length,
    )  # fmt: skip
    with pytest.raises(ArchiveError, match="damaged"):
        make_vault().read(snapshots[1])
    assert make_vault().read(snapshots[2]) == make_page(2)


def test_a_body_that_is_not_its_digest_is_damage(make_page: MakePage, tmp_path: Path) -> None:
    page = make_page(1)
    member = compress(page_record(page, digest_of(b"something else"), "<urn:uuid:1>"))
    (tmp_path / "x.warc.gz").write_bytes(member)
    (damage,) = iterate(tmp_path)
    assert isinstance(damage, Damage)
    assert "digest" in damage.reason


def test_missing_and_mistaken_places_are_said(make_vault: MakeVault, make_page: MakePage) -> None:
    vault = make_vault()
    first, second = vault.keep(make_page(1)), vault.keep(make_page(2))
    vault.close()
    with pytest.raises(ArchiveError, match="cannot be read"):
        vault.read(replace(first, file="nowhere.warc.gz"))
    with pytest.raises(ArchiveError, match="is not the page"):
        vault.read(replace(second, offset=first.offset))
    with pytest.raises(ArchiveError, match="damaged"):
        vault.read(replace(second, offset=first.offset + 1))


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let the system refuse files over *size* bytes, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_loses_only_the_page_it_had_no_room_for(
    make_vault: MakeVault, make_page: MakePage, tmp_path: Path
) -> None:
    vault = make_vault()
    vault.keep(make_page(1))
    (path,) = (tmp_path / "warc").iterdir()
    with (
        largest_file(path.stat().st_size + 300),
        pytest.raises(ArchiveError, match="cannot be written"),
    ):
        vault.keep(make_page(2))
    vault.keep(make_page(3))
    vault.close()
    assert [page.url for page in kept(tmp_path / "warc")] == [make_page(1).url, make_page(3).url]
    assert not [found for found in iterate(tmp_path / "warc") if isinstance(found, Damage)]


def test_a_folder_that_cannot_be_made_is_said(
    tmp_path: Path, make_page: MakePage, clock: Any
) -> None:
    (tmp_path / "file").write_text("")
    vault = WarcVault(tmp_path / "file" / "warc", 10**9, clock)
    with pytest.raises(ArchiveError, match="cannot be written"):
        vault.keep(make_page(1))


def test_what_is_no_member_at_all_is_one_broken_stretch() -> None:
    assert list(members(b"not gzip")) == [Broken(0, 8, cut=False)]
    assert list(members(HEAD)) == [Broken(0, len(HEAD), cut=True)]
    assert list(members(b"")) == []


@pytest.mark.shared
def test_the_saved_pages_come_back_byte_for_byte(
    shared: Path, make_vault: MakeVault, make_page: MakePage
) -> None:
    bodies = [path.read_bytes() for path in sorted((shared / "eval" / "pages").glob("*.html"))]
    assert bodies
    vault = make_vault()
    snapshots = [vault.keep(make_page(n, body=body)) for n, body in enumerate(bodies)]
    assert [vault.read(snapshot).body for snapshot in snapshots] == bodies
    vault.close()
