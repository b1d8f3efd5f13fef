"""A number in, an invented article's words out: the same number always gives the same words.

The sentences lie in data/topics.toml. Every longer clause there carries a place, a person or a
figure, so that two articles on one topic share no clause that would make them look like reposts.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files

ROLES = ("lead", "work", "scene", "more", "close")
DOUBLED = {"work", "scene", "more"}  # two variants of these make an article

_PLACE_A = "柳枫竹桃杏松槐榆桐荷苇麦稻云月星霞雁鹭燕青桂梨枣"
_PLACE_B = "塘湾坡坪溪岭泉渡桥井洲岗"
_SURNAMES = "林苏沈程顾陆卢孟秦白叶丁范宋贺方韩崔姜钟谢傅夏尹"
_GIVEN = (
    "望舒", "晓岚", "志远", "文静", "建平", "雨桐", "明川", "秀云", "海宁", "立新", "若溪",
    "国栋", "佳禾", "春来", "思齐", "一鸣", "玉兰", "长青", "宏图", "静怡", "小满", "承安",
    "向阳", "知行", "有福", "慧敏", "大川", "清扬", "亦凡", "守信", "晚晴",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Topic:
    """What can be said of one subject: variants of a headline and of each paragraph."""

    name: str
    titles: tuple[str, ...]
    roles: tuple[tuple[str, ...], ...]  # variants of each of ROLES


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one made article."""

    topic: str
    place: str
    title: str
    paragraphs: tuple[str, ...]
    author: str
    editor: str


def load_topics() -> tuple[Topic, ...]:
    """The topics that ship with the package."""
    text = (files("aggregator.demo") / "data" / "topics.toml").read_text("utf-8")
    return tuple(
        Topic(row["name"], tuple(row["titles"]), tuple(tuple(row[role]) for role in ROLES))
        for row in tomllib.loads(text)["topic"]
    )


def place(number: int) -> str:
    """The *number*-th place name; 288 of them before one comes again."""
    step = number * 85  # coprime to 288, so neighbours share no character
    return _PLACE_A[step % 24] + _PLACE_B[(step // 24) % 12]


def person(number: int) -> str:
    """The *number*-th name; 744 of them before one comes again."""
    return _SURNAMES[number % 24] + _GIVEN[number % 31]


def make(number: int, area: str, topics: tuple[Topic, ...]) -> Words:
    """Article *number* as a site of *area* would tell it."""
    topic = topics[number % len(topics)]
    use = number // len(topics)  # how often the topic was used before
    slots = _slots(number, area)
    picks = _pick(topic, use)
    title = topic.titles[use % len(topic.titles)].format(**slots)
    return Words(
        topic=topic.name,
        place=slots["place"],
        title=title,
        paragraphs=tuple(text.format(**slots) for text in picks),
        author=person(number * 5 + 3),
        editor=person(number * 5 + 4),
    )


def _pick(topic: Topic, use: int) -> list[str]:
    """One or two variants of each role, in another order at every *use*."""
    picks = []
    for i, role in enumerate(topic.roles):
        first = (use >> i % 3) % len(role)
        picks.append(role[first])
        if ROLES[i] in DOUBLED:
            picks.append(role[(first + 1) % len(role)])
    return picks


def _slots(number: int, area: str) -> dict[str, str]:
    """The names and figures of article *number*; ``s`` is the smallest figure, ``d`` the largest."""
    return {
        "area": area,
        "place": place(number),
        "who": person(number * 5),
        "other": person(number * 5 + 1),
        "third": person(number * 5 + 2),
        "s": "两三四五六七八九"[number * 3 % 8],
        "y": str(12 + number * 5 % 27),
        "a": str(11 + number * 7 % 83),
        "b": str(103 + number * 61 % 887),
        "c": str(1018 + number * 613 % 8951),
        "d": str(10_240 + number * 4111 % 84_991),
    }
