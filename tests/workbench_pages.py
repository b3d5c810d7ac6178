"""The workbench in a real browser: a server, a page that notes what it asks for and complains of, what axe finds."""

import json
import os
import socket
from contextlib import contextmanager
from importlib.resources import files

from playwright.sync_api import sync_playwright

from stellwerk.lab.server import start

SCREEN = {"width": 1280, "height": 800}
USABLE_MS = 90_000  # on a busy machine; on a quiet one a page takes some seconds
OURS = ("data:", "blob:", "about:")


@contextmanager
def served(program, checkout, *, editing, surroundings=None):
    """A server on the notebooks of the workbench; `surroundings` are set in its environment only."""
    before = dict(os.environ)
    os.environ.update(surroundings or {})
    try:
        server = start(program, checkout / "notebooks" / "workbench", port=_a_port(), editing=editing)
    finally:
        os.environ.clear()
        os.environ.update(before)
    try:
        yield server
    finally:
        server.stop()


def _a_port():
    """A port of its own, for tests run side by side and the usual one would be wanted by all."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def browser_of(chromium):
    """Debian's browser, driven."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


class Watched:
    """A page with what it asked for beyond this machine, and the errors it wrote to the console."""

    def __init__(self, browser):
        self.page = browser.new_page(viewport=SCREEN, locale="de-DE")
        self.page.set_default_timeout(USABLE_MS)
        self.foreign, self.errors = [], []
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _asked(self, url):
        if "//127.0.0.1:" not in url and not url.startswith(OURS):
            self.foreign.append(url)

    def serious(self, part="document"):
        """What axe-core calls serious or critical within a part of the page."""
        self.page.evaluate((files("axe_core_python") / "axe.min.js").read_text("utf-8"))
        where = "document" if part == "document" else json.dumps(part)
        found = self.page.evaluate(f"axe.run({where})")["violations"]
        grave = [one for one in found if one["impact"] in ("serious", "critical")]
        return [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in grave]

    def says(self, selector, words):
        """Come back when a part of the page holds these words."""
        self.page.wait_for_function(
            "([selector, words]) => document.querySelector(selector)?.innerText.includes(words)", arg=[selector, words]
        )


def shows_in_lab(page, server, notebook):
    """Open a notebook in JupyterLab and run all its cells."""
    page.goto(f"{server.base}lab/tree/{notebook}?token={server.token}")
    page.wait_for_function(
        "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
    )
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
