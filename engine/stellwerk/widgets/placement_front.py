"""What does it cost in fit to keep the quotas exactly, or to leave services free? Plans side by side, one to be chosen.

In goes a plan that was found; plans between exact quotas and best fit are solved one after the other, each is shown as
soon as it is there, and the search can be stopped without losing those.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ipywidgets

from stellwerk import formats
from stellwerk.briefs.blocks import Figure
from stellwerk.distribution.placement.frontier import Point, explore, front, measured
from stellwerk.distribution.placement.municipalities import Placement
from stellwerk.distribution.placement.solve import SolverSettings, solve
from stellwerk.formats import exact
from stellwerk.texts import text
from stellwerk.widgets import fields, look
from stellwerk.widgets.background import Stop
from stellwerk.widgets.progress import bar

if TYPE_CHECKING:
    from stellwerk.briefs.figures.pareto import Plan as Mark

BANDS, HEADROOMS = (Decimal(0), Decimal("0.1"), Decimal("0.3")), (Decimal(0), Decimal("0.2"))
PLANS = len(BANDS) * len(HEADROOMS)
FOUND = -1  # chosen: the plan that the search found
_PERCENT = 100


class Front:
    """The front with its two buttons; `chosen` is told the point whose plan is to be shown, None for the one found."""

    def __init__(
        self, language: str, start: Callable[[], None], stop: Callable[[], None], chosen: Callable[[Point | None], None]
    ) -> None:
        self._language, self._chosen = language, chosen
        self._drawing = threading.Lock()  # drawing shares settings of the whole process
        self._own: Point | None = None
        self._quiet = False
        self.points: list[Point] = []
        self.start = fields.button(self._say("button"), "sw-front-start", start)
        self.halt = fields.button(self._say("stop_button"), "sw-front-stop", stop)
        self.halt.disabled = True
        self.progress, self.picture = look.shown("", "sw-front-progress"), look.shown("", "sw-front")
        self.shown = look.named(
            ipywidgets.RadioButtons(options=[], description=self._say("shown"), layout={"width": "auto"}),
            "sw-front-choice",
        )
        self.shown.observe(lambda change: self._choose(change["new"]), "value")
        self.shown.layout.display = "none"
        self.cost = look.shown("", "sw-front-cost")
        help_ = look.shown(f'<p class="sw-notice">{self._say("help")}</p>')
        self.view = look.card(
            self._say("head"), help_, look.buttons(self.start, self.halt), self.progress, self.shown, self.cost,
            self.picture,
        )  # fmt: skip

    def clear(self) -> None:
        """Another plan was found: what was explored around the one before goes."""
        self.points = []
        self._own = None
        self.progress.value = self.picture.value = self.cost.value = ""
        self._offer()

    def refuse(self) -> None:
        """Say that there is no plan yet."""
        self.progress.value = look.live(text("placement_board_first_a_plan", self._language))

    def explore(self, found: Placement, settings: SolverSettings, stop: Stop) -> None:
        """Solve plan after plan, in the background; an interrupted one does not count."""
        self.clear()
        instance, quotas = found.plan.instance, found.plan.instance.capacity[:, 0]
        self._own = measured(instance, quotas, Decimal(0), Decimal(0), found.plan)
        solved: list[Point] = []
        self._tell("exploring", 0)
        for point in explore(instance, quotas, BANDS, HEADROOMS, lambda task: solve(task, settings, stop=stop)):
            if stop():
                break
            solved.append(point)
            self._tell("exploring", len(solved))
            self._show(front(solved))
        self._tell("explored" if len(solved) == PLANS else "stopped", len(solved))

    def _show(self, points: list[Point]) -> None:
        self.points = points
        self._offer()
        self._draw()

    def _offer(self) -> None:
        """The plans to choose from; who looks at one keeps it."""
        options = [(self._say("found"), FOUND), *((self._name(point), at) for at, point in enumerate(self.points))]
        self._quiet = True
        self.shown.options = options if self.points else []
        self.shown.value = FOUND if self.points else None
        self.shown.layout.display = "" if self.points else "none"
        self._quiet = False

    def _choose(self, at: int | None) -> None:
        if self._quiet or at is None:
            return
        point = None if at == FOUND else self.points[at]
        self.cost.value = look.live(self._cost(point) if point else self._say("back_to_found"))
        self._chosen(point)
        self._draw()

    def _cost(self, point: Point) -> str:
        """What a plan costs in fit, and how near it comes to the quotas, against the plan that was found."""
        assert self._own is not None
        lost = exact((self._own.fit - point.fit) * _PERCENT, 2)
        key = "cost_less" if lost > 0 else "cost_none"
        return self._say(
            key,
            plan=self._name(point),
            lost=formats.number(abs(lost), self._language, 2),
            off=formats.number(exact(point.deviation * _PERCENT, 1), self._language, 1),
            before=formats.number(exact(self._own.deviation * _PERCENT, 1), self._language, 1),
            staying=formats.number(point.plan.certificate.unplaced, self._language),
        )

    def _draw(self) -> None:
        with self._drawing:
            at = self.shown.value
            marked = None if at in (None, FOUND) else self.points[at]
            self.picture.value = look.figure(front_figure(self.points, self._own, marked, self._language))

    def _name(self, point: Point) -> str:
        return _name(point, self._language)

    def _tell(self, key: str, done: int) -> None:
        self.progress.value = bar(self._say(key, done=done, plans=PLANS), done, PLANS)

    def _say(self, key: str, **values: Any) -> str:
        return text(f"placement_front_{key}", self._language, **values)


def front_figure(points: Sequence[Point], own: Point | None, marked: Point | None, language: str) -> Figure:
    """Plans by what they lose in fit and by how far they are from the quotas, both the less the better."""
    # here, because matplotlib takes its time, and the page can be shown before
    from stellwerk.briefs.figures import About, pareto

    known = [*points, *([own] if own else [])]
    best = max(point.fit for point in known)
    marks = [_mark(point, _name(point, language), best) for point in points]
    found = text("placement_front_found", language)
    if own is not None:
        marks.append(_mark(own, found, best))
    chosen = _name(marked, language) if marked else found
    first, second = text("placement_front_deviation", language), text("placement_front_lost_fit", language)
    about = About(
        "placement_front",
        text("placement_front_caption", language),
        text("placement_front_source", language),
        kind="decimal",
        places=2,
        language=language,
    )
    return pareto(marks, chosen, first, second, about)


def _mark(point: Point, label: str, best: Any) -> Mark:
    from stellwerk.briefs.figures.pareto import Plan as Mark  # matplotlib again

    return Mark(label, exact(point.deviation * _PERCENT, 1), exact((best - point.fit) * _PERCENT, 2))


def _name(point: Point, language: str) -> str:
    band = formats.share(point.band, language, 0)
    key = "exact" if not point.band else "band"
    quota = text(f"placement_front_{key}", language, band=band)
    if not point.headroom:
        return quota
    return text("placement_front_with_room", language, quota=quota, room=formats.share(point.headroom, language, 0))
