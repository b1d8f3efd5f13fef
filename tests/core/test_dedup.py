"""Fingerprints and kinship: reposts are one work, different articles are not."""

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.dedup import anchors, clause_hashes, fingerprint, relation
from aggregator.model import Attachment, Draft, Field, Image, Moment, Person, Precision, Relation

WORDS = [
    "青禾",
    "石桥",
    "村委",
    "党员",
    "书屋",
    "夜校",
    "培训",
    "走访",
    "档案",
    "热线",
    "食堂",
    "志愿",
    "巡河",
    "植树",
    "排涝",
    "茶园",
    "校舍",
    "账目",
    "公示",
    "接待",
    "调解",
    "轮训",
    "讲堂",
    "述职",
    "台账",
    "名册",
    "菜场",
    "渡口",
    "粮站",
    "苗圃",
]


def make_text(seed: int, clauses: int = 60) -> list[str]:
    """Clauses of ten or more letters that two seeds do not share."""
    draw = random.Random(seed)
    return ["".join(draw.choices(WORDS, k=6)) + str(seed % 97) for _ in range(clauses)]


def joined(clauses: list[str]) -> str:
    return "\n".join("，".join(clauses[i : i + 5]) + "。" for i in range(0, len(clauses), 5))


def kin(old: list[str], new: list[str]) -> Relation | None:
    return relation(clause_hashes(joined(old)), clause_hashes(joined(new)))


@pytest.mark.parametrize("seed", range(10))
def test_repost_kinds(seed: int) -> None:
    text = make_text(seed)
    header = ["欢迎访问青禾先锋网门户站点", "本站联系方式见页脚处说明文字"]
    edited = [f"{c}改动后" if i % 10 == 0 else c for i, c in enumerate(text)]
    assert kin(text, text) is Relation.COPY
    assert kin(text, header + text) is Relation.COPY
    assert kin(text, text[:20] + text[26:]) is Relation.EDITED
    assert kin(text, edited) is Relation.EDITED
    assert kin(text, text[:24]) is Relation.EXCERPT
    assert kin(text[:24], text) is Relation.COMPILATION


@pytest.mark.parametrize("seed", range(10))
def test_articles_that_share_quotations_stay_apart(seed: int) -> None:
    quotations = make_text(1000, 24)
    one = make_text(seed, 36) + quotations
    two = make_text(seed + 50, 36) + quotations
    assert kin(one, two) is None


def test_width_and_blanks_change_no_clause() -> None:
    one = "石桥村党员书屋夜间开放，群众借阅登记三千二百册。"
    two = "石桥村 党员书屋夜间开放,群众借阅登记三千二百册．"
    assert clause_hashes(one) == clause_hashes(two)


def test_anchors_are_equal_for_equal_clauses_whatever_their_order() -> None:
    hashes = clause_hashes(joined(make_text(5)))
    assert anchors(hashes) == anchors(tuple(reversed(hashes)))
    assert len(anchors(hashes)) == 24
    assert not set(anchors(hashes, stop=set(anchors(hashes)))) & set(anchors(hashes))


def draft() -> Draft:
    when = Moment("2026-11-03", datetime(2026, 11, 3, 1, 15, tzinfo=UTC), Precision.MINUTE)
    return Draft(
        url="http://a.example/1.html",
        title=Field("石桥村书屋开放", "h1"),
        authors=Field((Person("周文澜"),), "byline"),
        source=Field("《石桥组工报》", "info"),
        published=Field(when, "info"),
        text="书屋夜间开放。\n群众登记借阅9645人次，反响热烈。",
        images=(Image("http://cdn1.example/a/1.jpg?x=1"),),
        attachments=(Attachment("http://a.example/f.pdf", "名册"),),
    )


def changed(new: Draft) -> set[str]:
    old = fingerprint(draft()).facets
    return {kind for kind, value in fingerprint(new).facets.items() if old[kind] != value}


def test_each_facet_has_its_own_hash() -> None:
    base = draft()
    assert changed(base) == set()
    assert changed(replace(base, title=Field("石桥村书屋关闭", "h1"))) == {"title"}
    assert changed(replace(base, authors=None)) == {"byline"}
    assert changed(replace(base, text=base.text.replace("9645", "9654"))) == {"body"}
    assert changed(replace(base, text=base.text.replace("夜间", "白天"))) == {"lead"}
    assert changed(replace(base, images=())) == {"pictures"}
    assert changed(replace(base, attachments=())) == {"attachments"}


def test_noise_changes_no_facet() -> None:
    base = draft()
    noisy = replace(
        base,
        title=Field("石桥村 书屋开放", "og:title"),
        text=base.text.replace("，", "，\u3000"),
        images=(Image("http://cdn2.example/b/1.jpg?x=2"),),
    )
    assert changed(noisy) == set()
