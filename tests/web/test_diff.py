import time

from hypothesis import given
from hypothesis import strategies as st

from aggregator.web import diff

TEXTS = st.lists(st.text("甲乙丙1 2.％a", max_size=12), max_size=8).map("\n".join)


def _side(rows: list[diff.Row], mark: str) -> list[str]:
    """The paragraphs of one version, put together again from the rows."""
    kinds = {"same", "changed", mark}
    lines = [
        "".join(t for m, t in row.pieces if m in ("same", mark))
        for row in rows
        if row.kind in kinds
    ]
    return [line for line in lines if line]


@given(TEXTS, TEXTS)
def test_both_versions_can_be_read_from_the_rows(old: str, new: str) -> None:
    rows = diff.compare(old, new)
    assert _side(rows, "del") == [line for line in old.split("\n") if line]
    assert _side(rows, "ins") == [line for line in new.split("\n") if line]


@given(TEXTS)
def test_equal_texts_have_no_change(text: str) -> None:
    assert {row.kind for row in diff.compare(text, text)} == {"same"}


def test_a_changed_figure_is_one_piece() -> None:
    (row,) = diff.compare("共登记3,000册，占12.5%。", "共登记3,200册，占13.5%。")
    assert [p for p in row.pieces if p[0] != "same"] == [
        ("del", "3,000"), ("ins", "3,200"), ("del", "12.5%"), ("ins", "13.5%"),
    ]  # fmt: skip


def test_an_inserted_paragraph_does_not_make_the_others_look_changed() -> None:
    rows = diff.compare(
        "春天种树。\n秋天收稻，亩产600斤。", "春天种树。\n夏天浇水。\n秋天收稻，亩产650斤。"
    )
    assert [row.kind for row in rows] == ["same", "ins", "changed"]


def test_paragraphs_without_kinship_are_not_mixed() -> None:
    rows = diff.compare("全是旧的内容。", "另外写了一段别的话")
    assert [row.kind for row in rows] == ["del", "ins"]


def test_far_unchanged_paragraphs_are_folded() -> None:
    old = [f"第{n}段。" for n in range(20)]
    new = [*old[:10], "改过的一段。", *old[11:]]
    rows = diff.fold(diff.compare("\n".join(old), "\n".join(new)))
    folds = [row for row in rows if isinstance(row, diff.Fold)]
    assert [len(fold.rows) for fold in folds] == [9, 8]
    assert sum(len(r.rows) if isinstance(r, diff.Fold) else r.kind != "ins" for r in rows) == 20


def test_hostile_sizes_end_soon() -> None:
    start = time.process_time()
    diff.compare("\n".join(["的一" * 390] * 40), "\n".join(["一的" * 389] * 41))
    diff.compare(
        "\n".join("甲乙" * 9 for _ in range(9000)), "\n".join("乙甲" * 9 for _ in range(9000))
    )
    assert time.process_time() - start < 3
