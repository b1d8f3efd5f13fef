"""An address as found -> its normal form for fetching, and the stable key of the article behind it.

What makes two spellings one article is data: identity.toml. Nothing here raises: an address that
cannot be used gives "". Syntax follows RFC 3986 (6.2.2 normal form) and what browsers mend.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from urllib.parse import quote_from_bytes, urljoin, urlsplit

MAX_LENGTH = 8192  # characters; a longer address is taken for damage

_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
_PATH_SAFE = "/:@!$&'()*+,;=-._~"
_QUERY_SAFE = _PATH_SAFE + "?"
_DEFAULT_PORT = {"http": 80, "https": 443}
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})|([^A-Za-z0-9\-._~])")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_-])?|\[[0-9a-f:.]+\]")
_SLASHES = re.compile(r"(?<!:)/{2,}")  # "http://" inside a path stays
_GATE = re.compile(r"/gate/big5/([a-z0-9.-]+\.[a-z]+)(?=/|$)", re.IGNORECASE)
_BARE_WWW = re.compile(r"www\.[\w-]+\.[\w.-]+(?:[/?#:]|$)", re.IGNORECASE)
_TWO_PART_SUFFIX = frozenset({"com", "net", "org", "gov", "edu", "ac", "mil"})


@dataclass(frozen=True, slots=True)
class _Url:
    """The parts of an http(s) address in normal form; ``port`` is "" when it is the default."""

    scheme: str
    host: str
    port: str
    path: str
    query: str
    fragment: str

    @property
    def netloc(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host


@dataclass(frozen=True, slots=True)
class _KeyRule:
    """One article-number rule of identity.toml."""

    pattern: re.Pattern[str]
    key: str


@dataclass(frozen=True, slots=True)
class _Rules:
    """identity.toml, compiled."""

    noise: re.Pattern[str]  # query keys
    noise_param: re.Pattern[str]  # ";key=value" in a path
    noise_pair: re.Pattern[str]
    index_files: frozenset[str]
    mirror_labels: frozenset[str]
    alias: dict[str, str]
    rewrites: dict[str, tuple[tuple[re.Pattern[str], str], ...]]
    by_domain: dict[str, tuple[_KeyRule, ...]]
    anywhere: tuple[_KeyRule, ...]


def canonical(url: str) -> str:
    """The normal form of an http(s) address, fit for fetching; "" when it is none.

    Dropped: user and password, default port, fragment (unless it is a "#/" or "#!" route),
    session ids and pure tracking keys. Doing it twice changes nothing.
    """
    parts = _split(url)
    if parts is None:
        return ""
    rules = _rules()
    path = rules.noise_param.sub("", parts.path)
    pairs = (p for p in parts.query.split("&") if p and not rules.noise.fullmatch(_name(p)))
    query = "&".join(pairs)
    route = parts.fragment if parts.fragment.startswith(("/", "!")) else ""
    return f"{parts.scheme}://{_target(parts.netloc, path, query, route)}"


def identity(url: str) -> str:
    """The stable key of the article behind an address; "" when it is no http(s) address.

    A known article number makes the key ("people:n1:40000001"); else it is host, path and the
    query keys that choose content, in sorted order. The scheme never matters.
    """
    parts = _split(canonical(url))
    if parts is None:
        return ""
    rules = _rules()
    host, path = _unmirror(parts, rules)
    query = _content_query(parts.query, rules)
    found = _article_key(host, f"{path}?{query}" if query else path, rules)
    return found or _place_key(host, parts, path, query, rules)


def host(url: str) -> str:
    """host[:port] of an address in lower case, the default port left out; "" when there is none."""
    parts = _split(url)
    return parts.netloc if parts else ""


def join(base: str, ref: str) -> str:
    """*ref* as an absolute address in normal form, its fragment kept; "" when not http(s).

    Mends what browsers mend: blanks and line ends around and inside, backslashes; and a bare
    "www.example.cn/…", which the writer surely did not mean as a folder.
    """
    ref = _tidy(ref)
    if _BARE_WWW.match(ref):
        ref = "//" + ref
    try:
        parts = _split(urljoin(_tidy(base), ref))
    except ValueError:
        return ""
    if parts is None:
        return ""
    return f"{parts.scheme}://{_target(parts.netloc, parts.path, parts.query, parts.fragment)}"


# ---------------------------------------------------------------- syntax


def _split(url: str) -> _Url | None:
    """*url* in normal parts, or None when it is no usable http(s) address."""
    if len(url) > MAX_LENGTH:
        return None
    try:
        raw = urlsplit(_tidy(url))
        port = raw.port
    except ValueError:
        return None
    name = _host_name(raw.hostname or "")
    if raw.scheme not in _DEFAULT_PORT or not name:
        return None
    return _Url(
        scheme=raw.scheme,
        host=name,
        port="" if port in (None, _DEFAULT_PORT[raw.scheme]) else str(port),
        path=_path(raw.path),
        query=_escape(raw.query.replace("&amp;", "&"), _QUERY_SAFE),
        fragment=_escape(raw.fragment, _QUERY_SAFE),
    )


def _target(netloc: str, path: str, query: str, fragment: str) -> str:
    """All of an address behind "scheme://"."""
    return netloc + path + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def _tidy(text: str) -> str:
    """Without the blanks and line ends that browsers ignore; backslashes before "?" turned."""
    text = "".join(c for c in text.strip() if c not in "\t\r\n")
    text = text.strip("\x00\x20\u3000\xa0\ufeff")
    if "\\" not in text:
        return text
    cut = min((i for i in (text.find("?"), text.find("#")) if i >= 0), default=len(text))
    return text[:cut].replace("\\", "/") + text[cut:]


def _host_name(name: str) -> str:
    """A host in lower-case ASCII (IDNA), or "" when it can be none."""
    if len(name) > 253:
        return ""
    if ":" in name:
        name = f"[{name}]"
    elif not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    name = name.lower().rstrip(".")
    return name if _HOST.fullmatch(name) and ".." not in name else ""


def _path(path: str) -> str:
    """Normal escapes, no repeated slashes, no dot segments; at least "/"."""
    path = _SLASHES.sub("/", _escape(path, _PATH_SAFE))
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            kept[-1:] = []
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in (".", "..") and (not kept or kept[-1]):
        kept.append("")
    return "/" + "/".join(kept)


def _escape(text: str, safe: str) -> str:
    """Percent-encoding in normal form: upper-case hex, unreserved characters plain, UTF-8."""

    def one(match: re.Match[str]) -> str:
        if match[1]:
            char = chr(int(match[1], 16))
            return char if char in _UNRESERVED else f"%{match[1].upper()}"
        char = match[2]
        return char if char in safe else quote_from_bytes(char.encode("utf-8", "replace"), safe="")

    return _PERCENT.sub(one, text)


# ---------------------------------------------------------------- identity


def _name(pair: str) -> str:
    return pair.partition("=")[0]


def _unmirror(parts: _Url, rules: _Rules) -> tuple[str, str]:
    """Host and path without what only chooses a dress: gate, mirror label, alias, rewrite."""
    name, path = parts.host, parts.path
    gate = _GATE.match(path)
    if gate:
        name, path = gate[1].lower(), path[gate.end() :] or "/"
    name = _fold_host(name, rules)
    for pattern, to in rules.rewrites.get(name, ()):
        path = pattern.sub(to, path)
    return (f"{name}:{parts.port}" if parts.port else name), path


def _fold_host(name: str, rules: _Rules) -> str:
    """*name* without mirror labels (never so far that only a suffix stays), aliases replaced."""
    labels = name.split(".")
    while labels[0] in rules.mirror_labels and _is_registrable(labels[1:]):
        labels = labels[1:]
    folded = ".".join(labels)
    return rules.alias.get(folded, folded)


def _is_registrable(labels: list[str]) -> bool:
    if len(labels) < 2:
        return False
    return len(labels) > 2 or labels[0] not in _TWO_PART_SUFFIX


def _content_query(query: str, rules: _Rules) -> str:
    pairs = [p for p in query.split("&") if p and not rules.noise_pair.fullmatch(p)]
    return "&".join(sorted(pairs))


def _article_key(name: str, target: str, rules: _Rules) -> str:
    """The key by the first article-number rule that fits, or ""."""
    labels = name.partition(":")[0].split(".")
    domains = (".".join(labels[i:]) for i in range(len(labels)))
    chosen = [rule for domain in domains for rule in rules.by_domain.get(domain, ())]
    for rule in (*chosen, *rules.anywhere):
        match = rule.pattern.search(target)
        if match:
            return rule.key.format(name, *match.groups(), host=name)
    return ""


def _place_key(name: str, parts: _Url, path: str, query: str, rules: _Rules) -> str:
    """host/path?query, where an index file and a closing slash are the folder itself."""
    folder, _, file = path.rpartition("/")
    path = folder if file.lower() in rules.index_files else path.removesuffix("/")
    return _target(name, path or "/", query, parts.fragment)


# ---------------------------------------------------------------- data


@cache
def _rules() -> _Rules:
    text = resources.files("aggregator").joinpath("identity.toml").read_text("utf-8")
    data = tomllib.loads(text)
    rewrites: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {}
    for row in data["rewrite"]:
        done = rewrites.get(row["host"], ())
        rewrites[row["host"]] = (*done, (re.compile(row["path"]), row["to"]))
    by_domain, anywhere = _key_rules(data["key"])
    return _Rules(
        noise=_any_of(data["noise"]),
        noise_param=re.compile(
            f";{_any_of(data['noise']).pattern}(?:=[^/;]*)?(?=[/;]|$)", re.IGNORECASE
        ),
        noise_pair=_any_of(data["noise_pairs"]),
        index_files=frozenset(data["index_files"]),
        mirror_labels=frozenset(data["mirror_labels"]),
        alias=dict(data["alias"]),
        rewrites=rewrites,
        by_domain=by_domain,
        anywhere=anywhere,
    )


def _key_rules(
    rows: list[dict[str, object]],
) -> tuple[dict[str, tuple[_KeyRule, ...]], tuple[_KeyRule, ...]]:
    by_domain: dict[str, tuple[_KeyRule, ...]] = {}
    anywhere: tuple[_KeyRule, ...] = ()
    for row in rows:
        # An article address ends with its number, or goes on with a query that is no content.
        rule = _KeyRule(re.compile(f"{row['path']}(?:[?&]|$)"), str(row["key"]))
        domains = row.get("hosts")
        if not isinstance(domains, list):
            anywhere += (rule,)
            continue
        for domain in domains:
            by_domain[domain] = (*by_domain.get(domain, ()), rule)
    return by_domain, anywhere


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(patterns)})", re.IGNORECASE)
