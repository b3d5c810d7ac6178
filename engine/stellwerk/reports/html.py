"""Lines of prose as nested HTML lists, for notebooks and pages; every word of the rulebook is escaped.

Goes in: a tree of lines. Comes out: an HTML fragment without script or outside reference.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import escape

from stellwerk.law.said import Said


def nested_lists(said: Sequence[Said], language: str) -> str:
    """The tree as nested lists within one element that names the language."""
    return f'<div class="stellwerk-reasons" lang="{escape(language)}">{list_of(said)}</div>'


def list_of(said: Sequence[Said]) -> str:
    """One list, with a list below each line that has more to say."""
    return f"<ul>{''.join(map(_item, said))}</ul>" if said else ""


def _item(said: Said) -> str:
    aside = f' <code class="aside">{escape(said.aside)}</code>' if said.aside else ""
    return f"<li>{escape(said.text)}{aside}{list_of(said.items)}</li>"
