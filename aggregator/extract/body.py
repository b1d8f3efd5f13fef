"""A Reading in; the element that holds the article's body, and which of its lines belong, out.

Lines are weighed by length and Chinese punctuation; link text, footers, side parts and all above
the headline count little. From the root we go down while one child holds most of the weight.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import accumulate

from aggregator.extract.furniture import is_furniture, is_info, is_summary
from aggregator.extract.lines import Element, Line, label
from aggregator.extract.pictures import picture_source
from aggregator.extract.reading import Reading

_DOWN = 0.72  # a child that holds this share of its parent's weight is gone into
_DOWN_WITH_HEADLINE = 0.5  # … or this one when the headline stands in it
_NOISE_SHARE = 0.35  # a "side part" that holds more than this of the page is none
_NAMED_SHARE = 0.3  # a container with a well-known name needs only this share
_TEASERS = 5  # links with a text each are a list
_AFTER = 30  # lines behind a child in which paragraphs of its parent are looked for
_FEW_WORDS = 400.0
_NOTHING = 1e-6  # sums are differences of floats
_PICTURE = 6.0  # weight of a picture: a page of pictures has a body too
_PARAGRAPH = 25.0  # weight of a line that surely is a paragraph
_MARKS = re.compile(r"[，。！？；：、”…]|(?<=[\u4e00-\u9fff”])[,;!?:]")
_END = re.compile(r"[。！？；：”…）)!?.;]$")
_FOOT = re.compile(
    r"ICP\s?备|网安备|版权所有|标识码|主办单位|承办单位|主\s?办[:：]|承\s?办[:：]|技术支持|Copyright|©|浏览器|分辨率|"
    r"All Rights Reserved|许可证|不良信息|举报电话|举报邮箱|本网站由|网站地图|当前位置|您的位置|所在位置|"
    r"免责声明|版权声明|请勿转载|未经授权|即将离开|(?:地\s?址|电\s?话|传\s?真|邮\s?编|热\s?线)\s?[:：]|友情链接",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"ICP\s?备|网安备|版权所有|网站标识码|技术支持\s?[:：]|Copyright|©|All Rights Reserved",
    re.IGNORECASE,
)
_FOOTER_SHARE = 0.15  # a footer has no more than this of the page's weight in and after it
_NAMES = re.compile(
    r"trs_?editor|trs_ueditor|ucap-?content|(?<![a-z])zoom(?:con)?(?![a-z])|endtext|artibody|"
    r"vsb_content|v_news_content|rm_txt_con|rwb_zw|js_content|articlecontent|article[-_]?(?:content|body|con|txt|text)|"
    r"wp_articlecontent|detail-?content|news_?con(?:te?n?t)?|newscontnet|content_?area|enpcontent|show_text|"
    r"font_area|xl-?nr|cont_?text|main-?text|u-maintext|post_(?:text|body)|text_con",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Container:
    """The element of the body and the numbers of the first and last line in it."""

    element: Element
    first: int
    last: int
    weight: float  # of its lines
    total: float  # of all lines of the page


def find_container(reading: Reading) -> Container | None:
    """The element that holds the article; None when no line of the page weighs anything."""
    weights = _weights(reading)
    sums = _sums(reading, _strong(weights))
    root = reading.tree
    total = sums.get(root, 0.0)
    if total <= 0:
        return None
    element = _descend(reading, _start(sums, root, total), weights, sums)
    wrapper = _wrapper(reading, weights)
    if wrapper is not None and wrapper is not element and _holds_list(reading, element, wrapper):
        element = _descend(reading, wrapper, weights, sums)
    element = _out_of_table(element)
    found = bounds(reading, element, sums.get(element, 0.0), total)
    return _before_teasers(reading, found, weights) if found else None


def _before_teasers(reading: Reading, container: Container, weights: list[float]) -> Container:
    """*container* up to the list of teasers that follows its first paragraphs, if there is one."""
    start = max(container.first, reading.headline + 1)
    for child in container.element:
        first, last = reading.spans.get(child, (0, -1))
        if first <= start or last - first < 2 * _TEASERS:
            continue
        prose = any(weight >= _PARAGRAPH for weight in weights[start:first])
        if prose and _has_teasers(reading, child):
            return replace(container, last=first - 1)
    return container


def _wrapper(reading: Reading, weights: list[float]) -> Element | None:
    """The smallest element that holds the headline and a paragraph after it."""
    if reading.headline < 0:
        return None
    for element in reading.lines[reading.headline].owner.iterancestors():
        _, last = reading.spans[element]
        if any(weight >= _PARAGRAPH for weight in weights[reading.headline + 1 : last + 1]):
            return element
    return None


def _holds_list(reading: Reading, element: Element, wrapper: Element) -> bool:
    """Whether *element*, or a part of it beside *wrapper*, is a list of teasers."""
    if any(above is wrapper for above in element.iterancestors()):
        return False
    return _has_teasers(reading, element, wrapper)


def _has_teasers(reading: Reading, element: Element, but: Element | None = None) -> bool:
    """Whether *element*, or a child of it except *but*, is a list of teasers."""
    parts = [element, *(child for child in element if child in reading.spans)]
    return any(teasers_in(reading, part) for part in parts[:50] if part is not but)


def _out_of_table(element: Element) -> Element:
    """The element around the table when the body is rows of a table."""
    while element.tag in ("tr", "tbody", "thead", "table") and element.getparent() is not None:
        element = element.getparent()  # type: ignore[assignment]
    return element


def bounds(reading: Reading, element: Element, weight: float, total: float) -> Container | None:
    """*element* as a Container; None when it holds no line."""
    span = reading.spans.get(element)
    return Container(element, *span, weight, total) if span else None


def _weights(reading: Reading) -> list[float]:
    raw = [_weight(n) if n.links * 2 <= len(n.text) else 0.0 for n in reading.lines]
    if sum(raw) < _FEW_WORDS:
        # Where there is hardly any text, pictures are the article.
        pairs = zip(reading.lines, raw, strict=True)
        raw = [_PICTURE if picture_source(line) else weight for line, weight in pairs]
    false = _false_noise(reading.lines, raw)
    seen: set[str] = set()
    weights = []
    for line, weight in zip(reading.lines, raw, strict=True):
        if weight > _PARAGRAPH:
            key = line.text
            weight = 0.0 if key in seen else weight
            seen.add(key)
        if line.number == reading.headline:
            weight = 0.0
        elif line.number < reading.headline:
            weight *= 0.05
        if line.noise and any(element not in false for element in line.noise):
            weight *= 0.1
        weights.append(weight)
    reading.footer = _footer(reading, weights)
    return [w if n < reading.footer else 0.0 for n, w in enumerate(weights)]


def _footer(reading: Reading, weights: list[float]) -> int:
    """The number of the first line that is a footer's with hardly any text after it."""
    limit = _FOOTER_SHARE * sum(w for w in weights if w >= _PARAGRAPH)
    after = 0.0
    footer = len(weights)
    for line in reversed(reading.lines[max(reading.headline, 0) :]):
        after += weights[line.number] if weights[line.number] >= _PARAGRAPH else 0.0
        if after > limit:
            break
        if len(line.text) < 300 and _FOOTER.search(line.text):
            footer = line.number
    return footer


