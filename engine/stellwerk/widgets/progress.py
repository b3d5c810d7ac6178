"""How far work beside the page has come: a sentence that is said aloud, and a bar."""

from __future__ import annotations

from html import escape

from stellwerk.widgets import look


def bar(sentence: str, done: float, of: float) -> str:
    """So much of so much, in words and as a bar."""
    share = f'value="{min(done, of):g}" max="{of:g}" aria-label="{escape(sentence)}"'
    return f'{look.live(sentence)}<progress class="sw-progress" {share}></progress>'
