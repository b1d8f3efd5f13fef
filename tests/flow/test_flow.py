"""The whole line with real parts: a site on loopback, a WARC vault, parser processes, SQLite."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from aggregator.config import ListRule
from aggregator.errors import ConfigError
from aggregator.model import Relation, State
from aggregator.store.query import ArticleFilter
from aggregator.work.hosts import visit_sources
from aggregator.work.sync import sync_once
from aggregator.work.visit import Parts

from flow_site import World, feed, item, page, paragraphs

BY_SELECTOR = ListRule(item="ul.list li", link="a", date="span")


def html(topic: str, count: int = 8) -> str:
    return "".join(f"<p>{p}</p>" for p in paragraphs(topic, count))


def listing(*rows: tuple[str, str]) -> str:
    lines = "".join(
        f"<li><a href='{url}'>{title}</a><span>2026-11-03</span></li>" for url, title in rows
    )
    return f"<html><body><ul class='list'>{lines}</ul></body></html>"


def rows(world: World) -> list[object]:
    return list(world.read(lambda a: a.articles(ArticleFilter(), limit=100).rows))


def test_a_feed_with_full_text_is_stored_without_visiting_its_pages(world: World) -> None:
    url = world.site.put("/f.xml", feed(item("http://a.example/1.html", "书屋开放", html("书屋"))))
    world.add("a", url, kind="feed")
    world.sync()
    (row,) = world.read(lambda a: a.articles(ArticleFilter(), limit=9).rows)
    assert row.title == "书屋开放"
    assert [path for path, _ in world.site.requests] == ["/f.xml"]
    assert world.read(lambda a: a.search("清点登记了20件").total) == 1


def test_nothing_changed_is_asked_with_validators_and_stores_nothing(world: World) -> None:
    world.add(
        "a", world.site.put("/f.xml", feed(item("http://a.example/1.html", "书屋", html("书屋"))))
    )
    world.sync()
    world.clock.forward(hours=2)
    (again,) = world.sync()
    assert again.outcome == "unchanged"
    assert "if-none-match" in world.site.asked("/f.xml")[1]
    assert len(rows(world)) == 1


def test_a_list_page_leads_to_its_articles(world: World) -> None:
    world.site.put("/a/1.html", page("石桥村书屋开放", paragraphs("书屋")))
    url = world.site.put("/list.html", listing(("/a/1.html", "石桥村书屋开放")))
    world.add("l", url, kind="list", list=BY_SELECTOR, column="要闻")
    world.sync()
    (row,) = world.read(lambda a: a.articles(ArticleFilter(), limit=9).rows)
    view = world.read(lambda a: a.article(row.id))
    assert view is not None
    assert (row.title, row.source_name) == ("石桥村书屋开放", "石桥组工报")
    assert view.draft.editors is not None
    assert view.draft.editors.value[0].name == "林小禾"
    assert view.draft.text.split("\n") == paragraphs("书屋")


def test_a_correction_is_a_revision_and_noise_is_none(world: World) -> None:
    body = paragraphs("书屋")
    path = "/a/1.html"
    world.site.put(path, page("书屋开放", body))
    world.add(
        "l", world.site.put("/l.html", listing((path, "书屋开放"))), kind="list", list=BY_SELECTOR
    )
    world.sync()
    for visit in range(3):
        world.clock.forward(minutes=2)
        world.site.put(
            path, page("书屋开放", body, foot=f"访问量 {visit * 37} <i data-nonce='{visit}'></i>")
        )
        world.sync()
    corrected = [p.replace("33件", "39件") for p in body]
    world.site.put(path, page("书屋开放", corrected))
    world.clock.forward(minutes=2)
    world.sync()
    (row,) = world.read(lambda a: a.articles(ArticleFilter(), limit=9).rows)
    view = world.read(lambda a: a.article(row.id))
    assert view is not None
    assert [tuple(r.kinds) for r in view.revisions] in ([(), ("body",)], [("body",), ()])
    first = world.read(lambda a: a.revision(row.id, 1))
    assert first is not None
    assert "33件" in first.text
    assert "39件" in view.draft.text


def test_a_withdrawal_is_believed_at_the_second_miss_and_our_copy_stays(world: World) -> None:
    path = "/a/1.html"
    world.site.put(path, page("书屋开放", paragraphs("书屋")))
    world.add(
        "l", world.site.put("/l.html", listing((path, "书屋开放"))), kind="list", list=BY_SELECTOR
    )
    world.sync()
    (row,) = world.read(lambda a: a.articles(ArticleFilter(), limit=9).rows)
    states = []
    for status in (404, 404, 200):
        world.site.put(path, page("书屋开放", paragraphs("书屋")), status=status)
        world.clock.forward(hours=2)
        world.sync()
        view = world.read(lambda a: a.article(row.id))
        assert view is not None
        states.append(view.row.state)
        assert view.draft.text
    assert states == [State.MISSING, State.GONE, State.LIVE]


def test_reposts_are_one_entry_with_all_its_appearances(world: World) -> None:
    body = paragraphs("轮训", 10)
    originals = (
        ("http://one.example/1.html", "基层轮训走深走实", body),
        (
            "http://two.example/9.html",
            "《石桥组工报》刊文：基层轮训走深走实",
            ["本站转载自石桥组工报。", *body],
        ),
        ("http://three.example/7.html", "轮训怎么办", [*body[:4], *body[5:]]),
    )
    for n, (url, title, text) in enumerate(originals):
        joined = "".join(f"<p>{p}</p>" for p in text)
        world.add(f"s{n}", world.site.put(f"/{n}.xml", feed(item(url, title, joined))))
    world.sync()
    (entry,) = world.read(lambda a: a.entries(50))
    assert len(entry.links) == 2
    assert {link.relation for link in entry.links} <= {
        Relation.COPY,
        Relation.EDITED,
        Relation.ORIGINAL,
    }
    assert len(rows(world)) == 3


def test_different_articles_stay_apart(world: World) -> None:
    items = [item(f"http://a.example/{n}.html", f"题目{n}", html(f"甲{n}组")) for n in range(6)]
    world.add("a", world.site.put("/f.xml", feed(*items)))
    world.sync()
    assert len(world.read(lambda a: a.entries(50))) == 6


def test_a_broken_source_hurts_no_other(world: World) -> None:
    good = feed(item("http://a.example/1.html", "书屋", html("书屋")))
    world.add("html", world.site.put("/h.xml", "<html><body>维护中</body></html>"))
    world.add("broken", world.site.put("/b.xml", b"\x00\xff\xfe<rss><channel><item>"))
    world.add("missing", world.site.url + "/none.xml")
    world.add("error", world.site.put("/e.xml", "x", status=500))
    world.add("good", world.site.put("/g.xml", good))
    outcomes = {o.source: o for o in world.sync()}
    assert len(rows(world)) == 1
    assert outcomes["good"].outcome == "ok"
    for key in ("html", "broken", "missing", "error"):
        failure = outcomes[key].failure
        assert failure is not None
        assert failure.code != "internal"
    status = {s.key: s for s in world.read(lambda a: a.sources())}
    assert status["missing"].failures == 1
    assert "404" in status["missing"].last_error
    assert status["good"].last_error == ""


def test_a_body_that_cannot_be_read_freezes_nothing(world: World) -> None:
    """Validators of a broken answer are not kept, so the mended feed with the same tag is read."""
    good = feed(item("http://a.example/1.html", "书屋", html("书屋")))
    world.add("a", world.site.put("/f.xml", "<html><body>维护中</body></html>", etag='"same"'))
    world.sync()
    world.site.put("/f.xml", good, etag='"same"')
    world.clock.forward(days=4)
    world.sync()
    assert "if-none-match" not in world.site.asked("/f.xml")[1]
    assert len(rows(world)) == 1


def test_a_permanent_redirect_is_believed_at_the_second_good_visit(world: World) -> None:
    text = feed(item("http://a.example/1.html", "书屋", html("书屋")))
    new = world.site.put("/new.xml", text)
    world.add("a", world.site.put("/old.xml", "", status=301, location=new))
    for _ in range(3):
        world.sync()
        world.clock.forward(hours=2)
    assert len(world.site.asked("/old.xml")) == 2
    assert len(world.site.asked("/new.xml")) == 3


def test_a_list_that_loses_all_its_items_is_a_broken_rule(world: World) -> None:
    world.site.put("/a/1.html", page("书屋开放", paragraphs("书屋")))
    url = world.site.put("/l.html", listing(("/a/1.html", "书屋开放")))
    world.add("l", url, kind="list", list=BY_SELECTOR)
    world.sync()
    world.site.put("/l.html", "<html><body><div class='new-layout'>改版</div></body></html>")
    world.clock.forward(hours=2)
    outcome = next(o for o in world.sync() if o.kind == "source")
    assert outcome.failure is not None
    assert outcome.failure.code == "empty-list"
    assert len(rows(world)) == 1


def test_a_dead_link_of_a_list_is_retried_and_then_given_up(world: World) -> None:
    url = world.site.put("/l.html", listing(("/a/none.html", "没有的文章")))
    world.add("l", url, kind="list", list=BY_SELECTOR)
    for _ in range(12):
        world.sync()
        world.clock.forward(days=4)
    assert 2 <= len(world.site.asked("/a/none.html")) <= 8


def test_a_cancelled_visit_is_given_back(world: World) -> None:
    world.add(
        "a", world.site.put("/f.xml", feed(item("http://a.example/1.html", "书屋", html("书屋"))))
    )

    async def work(parts: Parts) -> int:
        (state,) = parts.store.source_states()
        never = asyncio.Event()
        visit = asyncio.create_task(visit_sources(parts, [state], print, never))
        while parts.store.due_sources(state.host, world.clock.now()):  # noqa: ASYNC110
            await asyncio.sleep(0)
        visit.cancel()
        await asyncio.gather(visit, return_exceptions=True)
        return len(parts.store.due_sources(state.host, world.clock.now()))

    assert world.run(work) == 1


def test_an_article_of_several_pages_is_joined_and_a_missing_page_is_said(world: World) -> None:
    body = paragraphs("调研", 9)
    pager = "<div class='page'><a href='/n1/2026/1103/c1-1.html'>【1】</a><a href='/n1/2026/1103/c1-1-2.html'>【2】</a><a href='/n1/2026/1103/c1-1-3.html'>【3】</a></div>"
    for n in range(2):
        path = "/n1/2026/1103/c1-1.html" if n == 0 else "/n1/2026/1103/c1-1-2.html"
        text = page("调研记", body[n * 3 : n * 3 + 3]).replace(
            "</div><div class='editor'>", f"{pager}</div><div class='editor'>"
        )
        world.site.put(path, text)
    world.add(
        "l",
        world.site.put("/l.html", listing(("/n1/2026/1103/c1-1.html", "调研记"))),
        kind="list",
        list=BY_SELECTOR,
    )
    world.sync()
    (row,) = world.read(lambda a: a.articles(ArticleFilter(), limit=9).rows)
    view = world.read(lambda a: a.article(row.id))
    assert view is not None
    assert view.draft.text.split("\n")[:6] == body[:6]
    assert [u.rpartition("/")[2] for u in view.draft.missing_pages] == ["c1-1-3.html"]


def test_two_sources_with_the_same_article_store_it_once(world: World) -> None:
    text = feed(item("http://a.example/1.html", "书屋", html("书屋")))
    other = text.replace("http://a.example/1.html", "https://a.example/1.html?utm_source=x")
    world.add("a", world.site.put("/a.xml", text))
    world.add("b", world.site.put("/b.xml", other))
    world.sync()
    assert len(rows(world)) == 1


def test_a_source_that_leaves_the_configuration_keeps_its_articles(world: World) -> None:
    world.add(
        "a", world.site.put("/a.xml", feed(item("http://a.example/1.html", "书屋", html("书屋"))))
    )
    world.sync()
    world.sources = [replace(s, key="b") for s in world.sources]
    world.sync()
    assert len(rows(world)) == 1


def test_sync_ends_when_it_is_told_to(world: World) -> None:
    world.add("a", world.site.put("/a.xml", feed()))

    async def work(parts: Parts) -> list[object]:
        stopping = asyncio.Event()
        stopping.set()
        found: list[object] = []
        await sync_once(parts, parts.store.source_states(), found.append, stopping, 4)
        return found

    assert world.run(work) == []


def test_rules_of_ones_own_stand_before_all(world: World) -> None:
    path = "/a/1.html"
    text = page("书屋开放", paragraphs("书屋")).replace("<h1>", "<h1>专栏丨</h1><h1 class='real'>")
    world.site.put(path, text)
    world.add(
        "l", world.site.put("/l.html", listing((path, "书屋开放"))), kind="list", list=BY_SELECTOR
    )
    rules = world.folder / "mine.toml"
    rules.write_text("[mine]\nhosts = ['127.0.0.1']\ntitle = ['h1.real']\n", encoding="utf-8")
    world.rules_files = (str(rules),)
    world.sync()
    (row,) = world.read(lambda a: a.articles(ArticleFilter(), limit=9).rows)
    view = world.read(lambda a: a.article(row.id))
    assert view is not None
    assert view.draft.rules == "mine"
    assert row.title == "书屋开放"


def test_a_rules_file_that_is_not_there_is_told_before_anything_is_fetched(world: World) -> None:
    world.add("a", world.site.put("/f.xml", feed()))
    world.rules_files = (str(world.folder / "none.toml"),)
    with pytest.raises(ConfigError, match=r"none\.toml cannot be read"):
        world.sync()
    assert world.site.requests == []
