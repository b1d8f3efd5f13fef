"""Search means: every term is a substring of the normalised text. The index must not be noticed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.errors import QueryError
from aggregator.fulltext import searchable
from aggregator.store import open_archive, open_store
from aggregator.store.query import ArticleFilter
from aggregator.store.snippet import pieces, snippet
from aggregator.store.terms import MAX_LENGTH, MAX_TERMS, parse
from aggregator.text import norm


def found(world, query, **values):
    """The articles that a search finds, in its order."""
    return [row.article.id for row in world.archive.search(query, limit=500, **values).rows]


TEXTS = {
    1: "认真开展主题教育，学习贯彻新要求。",
    2: "坚持“两个确立”，推进党建工作。党支部书记讲党课",
    3: "采用ＧＰＴ-４技术，增长12.5%，COVID-19防控；Party Building works",
    4: "龘靐齉𠀀𪚥𰻝同志出席会议",
    5: "主 题教育在基层，",
    6: "渔港的清晨。港口的黄昏",
}


@pytest.fixture(scope="module")
def texts(read_only_world, made):
    """An archive with TEXTS, the later numbers published later."""
    for number, text in TEXTS.items():
        at = made.now - timedelta(days=10 - number)
        draft = made.draft(text, title=f"题{number}", published=at, authors=(), source="")
        assert read_only_world.put(f"a.example/{number}", draft) == number
    return read_only_world


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("主题教育", [5, 1]),
        ("题", [6, 5, 4, 3, 2, 1]),
        ("题3", [3]),
        ("教", [5, 1]),
        ("育", [5, 1]),
        ("晨", [6]),
        ("渔港", [6]),
        ("港清", []),
        ("港的", [6]),
        ("的清晨", [6]),
        ("渔港 黄昏", [6]),
        ("渔港 教育", []),
        ("两个确立", [2]),
        ("“两个确立”", [2]),
        ('"坚持两个确立"', [2]),
        ("确立推进", []),
        ("确立，推进", [2]),
        ("gpt-4", [3]),
        ("GPT", [3]),
        ("pt", [3]),
        ("ＧＰＴ", [3]),
        ("12.5%", [3]),
        ("2.5", [3]),
        ("5%", [3]),
        ("covid-19", [3]),
        ("9防", [3]),
        ("build", [3]),
        ("uilding w", [3]),
        ('"building works"', [3]),
        ('"works building"', []),
        ("works building", [3]),
        ("𠀀", [4]),
        ("𪚥𰻝", [4]),
        ("𰻝同志", [4]),
        ("a", [3]),
        ("党 %", []),
        ("书记讲党课", [2]),
        ("会议书记", []),
        ("不存在的词语", []),
        ("主题\u3000教育", [5, 1]),
    ],
)
def test_words_of_any_length(texts, query, numbers):
    assert found(texts, query) == numbers
    assert sorted(found(texts, query, order="relevance")) == sorted(numbers)


@pytest.mark.parametrize(
    ("query", "position"),
    [
        ("", 0),
        ("  ", 0),
        ('党建 "工作', 3),
        ("党建 “工作", 3),
        ("党建 、", 3),
        ('""', 0),
        ("%", 0),
        ("% +", 0),
        ("党" * (MAX_LENGTH + 1), MAX_LENGTH),
        (" ".join(f"词{n}" for n in range(MAX_TERMS + 1)), 54),
    ],
)
def test_a_query_that_cannot_be_read_is_told_with_its_place(texts, query, position):
    with pytest.raises(QueryError) as told:
        texts.archive.search(query)
    assert told.value.position == position


@pytest.mark.parametrize("cursor", ["x", "1", "1.2.3", "1.2.3.x", "9" * 40 + ".1.1.1", "١.x.0.0"])
@pytest.mark.parametrize("order", ["newest", "relevance"])
def test_a_cursor_that_was_not_given_out_is_told(texts, cursor, order):
    if order == "relevance" and cursor == "1":
        return  # that is one
    with pytest.raises(QueryError):
        texts.archive.search("题", cursor=cursor, order=order)
    with pytest.raises(QueryError):
        texts.archive.articles(cursor="x")


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_no_query_raises_anything_but_query_errors(texts, query):
    try:
        result = texts.archive.search(query)
    except QueryError as error:
        place = error.position
        assert 0 <= place <= len(query)
        return
    expected = [n for n, text in TEXTS.items() if _brute(f"题{n}\n{text}", query)]
    assert sorted(row.article.id for row in result.rows) == expected


def _brute(text, query):
    return all(t.normal in norm(text) for t in parse(query))


# ---------------------------------------------------------------- against brute force

_LETTERS = "党建工作ab1龘 ，。“"
_DOCS = st.lists(st.text(_LETTERS, min_size=1, max_size=25), min_size=1, max_size=12)
_QUERIES = st.lists(st.text("党建工作ab1龘", min_size=1, max_size=4), min_size=1, max_size=3)


@given(docs=_DOCS, terms=_QUERIES, data=st.data())
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=40,
    deadline=None,
)
def test_search_equals_a_scan(tmp_path_factory, empty_archive, made, docs, terms, data):
    file = tmp_path_factory.mktemp("s") / "a.sqlite"
    file.write_bytes(empty_archive.read_bytes())
    url = f"sqlite:///{file}"
    store, archive = open_store(url), open_archive(url)
    try:
        drafts = _written(store, made, docs, data)
        query = " ".join(terms)
        whole = archive.search(query, limit=100)
        expected = {n for n, d in drafts.items() if _brute(searchable(d), query)}
        assert {r.article.id for r in whole.rows} == expected
        assert (whole.total, whole.more_than) == (len(expected), False)
        times = [r.article.published_at for r in whole.rows]
        assert times == sorted(times, reverse=True)
        for order in ("newest", "relevance"):
            assert _paged(archive, query, order) == [
                r.article.id for r in archive.search(query, limit=100, order=order).rows
            ]
    finally:
        archive.close()
        store.close()


def _written(store, made, docs, data):
    """Store *docs* at random times, then some of them anew, in one or several visits."""
    import asyncio

    times = st.integers(0, 40).map(lambda h: made.now - h * made.hour)
    drafts = {}
    for step in range(2):
        chosen = (
            range(len(docs)) if step == 0 else data.draw(st.sets(st.sampled_from(range(len(docs)))))
        )
        lines = []
        for n in chosen:
            text = docs[n] if step == 0 else data.draw(st.text(_LETTERS, max_size=12))
            draft = made.draft(
                text, title=f"z{n}", published=data.draw(times), authors=(), source=""
            )
            drafts[n + 1] = draft
            key = f"a.example/{n}"
            lines.append(made.line(key, captured=made.capture(key, draft), digest=str(step)))
        asyncio.run(store.record_source(made.source_visit(lines)))
    return drafts


def _paged(archive, query, order):
    rows, cursor = [], None
    while True:
        page = archive.search(query, limit=2, cursor=cursor, order=order)
        rows += [row.article.id for row in page.rows]
        cursor = page.next
        if cursor is None:
            return rows


def test_a_revised_article_is_found_by_its_new_words_only(world, made):
    world.put("a.example/1", made.draft(made.body("粮仓")))
    old = made.draft(made.body("水库"), published=made.now - timedelta(days=3))
    world.put("a.example/1", old, at=made.now + made.hour)
    assert found(world, "水库") == [1]
    assert found(world, "粮仓") == []
    assert _proposed(world, "粮仓") == 0
    assert _proposed(world, "水库") == 1


def _proposed(world, window):
    import sqlite3

    raw = sqlite3.connect(world.url.removeprefix("sqlite:///"))
    query = "SELECT count(*) FROM article_fts WHERE article_fts MATCH ?"
    (number,) = raw.execute(query, (f'"{window}"',)).fetchone()
    raw.close()
    return number


def _damage(url):
    """Lose the index, as another release's tokens or a rebuild that was cut off would."""
    import sqlite3

    raw = sqlite3.connect(url.removeprefix("sqlite:///"))
    raw.execute("INSERT INTO article_fts(article_fts) VALUES ('delete-all')")
    raw.execute("DELETE FROM article_text WHERE doc % 2 = 0")
    raw.execute("UPDATE meta SET value = 'rebuilding' WHERE key = 'tokens'")
    raw.commit()
    raw.close()


