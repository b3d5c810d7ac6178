"""How long does a page of the workbench take in a browser: until it can be used, until an answer; how much memory?

Starts real JupyterLab and real voila on this checkout, drives Debian's Chromium, prints a table; `--only voila` says
which part is measured. A server is warm when it has served a page before. Answers are timed on the page of state
reception and in the rule editor with its 270,000 cases; memory is that of a page's kernel and of the browser's process
that shows it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from stellwerk.lab.server import LAB, PAGES, Server, start

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks" / "workbench"
READY = {
    "aufnahme_und_kosten.ipynb": ".sw-headline",
    "fallwerkstatt.ipynb": ".sw-case-results table",
    "verteilung.ipynb": ".sw-start",
    "regelwerkstatt.ipynb": ".sw-headline",
}
RUNS = 3  # the median of three hides one hiccup of the machine
WAIT_MS = 120_000
CLOSED_SECONDS = 2.0
SETTLED_MS = 8_000  # until what a page computes after it is shown has been computed
KILOBYTES_A_MEGABYTE = 1024
_IDLE = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
Rows = list[tuple[str, str]]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", choices=PARTS, help="measure this part")
    only = options.parse_args().only
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        rows = [row for name, part in PARTS.items() if only in (None, name) for row in part(browser)]
        browser.close()
    print("| What | Time or memory |\n|---|---|")
    for what, value in rows:
        print(f"| {what} | {value} |")


@contextmanager
def _pages(browser: Browser) -> Iterator[Server]:
    """A warm server of pages."""
    server = start(PAGES, NOTEBOOKS, port=None, editing=False)
    try:
        _timed(browser, lambda page: _open_voila(page, server, "aufnahme_und_kosten.ipynb"))
        yield server
    finally:
        server.stop()


@contextmanager
def _lab(browser: Browser) -> Iterator[Server]:
    """A warm JupyterLab that can be driven."""
    with tempfile.TemporaryDirectory() as folder:
        driven = {"LabApp": {"expose_app_in_browser": True}}
        (Path(folder) / "jupyter_lab_config.json").write_text(json.dumps(driven), encoding="utf-8")
        os.environ["JUPYTER_CONFIG_PATH"] = folder
        server = start(LAB, NOTEBOOKS, port=None, editing=True)
        del os.environ["JUPYTER_CONFIG_PATH"]
        try:
            _timed(browser, lambda page: _open_lab(page, server, "aufnahme_und_kosten.ipynb"))
            yield server
        finally:
            server.stop()


def _usable_in_voila(browser: Browser) -> Rows:
    with _pages(browser) as server:
        return _usable(browser, server, _open_voila, "voila")


def _usable_in_lab(browser: Browser) -> Rows:
    with _lab(browser) as server:
        return _usable(browser, server, _open_lab, "JupyterLab, warm server")


def _usable(browser: Browser, server: Server, opens: Callable[[Page, Server, str], None], where: str) -> Rows:
    rows = []
    for notebook in READY:
        seconds = [_timed(browser, lambda page, n=notebook: opens(page, server, n)) for _ in range(RUNS)]  # type: ignore[misc]
        rows.append((f"{where}: {notebook} usable", f"{statistics.median(seconds):.1f} s"))
    return rows


def _memory(browser: Browser) -> Rows:
    """One open page at a time, in voila, after it has computed what follows its first answer."""
    rows = []
    with _pages(browser) as server:
        for notebook in READY:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            _open_voila(page, server, notebook)
            page.wait_for_timeout(SETTLED_MS)
            rows.append((f"{notebook} open: memory of kernel, of the browser's page", _memory_of(server)))
            _close(page)
    return rows


def _answers(browser: Browser) -> Rows:
    """A number changed until its answer is seen, on the page of state reception and in the rule editor."""
    with _pages(browser) as server:
        return [*_slider(browser, server), *_edits(browser, server)]


def _slider(browser: Browser, server: Server) -> Rows:
    page = browser.new_page()
    _open_voila(page, server, "aufnahme_und_kosten.ipynb")
    page.wait_for_function("() => document.querySelector('.sw-chances').innerText.includes('2.000')", timeout=WAIT_MS)
    field = page.locator(".sw-arrivals_percent input.sw-typed")
    seconds = []
    for percent in (150, 200, 250):
        before = page.locator(".sw-headline").inner_text()
        began = time.perf_counter()
        field.fill(str(percent))
        field.press("Tab")
        page.wait_for_function("old => document.querySelector('.sw-headline').innerText !== old", arg=before)
        seconds.append(time.perf_counter() - began)
        page.wait_for_timeout(4000)
    rows = [("Reception: a number changed until its answer is seen", f"{statistics.median(seconds) * 1000:.0f} ms")]
    _close(page)
    return rows


def _edits(browser: Browser, server: Server) -> Rows:
    """A slider and a line of a rule moved until the what-if on 270,000 cases is seen; then the memory of the page."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    _open_voila(page, server, "regelwerkstatt.ipynb")
    page.wait_for_timeout(6000)  # the first answer is prepared once the page is there
    slider = page.locator(".sw-law-number input[type=range]").first
    moved = [_until_answered(page, lambda: slider.press("ArrowLeft")) for _ in range(4)]
    line = page.locator(".sw-line input").nth(_line_of(page, "german_level_oral >= A2"))
    edited = [_until_answered(page, lambda level=level: _entered(line, level)) for level in ("B1", "C1", "B2")]  # type: ignore[misc]
    first, *others = (f"{each * 1000:.0f} ms" for each in moved)
    rows = [
        ("A slider of the law until the what-if on 270,000 cases is seen", f"first {first}, then {', '.join(others)}"),
        ("A line of a rule until then", ", ".join(f"{each * 1000:.0f} ms" for each in edited)),
        ("Rule editor after these edits: memory of kernel, of the browser's page", _memory_of(server)),
    ]
    _close(page)
    return rows


