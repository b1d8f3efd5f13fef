"""An archive that the real program made from a site on loopback, for commands that read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flow_site import Site, feed, item, page, paragraphs
from system_program import Done, invoke, write_config

FIRST_DAY = "Mon, 02 Nov 2026 07:00:00 GMT"
NEXT_DAY = "Tue, 03 Nov 2026 07:00:00 GMT"


def html(topic: str) -> str:
    """The body of an entry about *topic*."""
    return "".join(f"<p>{p}</p>" for p in paragraphs(topic))


def full_feed(site: Site, figure: str) -> str:
    """The address of a feed of three entries in full; the first holds *figure*."""
    bodies = {
        "书屋": (html("书屋").replace("33件", figure), FIRST_DAY),
        "轮训": (html("轮训"), NEXT_DAY),
        "食堂": (html("食堂"), NEXT_DAY),
    }
    entries = [
        item(f"http://a.example/{topic}.html", f"{topic}办法出台", body, day)
        for topic, (body, day) in bodies.items()
    ]
    return site.put("/f.xml", feed(*entries))


def list_page(site: Site) -> str:
    """The address of a list of two article pages."""
    rows = ""
    for number, (topic, author) in enumerate({"议事": "唐若宁", "走访": "陆怀川"}.items(), 1):
        info = f"2026-11-0{number} 09:15　来源：石桥组工报　作者：{author}"
        site.put(f"/a/{number}.html", page(f"石桥村{topic}会开张", paragraphs(topic), info))
        rows += f"<li><a href='/a/{number}.html'>石桥村{topic}会开张</a><span>2026-11-0{number}</span></li>"
    return site.put("/l.html", f"<html><body><ul class='list'>{rows}</ul></body></html>")


def sources(site: Site) -> dict[str, str]:
    """A feed, a list page and an address where nothing is, as tables of config.toml."""
    by_selector = '\nkind = "list"\nlist = { item = "ul.list li", link = "a", date = "span" }'
    return {
        "fed": f'url = "{full_feed(site, "33件")}"\nname = "青禾先锋"',
        "lst": f'url = "{list_page(site)}"' + by_selector,
        "lost": f'url = "{site.url}/none.xml"',
    }


@dataclass(frozen=True)
class Library:
    """The folder of the archive, its site, and what the two syncs said."""

    folder: Path
    site: Site
    first: Done
    second: Done


def make_library(folder: Path, site: Site) -> Library:
    """Sync all sources, then one of them again after a figure of its first entry was corrected."""
    write_config(folder, sources(site))
    first = invoke("sync", cwd=folder, code=1)
    full_feed(site, "39件")
    return Library(folder, site, first, invoke("sync", "fed", "--json", cwd=folder))
