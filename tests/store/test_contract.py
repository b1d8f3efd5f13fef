"""What every store must do, on each kind of database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.model import Relation, State
from aggregator.store.query import ArticleFilter

FAR = timedelta(days=400)

# ---------------------------------------------------------------- sources


def test_new_sources_are_due_at_once(world, made):
    assert world.store.due_hosts(made.now) == ["a.example", "b.example"]
    (state,) = world.store.due_sources("a.example", made.now)
    assert (state.key, state.options.url) == ("a", "http://a.example/feed")
    assert state.last_ok_at is None


def test_a_planned_source_is_not_due_before_its_time(world, made):
    (state,) = world.store.due_sources("a.example", made.now)
    world.store.plan_sources([state.id], made.now + made.hour)
    assert world.store.due_sources("a.example", made.now) == []
    assert world.store.due_hosts(made.now) == ["b.example"]
    assert world.store.due_sources("a.example", made.now + made.hour)


def test_the_host_that_waits_longest_comes_first(world, made):
    world.store.plan_sources([1], made.now - made.hour)
    world.store.plan_sources([2], made.now - 2 * made.hour)
    assert world.store.due_hosts(made.now) == ["b.example", "a.example"]


def test_a_visit_planned_under_a_wrong_clock_is_due(world, made):
    world.store.plan_sources([1], made.now + FAR)
    assert [s.id for s in world.store.due_sources("a.example", made.now)] == [1]


def test_sources_that_left_the_configuration_rest_and_come_back(world, made):
    world.store.register([made.spec("b")], made.now)
    assert [s.key for s in world.store.source_states()] == ["b"]
    assert world.archive.sources()[1].removed_at == made.now
    world.store.register([made.spec("a"), made.spec("b")], made.now)
    assert [s.key for s in world.store.source_states()] == ["a", "b"]
    assert world.store.source_states(["b"])[0].id == 2


def test_a_disabled_source_is_not_asked(world, made):
    world.store.register([made.spec("a", enabled=False), made.spec("b")], made.now)
    assert world.store.due_hosts(made.now) == ["b.example"]


def test_the_same_configuration_changes_nothing(world, made):
    world.visit(etag='"1"', digest="sha256:1")
    before = world.store.source_states()
    world.store.register([made.spec("a"), made.spec("b")], made.now + made.hour)
    assert world.store.source_states() == before


def test_changed_options_void_the_validators(world, made):
    world.visit(etag='"1"', last_modified="x", digest="sha256:1")
    world.store.register([made.spec("a", charset="big5"), made.spec("b")], made.now)
    state = world.store.source_states(["a"])[0]
    assert (state.etag, state.last_modified, state.digest) == ("", "", "")
    assert state.next_visit_at == made.now
    assert state.options.charset == "big5"


def test_another_address_starts_afresh(world, made):
    world.visit(outcome="failed", failure=made.failure, stopped=True, url_override="http://x/")
    world.store.register([made.spec("a", "http://c.example/new"), made.spec("b")], made.now)
    state = world.store.source_states(["a"])[0]
    assert (state.host, state.url_override, state.stopped, state.failures) == (
        "c.example", "", False, 0,
    )  # fmt: skip


# ---------------------------------------------------------------- visits to sources


def test_a_good_visit_is_written_with_its_validators(world, made):
    newest = made.now - made.hour
    world.visit(
        made.line("a.example/1"), etag='"1"', last_modified="Tue", digest="sha256:7",
        redirect_seen="http://r/", newest_at=newest, title="青禾", home_url="http://a.example/",
    )  # fmt: skip
    state = world.store.source_states(["a"])[0]
    assert (state.etag, state.last_modified, state.digest) == ('"1"', "Tue", "sha256:7")
    assert (state.redirect_seen, state.newest_at, state.items_usual) == ("http://r/", newest, 1)
    assert (state.last_ok_at, state.next_visit_at) == (made.now, made.now + made.hour)
    row = world.archive.sources()[0]
    assert (row.title, row.home_url, row.visits, row.last_outcome) == (
        "青禾", "http://a.example/", 1, "ok",
    )  # fmt: skip


def test_failures_are_counted_and_told_until_a_good_visit(world, made):
    for n in (1, 2):
        world.visit(outcome="failed", failure=made.failure, status=None, etag='"kept"')
        row = world.archive.sources()[0]
        assert (row.failures, row.last_code) == (n, "timeout")
        assert row.last_error == "no answer within 30 s"
    assert world.store.source_states(["a"])[0].etag == '"kept"'
    assert world.archive.sources()[0].last_ok_at is None
    world.visit(outcome="unchanged", status=304)
    row = world.archive.sources()[0]
    assert (row.failures, row.last_error, row.last_outcome) == (0, "", "unchanged")
    assert [v.outcome for v in world.archive.visits(1)] == ["unchanged", "failed", "failed"]


def test_an_older_newest_item_does_not_move_the_mark_back(world, made):
    world.visit(newest_at=made.now)
    world.visit(newest_at=made.now - made.hour)
    world.visit(newest_at=None)
    assert world.store.source_states(["a"])[0].newest_at == made.now


def test_a_stopped_source_is_not_asked_again(world, made):
    world.visit(outcome="failed", failure=made.failure, stopped=True, next_visit_at=made.now)
    assert world.store.due_hosts(made.now) == ["b.example"]


def test_known_entries_are_those_of_the_source_itself(world, made):
    world.visit(made.line("a.example/1", digest="x"), made.line("a.example/2", digest="y"))
    keys = ["a.example/1", "a.example/2", "a.example/3"]
    assert world.store.known_entries(1, keys) == {"a.example/1": "x", "a.example/2": "y"}
    assert world.store.known_entries(2, keys) == {}
    many = [f"a.example/{n}" for n in range(2000)]
    assert len(world.store.known_entries(1, many)) == 2


def test_a_line_that_vanishes_from_the_middle_has_left_the_list(world, made):
    one, two, three = (made.line(f"a.example/{n}") for n in (1, 2, 3))
    world.visit(one, two, three)
    fresh = made.line("a.example/0")
    world.visit(fresh, at=made.now + made.hour, listed_keys=("a.example/0", one.key))
    # The third one only fell off the end; so did the second, for nothing below it is left.
    assert _left(world) == set()
    world.visit(at=made.now + 2 * made.hour, listed_keys=(one.key,))
    assert _left(world) == {"a.example/0"}


def _left(world):
    import sqlite3

    with sqlite3.connect(world.url.removeprefix("sqlite:///")) as raw:
        found = raw.execute("SELECT key FROM sighting WHERE left_at IS NOT NULL").fetchall()
    raw.close()
    return {key for (key,) in found}


# ---------------------------------------------------------------- pages


def test_listed_pages_are_queued_once(world, made):
    counts = world.visit(made.line("x.example/1"), made.line("y.example/2"))
    assert counts.queued == 2
    assert world.store.due_hosts(made.now + made.hour) == [
        "b.example", "x.example", "y.example", "a.example",
    ]  # fmt: skip
    again = world.visit(made.line("x.example/1"), source_id=2)
    assert again.queued == 0
    (task,) = world.store.due_pages("x.example", made.now, 10)
    assert (task.source_id, task.sighting.title) == (1, "标题 x.example/1")
    assert (task.attempts, task.appearance_id, task.first_seen_at) == (0, None, made.now)


def test_the_content_of_a_sighting_is_not_kept_with_the_page(world, made):
    one = made.line("x.example/1")
    world.visit(replace(one, sighting=replace(one.sighting, content="<p>x</p>", summary="s")))
    (task,) = world.store.due_pages("x.example", made.now, 10)
    assert (task.sighting.content, task.sighting.summary) == ("", "s")


def test_new_pages_come_before_those_visited_before(world, made):
    world.visit(made.line("x.example/1"))
    (task,) = world.store.due_pages("x.example", made.now, 10)
    world.page(task, next_visit_at=made.now - made.hour, outcome="failed", failure=made.failure)
    world.visit(made.line("x.example/2"))
    tasks = world.store.due_pages("x.example", made.now, 10)
    assert [(t.key, t.attempts) for t in tasks] == [("x.example/2", 0), ("x.example/1", 1)]
    assert [t.key for t in world.store.due_pages("x.example", made.now, 1)] == ["x.example/2"]


def test_a_page_is_asked_again_when_its_list_says_something_new(world, made):
    world.visit(made.line("x.example/1"))
    (task,) = world.store.due_pages("x.example", made.now, 10)
    later = made.now + made.hour
    world.page(task, next_visit_at=later + FAR / 4)
    assert world.store.due_pages("x.example", later, 10) == []
    assert world.visit(made.line("x.example/1", digest="d2"), at=later).queued == 1
    assert len(world.store.due_pages("x.example", later, 10)) == 1


def test_a_page_that_was_given_up_is_tried_again_when_another_list_shows_it(world, made):
    world.visit(made.line("x.example/1"))
    (task,) = world.store.due_pages("x.example", made.now, 10)
    world.page(task, next_visit_at=None, outcome="failed", failure=made.failure)
    assert world.store.due_pages("x.example", made.now + FAR / 4, 10) == []
    assert world.visit(made.line("x.example/1"), source_id=2).queued == 1


def test_pages_of_a_source_that_rests_are_not_visited(world, made):
    world.visit(made.line("x.example/1"))
    world.store.register([made.spec("b")], made.now)
    assert world.store.due_pages("x.example", made.now, 10) == []
    assert world.store.due_hosts(made.now) == ["b.example"]


def test_a_page_becomes_an_article_with_its_snapshots(world, made):
    world.visit(made.line("x.example/1"))
    (task,) = world.store.due_pages("x.example", made.now, 10)
    first, second = made.snapshot(1), made.snapshot(2)
    captured = made.capture("x.example/1", made.draft(made.body("粮仓")), snapshot=second)
    counts = world.page(
        task, capture=captured, snapshots=(first, second), etag='"e"', last_modified="lm",
        digest="sha256:2", bytes=123,
    )  # fmt: skip
    assert (counts.new, len(counts.appearance_ids)) == (1, 1)
    view = world.archive.article(counts.appearance_ids[0])
    assert view.revisions[0].snapshot == second
    assert view.visits[0].bytes == 123
    assert view.draft == captured.draft
    assert world.archive.sources()[0].articles == 1
    (again,) = world.store.due_pages("x.example", made.now + made.hour, 10)
    assert (again.etag, again.last_modified, again.digest) == ('"e"', "lm", "sha256:2")
    assert again.appearance_id == view.row.id


@pytest.fixture
def article(world, made):
    """An article of a page: (task, article number)."""
    world.visit(made.line("x.example/1"))
    (task,) = world.store.due_pages("x.example", made.now, 10)
    counts = world.page(task, capture=made.capture("x.example/1", made.draft(made.body("粮仓"))))
    (task,) = world.store.due_pages("x.example", made.now + made.hour, 10)
    return task, counts.appearance_ids[0]


def test_an_article_is_missed_then_gone_then_back(world, made, article):
    task, number = article
    steps = [("missing", "missing", 1), ("gone", "gone", 2), ("gone", "gone", 3)]
    for hours, (outcome, state, missed) in enumerate(steps, 1):
        at = made.now + hours * made.hour
        world.page(task, at=at, outcome=outcome, state=state, missed=missed, status=404)
    row = world.archive.article(number).row
    assert row.state is State.GONE
    assert (row.missed_since, row.gone_at) == (made.now + made.hour, made.now + 2 * made.hour)
    assert row.last_seen_at == made.now
    assert world.archive.article(number).draft.text
    back = made.capture("x.example/1", made.draft(made.body("粮仓")), made.now + 5 * made.hour)
    world.page(task, at=made.now + 5 * made.hour, capture=back, state="live")
    row = world.archive.article(number).row
    assert (row.state, row.missed_since, row.gone_at) == (State.LIVE, None, None)
    told = [
        (c.detail["from"], c.detail["to"]) for c in world.archive.changes() if c.kind == "state"
    ]
    assert told == [("live", "missing"), ("missing", "gone"), ("gone", "live")]
    assert world.store.appearance_state(number) is State.LIVE
    assert world.store.appearance_state(99) is None


def test_a_failed_visit_says_nothing_about_the_state(world, made, article):
    task, number = article
    later = made.now + made.hour
    for outcome in ("failed", "challenge"):
        world.page(task, at=later, outcome=outcome, failure=made.failure, status=500)
    row = world.archive.article(number).row
    assert (row.state, row.last_seen_at) == (State.LIVE, made.now)


def test_an_unchanged_page_was_seen(world, made, article):
    task, number = article
    world.page(task, at=made.now + made.hour, outcome="unchanged", status=304, state="live")
    assert world.archive.article(number).row.last_seen_at == made.now + made.hour
    assert [c.kind for c in world.archive.changes()] == ["new"]


# ---------------------------------------------------------------- articles


def test_the_same_article_again_is_unchanged(world, made):
    first = made.draft(made.body("粮仓"))
    number = world.put("a.example/1", first)
    noisy = replace(first, html=first.html + "<!-- 7 -->", encoding="gb18030")
    counts = world.visit(
        made.line("a.example/1", captured=made.capture("a.example/1", noisy, made.now + made.hour))
    )
    assert (counts.unchanged, counts.new, counts.revised) == (1, 0, 0)
    row = world.archive.article(number).row
    assert (row.number, row.last_seen_at) == (1, made.now + made.hour)


def test_a_correction_is_a_revision_and_both_are_kept(world, made):
    old = made.draft(made.body("粮仓"))
    new = made.draft(made.body("粮仓").replace("20件", "22件"), title="改过的标题")
    number = world.put("a.example/1", old)
    later = made.now + made.hour
    assert world.put("a.example/1", new, at=later) == number
    view = world.archive.article(number)
    assert [(r.number, r.seen_at) for r in view.revisions] == [(1, made.now), (2, later)]
    assert set(view.revisions[1].kinds) == {"title", "lead"}
    assert (world.archive.revision(number, 1), world.archive.revision(number, 2)) == (old, new)
    assert world.archive.revision(number, 3) is None
    assert view.row.title == "改过的标题"
    last = world.archive.changes()[-1]
    assert (last.kind, last.number, set(last.detail["kinds"])) == ("revised", 2, {"title", "lead"})


def test_two_changes_of_one_article_in_one_visit_are_two_revisions(world, made):
    texts = [made.body("粮仓"), made.body("水库"), made.body("渡口")]
    lines = [
        made.line("a.example/1", captured=made.capture("a.example/1", made.draft(t))) for t in texts
    ]
    # One list may hold an address twice only through two spellings of it; the store must not care.
    counts = world.visit(lines[0])
    counts = world.visit(made.line("a.example/2", captured=lines[1].capture), lines[2])
    assert counts.revised == 2
    assert [r.number for r in world.archive.article(1).revisions] == [1, 2, 3]
    assert [h.article.id for h in world.archive.search("渡口").rows] == [1]
    assert world.archive.search("水库").rows == ()


def test_a_repost_is_linked_and_stays_an_appearance(world, made):
    text = made.body("粮仓")
    first = world.put("a.example/1", made.draft(text))
    other = world.put(
        "b.example/9",
        made.draft("转自别处的一段说明文字\n" + text, title="转载：" + "清点"),
        source_id=2,
    )
    row = world.archive.article(other).row
    assert row.work_id == world.archive.article(first).row.work_id
    assert row.relation is Relation.EDITED
    assert [a.id for a in world.archive.article(first).appearances] == [other]
    (entry,) = world.archive.entries()
    assert (entry.url, [link.url for link in entry.links]) == (
        "http://a.example/1", ["http://b.example/9"],
    )  # fmt: skip
    assert [c.kind for c in world.archive.changes()] == ["new", "linked"]


def test_reposts_in_one_list_are_linked_too(world, made):
    captures = [made.capture(f"a.example/{n}", made.draft(made.body("粮仓"))) for n in (1, 2)]
    counts = world.visit(*(made.line(c.key, captured=c) for c in captures))
    assert (counts.new, counts.linked) == (2, 1)
    assert len(world.archive.entries()) == 1


def test_set_phrases_link_nothing(world, made):
    phrase = "坚持实事求是的工作方法，把群众的需要放在首要位置，一件接着一件办好办实，"
    phrase += "努力开创各项工作的新局面，不断取得看得见的实际成效，"
    for n in range(40):
        world.put(f"a.example/{n}", made.draft(phrase + made.body(f"第{n}村", 40), title=f"题{n}"))
    assert world.archive.counts().works == 40
    # A short text of nothing but the set phrases has no anchor left.
    number = world.put("a.example/short", made.draft(phrase, title="短"))
    assert world.archive.article(number).row.relation is Relation.ORIGINAL


def test_texts_that_no_database_takes_are_mended(world, made):
    number = world.put(
        "a.example/1", made.draft("坏\ud800字\x00符" + made.body("粮仓"), title="\udfff")
    )
    view = world.archive.article(number)
    assert view.draft.text.startswith("坏\ufffd字\ufffd符")
    assert view.row.title == "\ufffd"


def test_paging_shows_every_article_once_newest_first(world, made):
    for n in range(25):
        # Some share their time, some have none.
        at = made.now - (n // 3) * made.hour if n % 5 else None
        world.put(f"a.example/{n}", made.draft(made.body(f"第{n}村"), title=f"题{n}", published=at))
    whole = world.archive.articles(limit=100)
    assert whole.next is None
    assert len(whole.rows) == 25
    assert world.archive.articles(ArticleFilter(text="小组"), limit=100).rows == whole.rows
    for wanted in (ArticleFilter(), ArticleFilter(text="小组")):
        paged, cursor = [], None
        while True:
            page = world.archive.articles(wanted, limit=4, cursor=cursor)
            paged += page.rows
            cursor = page.next
            if cursor is None:
                break
        assert tuple(paged) == whole.rows
    times = [r.published_at or r.first_seen_at for r in whole.rows]
    assert times == sorted(times, reverse=True)


def test_an_article_dated_in_the_future_stands_where_it_was_seen(world, made):
    wrong = world.put("a.example/1", made.draft(made.body("粮仓"), published=made.now + FAR))
    right = world.put("a.example/2", made.draft(made.body("水库"), published=made.now + made.hour))
    assert [r.id for r in world.archive.articles().rows] == [right, wrong]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({"source": "b"}, {2}),
        ({"source": "nobody"}, set()),
        ({"author": "石桥"}, {1, 3}),
        ({"author": "石"}, set()),
        ({"author": '石桥","林'}, set()),
        ({"source_name": "江畔日报"}, {2}),
        ({"state": State.LIVE}, {1, 2, 3}),
        ({"state": State.GONE}, set()),
        ({"site": "a.example"}, {1, 3}),
        ({"column": "要闻"}, set()),
        ({"text": "水库"}, {2}),
        ({"text": "水库", "author": "石桥"}, set()),
        ({"text": "小组", "source": "a"}, {1, 3}),
    ],
)
def test_filters(filtered, wanted, numbers):
    assert {r.id for r in filtered.archive.articles(ArticleFilter(**wanted)).rows} == numbers


@pytest.fixture(scope="module")
def filtered(read_only_world, made):
    """Three articles that differ in what filters look at."""
    read_only_world.put("a.example/1", made.draft(made.body("粮仓")))
    other = made.draft(made.body("水库"), authors=("林河", "石桥子"), source="江畔日报")
    read_only_world.put("b.example/2", other, source_id=2)
    read_only_world.put("a.example/3", made.draft(made.body("渡口"), authors=("石桥", "100%")))
    return read_only_world


def test_since_is_included_and_until_is_not(world, made):
    for n in range(4):
        at = made.now - n * made.hour
        world.put(f"a.example/{n}", made.draft(made.body(f"第{n}村"), published=at))
    wanted = ArticleFilter(since=made.now - 2 * made.hour, until=made.now)
    assert [r.id for r in world.archive.articles(wanted).rows] == [2, 3]


# ---------------------------------------------------------------- entries


def test_entry_ids_are_stable_and_updated_moves_with_real_revisions_only(world, made):
    world.put("a.example/1", made.draft(made.body("粮仓")))
    (before,) = world.archive.entries()
    world.put("a.example/1", made.draft(made.body("粮仓")), at=made.now + made.hour)
    assert world.archive.entries() == [before]
    later = made.now + 2 * made.hour
    world.put("a.example/1", made.draft(made.body("水库")), at=later)
    (after,) = world.archive.entries()
    assert (after.id, after.updated) == (before.id, later)
    assert before.updated == made.now
    assert "水库" in after.html
    assert before.id.startswith("tag:aggregator.invalid,2026:")


def test_an_entry_shows_the_first_appearance_that_is_live(world, made, article):
    task, number = article
    copy = world.put("b.example/9", made.draft(made.body("粮仓")), source_id=2)
    assert world.archive.entries()[0].url == "http://x.example/1"
    world.page(task, outcome="gone", state="gone", missed=2)
    (entry,) = world.archive.entries()
    assert (entry.url, entry.local_path) == ("http://b.example/9", f"/articles/{copy}")
    assert [link.url for link in entry.links] == ["http://x.example/1"]
    assert number != copy


def test_entries_of_one_source_and_of_the_next_page(world, made):
    for n in range(6):
        at = made.now - n * made.hour
        key, source_id = (f"a.example/{n}", 1) if n % 2 else (f"b.example/{n}", 2)
        made_draft = made.draft(made.body(f"第{n}村"), published=at, title=f"题{n}")
        world.put(key, made_draft, source_id=source_id)
    assert [e.title for e in world.archive.entries(source="b")] == ["题0", "题2", "题4"]
    first = world.archive.entries(limit=4)
    rest = world.archive.entries(limit=4, before=first[-1].id)
    assert [e.title for e in first + rest] == [f"题{n}" for n in range(6)]


def test_a_late_article_of_a_known_source_is_not_lost_to_subscribers(world, made):
    world.put("a.example/1", made.draft(made.body("粮仓"), title="旧", published=made.now))
    late = made.now + timedelta(days=3)
    old = made.draft(made.body("水库"), title="迟", published=made.now - made.hour)
    world.put("a.example/2", old, at=late)
    assert [e.title for e in world.archive.entries()] == ["迟", "旧"]
    assert [r.title for r in world.archive.articles().rows] == ["旧", "迟"]


def test_what_a_new_source_held_before_stands_at_its_own_date(world, made):
    world.put("a.example/1", made.draft(made.body("粮仓"), title="新", published=made.now))
    old = made.draft(made.body("水库"), title="旧", published=made.now - made.hour)
    world.put("b.example/2", old, source_id=2, at=made.now + 2 * made.hour)
    assert [e.title for e in world.archive.entries()] == ["新", "旧"]


def test_the_feed_state_moves_with_changes_only(world, made):
    assert world.archive.feed_state() == (0, made.now)
    world.put("a.example/1", made.draft(made.body("粮仓")))
    state = world.archive.feed_state()
    assert state == (1, made.now)
    world.put("a.example/1", made.draft(made.body("粮仓")), at=made.now + made.hour)
    world.visit(outcome="unchanged")
    assert world.archive.feed_state() == state


def test_changes_can_be_followed_from_a_cursor(world, made):
    for n in range(5):
        world.put(f"a.example/{n}", made.draft(made.body(f"第{n}村")))
    first = world.archive.changes(limit=3)
    rest = world.archive.changes(since=first[-1].seq)
    assert [c.article_id for c in first + rest] == [1, 2, 3, 4, 5]


# ---------------------------------------------------------------- snapshots, counts


def test_a_body_is_found_by_its_digest_the_first_time_it_was_kept(world, made):
    first, revisit = made.snapshot(1), made.snapshot(2, digest="sha256:1", revisit=True)
    world.visit(snapshot=first)
    world.visit(snapshot=revisit)
    world.visit(snapshot=first)  # the same record again is no second one
    assert world.store.body("sha256:1") == first
    assert world.store.body("sha256:2") is None
    assert world.archive.counts().snapshots == 2


def test_captures_of_a_list_refer_to_the_list_s_snapshot(world, made):
    kept = made.snapshot(1)
    number = world.put("a.example/1", made.draft(made.body("粮仓")), snapshot=kept)
    assert world.archive.article(number).revisions[0].snapshot == kept


def test_counts(world, made):
    world.put("a.example/1", made.draft(made.body("粮仓")))
    world.put("b.example/2", made.draft(made.body("粮仓")), source_id=2)
    world.visit(made.line("x.example/3"))
    counts = world.archive.counts()
    assert (counts.works, counts.articles, counts.revisions) == (1, 2, 2)
    assert (counts.sources, counts.waiting) == (2, 1)


def test_there_is_no_article_of_an_unknown_number(world):
    assert world.archive.article(7) is None
    assert world.archive.revision(7, 1) is None
    assert world.archive.entries() == []
    assert world.archive.articles().rows == ()