def _strong(weights: list[float]) -> list[float]:
    """Only the weights of real paragraphs, where these make up most of the page."""
    strong = [weight if weight >= _PARAGRAPH else 0.0 for weight in weights]
    return strong if sum(strong) * 2 > sum(weights) else weights


def _weight(line: Line) -> float:
    """How much a line alone looks like a part of an article, about its length in characters."""
    own = len(line.text) - line.links
    if own < 12:
        return own * 0.15 if own > 1 else 0.0
    if own < 300 and (_serves_page(line) or is_furniture(line) or is_info(line)):
        return 0.0
    marks = len(_MARKS.findall(line.text))
    if marks >= 2 or (marks and _END.search(line.text)):
        return float(min(own, 800)) + 5.0 * min(marks, 20)
    return own * 0.4


def _serves_page(line: Line) -> bool:
    """Whether words of a footer stand in the line, which is no sentence."""
    return not line.text.endswith("。") and _FOOT.search(line.text) is not None


def _false_noise(lines: list[Line], raw: list[float]) -> set[Element]:
    """Elements named like side parts that hold so much of the page that they are none."""
    held: defaultdict[Element, float] = defaultdict(float)
    for line, weight in zip(lines, raw, strict=True):
        for element in line.noise:
            held[element] += weight
    limit = _NOISE_SHARE * sum(raw)
    return {element for element, weight in held.items() if weight > limit}


