"""Reading config.toml: values with units, defaults, and errors that name the fault and its mend."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aggregator import config
from aggregator.config import ListRule, Paging, Settings, SourceOptions
from aggregator.errors import ConfigError

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        file = tmp_path / "config.toml"
        file.write_text(text, "utf-8")
        return file

    return write


def fault(write: Write, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config.load(write(text))
    return str(caught.value)


def test_an_empty_file_gives_the_defaults(write: Write, tmp_path: Path) -> None:
    settings = config.load(write(""))
    assert settings.fetch == Settings().fetch
    assert settings.schedule == Settings().schedule
    assert settings.sources == ()
    assert settings.file == str(tmp_path / "config.toml")


def test_everything_can_be_set(write: Write) -> None:
    settings = config.load(
        write("""
        workers = 3
        [archive]
        url = "sqlite:///data/a.sqlite?timeout=5"
        rotate_bytes = "500MB"
        [fetch]
        delay = "2s"
        timeout = "1m"
        max_body = "1MiB"
        allow_private = "192.168.0.0/16"
        [schedule]
        interval = "30m"
        min_interval = 600
        recheck = [["1d", "6h"], [604800, "1d"]]
        [web]
        port = 0
        base_url = "https://feed.example.org"
        [feed]
        authority = "feed.example.org"
        since = "2030-01-01"
        [source.one]
        url = "http://example.org/list/"
        name = "甲"
        kind = "list"
        interval = "1h"
        include = '/n1/\\d{4}/'
        list = { item = "ul li", drop = "em" }
        paging.pattern = "index{n}.html"
        headers = { Referer = "http://example.org/" }
        [source.two]
        url = "http://example.org/data.json"
        kind = "data"
        include = ["a", "b"]
        data = { url = ["x", "y"], title = "t" }
        headers = [["A", "1"], ["B", "2"]]
        """)
    )
    folder = Path(settings.file).parent
    assert settings.workers == 3
    assert settings.archive.url == f"sqlite:///{folder}/data/a.sqlite?timeout=5"
    assert settings.archive.vault == str(folder / "archive/warc")
    assert settings.archive.rotate_bytes == 500_000_000
    assert (settings.fetch.delay, settings.fetch.timeout) == (2.0, 60.0)
    assert settings.fetch.max_body == 2**20
    assert settings.fetch.allow_private == ("192.168.0.0/16",)
    assert settings.schedule.recheck == ((86_400.0, 21_600.0), (604_800.0, 86_400.0))
    assert settings.sources[0].key == "one"
    assert settings.sources[0].options == SourceOptions(
        url="http://example.org/list/",
        name="甲",
        kind="list",
        interval=3600.0,
        include=(r"/n1/\d{4}/",),
        list=ListRule(item="ul li", drop=("em",)),
        paging=Paging("index{n}.html"),
        headers=(("Referer", "http://example.org/"),),
    )
    two = settings.sources[1].options
    assert two.include == ("a", "b")
    assert (two.data.url, two.data.title) == (("x", "y"), ("t",))
    assert two.headers == (("A", "1"), ("B", "2"))


@pytest.mark.parametrize(
    "url", ["sqlite:////var/a.sqlite", "sqlite:///:memory:", "postgresql://db/a"]
)
def test_absolute_databases_stay_as_they_are(write: Write, url: str) -> None:
    assert config.load(write(f"[archive]\nurl = '{url}'")).archive.url == url


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("workerz = 3", ["line 1 workerz: is no known option (did you mean 'workers'?)"]),
        ("[fetch]\n\ndelay = 'soon'", ["line 3 [fetch] delay: 'soon' is no duration", '"30s"']),
        ("[fetch]\ndelay = -1", ["out of bounds"]),
        ("[fetch]\nmax_body = '20 loads'", ["is no size"]),
        ("[fetch]\nrobots = 'yes'", ["robots: must be true or false"]),
        ("[web]\nport = '8000'", ["port: must be a whole number (it is '8000')"]),
        ("[web]\nport = 70000", ["70000 is out of bounds (it must be 0 to 65,535)"]),
        ("web = 3", ["web: must be a table"]),
        ("[feed]\nauthority = 'no domain'", ["RFC 4151"]),
        ("[feed]\nsince = 'May'", ["is no date of a tag URI"]),
        ("[archive]\nurl = 'a.sqlite'", ["is no database address", "sqlite:///"]),
        ("[schedule]\ninterval = '30d'", ["[schedule] interval: must lie between"]),
        ("[schedule]\nmin_interval = '2d'", ["min_interval: is longer than max_interval"]),
        ("[schedule]\nrecheck = [['1d']]", ["recheck"]),
        ("sources = []", ["sources: cannot be set in the file"]),
        ("[source.a]\nname = 'x'", ["line 1 [source.a] url: is missing (add url = …)"]),
        ("[source.a]\nurl = ''", ["url: is empty"]),
        ("[source.a]\nurl = 'example.org'", ["is no web address", "http://"]),
        ("[source.a]\nurl = 'ftp://example.org/'", ["is no web address"]),
        ("[source.'a b']\nurl = 'http://a.org/'", ["the key of a source is no plain word"]),
        ("source = 3", ["source: must be tables"]),
        ("[source]\na = 3", ["[source.a]: must be a table"]),
        ("[source.a]\nurl='http://a.org/'\nkind='rss'", ["line 3 [source.a] kind: must be 'feed', 'list'"]),
        ("[source.a]\nurl='http://a.org/'\ninclude=['(']", ["include: '(' is no regular expression"]),
        ("[source.a]\nurl='http://a.org/'\nkind='list'\n[source.a.list]\nitem='li >>'", ["line 5", "list.item: 'li >>' is no CSS selector"]),
        ("[source.a]\nurl='http://a.org/'\nkind='list'\nlist.itme='li'", ["line 4 [source.a.list] itme", "'item'"]),
        ("[source.a]\nurl='http://a.org/'\ncharset='gbk2'", ["is no known charset"]),
        ("[source.a]\nurl='http://a.org/'\ntimezone='Asia/Nowhere'", ["is no time zone"]),
        ("[source.a]\nurl='http://a.org/'\npaging.pattern='index.html'", ["has no page number in it", "{n}"]),
        ("[source.a]\nurl='http://a.org/'\ninterval='10s'", ["interval: 10.0 is out of bounds (it must be 60"]),
        ("[source.a]\nurl='http://a.org/'\ninterval='5m'", ["is shorter than schedule.min_interval (at least 900"]),
        ("[source.a]\nurl='http://a.org/'\nlist.item='li'", ['list: is set, but kind is "feed"', 'kind = "list"']),
        ("[source.a]\nurl='http://a.org/'\nbody='{}'", ['method = "POST"']),
        ("[source.a]\nurl='http://a.org/'\n[source.b]\nurl='https://www.a.org/index.html'", ["line 4 [source.b] url: is the address of source.a too"]),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_mend(write: Write, text: str, said: list[str]) -> None:
    message = fault(write, text)
    assert message.startswith(str(config.load(write("")).file))
    for words in said:
        assert words in message


def test_all_faults_come_at_once(write: Write) -> None:
    message = fault(
        write, "workers = 'two'\n[web]\nporrt = 1\n[source.a]\nurl = 3\n[source.b]\nurl = ''"
    )
    rows = message.splitlines()
    assert rows[0].endswith("4 faults:")
    assert [row.split(":")[0].strip() for row in rows[1:]] == [
        "line 1 workers", "line 3 [web] porrt", "line 5 [source.a] url", "line 7 [source.b] url",
    ]  # fmt: skip


def test_broken_toml_names_the_place(write: Write) -> None:
    message = fault(write, "[web]\nport = \n")
    assert "line 2" in message
    assert "is not TOML" in message


def test_a_file_that_is_no_utf8(tmp_path: Path) -> None:
    file = tmp_path / "gbk.toml"
    file.write_bytes('[web]\ntitle = "党建"'.encode("gbk"))
    with pytest.raises(ConfigError, match="is not UTF-8"):
        config.load(file)


def test_a_missing_file_names_the_shipped_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file") as caught:
        config.load(tmp_path / "none.toml")
    assert str(config.default_config_path()) in str(caught.value)
    with pytest.raises(ConfigError, match="is a folder"):
        config.load(tmp_path)


def test_without_a_path_the_current_folder_comes_first(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = config.load()
    assert shipped.file == str(config.default_config_path())
    assert shipped.archive.vault == str(tmp_path / "archive/warc")
    write("workers = 5")
    assert config.load().workers == 5


def test_one_connection_for_posts_to_one_address(write: Write) -> None:
    text = "".join(
        f"[source.s{n}]\nurl='http://a.org/search'\nkind='data'\nmethod='POST'\nbody='{n}'\n"
        for n in (1, 2)
    )
    assert len(config.load(write(text)).sources) == 2


def test_importing_is_cheap() -> None:
    code = "import aggregator.config, sys; print(sorted({'pydantic', 'bs4', 'soupsieve', 'lxml'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
