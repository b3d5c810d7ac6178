"""Bars of two situations side by side: before (light, hatched) above after (dark).

In go labels and counts with how they are written, out comes SVG text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.ticker

from stellwerk import formats
from stellwerk.briefs.figures.canvas import AFTER, BEFORE, RULE, WIDTH, canvas, wrapped
from stellwerk.briefs.secrecy import Hidden

_BAR = 0.36
_LABEL_MARGIN = 1.12  # room on the right for the figure at the longest bar


@dataclass(frozen=True)
class BarPair:
    """One row of a bar chart: its label, the two counts and how they are written."""

    label: str
    before: int | Hidden
    after: int | Hidden
    before_shown: str
    after_shown: str


def bars(pairs: Sequence[BarPair], before: str, after: str, language: str) -> str:
    """Horizontal bars, two a row: the situation before (light, hatched) above the one after (dark)."""
    with canvas(WIDTH, 0.68 + 0.46 * len(pairs)) as (figure, out):
        height = figure.get_figheight()
        axes = figure.add_axes((0.30, 0.3 / height, 0.69, 1 - 0.64 / height))
        places = [float(row) for row in range(len(pairs))]
        axes.barh([place - _BAR / 2 for place in places], [_length(pair.before) for pair in pairs], _BAR * 0.94,
                  color=BEFORE, hatch="////", edgecolor="white", linewidth=0, label=before)  # fmt: skip
        axes.barh([place + _BAR / 2 for place in places], [_length(pair.after) for pair in pairs], _BAR * 0.94,
                  color=AFTER, label=after)  # fmt: skip
        for place, pair in zip(places, pairs, strict=True):
            for shift, count, shown in ((-1, pair.before, pair.before_shown), (1, pair.after, pair.after_shown)):
                axes.annotate(shown, (_length(count), place + shift * _BAR / 2), (3, 0), textcoords="offset points",
                              va="center", fontsize=8)  # fmt: skip
        axes.set_yticks(places, [wrapped(pair.label) for pair in pairs])
        axes.invert_yaxis()
        longest = max((_length(count) for pair in pairs for count in (pair.before, pair.after)), default=0)
        axes.set_xlim(0, max(longest, 1) * _LABEL_MARGIN)
        axes.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(5, integer=True))
        axes.xaxis.set_major_formatter(lambda value, _: formats.number(int(value), language))
        axes.grid(axis="x", color=RULE, linewidth=0.5)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        figure.legend(loc="upper left", bbox_to_anchor=(0.29, 1.0), ncols=2, frameon=False, handlelength=1.4)
    return out[0]


def _length(count: int | Hidden) -> int:
    return count if isinstance(count, int) else 0
