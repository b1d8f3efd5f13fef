"""`aggregator run` as a process: it serves, stops at a signal, goes on, and is alone on its archive."""

from __future__ import annotations

import contextlib
import gzip
import signal
import socket
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest

from flow_site import Site
from system_library import sources
from system_program import (
    PAUSE,
    Call,
    Service,
    free_port,
    get,
    get_json,
    refused,
    until,
    write_config,
)

CLOSING = "Stopped; everything is stored.\n"


def articles(port: int) -> list[dict[str, object]]:
    found: list[dict[str, object]] = get_json(port, "/api/v1/articles")["articles"]
    return found


def let_an_hour_pass(folder: Path) -> None:
    """All sources and pages become due, as they would with time."""
    base = sqlite3.connect(folder / "archive" / "a.sqlite")
    with base:
        base.execute("UPDATE source SET next_visit_at = 0")
        base.execute("UPDATE page SET next_visit_at = 0")
    base.close()


def check_pages(port: int) -> None:
    front = get(port, "/")
    assert front.status == 200
    assert "石桥村议事会开张" in front.body.decode()
    assert "default-src 'none'" in front.headers["content-security-policy"]
    for path, version in (("/feed.xml", "rss20"), ("/feed.atom", "atom10")):
        parsed = feedparser.parse(get(port, path).body)
        assert (parsed.version, bool(parsed.bozo), len(parsed.entries)) == (version, False, 5)
    assert len(get_json(port, "/feed.json")["items"]) == 5
    health = get_json(port, "/healthz")
    assert (health["status"], health["fetching"]) == ("ok", True)
    age = datetime.now(UTC) - datetime.fromisoformat(health["last_tick"])
    assert age < timedelta(seconds=30)
    assert health["running"] in (0, 1)
    zipped = get(port, "/feed.xml", Accept_Encoding="gzip")
    assert zipped.headers["content-encoding"] == "gzip"
    assert gzip.decompress(zipped.body) == get(port, "/feed.xml").body
    again = get(port, "/feed.xml", If_None_Match=get(port, "/feed.xml").headers["etag"])
    assert (again.status, again.body) == (304, b"")


def clean_end(service: Service, number: int) -> None:
    code, seconds = service.stop(number)
    assert (code, "".join(service.out).endswith(CLOSING)) == (0, True), service.said()
    assert seconds < 5


def test_it_serves_stops_and_goes_on(site: Site, call: Call, tmp_path: Path) -> None:
    port = free_port()
    config = {key: lines for key, lines in sources(site).items() if key != "lost"}
    write_config(tmp_path, config, port)
    with Service(["run"], tmp_path) as service:
        service.until_said("Press Ctrl-C to stop.")
        assert f"2 sources, pages at http://127.0.0.1:{port}/" in service.said()
        until(lambda: len(articles(port)) == 5, service.said)
        check_pages(port)
        said = refused("run", "--port", str(free_port()), cwd=tmp_path, code=3)
        assert f"process {service.process.pid} writes to it" in said
        assert said.count("\n") == 1
        assert said in call("sync", cwd=tmp_path, code=3).err
        clean_end(service, signal.SIGTERM)
    before = [(path, len(site.asked(path))) for path in ("/f.xml", "/l.html", "/a/1.html")]
    assert before == [("/f.xml", 1), ("/l.html", 1), ("/a/1.html", 1)]

    let_an_hour_pass(tmp_path)
    with Service(["run"], tmp_path) as service:
        until(lambda: all(len(site.asked(path)) == 2 for path, _ in before), service.said)
        assert all("if-none-match" in site.asked(path)[1] for path, _ in before)
        service.until_said("Press Ctrl-C to stop.")
        assert len(articles(port)) == 5
        clean_end(service, signal.SIGINT)
    assert all(len(site.asked(path)) == 2 for path, _ in before)


def test_a_taken_port_is_said_before_anything_is_fetched(site: Site, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        write_config(tmp_path, sources(site), taken.getsockname()[1])
        said = refused("run", cwd=tmp_path, code=3)
    assert "is another program using it? Choose another with --port" in said
    assert site.requests == []


def test_without_a_reachable_source_the_demo_is_named_once(tmp_path: Path) -> None:
    closed = {f"s{n}": f'url = "http://127.0.0.1:{free_port()}/f.xml"' for n in range(2)}
    port = free_port()
    write_config(tmp_path, closed, port)
    with Service(["run"], tmp_path) as service:
        service.until_said("aggregator demo")
        (line,) = [line for line in service.out if "aggregator demo" in line]
        assert line.startswith("None of 2 sources could be reached; trying again later")
        assert get_json(port, "/healthz")["status"] == "ok"
        states = get_json(port, "/api/v1/sources")["sources"]
        assert {state["last_code"] for state in states} == {"connect"}
        assert all(state["next_visit_at"] for state in states)
        clean_end(service, signal.SIGTERM)
    assert service.said().count("aggregator demo") == 1


@pytest.fixture
def silent() -> Iterator[tuple[str, list[socket.socket]]]:
    """An origin that takes every connection and never answers: its address, what it took."""
    held: list[socket.socket] = []
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        taking = threading.Thread(target=take_all, args=(server, held, over))
        taking.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", held
        over.set()
        taking.join()
    for connection in held:
        connection.close()


def take_all(server: socket.socket, held: list[socket.socket], over: threading.Event) -> None:
    server.settimeout(PAUSE)
    while not over.is_set():
        with contextlib.suppress(TimeoutError):
            held.append(server.accept()[0])


@pytest.mark.slow
@pytest.mark.parametrize("command", ["run", "sync"])
def test_a_visit_that_hangs_is_given_back(
    silent: tuple[str, list[socket.socket]], tmp_path: Path, command: str
) -> None:
    """The stop does not wait for an answer; the source is due again at the next start."""
    url, held = silent
    config = write_config(tmp_path, {"silent": f'url = "{url}/f.xml"'}, free_port())
    config.write_text(config.read_text("utf-8").replace("timeout = 5", "timeout = 60"), "utf-8")
    with Service([command], tmp_path) as service:
        until(lambda: held, service.said)
        code, seconds = service.stop(signal.SIGTERM)
    assert (code, seconds < 5) == (0, True)
    with Service(["run"], tmp_path) as service:
        # At once, though its interval is an hour.
        until(lambda: len(held) == 2, service.said)