def test_an_index_of_another_release_is_made_anew_at_the_start(url, made, monkeypatch, caplog):
    import asyncio

    monkeypatch.setattr("aggregator.store.rebuild.BATCH", 3)
    store = open_store(url)
    lines = [
        made.line(
            f"a.example/{n}",
            captured=made.capture(f"a.example/{n}", made.draft(made.body(f"第{n}村"))),
        )
        for n in range(8)
    ]
    asyncio.run(store.record_source(made.source_visit(lines)))
    store.close()
    _damage(url)
    store = open_store(url)
    archive = open_archive(url)
    assert "made anew" in caplog.text
    assert archive.search("第5村").total == 1
    assert archive.search("小组").total == 8
    steps = []
    assert store.rebuild_index(steps.append) == 8
    assert steps == [3, 6, 8]
    assert archive.search("小组").total == 8
    caplog.clear()
    archive.close()
    store.close()
    open_store(url).close()
    assert "made anew" not in caplog.text


def test_more_articles_in_a_week_than_it_has_numbers(world, made, monkeypatch):
    monkeypatch.setattr("aggregator.store.index.SLOT_BITS", 2)
    monkeypatch.setattr("aggregator.store.search.SLOT_BITS", 2)
    for n in range(11):
        at = made.now - timedelta(minutes=n)
        world.put(f"a.example/{n}", made.draft(f"第{n}篇的渔港", title="题", published=at))
    assert sorted(found(world, "渔港")) == list(range(1, 12))
    assert _paged(world.archive, "渔港", "newest") == found(world, "渔港")


