"""A browser without a network, for tests that read pages: what it shows, what it says, what it asks for."""

import html as html_text
import json
import re
import subprocess
from importlib.resources import files

OFFLINE = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
    "--no-default-browser-check", "--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
PAGE_SECONDS = 90  # a browser starts within 2 s on a quiet machine
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_ASKED = """
<script>addEventListener("load", () => {
  const out = document.createElement("pre");
  out.id = "answer";
  const names = performance.getEntriesByType("resource").map(entry => entry.name);
  out.textContent = JSON.stringify(names.filter(name => !name.startsWith("data:")));
  document.body.append(out);
});</script>
"""
_AUDIT = """
<script>%s</script>
<script>axe.run().then(found => {
  const out = document.createElement("pre");
  out.id = "answer";
  out.textContent = JSON.stringify(found.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html)]));
  document.body.append(out);
});</script>
"""


def browse(chromium, profile, page, *orders):
    """Open a page, with orders to the browser; out comes the finished process."""
    command = [chromium, *OFFLINE, f"--user-data-dir={profile}", *orders, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=PAGE_SECONDS, check=True)


def audit(chromium, folder, page):
    """What axe-core finds on a page: impact, rule and elements."""
    axe = (files("axe_core_python") / "axe.min.js").read_text("utf-8")
    return _asked_with(_AUDIT % axe, chromium, folder, page)


def requests(chromium, folder, page):
    """Every address beyond the page itself that it asks for, were it allowed to."""
    return _asked_with(_ASKED, chromium, folder, page)


def complaints(chromium, folder, page):
    """What the page writes to the console."""
    done = browse(chromium, folder / "profile", page, "--enable-logging=stderr", "--dump-dom")
    return [line for line in done.stderr.splitlines() if ":CONSOLE" in line]


def _asked_with(script, chromium, folder, page):
    """The answer of a script on a copy of the page that lets scripts in."""
    copy = folder / "asked.html"
    copy.write_text(_POLICY.sub("", page.read_text("utf-8")).replace("</body>", script + "</body>"), "utf-8")
    dom = browse(chromium, folder / "profile", copy, "--virtual-time-budget=30000", "--dump-dom").stdout
    found = re.search(r'<pre id="answer">(.*?)</pre>', dom, re.DOTALL)
    assert found, "the script on the page has not finished"
    return json.loads(html_text.unescape(found.group(1)))
