"""A number that is set with a slider or by typing it as people write it: 28.000 and 28000, 0,25 and 0.25.

Both inputs are native, so that keyboard and screen reader work as usual. `own` is the value that something has as it
stands: marked on the slider, and a button leads back to it once it was changed.
"""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

from stellwerk.texts import language_in_use, text
from stellwerk.widgets.scripts import script

_HERE = Path(__file__).parent
_WORDS = ("reset", "unfit", "lowest", "highest")


class Number(anywidget.AnyWidget):
    """One value between `min` and `max`; what the user sees is `label`, `unit` and, below it, `help`."""

    _esm = script("numerals", "number")
    value = traitlets.Float(0.0).tag(sync=True)
    own = traitlets.Float(None, allow_none=True).tag(sync=True)
    min = traitlets.Float(0.0).tag(sync=True)
    max = traitlets.Float(100.0).tag(sync=True)
    step = traitlets.Float(1.0).tag(sync=True)
    label = traitlets.Unicode("").tag(sync=True)
    unit = traitlets.Unicode("").tag(sync=True)
    help = traitlets.Unicode("").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    @traitlets.default("words")
    def _in_language(self) -> dict[str, str]:
        language = language_in_use()
        return {**{name: text(f"number_{name}", language) for name in _WORDS}, "language": language}

    @property
    def whole(self) -> int:
        """The value as a whole number."""
        return round(self.value)

    @property
    def changed(self) -> bool:
        """Whether it is another value than the one it had as it stands."""
        return self.own is not None and self.value != self.own
