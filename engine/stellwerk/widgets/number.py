"""A number that is set with a slider or by typing: native inputs, so that keyboard and screen reader work as usual."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets


class Number(anywidget.AnyWidget):
    """One value between `min` and `max`; what the user sees is `label` and `unit`."""

    _esm = Path(__file__).with_name("number.js")
    value = traitlets.Float(0.0).tag(sync=True)
    min = traitlets.Float(0.0).tag(sync=True)
    max = traitlets.Float(100.0).tag(sync=True)
    step = traitlets.Float(1.0).tag(sync=True)
    label = traitlets.Unicode("").tag(sync=True)
    unit = traitlets.Unicode("").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)

    @property
    def whole(self) -> int:
        """The value as a whole number."""
        return round(self.value)
