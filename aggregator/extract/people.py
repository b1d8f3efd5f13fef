"""The zones of a page in; who wrote it and who edited it out, each with the role as claimed.

Meta author is never used: of 36 pages that had one, none named the writer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from aggregator.extract.lines import Line, in_comments, label
from aggregator.extract.reading import where
from aggregator.extract.title import Prefix
from aggregator.extract.zones import Zones
from aggregator.model import Field, Person

_EDITOR_LINES = 6  # lines behind the first editor in which more are looked for
INNER_RULE = "lone line under the inner title"
_LABELS = (
    r"来源|出处|稿源|发布|发表|时间|日期|字体|字号|大小|浏览|点击|阅读|分享|打印|责任编辑|责编|编辑|审核|校对|"
    r"审校|一审|二审|三审|初审|复审|终审|监制|主编|编审|作者|记者|通讯员|摄影|摄|文字|图片|撰文|供稿|单位|评论|人气|访问|关闭|收藏|更新|上一篇|下一篇|举报|纠错|投稿|电话|邮箱|声明|次数|标签|关键词|栏目|原标题|返回|查看更多|查看"
)
_TOOLS = "字体|字号|大小|浏览|点击|阅读|分享|打印|评论|人气|访问|关闭|收藏|举报|纠错|上一篇|下一篇|返回\\S*|查看\\S*"
_STOP = re.compile(
    rf"\s*(?:[\]】)）|｜《【\[（(。；;<>]|[，,]\s?(?:系|为|单位|现任|时任)|(?:{_LABELS})(?:\s?[:：/]|人[:：]|时间|日期|次数|量)|(?:{_TOOLS})(?:\s|$)|\d{{4}}[-年./]|https?:|$)"
)
_EDITOR = re.compile(
    r"(?P<role>责任编辑|责\s任\s编\s辑|责编|责\s编|(?:本网|网络|网站|实习|本期|执行|文字)编辑|(?<![总副主])编\s?辑|"
    r"(?<!\w)(?:审核|校对|责任校对|审校|值班主编|主编|编审|监制|[一二三初复终]审))\s?[:：/]\s?(?P<names>[^\n]{1,60})"
)
_ROLE_ALONE = re.compile(
    r"[\[【（(\s]{0,3}(?P<role>(?:责任|执行|值班|网络|本期|实习|文字)?(?:编\s?辑|责\s?编|校对|审核|主编|编审|监制)(?:人员)?)"
    r"[\s:：/]{1,4}"
)
_AUTHOR = re.compile(
    r"(?P<role>本文作者|作\s?者|撰稿人?|供稿人?|撰\s?文|发布者|发布人|特约评论员|"
    r"(?<!\w)(?:文字|文图|文|记\s?者|(?:本报|特约|见习|本刊)记者|通讯员))\s?[:：]\s?(?P<names>[^\n]{1,60})"
)
_REPORTER = re.compile(r"(?P<role>(?:见习|特约|实习)?记者|通讯员)\s+(?P<names>[^\n]{2,40})")
_NAME = r"[\u4e00-\u9fff·]{2,4}|[\u4e00-\u9fff]{2,8}·[\u4e00-\u9fff]{1,8}"
_BYLINE = re.compile(
    rf"^[（(]?(?P<role>(?:[\u4e00-\u9fffA-Za-z0-9·]{{0,14}}?)(?:记者|通讯员|评论员))\s+(?P<names>(?:{_NAME})(?:[\s、，,]+(?:{_NAME}))*)\s*(?P<rest>(?:(?:通讯员|摄影|实习生|报道|文/?图?|整理|发自\S{{2,6}}).{{0,20}})?)[)）]?$"
)
_DATELINE = re.compile(
    rf"[（(](?:[\u4e00-\u9fff]{{0,12}}?)(?P<role>记者|通讯员)\s?(?P<names>(?:{_NAME})(?:[\s、，,]+(?!整合|综合|报道|摄影|编辑|通讯员|实习)(?:{_NAME}))*)(?:\s+(?:整合|综合|报道|摄影|编辑)报?道?)?(?:\s*(?:通讯员|实习生)[^）)]{{0,20}})?[)）]"
)
_CLOSING = re.compile(
    rf"[（(]((?:[\u4e00-\u9fff]{{3,4}}|[\u4e00-\u9fff]\s[\u4e00-\u9fff])|(?:{_NAME})(?:[\s、]+(?:{_NAME})){{1,4}})[）)]$"
)
_SLASHED = re.compile(rf"^(?P<names>{_NAME})/(?P<paper>[\u4e00-\u9fff]{{3,12}})(?=\s|$)")
_LONE = re.compile(
    r"^[\u4e00-\u9fff·]{2,5}$|^[\u4e00-\u9fff]\s[\u4e00-\u9fff]$|^[\u4e00-\u9fff]{2,4}(?:[\s、][\u4e00-\u9fff]{2,4}){1,3}$"
)
_NOBODY = re.compile(
    r"^(?:管理员|系统管理员|超级管理员|admin\w*|佚名|网络|未知|无|暂无|匿名|本站|本网|原创|转载|编辑|-+|/|\d+)$",
    re.IGNORECASE,
)
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛范彭郎鲁韦马苗花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于傅皮卞齐康伍余元卜顾孟黄穆萧尹姚邵湛汪祁毛狄米贝明臧计成戴宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻贾路娄江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房解应丁宣邓洪包左石崔吉龚程邢裴陆翁荀甄曲封储靳段焦巴侯班仰秋仲伊宫宁栾甘厉祖武符刘景詹龙叶幸司韶黎乔苍双闻莘翟谭贡劳逄申扶冉桑桂牛寿边燕冀尚温庄晏柴瞿阎慕连习艾鱼容向古易慎戈廖庾终居衡步都耿满匡国文寇广东欧沃利蔚越隆师巩聂晁敖冷辛阚那简饶曾沙养丰关相查游权盖益桓公仉督晋楚闫付肖覃代白岳帅缑亢况琴商佘佟单谷车侬蒙"
)
_SPLIT = re.compile(r"\s*[、,，;；/&]\s*|\s{1,4}(?:和|与)\s{1,4}")
_ROLE_PREFIX = re.compile(
    r"^(?:本报|本刊|本网|见习|特约|实习|首席|新华社|人民网)?(?:记者|通讯员|评论员|作者|编辑)\s*[:：]?\s*"
)


def names_of(text: str, role: str) -> tuple[Person, ...]:
    """The persons in "A、B C"; blanks inside a two-character name ("熊 武") are closed."""
    text = re.sub(
        r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff])\s([\u4e00-\u9fff])(?![\u4e00-\u9fff])",
        r"\1\2",
        text.strip(),
    )
    found = []
    for part in _SPLIT.split(text):
        words = part.split()
        whole = len(words) > 1 and all(re.fullmatch(_NAME, w) for w in words)
        for name in words if whole else [part]:
            name = _ROLE_PREFIX.sub("", name).strip(" .:：。-_|")
            if name:
                found.append(Person(name, role))
    return tuple(found)


def strip_role(text: str) -> str:
    """*text* without a label such as 责任编辑： in front, and without brackets around it."""
    text = re.sub(
        r"^[\[【（(\s]*(?:[\u4e00-\u9fff]{0,4}(?:编辑|责编|作者|记者|来源|编|文))?\s?[:：]\s?",
        "",
        text.strip(),
    )
    return text.strip("[]【】()（） ")


def cut_value(text: str) -> str:
    """*text* up to the next label, bracket or date."""
    stop = _STOP.search(text)
    return text[: stop.start()].strip() if stop else text.strip()


# ---------------------------------------------------------------- editors


def find_editors(zones: Zones) -> Field[tuple[Person, ...]] | None:
    """All who are named as editors, proof-readers and so on, foot first."""
    foot = tuple(line for line in zones.foot if len(line.text) <= 400)
    found: dict[tuple[str, str], Person] = {}
    first: Line | None = None
    for line in (*foot, *reversed(zones.body[-4:]), *zones.head):
        if first is not None and line.number > first.number + _EDITOR_LINES:
            break
        for person in _editors_in(line.text[-120:]):
            found.setdefault((person.name, person.role), person)
            first = first or line
    if first is None:
        return None
    return Field(tuple(found.values()), "editor label", where(first.owner), first.text[-120:])


def editors_of(text: str) -> tuple[Person, ...]:
    """The editors in a text that names nobody else; the role is 编辑 where it gives none."""
    labelled = tuple(_editors_in(text))
    if labelled:
        return labelled
    alone = _ROLE_ALONE.match(text)
    role, rest = (alone["role"], text[alone.end() :]) if alone else ("编辑", text)
    return names_of(strip_role(rest), re.sub(r"\s", "", role))


def _editors_in(text: str) -> Iterator[Person]:
    for role, names in _labelled(_EDITOR, text):
        yield from (person for person in names_of(names, role) if len(person.name) <= 20)


def _labelled(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while found := pattern.search(text, position):
        value = cut_value(found["names"])
        if value and len(value) <= 40:
            yield re.sub(r"\s", "", found["role"]), value
        position = found.start("names") + max(len(value), 0)


# ---------------------------------------------------------------- authors


def find_authors(
    zones: Zones, prefix: Prefix | None, inner: Line | None
) -> Field[tuple[Person, ...]] | None:
    """Who wrote the article, by the first of: label, byline, lone line, dateline."""
    return (
        _by_label(zones.head, "author label")
        or _by_inner_title(zones, prefix, inner)
        or _by_byline((*zones.head, *zones.body[:2], *zones.body[-2:]))
        or _by_slash(zones.head)
        or _by_label(_edge(zones), "author label at the end")
        or _by_lone_line((*zones.head, *zones.body[:1]))
        or _by_reporter(zones.head)
        or _by_dateline(zones.body)
        or _by_closing(zones.body)
    )


def _edge(zones: Zones) -> tuple[Line, ...]:
    return (
        *reversed(zones.body[-3:]),
        *(line for line in zones.foot if len(line.text) < 120 and not in_comments(line)),
    )


def _by_label(lines: Iterable[Line], rule: str) -> Field[tuple[Person, ...]] | None:
    for line in lines:
        for role, names in _labelled(_AUTHOR, line.text[-160:]):
            body_too = role in ("作者", "本文作者")
            people = tuple(p for p in names_of(names, role) if _is_name(p.name, body_too))
            if people:
                return Field(people, rule, where(line.owner), line.text[:160])
    return None


def _is_name(name: str, body_too: bool) -> bool:
    """Whether *name* can be a person, or, with *body_too*, an organisation."""
    if _NOBODY.match(name):
        return False
    if re.fullmatch(_NAME, name) or re.fullmatch(r"[A-Za-z][A-Za-z .·'-]{1,30}", name):
        return True
    return body_too and 2 <= len(name) <= 20 and re.search(r"[，。！？,!?\d]", name) is None


def _is_person(name: str) -> bool:
    """Whether *name* is a Chinese personal name by its surname and length."""
    plain = name.replace(" ", "").replace("\u3000", "")
    return 2 <= len(plain) <= 4 and plain[0] in _SURNAMES and re.fullmatch(_NAME, plain) is not None


def _by_inner_title(
    zones: Zones, prefix: Prefix | None, inner: Line | None
) -> Field[tuple[Person, ...]] | None:
    """The short line alone under the headline that the body repeats."""
    if inner is None:
        return None
    for line in [line for line in zones.body if line.number > inner.number][:2]:
        if _LONE.match(line.text):
            people = names_of(line.text, "作者")
            sure = 1.0 if prefix and prefix.person == line.text else 0.9
            return Field(people, INNER_RULE, where(line.owner), line.text, sure)
    return None


def _by_lone_line(lines: Iterable[Line]) -> Field[tuple[Person, ...]] | None:
    """A line that is nothing but a name of three characters, or of two with a blank between."""
    for line in lines:
        text = line.text
        named = re.search(r"author|zuozhe|writer", label(line.owner), re.IGNORECASE) is not None
        size = len(text.replace(" ", ""))
        alone = size == 3 or (size == 2 and (" " in text or named))
        if alone and not line.links and _LONE.match(text) and _is_person(text):
            return Field(names_of(text, "作者"), "lone name", where(line.owner), text, 0.8)
    return None


def _by_reporter(lines: Iterable[Line]) -> Field[tuple[Person, ...]] | None:
    for line in lines:
        found = _REPORTER.search(line.text) if len(line.text) < 120 else None
        people = names_of(cut_value(found["names"]), found["role"]) if found else ()
        people = tuple(person for person in people if _is_person(person.name))
        if people:
            return Field(people, "reporter in the info line", where(line.owner), line.text, 0.9)
    return None


def _by_closing(lines: tuple[Line, ...]) -> Field[tuple[Person, ...]] | None:
    """The names in brackets that close the last paragraph: （李晟 韦鑫）."""
    for line in lines[-1:]:
        found = _CLOSING.search(line.text)
        people = names_of(found[1], "作者") if found else ()
        if found and people and all(_is_person(person.name) for person in people):
            return Field(people, "names that close the text", where(line.owner), found[0], 0.6)
    return None


def _by_byline(lines: Iterable[Line]) -> Field[tuple[Person, ...]] | None:
    for line in lines:
        found = _BYLINE.match(line.text) if len(line.text) < 60 else None
        if found:
            role = re.sub(r"^.*?(?=(?:见习|特约|实习)?(?:记者|通讯员|评论员)$)", "", found["role"])
            return Field(
                names_of(found["names"], role), "byline", where(line.owner), line.text, 0.95
            )
    return None


def _by_slash(lines: Iterable[Line]) -> Field[tuple[Person, ...]] | None:
    for line in lines:
        found = _SLASHED.match(line.text)
        if found:
            return Field(
                names_of(found["names"], "作者"),
                "name/paper line",
                where(line.owner),
                line.text,
                0.9,
            )
    return None


def _by_dateline(lines: tuple[Line, ...]) -> Field[tuple[Person, ...]] | None:
    """The reporter in brackets at the head of the first paragraph or the end of the last."""
    for line in lines[:2]:
        found = _DATELINE.search(line.text[:80])
        if found:
            return Field(
                names_of(found["names"], found["role"]),
                "dateline",
                where(line.owner),
                found[0],
                0.8,
            )
    for line in lines[-2:]:
        found = _DATELINE.search(line.text[-60:])
        if found:
            return Field(
                names_of(found["names"], found["role"]),
                "dateline at the end",
                where(line.owner),
                found[0],
                0.8,
            )
    return None
