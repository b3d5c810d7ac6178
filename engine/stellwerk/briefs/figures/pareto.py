"""Plans by two aims, of which one can only be bettered at the cost of the other: the Pareto front and what was chosen.

In go plans with two values, both the better the lower, out comes a `Figure`: plans on the front filled and joined by a
line, others hollow, the chosen one a large diamond with its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import matplotlib.ticker

from stellwerk.briefs.blocks import Column, Figure, Table, Value
from stellwerk.briefs.figures.canvas import AFTER, EDGE, PALETTE, WIDTH, About, canvas, framed

_HEIGHT = 3.6
_ROOM = 0.08  # of the range, around the outermost plans


@dataclass(frozen=True)
class Plan:
    """A plan with its name and its two values; fewer is better in both."""

    label: str
    first: int | Decimal
    second: int | Decimal


def pareto(plans: Sequence[Plan], chosen: str, first: str, second: str, about: About) -> Figure:
    """The plans by their aims, named `first` (to the right) and `second` (upwards)."""
    front = sorted((plan for plan in plans if not _beaten(plan, plans)), key=lambda plan: (plan.first, plan.label))
    others = [plan for plan in plans if plan not in front]
    with canvas(WIDTH, _HEIGHT) as (drawing, out):
        axes = framed(drawing, left=0.9, right=0.25, top=0.15, bottom=0.55)
        axes.step(*_places(front), where="post", color=AFTER, linewidth=1.2, zorder=2)
        axes.plot(*_places(front), "o", color=AFTER, markersize=6, linestyle="none", zorder=3)
        axes.plot(*_places(others), "o", markerfacecolor="white", markeredgecolor=EDGE, linestyle="none", zorder=3)
        for plan in plans:
            if plan.label == chosen:
                axes.plot(float(plan.first), float(plan.second), "D", color=PALETTE[1], markeredgecolor="white",
                          markersize=11, zorder=4)  # fmt: skip
            weight = "bold" if plan.label == chosen else "normal"
            axes.annotate(plan.label, (float(plan.first), float(plan.second)), (7, 6), textcoords="offset points",
                          fontsize=8, weight=weight)  # fmt: skip
        axes.margins(_ROOM + 0.1, _ROOM)
        axes.set_xlabel(first)
        axes.set_ylabel(second)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(matplotlib.ticker.MaxNLocator(6))
            axis.set_major_formatter(lambda value, _: about.value(Decimal(repr(float(value)))))
    table = _table(plans, front, chosen, first, second, about)
    alt = _alt(plans, front, chosen, first, second, about)
    return Figure(about.name, out[0], alt, about.caption, about.source, table)


def _beaten(plan: Plan, plans: Sequence[Plan]) -> bool:
    """Whether another plan is no worse in both aims and better in one."""
    return any(
        other.first <= plan.first
        and other.second <= plan.second
        and (other.first, other.second) != (plan.first, plan.second)
        for other in plans
    )


def _places(plans: Sequence[Plan]) -> tuple[list[float], list[float]]:
    return [float(plan.first) for plan in plans], [float(plan.second) for plan in plans]


def _alt(
    plans: Sequence[Plan],
    front: Sequence[Plan],
    chosen: str,
    first: str,
    second: str,
    about: About,
) -> str:
    said = about.say("pareto_alt", plans=len(plans), front=len(front), first=first, second=second)
    plan = next((plan for plan in plans if plan.label == chosen), None)
    if plan is None:
        return said
    values = {"low": about.value(plan.first), "high": about.value(plan.second)}
    key = "pareto_chosen_on_front" if plan in front else "pareto_chosen_beaten"
    return f"{said} " + about.say(key, chosen=chosen, first=first, second=second, **values)


def _table(
    plans: Sequence[Plan],
    front: Sequence[Plan],
    chosen: str,
    first: str,
    second: str,
    about: About,
) -> Table:
    aims = (about.column("first", first), about.column("second", second))
    columns = (Column("plan", about.say("plan")), *aims, Column("standing", about.say("standing")))

    def standing(plan: Plan) -> str:
        on_front = about.say("on_front") if plan in front else about.say("beaten")
        return f"{on_front}, {about.say('chosen')}" if plan.label == chosen else on_front

    rows: list[tuple[Value, ...]] = [(plan.label, plan.first, plan.second, standing(plan)) for plan in plans]
    return Table(about.name, about.caption, columns, tuple(rows), about.source)
