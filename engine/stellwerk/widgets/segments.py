"""One of a few views, chosen with native radio buttons in a row: all names in sight, arrow keys work as usual."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from stellwerk.widgets import look


class Segments(anywidget.AnyWidget):
    """A choice of one: `options` are pairs of key and words."""

    _esm = Path(__file__).with_name("segments.js")
    value = traitlets.Unicode("").tag(sync=True)
    options: Any = traitlets.List([]).tag(sync=True)
    label = traitlets.Unicode("").tag(sync=True)


def views(label: str, panels: Mapping[str, tuple[str, Any]], name: str) -> Any:
    """Panels of which one is shown: key -> words and panel; the first one at first."""
    first = next(iter(panels))
    chosen = Segments(label=label, options=[[key, words] for key, (words, _) in panels.items()], value=first)
    place = ipywidgets.VBox([panels[first][1]])
    chosen.observe(lambda change: setattr(place, "children", [panels[change["new"]][1]]), "value")
    return ipywidgets.VBox([look.named(chosen, name), place])