def _sums(reading: Reading, weights: list[float]) -> dict[Element, float]:
    """The weight of the lines in each element, for elements that hold any."""
    before = [0.0, *accumulate(weights)]
    sums = {e: before[last + 1] - before[first] for e, (first, last) in reading.spans.items()}
    return {element: weight for element, weight in sums.items() if weight > _NOTHING}


def _start(sums: dict[Element, float], root: Element, total: float) -> Element:
    """The outermost element with a well-known body name and a fair share, else the root."""
    for element in sorted(sums, key=lambda e: -sums[e]):
        if sums[element] < _NAMED_SHARE * total:
            break
        if element.tag not in ("body", "html") and _NAMES.search(label(element)):
            return element
    return root


def _descend(
    reading: Reading, element: Element, weights: list[float], sums: dict[Element, float]
) -> Element:
    while True:
        children = [child for child in element if sums.get(child)]
        best = max(children, key=lambda child: sums[child], default=None)
        if best is None or best.tag in ("p", "h1", "h2", "h3", "tr", "span"):
            return element
        share = sums[best] / sums[element]
        if share < _DOWN and not (share >= _DOWN_WITH_HEADLINE and _has_headline(reading, best)):
            return element
        if _leaves_text(reading, element, best, weights):
            return element
        element = best


def _has_headline(reading: Reading, element: Element) -> bool:
    first, last = reading.spans.get(element, (0, -1))
    return first <= reading.headline <= last


def _leaves_text(reading: Reading, element: Element, child: Element, weights: list[float]) -> bool:
    """Whether going from *element* to *child* would lose paragraphs of the article."""
    first, last = reading.spans[child]
    start, end = reading.spans[element]
    before = reading.lines[max(start, reading.headline + 1) : first]
    if any(weights[line.number] >= _PARAGRAPH and not is_summary(line) for line in before):
        return True
    for line in reading.lines[last + 1 : min(end, last + _AFTER) + 1]:
        plain = line.owner is element or (line.tag == "p" and line.owner.getparent() is element)
        if plain and weights[line.number] >= _PARAGRAPH:
            return True
    return False


# ---------------------------------------------------------------- lists beside the article


def teasers_in(reading: Reading, element: Element) -> int:
    """How many children of *element* hold both a link of their own and prose; 0 for an article."""
    prose: set[Element] = set()
    linked: set[Element] = set()
    first, last = reading.spans.get(element, (0, -1))
    for line in reading.lines[first : last + 1]:
        child = _child_around(line.owner, element)
        if child is None or line.media is not None or len(line.text) < 6:
            continue
        if line.links * 10 >= len(line.text) * 9:
            linked.add(child)
        elif line.links * 2 < len(line.text) and len(line.text) >= 30:
            prose.add(child)
    both = len(prose & linked)
    return both if both >= _TEASERS and both * 2 > len(prose) else 0


def _child_around(owner: Element, element: Element) -> Element | None:
    child = owner
    for above in owner.iterancestors():
        if above is element:
            return child
        child = above
    return None
