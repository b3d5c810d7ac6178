"""Several things to choose with boxes to tick: native inputs, so that nobody needs to know what Ctrl does in a list.

In go what may be chosen and what it is called; `chosen` holds what is ticked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import anywidget
import traitlets

from stellwerk.texts import text
from stellwerk.widgets.scripts import script


class Checks(anywidget.AnyWidget):
    """Boxes to tick behind one line; `options` are pairs of a value and its words."""

    _esm = script("elements", "checks")
    label = traitlets.Unicode("").tag(sync=True)
    options: traitlets.List[Any] = traitlets.List().tag(sync=True)
    chosen: traitlets.List[Any] = traitlets.List().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def offer(self, options: Mapping[str, str], chosen: Sequence[str]) -> None:
        """Offer other things (value -> words), some of them ticked."""
        with self.hold_sync():
            self.options = [[value, words] for value, words in options.items()]
            self.chosen = [value for value in options if value in chosen]


def checks_of(label: str, options: Mapping[str, str], chosen: Sequence[str], language: str) -> Checks:
    """Boxes in the reader's language."""
    words = {name: text(f"checks_{name}", language) for name in ("every", "none", *_COUNTED)}
    made = Checks(label=label, words=words)
    made.offer(options, chosen)
    return made


_COUNTED = ("all_ticked", "some_ticked", "none_ticked")
