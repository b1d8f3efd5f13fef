"""Screenshots of the demo's pages into docs/images, made by one command (needs Chromium).

    uv run python docs/screenshots.py

Runs the demo in a temporary folder until its correction has happened, and ends it again.
"""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

IMAGES = Path(__file__).resolve().parent / "images"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
STORY = 105  # seconds of the demo that must be over: the last repost and the correction
DEADLINE = 150


OVERVIEW = """<!doctype html><meta charset="utf-8"><style>body{margin:0;padding:18px;background:#d9d4cc;
display:flex;gap:18px;align-items:flex-start}div{width:520px;height:620px;overflow:hidden;
box-shadow:0 2px 10px #0006;border-radius:6px}img{width:520px;display:block}</style>"""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str) -> dict[str, object]:
    """A JSON document of the running service."""
    with urllib.request.urlopen(url, timeout=5) as answer:
        found: dict[str, object] = json.load(answer)
    return found


def wait(base: str) -> None:
    """Until the service answers and its story has come to the correction."""
    started = time.monotonic()
    while time.monotonic() - started < DEADLINE:
        try:
            get(f"{base}/api/v1/sources")
        except OSError:
            time.sleep(0.5)
            continue
        if time.monotonic() - started > STORY:
            return
        time.sleep(1)
    raise SystemExit("the demo did not come up")


def shoot(url: str, name: str, width: int, height: int, *more: str) -> None:
    """One screenshot of *url* as docs/images/*name*.png."""
    with tempfile.TemporaryDirectory() as profile:
        command = [
            "chromium", *FLAGS, *more, f"--user-data-dir={profile}", f"--window-size={width},{height}",
            f"--screenshot={IMAGES / name}.png", url,
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    print(IMAGES / f"{name}.png")


def article(base: str, words: str) -> int:
    """The number of the newest article that holds *words*."""
    import urllib.parse

    rows = get(f"{base}/api/v1/search?q={urllib.parse.quote(words)}")["hits"]
    assert isinstance(rows, list)
    return int(rows[0]["article"]["id"])


def main() -> None:
    if not shutil.which("chromium"):
        raise SystemExit(
            "screenshots need Chromium (Debian: apt-get install chromium fonts-noto-cjk)"
        )
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        command = [
            sys.executable,
            "-m",
            "aggregator",
            "demo",
            "--folder",
            f"{folder}/demo",
            "--port",
            str(port),
        ]
        service = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            wait(base)
            corrected = article(base, "9654人次")
            pages(base, corrected, article(base, "问题清单变成履职清单"))
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait(timeout=20)


def pages(base: str, corrected: int, reposted: int) -> None:
    """Every page of the web interface, desktop and phone, light and dark, both languages."""
    zh = "?lang=zh-CN"
    shoot(f"{base}/{zh}", "newest", 1100, 1000)
    shoot(f"{base}/?lang=en", "newest-en", 1100, 1000)
    shoot(f"{base}/{zh}", "newest-phone", 500, 900)
    shoot(f"{base}/articles/{reposted}{zh}", "article", 1100, 2600)
    shoot(
        f"{base}/articles/{reposted}{zh}",
        "article-dark",
        1100,
        1000,
        "--force-dark-mode",
        "--blink-settings=preferredColorScheme=0",
    )
    shoot(f"{base}/articles/{corrected}/revisions/2{zh}", "revision", 1100, 900)
    shoot(f"{base}/search?q=%E8%BD%AE%E8%AE%AD&lang=zh-CN", "search", 1100, 900)
    shoot(f"{base}/sources{zh}", "sources", 1100, 900)
    overview("newest", "article", "revision")


def overview(*names: str) -> None:
    """Several screenshots side by side, for the first screen of the README."""
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "overview.html"
        pictures = "".join(
            f'<div><img src="{(IMAGES / name).as_uri()}.png"></div>' for name in names
        )
        sheet.write_text(OVERVIEW + pictures, encoding="utf-8")
        shoot(sheet.as_uri(), "overview", 1632, 656)


if __name__ == "__main__":
    main()
