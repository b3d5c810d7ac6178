"""The page of a brief: one HTML file that opens anywhere, without a network and without a script.

In go an executed notebook and the letterhead, out come the page's text, the data files of its blocks and what the
ledger should know. Of each cell only the blocks count; code, printed lines and stray results stay in the notebook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from stellwerk import __version__
from stellwerk.briefs.blocks import MIME, templates
from stellwerk.briefs.letterhead import Letterhead
from stellwerk.errors import StellwerkError
from stellwerk.texts import text


class BriefWithoutContent(StellwerkError):
    """The notebook ran, but handed over no opening block."""


@dataclass(frozen=True)
class Page:
    """A page with its data files (name to text) and the facts its blocks carry."""

    html: str
    files: dict[str, str]
    meta: dict[str, Any]


def make_page(notebook: Mapping[str, Any], brief: str, letterhead: Letterhead) -> Page:
    """The page of an executed notebook under a letterhead."""
    blocks = [
        output["data"][MIME]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if MIME in output.get("data", {})
    ]
    files = {name: content for block in blocks for name, content in block["files"].items()}
    meta = {key: value for block in blocks for key, value in block["meta"].items()}
    if "title" not in meta:
        raise BriefWithoutContent(brief=brief)
    sections = [section for block in blocks for section in block["meta"].get("sections", [])]
    html = (
        templates()
        .get_template("brief.html.j2")
        .render(
            title=meta["title"],
            language=meta["language"],
            version=__version__,
            style=Markup(_style()),
            colours=letterhead.colours,
            sender=_sender(letterhead, meta["language"]),
            masthead=Markup(blocks[0]["html"]),
            sections=sections,
            content=[Markup(block["html"]) for block in blocks[1:]],
            words={name: text(f"brief_{name}", meta["language"]) for name in ("skip", "contents", "footer")},
        )
    )
    return Page(html, files, meta)


def _sender(letterhead: Letterhead, language: str) -> dict[str, Any]:
    return {
        "organisation": letterhead.organisation.in_language(language),
        "lines": [line.in_language(language) for line in letterhead.lines],
        "footer": [line.in_language(language) for line in letterhead.footer],
        "logo": letterhead.logo_address,
    }


def _style() -> str:
    environment = templates()
    assert environment.loader is not None
    return environment.loader.get_source(environment, "brief.css")[0]
