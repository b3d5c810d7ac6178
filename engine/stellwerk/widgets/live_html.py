"""HTML that changes while somebody reads it: what is folded open stays open, and pressed buttons are told.

In goes safe HTML; a button with `data-say` tells its word to whoever listens. Parts to fold (`details`) need an id.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import anywidget
import traitlets


class LiveHtml(anywidget.AnyWidget):
    """A piece of a page; `html` must have been escaped."""

    _esm = Path(__file__).with_name("live_html.js")
    html = traitlets.Unicode("").tag(sync=True)

    def on_said(self, action: Callable[[str], None]) -> None:
        """Call this with the word of each button that is pressed."""
        self.on_msg(lambda _, said, __: action(str(said["say"])) if "say" in said else None)
