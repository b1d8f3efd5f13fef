"""Decisions: pure values from a capture and what is known."""

from dataclasses import replace
from datetime import UTC, datetime

from aggregator.decide import Kin, Known, KnownAppearance, New, Revised, Unchanged, decide
from aggregator.dedup import fingerprint
from aggregator.model import Capture, Draft, Field, Relation, State

NOW = datetime(2026, 11, 3, 8, tzinfo=UTC)
BODY = "\n".join(
    f"第{n}组党员在石桥村第{n}号院落开展走访登记，共记录意见建议{n * 7}条并逐项回复。"
    for n in range(12, 30)
)


def capture(title: str = "石桥村走访记", body: str = BODY) -> Capture:
    draft = Draft(url="http://a.example/1.html", title=Field(title, "h1"), text=body)
    return Capture("a.example/1", draft.url, NOW, draft, fingerprint(draft), "")


def appearance(of: Capture, state: State = State.LIVE) -> KnownAppearance:
    return KnownAppearance(7, 3, 1, state, of.fingerprint.facets, of.fingerprint.content)


def kin_of(of: Capture) -> Kin:
    print_ = of.fingerprint
    return Kin(7, 3, print_.content, print_.body, print_.clauses)


def test_nothing_known_is_a_new_work() -> None:
    assert decide(capture(), Known()) == New()


def test_the_same_again_is_unchanged() -> None:
    assert decide(capture(), Known(appearance(capture()))) == Unchanged(7)


def test_a_changed_figure_is_a_revision_of_the_body() -> None:
    new = capture(body=BODY.replace("意见建议105条", "意见建议501条"))
    assert decide(new, Known(appearance(capture()))) == Revised(7, ("body",))


def test_an_article_that_was_away_is_back() -> None:
    assert decide(capture(), Known(appearance(capture(), State.GONE))) == Unchanged(7, back=True)


def test_the_same_text_under_another_title_is_a_copy() -> None:
    new = replace(capture(title="《石桥组工报》刊文：石桥村走访记"), key="b.example/2")
    assert decide(new, Known(kin=(kin_of(capture()),))) == New(3, Relation.COPY, 7)


def test_equal_short_bodies_prove_nothing_without_an_equal_title() -> None:
    old, new = capture("公告一", "详见附件。"), capture("公告二", "详见附件。")
    assert decide(new, Known(kin=(kin_of(old),))) == New()


def test_the_closest_kin_wins() -> None:
    excerpt = replace(kin_of(capture(body=BODY[:300])), appearance_id=1, work_id=9)
    assert decide(capture(), Known(kin=(excerpt, kin_of(capture())))) == New(3, Relation.COPY, 7)
