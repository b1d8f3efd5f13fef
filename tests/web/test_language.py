import re
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Moment, NoArticleKind, Precision
from aggregator.web import language
from aggregator.web.language import Voice
from aggregator.web.words import WORDS

NOW = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "cookie", "accept", "expected"),
    [
        (None, None, "", "zh-CN"),
        (None, None, "en-US,en;q=0.9", "en"),
        (None, None, "zh-TW,en;q=0.9", "zh-CN"),
        (None, None, "fr,en;q=0.5,zh;q=0.4", "en"),
        (None, None, "en;q=0.2, zh;q=0.8", "zh-CN"),
        (None, None, "en;q=0", "zh-CN"),
        (None, None, "fr, de", "zh-CN"),
        (None, None, "*", "zh-CN"),
        (None, "en", "zh-CN", "en"),
        ("zh-CN", "en", "en", "zh-CN"),
        ("xx", None, "en", "en"),
    ],
)
def test_choice(asked: str | None, cookie: str | None, accept: str, expected: str) -> None:
    assert language.choose(asked, cookie, accept) == expected


@given(st.text(), st.text(), st.text())
def test_choice_never_fails(asked: str, cookie: str, accept: str) -> None:
    assert language.choose(asked, cookie, accept) in language.LANGUAGES


def test_both_languages_say_the_same_values() -> None:
    for key, pair in WORDS.items():
        names = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name} for text in pair
        ]
        assert names[0] == names[1], key
        assert all(pair), key


def test_every_word_of_the_templates_exists(root: Path) -> None:
    sources = [
        p.read_text() for p in (root / "aggregator/web").rglob("*") if p.suffix in (".html", ".py")
    ]
    used = {
        key
        for text in sources
        for key in re.findall(r"""\b(?:t|self|say|voice)\(\s*["']([\w.]+)["']\s*[,)]""", text)
    }
    assert len(used) > 60
    assert used - set(WORDS) == set()


def test_words_that_nothing_uses_do_not_pile_up(root: Path) -> None:
    sources = "".join(p.read_text() for p in (root / "aggregator/web").rglob("*.html"))
    sources += "".join(
        p.read_text() for p in (root / "aggregator/web").glob("*.py") if p.name != "words.py"
    )
    groups = (
        "field.",
        "state.",
        "relation.",
        "kind.",
        "outcome.",
        "failure.",
        "reason.",
        "error.",
        "span.",
        "order.",
    )
    unused = [
        k
        for k in WORDS
        if not k.startswith(groups) and f'"{k}"' not in sources and f"'{k}'" not in sources
    ]
    assert unused == []


def test_times_are_those_of_china() -> None:
    zh, en = Voice("zh-CN", NOW), Voice("en", NOW)
    late = datetime(2026, 5, 17, 16, 30, tzinfo=UTC)
    assert (zh.time(late), en.time(late)) == ("2026年5月18日 00:30", "18 May 2026 00:30")
    assert zh.ago(NOW - timedelta(hours=3)) == "3 小时前"
    assert en.ago(NOW - timedelta(hours=1)) == "1 hour ago"
    assert en.ago(NOW + timedelta(days=2)) == "in 2 days"
    assert en.ago(None) == "never"
    assert zh.due(NOW - timedelta(minutes=3)) == "即将"


@pytest.mark.parametrize(
    ("precision", "expected"),
    [
        (Precision.YEAR, "2026年"), (Precision.MONTH, "2026年5月"), (Precision.DAY, "2026年5月18日"),
        (Precision.MINUTE, "2026年5月18日 00:30"),
    ],
)  # fmt: skip
def test_a_time_is_no_more_exact_than_it_was_claimed(precision: Precision, expected: str) -> None:
    moment = Moment("", datetime(2026, 5, 17, 16, 30, tzinfo=UTC), precision)
    assert Voice("zh-CN", NOW).moment(moment) == expected


def test_every_failure_of_the_documentation_has_words(root: Path) -> None:
    table = (root / "docs/fetching.md").read_text()
    codes = re.findall(r"^\| `([a-z0-9-]+)` \|", table, re.MULTILINE)
    assert len(codes) > 20
    assert [code for code in codes if Voice("en", NOW).failure(code) == code] == []


@pytest.mark.parametrize("code", [*NoArticleKind, "login", "moved"])
def test_every_reason_for_no_article_has_words(code: str) -> None:
    assert Voice("en", NOW).failure(code) != code


def test_a_status_is_named() -> None:
    assert Voice("zh-CN", NOW).failure("http-404") == "服务器回答 404"
    assert Voice("en", NOW).failure("unheard-of") == "unheard-of"
