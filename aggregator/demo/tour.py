"""The address of the running service in, a guide in words out: what to open and what to look at."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from urllib.parse import quote


def tour(base_url: str) -> str:
    """What to open on the service at *base_url*, in English and Chinese (data/tour.toml)."""
    text = (files("aggregator.demo") / "data" / "tour.toml").read_text("utf-8")
    lines = ["The demo is running. What to open, and what to look at / 演示已启动，可以看：", ""]
    for stop in tomllib.loads(text)["stop"]:
        address = base_url.rstrip("/") + quote(stop["path"], safe="/?=&")
        lines += [f"  {address}", f"    {stop['english']}", f"    {stop['chinese']}", ""]
    lines.append("Ctrl-C stops it. / 按 Ctrl-C 停止。")
    return "\n".join(lines)
