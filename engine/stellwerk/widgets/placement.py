"""Families and municipalities on a page: weights, quotas and places to change, a plan with its reasons and prices.

The search runs beside the page, says how far it is and can be stopped; what comes out is a `Placement` of the workbench
in `found`. Officers' locks and vetoes are kept. A plan is a proposal, it decides on nobody.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np

from stellwerk import formats
from stellwerk.briefs.geometry import read_geometry
from stellwerk.distribution.placement.criteria import TIE, PlacementSettings
from stellwerk.distribution.placement.decisions import (
    PSEUDONYM,
    DecisionWithoutReason,
    Kind,
    OfficerNotPseudonymous,
    with_decisions,
)
from stellwerk.distribution.placement.frontier import explore, front
from stellwerk.distribution.placement.municipalities import Placement
from stellwerk.distribution.placement.reasons import LocalityNotInPlan
from stellwerk.distribution.placement.scenario import PREFIX, PlacementScenario, StatedDecision
from stellwerk.distribution.placement.services import units
from stellwerk.distribution.placement.solve import Progress, solve
from stellwerk.errors import StellwerkError, nearest
from stellwerk.reports.placement import Told
from stellwerk.texts import LANGUAGES, language_in_use, text
from stellwerk.widgets import look, placement_told
from stellwerk.widgets.background import Background, Stop
from stellwerk.widgets.grid import grid_of
from stellwerk.widgets.number import Number
from stellwerk.widgets.panel import Panel
from stellwerk.widgets.place_map import map_of
from stellwerk.widgets.saving import Saver
from stellwerk.workbench import MUNICIPAL_KEY, Workbench

if TYPE_CHECKING:  # at run time the review waits until there is a plan: it loads numba
    from stellwerk.distribution.placement.reviewed import Review
    from stellwerk.frames import Frame

SECONDS = 20  # of search, unless told otherwise
BANDS, HEADROOMS = (Decimal(0), Decimal("0.1"), Decimal("0.3")), (Decimal(0), Decimal("0.2"))
_WEIGHT_STEP, _MOST_WEIGHT = 0.05, 1.0
_CAP = "cap_"
STATE_FACILITY = "-"


class PlacementBoard(Panel):
    """A placement to try; `state()` is what was tried, as a scenario that `stellwerk place --scenario` reads."""

    saver: Saver

    def __init__(self, cases: Frame, bench: Workbench | None = None, *, on: dt.date, key: str = MUNICIPAL_KEY) -> None:
        self.bench = bench or Workbench.open()
        self.language = language_in_use()
        self.background = Background()
        self.found: Placement | None = None
        self.review: Review | None = None
        self.decisions: list[StatedDecision] = []
        self._cases, self._on, self._key = self.bench.as_cases(cases), on, key
        self._settings = PlacementSettings.load(self.bench.tables)
        self._names = self.bench.tables.names("municipalities")
        self._by_name = {name: code for code, name in self._names.items()}
        self._quotas = self.bench.distribute(key, self._cases.height, on).persons
        self._drawing = threading.Lock()
        self._build()
        self.saver.show()

    def state(self) -> dict[str, Any]:
        """What was tried: changed weights, quotas, capacities, and decisions for families."""
        weights = {name: _share(number.value) for name, number in self.weights.items()}
        changed = {name: str(weight) for name, weight in weights.items() if weight != self._weight(name)}
        titles = {code: text("placement_title_tried", code) for code in LANGUAGES}
        state: dict[str, Any] = {"title": titles}
        parts = {
            "weights": changed,
            "quotas": {code: own["quota"] for code, own in sorted(self.grid.edits.items()) if "quota" in own},
            "capacities": self._capacities(),
            "decisions": [one.model_dump(mode="json") for one in self.decisions],
        }
        return state | {name: part for name, part in parts.items() if part}

    def scenario(self) -> PlacementScenario:
        """The same, checked."""
        return PlacementScenario.model_validate(self.state())

    def run(self) -> None:
        """Search for a plan beside the page; an earlier search is stopped."""
        self.start.disabled, self.halt.disabled = True, False
        self.answer.value = look.live(self._say("searching"))
        self.background.start(self._search)

    def stop(self) -> None:
        """End the search with the best plan so far."""
        self.background.stop()

    def explore(self) -> None:
        """Solve the plans between exact quotas and best fit, and draw their front."""
        if self.found is None:
            self.front.value = look.live(self._say("first_a_plan"))
            return
        self.front.value = look.live(self._say("exploring"))
        self.background.start(self._explore)

    def why(self) -> None:
        """Show why the chosen family is to live where it does, and what another place would cost."""
        if self.review is None:
            self.reasons.value = look.live(self._say("first_a_plan"))
            return
        try:
            self.reasons.value = self._reasons(self.review, self.family.value.strip(), self.place.value.strip())
        except StellwerkError as error:
            self.reasons.value = look.alarm(error, self.language)

    def decide(self, kind: Kind) -> None:
        """Keep a decision for the chosen family and place; it counts from the next search on."""
        try:
            self._decide(kind)
        except StellwerkError as error:
            self.decided.value = look.alarm(error, self.language)
        else:
            self._show_decisions()

    def undo(self) -> None:
        """Take the last decision back."""
        self.decisions = self.decisions[:-1]
        self._show_decisions()

    def _build(self) -> None:
        self.weights = {name: self._weight_control(name) for name in [*self._settings.criteria, TIE]}
        self.seconds = Number(min=2, max=120, step=1, value=SECONDS, label=self._say("seconds"), unit="s")
        self.start, self.halt = self._button("start", self.run), self._button("stop", self.stop)
        self.halt.disabled = True
        self.answer, self.front = look.shown(look.live(self._say("ready")), "sw-answer"), look.shown("", "sw-front")
        self.map = map_of(read_geometry(self.bench.params / "map" / "municipalities.json"), self._names, "")
        self.map.observe(lambda change: self._pointed_at(change["new"]), "chosen")
        self.chosen = look.shown("", "sw-chosen-place")
        self.grid = self._grid()
        self.grid.observe(lambda _: self.saver.show(), "edits")
        self.family = self._names_to_choose("family", [])
        self.place = self._names_to_choose("place", [STATE_FACILITY, *sorted(self._by_name)])
        self.officer, self.reason = self._line("officer"), self._line("reason")
        self.reasons, self.decided = look.shown("", "sw-reasons"), look.shown("", "sw-decisions")
        self.prices = look.shown("", "sw-prices")
        self.saver = Saver(self._files, "stellwerk place REGISTER --scenario {name} -o PLAN", self.language)
        self._draw_map({})
        family = [self._head("family"), self.family, self.place, self._button("why", self.why), self.officer,
                  self.reason, self._button("lock", lambda: self.decide("lock")),
                  self._button("veto", lambda: self.decide("veto")), self._button("undo", self.undo),
                  self.decided]  # fmt: skip
        controls = [self._head("weights"), *self.weights.values(), self.seconds, self.start, self.halt, *family,
                    self.saver.view]  # fmt: skip
        results = [self.answer, self.map, self.chosen, self.reasons, self.prices, self._button("front", self.explore),
                   self.front]  # fmt: skip
        legal = look.shown(f'<p class="sw-notice">{escape(self._say("legal"))}</p>')
        title = look.shown(look.heading(self._say("title"), 1))
        self.view = look.page(title, legal, look.columns(controls, results), self._head("table"), self.grid)

    def _grid(self) -> Any:
        services = self._settings.services
        labels = {name: service.label.in_language(self.language) for name, service in services.items()}
        columns = {
            "municipality": self._say("municipality"), "quota": self._say("quota"), "persons": self._say("persons"),
            **{f"{_CAP}{name}": label for name, label in labels.items()},
        }  # fmt: skip
        there = self._units()
        rows = [
            {"ags": code, "municipality": name, "quota": self._quotas.get(code, 0), "persons": 0}
            | {f"{_CAP}{service}": units for service, units in there[code].items()}
            for code, name in self._names.items()
        ]
        editable = [name for name in columns if name not in ("municipality", "persons")]
        caption = self._say("table_caption")
        return grid_of(rows, key="ags", columns=columns, editable=editable, caption=caption, language=self.language)

    def _units(self) -> dict[str, dict[str, int]]:
        """Code -> service -> units that the settings give a municipality for its quota."""
        quotas = np.array([self._quotas.get(code, 0) for code in self._names], dtype=np.int64)
        given = {
            name: list(map(int, units(service, quotas, self.bench.tables)))
            for name, service in self._settings.services.items()
        }
        return {code: {name: row[at] for name, row in given.items()} for at, code in enumerate(self._names)}

    def _capacities(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for code, own in sorted(self.grid.edits.items()):
            for column, number in own.items():
                if column.startswith(_CAP):
                    found.setdefault(column.removeprefix(_CAP), {})[code] = number
        return found

    def _search(self, stop: Stop) -> None:
        def heard(now: Progress) -> None:
            gap = "…" if now.gap is None else formats.share(now.gap, self.language, 2)
            self.answer.value = look.live(self._say("progress", seconds=f"{now.seconds:.0f}", gap=gap))

        solver = {"seconds": str(self.seconds.whole)}
        try:
            found = self.bench.place(
                self._cases,
                on=self._on,
                key=self._key,
                scenario=self.scenario(),
                solver=solver,
                progress=heard,
                stop=stop,
            )
            self._show(found)
        except StellwerkError as error:
            self.answer.value = look.alarm(error, self.language)
        finally:
            self.start.disabled, self.halt.disabled = False, True

    def _show(self, found: Placement) -> None:
        self.found, self.review = found, self.bench.review(found)
        self.answer.value = placement_told.headline(found, self.language)
        used = dict(found.places.select("ags", "persons").iter_rows())
        self._draw_map(used)
        self.grid.rows = [{**row, "persons": used.get(row["ags"], 0)} for row in self.grid.rows]
        families = found.plan.instance.families
        self.family.options = list(families)
        self.family.value = self.family.value or families[int(found.plan.placed[0])]
        labels, listed = self.review.resource_labels, self.review.price_list()
        self.prices.value = placement_told.prices(listed, self._names, labels, self.language)
        self._pointed_at(self.map.chosen)

    def _explore(self, stop: Stop) -> None:
        assert self.found is not None
        instance = self.found.plan.instance
        quotas = instance.capacity[:, 0]
        settings = self._settings.solver.with_wishes({"seconds": str(self.seconds.whole), "nodes": 0})
        points = front(explore(instance, quotas, BANDS, HEADROOMS, lambda task: solve(task, settings, stop=stop)))
        with self._drawing:
            self.front.value = look.figure(placement_told.front_figure(points, self.language))

    def _draw_map(self, persons: Mapping[str, int]) -> None:
        bounds = placement_told.bounds_of(persons)
        self.map.legend = placement_told.legend(bounds, self.language)
        self.map.classes = placement_told.classes_of(persons, bounds)
        self.map.alt = self._say("map_alt", taking=sum(number > 0 for number in persons.values()))

    def _pointed_at(self, code: str) -> None:
        if code not in self._names:
            return
        self.place.value = self._names[code]
        row = next(row for row in self.grid.rows if row["ags"] == code)
        values = {name: formats.number(row[name], self.language) for name in ("persons", "quota")}
        self.chosen.value = look.live(self._say("chosen", name=self._names[code], **values))

    def _reasons(self, review: Review, family: str, place: str) -> str:
        told = Told(
            review.why(family), review.names, review.resource_labels, review.criterion_labels, self.language
        )  # fmt: skip
        lines = "\n".join(told.lines())
        shown = f"{look.heading(self._say('why_here'))}<pre>{escape(lines)}</pre>"
        if not place:
            return shown
        target = None if place == STATE_FACILITY else review.locality_id(place)
        there = told.exception(target, review.exception_price(family, target))
        return f"{shown}{look.heading(self._say('what_there'))}<pre>{escape(there)}</pre>"

    def _decide(self, kind: Kind) -> None:
        family, place = self.family.value.strip(), self.place.value.strip()
        if not self.reason.value.strip():
            raise DecisionWithoutReason(family=family)
        if not PSEUDONYM.fullmatch(self.officer.value.strip()):
            raise OfficerNotPseudonymous
        if place != STATE_FACILITY and place not in self._by_name:
            raise LocalityNotInPlan(locality=place, near=nearest(place, self._by_name))
        code = "" if place == STATE_FACILITY else self._by_name[place]
        one = StatedDecision(
            family=family, decision=kind, locality=code, officer=self.officer.value.strip(),
            reason=self.reason.value.strip(), decided_on=self._on,
        )  # fmt: skip
        if self.found is not None:
            with_decisions(self.found.plan.instance, [one.as_decision])
        self.decisions = [*self.decisions, one]

    def _show_decisions(self) -> None:
        rows = [
            [
                one.family,
                self._say(f"kind_{one.decision}"),
                self._names.get(one.locality, self._say("stays")),
                one.reason,
            ]
            for one in self.decisions
        ]
        head = [self._say(name) for name in ("family", "decision", "place", "reason")]
        self.decided.value = look.table(self._say("decisions"), head, rows) if rows else ""
        self.saver.show()

    def _weight(self, name: str) -> Decimal:
        return self._settings.tie.weight if name == TIE else self._settings.criteria[name].weight

    def _weight_control(self, name: str) -> Number:
        item = self._settings.tie if name == TIE else self._settings.criteria[name]
        label = item.label.in_language(self.language)
        made = Number(min=0, max=_MOST_WEIGHT, step=_WEIGHT_STEP, value=float(self._weight(name)), label=label)
        made.observe(lambda _: self.saver.show(), "value")
        return look.named(made, f"sw-weight-{name}")  # type: ignore[no-any-return]

    def _button(self, key: str, does: Any) -> Any:
        made = look.named(ipywidgets.Button(description=self._say(f"{key}_button")), f"sw-{key}")
        made.on_click(lambda _: does())
        return made

    def _names_to_choose(self, key: str, options: list[str]) -> Any:
        made = ipywidgets.Combobox(options=options, description=self._say(f"choose_{key}"), continuous_update=False)
        return look.named(made, f"sw-choose-{key}")

    def _line(self, key: str) -> Any:
        return look.named(ipywidgets.Text(description=self._say(f"enter_{key}")), f"sw-{key}")

    def _head(self, key: str) -> Any:
        return look.shown(look.heading(self._say(f"head_{key}")))

    def _files(self, name: str) -> Mapping[Path, Mapping[str, Any]]:
        return {self.bench.params / "scenarios" / f"{PREFIX}{name}.yaml": self.state()}

    def _say(self, key: str, **values: object) -> str:
        return text(f"placement_board_{key}", self.language, **values)


def _share(value: float) -> Decimal:
    """The value of a slider, exactly as it is shown."""
    return Decimal(repr(round(value, 4)))
