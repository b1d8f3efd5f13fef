"""Bytes of a page or feed -> text, and in words which charset was used and why.

Declared charsets of Chinese sites are often wrong, so what the bytes prove goes first: BOM, then
valid UTF-8, and only then what is declared. "gb2312" and "gbk" mean GB18030, their superset.
"""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its BOM begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# "<" (and a second ASCII character) as seen in a wide charset without BOM: XML 1.0 appendix F.
_WIDE = (
    (re.compile(rb"<\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0<"), "utf-32-be"),
    (re.compile(rb"<\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\0<\0[^\0]"), "utf-16-be"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),  # "<?xm" in EBCDIC
)
_DECLARED = re.compile(
    rb"""(?:<\?xml[^>]{0,100}?encoding\s{0,4}=\s{0,4}["']|<meta[^>]{0,200}?charset\s{0,4}=\s{0,4}["']?)
    \s{0,4}([A-Za-z0-9_:.-]{2,40})""",
    re.I | re.X,
)
# Supersets that are meant by the names on the left (WHATWG Encoding, section 4.2).
_MEANT = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "utf-16": "utf-16-le",
    "utf-32": "utf-32-le",
}
_ALLOWED = re.compile(
    r"cp\d+|iso8859-\d+|koi8-[rut]|mac-\w+|gb18030|big5hkscs|euc_\w+|shift_\w+|johab|tis-620"
    r"|utf-(?:8|16-[lb]e|32-[lb]e)|kz1048|ptcp154"
)
_MULTIBYTE = ("big5", "euc_", "shift_", "cp932", "cp949", "cp950", "johab", "utf-16", "utf-32")
_GB_COMMON = bytes((*range(0xA1, 0xA4), *range(0xB0, 0xD8)))  # leads of signs and level 1 hanzi
_BIG5_COMMON = bytes((*range(0xA1, 0xA4), *range(0xA4, 0xC7)))
_PROBE = 3000  # bytes on both sides of the first damage
_SAMPLE = 4000  # characters that are looked at to tell Chinese from mojibake
_MENDS = 200  # damages of one body that are mended one by one
_HIGH = re.compile(rb"(?:[\x80-\xff][\x40-\xff])+")
_ASCII = re.compile(r"[\x00-\x7f]+")


def decode(body: bytes, declared: str = "", override: str = "") -> tuple[str, str]:
    """The text of *body*, and how it was read, such as "utf-8 (valid)". Never raises.

    Order: *override* (set for the source), BOM, strict UTF-8, UTF-8 with a few damaged bytes,
    what is *declared* (HTTP header; else inside the document) where it can be true, GB18030,
    Big5, and at last whichever needs the fewest replacement characters.
    """
    forced = known(override)
    if forced:
        return _strip(body.decode(forced, "replace")), f"{forced} (set for the source)"
    marked = _marked(body)
    if marked:
        return marked
    try:
        return body.decode("utf-8"), "utf-8 (valid)"
    except UnicodeDecodeError as error:
        return _damaged_utf8(body, error.start) or _legacy(body, declared)


def known(name: str) -> str:
    """The codec that is meant by the charset *name*, or "" when there is none (or no safe one)."""
    try:
        codec = codecs.lookup(name.strip()[:40]).name
    except (LookupError, ValueError):  # ValueError: NUL or surrogates in the name
        return ""
    codec = _MEANT.get(codec, codec)
    return codec if _ALLOWED.fullmatch(codec) else ""


def declared_in(body: bytes) -> str:
    """The charset that an XML declaration or a meta element in the first 4 KiB names, or ""."""
    found = _DECLARED.search(body[:4096])
    return found[1].decode("ascii") if found else ""


def _marked(body: bytes) -> tuple[str, str] | None:
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace"), f"{codec} (BOM)"
    for pattern, codec in _WIDE:
        if pattern.match(body):
            return body.decode(codec, "replace"), f"{codec} (first bytes)"
    return None