def _until_answered(page: Page, does: Callable[[], Any]) -> float:
    """Seconds from what somebody does until the headline says something else."""
    before = page.locator(".sw-headline").first.inner_text()
    began = time.perf_counter()
    does()
    page.wait_for_function("old => document.querySelector('.sw-headline').innerText !== old", arg=before)
    seconds = time.perf_counter() - began
    page.wait_for_timeout(2500)
    return seconds


def _line_of(page: Page, wanted: str) -> int:
    """The place of a line of the form."""
    return int(
        page.evaluate("w => [...document.querySelectorAll('.sw-line input')].findIndex(i => i.value === w)", wanted)
    )


def _entered(line: Locator, level: str) -> None:
    line.fill(f"german_level_oral >= {level}")
    line.press("Tab")


def _timed(browser: Browser, opens: Callable[[Page], Any]) -> float:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    began = time.perf_counter()
    opens(page)
    seconds = time.perf_counter() - began
    _close(page)
    return seconds


def _close(page: Page) -> None:
    """Leave a page as a reader does, which ends its kernel in voila, and let that happen before the next is timed."""
    page.on("dialog", lambda asked: asked.accept())  # JupyterLab asks whether changes may be lost
    page.goto("about:blank")
    page.close()
    time.sleep(CLOSED_SECONDS)


def _open_voila(page: Page, server: Server, notebook: str) -> None:
    page.goto(f"{server.base}voila/render/{notebook}?token={server.token}", timeout=WAIT_MS)
    page.wait_for_selector(READY[notebook], timeout=WAIT_MS)


def _open_lab(page: Page, server: Server, notebook: str) -> None:
    page.goto(f"{server.base}lab/tree/{notebook}?token={server.token}&reset", timeout=WAIT_MS)
    page.wait_for_function(_IDLE, timeout=WAIT_MS)
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_selector(READY[notebook], timeout=WAIT_MS)


def _memory_of(server: Server) -> str:
    kernel, shown = _largest(server.pid, "ipykernel_launcher"), _largest(os.getpid(), "--type=renderer")
    return f"{kernel:.0f} MB, {shown:.0f} MB"


def _largest(ancestor: int, word: str) -> float:
    """The memory in use, in megabytes, of the largest process below one, with a word in its command line."""
    every = {int(path.parent.name): _status(path) for path in Path("/proc").glob("[0-9]*/status")}
    below = {ancestor}
    while more := {pid for pid, one in every.items() if int(one.get("PPid", 0)) in below} - below:
        below |= more
    sizes = [int(every[pid]["VmRSS"].split()[0]) for pid in below if "VmRSS" in every.get(pid, {}) and _runs(pid, word)]
    return max(sizes, default=0) / KILOBYTES_A_MEGABYTE


def _runs(pid: int, word: str) -> bool:
    try:
        return word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # the process has ended meanwhile
        return False


def _status(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:  # the process has ended meanwhile
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


PARTS: dict[str, Callable[[Browser], Rows]] = {
    "voila": _usable_in_voila,
    "lab": _usable_in_lab,
    "answers": _answers,
    "memory": _memory,
}

if __name__ == "__main__":
    main()
