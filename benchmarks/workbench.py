"""How long does a page of the workbench take in a browser: until it can be used, until an answer; how much memory?

Starts real JupyterLab and real voila on this checkout, drives Debian's Chromium, prints a table. A server is warm when
it has served a page before. Answers are timed on the page of state reception and in the rule editor with its 270,000
cases; memory is that of the kernel behind the editor.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

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
KILOBYTES_A_MEGABYTE = 1024
_IDLE = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"


def main() -> None:
    """Measure and print."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        rows = [*_voila(browser), *_lab(browser)]
        browser.close()
    print("| What | Time or memory |\n|---|---|")
    for what, value in rows:
        print(f"| {what} | {value} |")


def _voila(browser: Browser) -> list[tuple[str, str]]:
    server = start(PAGES, NOTEBOOKS, port=None, editing=False)
    rows: list[tuple[str, str]] = []
    try:
        _timed(browser, lambda page: _open_voila(page, server, "aufnahme_und_kosten.ipynb"))
        for notebook in READY:
            seconds = [_timed(browser, lambda page, n=notebook: _open_voila(page, server, n)) for _ in range(RUNS)]  # type: ignore[misc]
            rows.append((f"voila: {notebook} usable", f"{statistics.median(seconds):.1f} s"))
        rows += _answers(browser, server)
        rows += _edits(browser, server)
    finally:
        server.stop()
    return rows


def _lab(browser: Browser) -> list[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        driven = {"LabApp": {"expose_app_in_browser": True}}
        (Path(folder) / "jupyter_lab_config.json").write_text(json.dumps(driven), encoding="utf-8")
        os.environ["JUPYTER_CONFIG_PATH"] = folder
        server = start(LAB, NOTEBOOKS, port=None, editing=True)
        del os.environ["JUPYTER_CONFIG_PATH"]
        try:
            _timed(browser, lambda page: _open_lab(page, server, "aufnahme_und_kosten.ipynb"))
            rows = []
            for notebook in READY:
                seconds = [_timed(browser, lambda page, n=notebook: _open_lab(page, server, n)) for _ in range(RUNS)]  # type: ignore[misc]
                rows.append((f"JupyterLab, warm server: {notebook} usable", f"{statistics.median(seconds):.1f} s"))
            return rows
        finally:
            server.stop()


def _answers(browser: Browser, server: Server) -> list[tuple[str, str]]:
    """A changed number until its answer is seen."""
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
    page.close()
    return rows


def _edits(browser: Browser, server: Server) -> list[tuple[str, str]]:
    """A number of a rule changed until the what-if on 270,000 cases is seen, and the memory of the page's kernel."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    _open_voila(page, server, "regelwerkstatt.ipynb")
    page.wait_for_timeout(6000)  # the first answer is prepared once the page is there
    seconds = []
    for years in (5, 4, 3, 2):
        before = page.locator(".sw-headline").first.inner_text()
        page.locator(".sw-value input").fill(f"{years} years")
        page.locator(".sw-value input").press("Tab")
        began = time.perf_counter()
        page.locator(".sw-apply").click()
        page.wait_for_function("old => document.querySelector('.sw-headline').innerText !== old", arg=before)
        seconds.append(time.perf_counter() - began)
        page.wait_for_timeout(2000)
    first, *others = (f"{each * 1000:.0f} ms" for each in seconds)
    rows = [("Rule edit until the what-if on 270,000 cases is seen", f"first {first}, then {', '.join(others)}")]
    rows.append(("Rule editor on 270,000 cases: kernel's memory", f"{_largest_kernel(server):.0f} MB"))
    page.close()
    return rows


def _timed(browser: Browser, opens: Callable[[Page], Any]) -> float:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    began = time.perf_counter()
    opens(page)
    seconds = time.perf_counter() - began
    page.close()
    return seconds


def _open_voila(page: Page, server: Server, notebook: str) -> None:
    page.goto(f"{server.base}voila/render/{notebook}?token={server.token}", timeout=WAIT_MS)
    page.wait_for_selector(READY[notebook], timeout=WAIT_MS)


def _open_lab(page: Page, server: Server, notebook: str) -> None:
    page.goto(f"{server.base}lab/tree/{notebook}?token={server.token}&reset", timeout=WAIT_MS)
    page.wait_for_function(_IDLE, timeout=WAIT_MS)
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_selector(READY[notebook], timeout=WAIT_MS)


def _largest_kernel(server: Server) -> float:
    """The memory in use of the largest process that the server has started, in megabytes."""
    found = [_status(path) for path in Path("/proc").glob("[0-9]*/status")]
    kernels = [one for one in found if one.get("PPid") == str(server.pid)]
    return max((int(one["VmRSS"].split()[0]) / KILOBYTES_A_MEGABYTE for one in kernels if "VmRSS" in one), default=0.0)


def _status(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:  # the process has ended meanwhile
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


if __name__ == "__main__":
    main()