def test_totals_beyond_the_bound_say_so(world, made, monkeypatch):
    monkeypatch.setattr("aggregator.store.search.COUNTED", 5)
    lines = []
    for n in range(8):
        key = f"a.example/{n}"
        draft = made.draft(f"第{n}篇的渔港清晨", title="题")
        lines.append(made.line(key, captured=made.capture(key, draft)))
    world.visit(*lines)
    for query in ("渔港", "渔港清晨"):
        first = world.archive.search(query, limit=3)
        assert (len(first.rows), first.total, first.more_than) == (3, 5, True)
        second = world.archive.search(query, limit=3, cursor=first.next)
        assert (second.total, second.more_than) == (5, True)
    exact = world.archive.search("第3篇", limit=3)
    assert (exact.total, exact.more_than, exact.next) == (1, False, None)


def test_single_characters_beyond_the_newest_articles_are_found(world, made, monkeypatch):
    monkeypatch.setattr("aggregator.store.search._BLOCK", 3)
    for n in range(9):
        word = "鲤" if n in (2, 8) else "船"
        at = made.now - n * made.hour
        world.put(f"a.example/{n}", made.draft(f"第{n}条{word}在渔港", title="题", published=at))
    assert found(world, "鲤") == [3, 9]
    assert found(world, "渔港 鲤") == [3, 9]


def test_relevance_puts_titles_and_frequent_words_first(world, made):
    rare = world.put(
        "a.example/1", made.draft("渔港开放。" + "另有几句与此无关的话。" * 20, title="甲")
    )
    often = world.put("a.example/2", made.draft("渔港开放，渔港迎客，渔港丰收。", title="乙"))
    title = world.put(
        "a.example/3", made.draft("文中提到渔港。" + "还有别的话题要说。" * 20, title="渔港")
    )
    assert found(world, "渔港", order="relevance") == [title, often, rare]


def test_a_search_within_a_filter(world, made):
    world.put("a.example/1", made.draft(made.body("粮仓")))
    world.put("b.example/1", made.draft(made.body("水库"), authors=("林河",)), source_id=2)
    result = world.archive.search("小组", wanted=ArticleFilter(author="林河"))
    assert ([r.article.id for r in result.rows], result.total) == ([2], 1)


# ---------------------------------------------------------------- snippets


@pytest.mark.parametrize(
    ("text", "query", "hits"),
    [
        ("坚持“两个确立”不动摇", "两个确立", ["两个确立"]),
        ("坚持两个“确立”不动摇", "两个确立", ["两个“确立"]),
        ("采用ＧＰＴ技术和gpt模型", "gpt", ["ＧＰＴ", "gpt"]),
        ("主 题教育与主题教育", "主题教育", ["主 题教育", "主题教育"]),
        ("确立，推进工作", "确立推进", []),
        ("渔港渔港", "渔港 港渔", ["渔港渔港"]),
        ("没有的", "渔港", []),
        ("a+b (c) [d]", '"c) [d"', ["c) [d"]),
    ],
)
def test_hits_are_marked_in_the_text_as_it_stands(text, query, hits):
    marked = pieces(text, [t.normal for t in parse(query)])
    assert [piece for piece, hit in marked if hit] == hits
    assert "".join(piece for piece, _ in marked) == text


def test_a_snippet_is_cut_around_the_first_hit():
    text = "开头。" + "很长的一段话，" * 40 + "这里说到渔港。" + "又很长的一段话，" * 40
    cut = snippet(text, ["渔港"])
    assert [piece for piece, hit in cut if hit] == ["渔港"]
    assert cut[0] == ("…", False)
    assert cut[-1] == ("…", False)
    assert 80 < len("".join(piece for piece, _ in cut)) < 140


@given(st.text("党建工作ab ，。“”()+.*\n", max_size=300), st.text("党建ab", min_size=1, max_size=3))
def test_snippets_are_pieces_of_the_text(text, word):
    cut = snippet(text, [norm(word)])
    joined = "".join(piece for piece, _ in cut).strip("…")
    assert joined in text.replace("\n", " ")
    assert all(norm(piece) == norm(word) or len(piece) > len(word) for piece, hit in cut if hit)


def test_the_snippet_of_a_hit_in_the_title_is_the_beginning(texts):
    row = texts.archive.search("题2").rows[0]
    assert row.title == (("题2", True),)
    assert not any(hit for _, hit in row.snippet)
    assert re.sub("…", "", row.snippet[0][0]) in TEXTS[2]


def test_tokens_of_a_capture_from_another_maker_do_not_break_deleting(world, made):
    """Whatever tokens a capture brought: after a revision the index holds the new words only."""
    draft = made.draft(made.body("粮仓"))
    odd = replace(
        made.capture("a.example/1", draft), tokens=made.capture("x", draft).tokens + " 多余"
    )
    world.visit(made.line("a.example/1", captured=odd))
    world.put("a.example/1", made.draft(made.body("水库")))
    assert found(world, "多余") == []
    assert found(world, "水库") == [1]
