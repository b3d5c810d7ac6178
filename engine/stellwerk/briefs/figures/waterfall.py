"""From one sum to another in steps: what adds to it and what takes from it.

In go a start, steps with signed amounts and the names of start and end, out comes a `Figure`: sums dark, additions
light, deductions hatched, each with its amount, so that the end can be added up from the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import matplotlib.ticker

from stellwerk.briefs.blocks import Column, Figure, Table, Value
from stellwerk.briefs.figures.canvas import AFTER, EDGE, PALETTE, RULE, WIDTH, About, canvas, framed, wrapped

Amount = int | Decimal
_ROW = 0.42  # inches a row takes
_BAR = 0.62
_ADDITION: dict[str, Any] = {"color": PALETTE[2], "edgecolor": EDGE}
_DEDUCTION: dict[str, Any] = {"color": "white", "edgecolor": PALETTE[1], "hatch": "////"}


@dataclass(frozen=True)
class Step:
    """One step: its name and what it adds (or, below zero, takes away)."""

    label: str
    amount: Amount


def waterfall(start: Step, steps: Sequence[Step], end: str, about: About) -> Figure:
    """The way from the amount of `start` over the steps to their sum, which is called `end`."""
    final = start.amount + sum((step.amount for step in steps), start=0)
    height = 0.5 + _ROW * (len(steps) + 2)
    with canvas(WIDTH, height) as (drawing, out):
        axes = framed(drawing, left=2.2, right=0.95, top=0.1, bottom=0.3)
        level: Amount = start.amount
        axes.barh(0, float(level), _BAR, color=AFTER)
        levels: list[Amount] = [0, level]
        for row, step in enumerate(steps, start=1):
            look = _DEDUCTION if step.amount < 0 else _ADDITION
            axes.barh(row, float(step.amount), _BAR, left=float(level), linewidth=0.8, **look)
            axes.plot([float(level)] * 2, [row - 1 - _BAR / 2, row + _BAR / 2], color=EDGE, linewidth=0.7)
            level += step.amount
            levels.append(level)
        axes.barh(len(steps) + 1, float(final), _BAR, color=AFTER)
        axes.plot([float(level)] * 2, [len(steps) - _BAR / 2, len(steps) + 1 + _BAR / 2], color=EDGE, linewidth=0.7)
        shown = [about.value(start.amount), *(about.change(s.amount)
                 for s in steps), about.value(final)]  # fmt: skip
        for row, words in enumerate(shown):
            right = max(levels[min(row + 1, len(levels) - 1)], levels[min(row, len(levels) - 1)] if row else 0)
            axes.annotate(
                words, (float(max(right, 0)), row), (4, 0), textcoords="offset points", va="center", fontsize=8
            )
        axes.set_yticks(range(len(shown)), [wrapped(label) for label in (start.label, *(s.label for s in steps), end)])
        axes.invert_yaxis()
        axes.axvline(0, color=RULE, linewidth=0.8)
        axes.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(5))
        axes.xaxis.set_major_formatter(lambda value, _: about.value(Decimal(repr(float(value)))))
        axes.grid(visible=False, axis="y")
    return Figure(
        about.name,
        out[0],
        _alt(start, steps, end, final, about),
        about.caption,
        about.source,
        _table(start, steps, end, final, about),
    )


def _alt(start: Step, steps: Sequence[Step], end: str, final: Amount, about: About) -> str:
    words = {"start": start.label, "first": about.value(start.amount), "end": end}
    words["last"] = about.value(final)
    if not steps:
        return about.say("waterfall_no_step", **words)
    largest = max(steps, key=lambda step: (abs(step.amount), step.label))
    amount = about.change(largest.amount)
    if len(steps) == 1:
        return about.say("waterfall_one_step", **words, step=largest.label, amount=amount)
    return about.say("waterfall_alt", **words, step=largest.label, amount=amount, steps=len(steps))


def _table(start: Step, steps: Sequence[Step], end: str, final: Amount, about: About) -> Table:
    columns = (Column("step", about.say("step")), about.column("amount", about.say("amount")))
    rows: list[tuple[Value, ...]] = [(step.label, step.amount) for step in (start, *steps)]
    return Table(about.name, about.caption, columns, (*rows, (end, final)), about.source, total_row=True)