def _damaged_utf8(body: bytes, first: int) -> tuple[str, str] | None:
    """UTF-8 with few bytes that are none; *first* is the first of them."""
    start = max(0, first - _PROBE)
    while start < first and body[start] & 0xC0 == 0x80:  # not in the middle of a character
        start += 1
    if _is_noise(body[start : first + _PROBE].decode("utf-8", "replace"), spare=3):
        return None  # found out without decoding all of it
    text = body.decode("utf-8", "replace")
    if _is_noise(text, spare=0):
        return None
    return text, f"utf-8 ({text.count(chr(0xFFFD))} damaged)"


def _is_noise(text: str, spare: int) -> bool:
    """Whether, but for *spare* ones, a fifth or more of the characters beyond ASCII are damaged."""
    bad = text.count("\ufffd") - spare
    return bad * 4 > _beyond_ascii(text) - bad


def _legacy(body: bytes, declared: str) -> tuple[str, str]:
    names = [known(name) for name in (declared, declared_in(body))]
    names = [name for name in names if name and name not in ("utf-8", "gb18030")]
    gb = _strict(body, "gb18030")
    share = _share(gb, "gb2312", _GB_COMMON) if gb is not None else 0.0
    for name in names:
        # One-byte charsets fit any bytes, so they must not look like Chinese as well.
        text = _strict(body, name) if name.startswith(_MULTIBYTE) or share < 0.6 else None
        if text is not None:
            return text, f"{name} (declared)"
    if gb is not None and share < 0.6:
        big5 = _strict(body, "big5hkscs")
        if big5 is not None and _share(big5, "big5", _BIG5_COMMON) > share + 0.3:
            return big5, "big5hkscs (likely)"
    if gb is not None:
        return gb, "gb18030 (valid)"
    return _best(body, names)


def _best(body: bytes, names: list[str]) -> tuple[str, str]:
    """Whichever charset needs the fewest replacement characters, in order of likelihood."""
    tried = [(_gb18030(body), "gb18030")]
    tried += [(body.decode(name, "replace"), name) for name in (*names, "big5hkscs", "utf-8")]
    text, name = min(tried, key=lambda pair: pair[0].count("\ufffd"))
    return text, f"{name} ({text.count(chr(0xFFFD))} damaged)"


def _gb18030(body: bytes) -> str:
    """Damaged GB18030; behind each damage the reading goes on with whichever byte makes sense.

    Plain replacing skips one byte, and where it was the first of two, all up to the next ASCII
    character would be shifted by a byte.
    """
    out: list[str] = []
    place = 0
    while len(out) < 2 * _MENDS:
        try:
            out.append(body[place:].decode("gb18030"))
            return "".join(out)
        except UnicodeDecodeError as error:
            out += [body[place : place + error.start].decode("gb18030"), "\ufffd"]
            place += error.start + _damage(body[place + error.start : place + error.start + 80])
    return "".join(out) + body[place:].decode("gb18030", "replace")


def _damage(rest: bytes) -> int:
    """How many bytes are damaged at the begin of *rest*: 1, or 2 when more sense follows then."""
    shares = []
    for length in (1, 2):
        run = _HIGH.match(rest, length)
        text = run[0].decode("gb18030", "replace") if run else ""
        shares.append(_share(text, "gb2312", _GB_COMMON))
    return 2 if shares[1] > shares[0] and rest[1:2] > b"\x7f" else 1


def _strict(body: bytes, codec: str) -> str | None:
    try:
        return _strip(body.decode(codec))
    except UnicodeDecodeError:
        return None


def _strip(text: str) -> str:
    return text.removeprefix("\ufeff")


def _beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _share(text: str, codec: str, leads: bytes) -> float:
    """The share of everyday characters and signs among those beyond ASCII, 0..1."""
    beyond = _ASCII.sub("", text[:_SAMPLE])
    first = beyond.encode(codec, "ignore")[::2]
    return (len(first) - len(first.translate(None, leads))) / len(beyond) if beyond else 0.0
