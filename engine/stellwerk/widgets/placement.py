"""Families and municipalities on a page: key, weights, quotas and places to change, a plan with its reasons and prices.

The search runs beside the page, says how far it is and can be stopped; what comes out is a `Placement` of the workbench
in `found`. Officers' locks and vetoes are kept. A plan is a proposal, it decides on nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from stellwerk import formats
from stellwerk.briefs.cohorts import cohort
from stellwerk.briefs.registry import parameters_of
from stellwerk.briefs.scenarios import scenario_for
from stellwerk.briefs.subject import content_of
from stellwerk.briefs.subjects.verteilung.content import VerteilungContent
from stellwerk.briefs.subjects.verteilung.parameters import VerteilungParameters
from stellwerk.distribution.placement.criteria import PlacementSettings
from stellwerk.distribution.placement.frontier import Point
from stellwerk.distribution.placement.instance import PERSONS as PLACES
from stellwerk.distribution.placement.municipalities import Placement
from stellwerk.distribution.placement.scenario import PREFIX, PlacementScenario, StatedDecision
from stellwerk.distribution.placement.solve import Progress
from stellwerk.errors import StellwerkError
from stellwerk.texts import LANGUAGES, language_in_use, text
from stellwerk.widgets import fields, look, placement_told
from stellwerk.widgets.background import Background, Stop
from stellwerk.widgets.panel import Panel
from stellwerk.widgets.placement_family import OneFamily
from stellwerk.widgets.placement_front import Front
from stellwerk.widgets.placement_key import KeyChoice
from stellwerk.widgets.placement_map import FREE, PERSONS, PRICE, QUOTA, Numbers, PlanMap
from stellwerk.widgets.placement_table import PlaceTable
from stellwerk.widgets.placement_weights import Weights, seconds_to_search
from stellwerk.widgets.progress import bar
from stellwerk.widgets.saving import Saver
from stellwerk.workbench import MUNICIPAL_KEY, Workbench

if TYPE_CHECKING:  # at run time the review waits until there is a plan: it loads numba
    from stellwerk.distribution.placement.reviewed import Review
    from stellwerk.frames import Frame

BRIEF = "verteilung"  # whose families the page shows, and which reads what was tried
_USED_BY = "stellwerk place REGISTER --scenario {name} -o PLAN", "stellwerk brief verteilung -p placement={name}"
_FAMILIES_NAMED = 6  # of a municipality that was pointed at


class PlacementBoard(Panel):
    """A placement to try; `state()` is what was tried, as a scenario that `stellwerk place --scenario` reads."""

    def __init__(self, cases: Frame, bench: Workbench | None = None, *, on: dt.date, key: str = MUNICIPAL_KEY) -> None:
        self.bench = bench or Workbench.open()
        self.language = language_in_use()
        self.background = Background()
        self.found: Placement | None = None
        self.review: Review | None = None
        self._undecided: tuple[PlacementScenario, Placement] | None = None
        self._cases, self._on = self.bench.as_cases(cases), on
        self._names = self.bench.tables.names("municipalities")
        self._build(key)
        self._new_key()

    @classmethod
    def of_brief(cls, bench: Workbench | None = None) -> PlacementBoard:
        """The families of the brief "verteilung": what is tried for them is what the brief then shows."""
        opened = bench or Workbench.open()
        asked = parameters_of(BRIEF, scenario_for(BRIEF, None, opened.root))
        assert isinstance(asked, VerteilungParameters)
        content = content_of(VerteilungContent, BRIEF, opened.params)
        register = opened.synthetic_cases(asked.cases, asked.year, asked.seed)
        return cls(cohort(register, content.cohort_status, asked.cohort, asked.seed), opened, on=asked.on)

    def state(self) -> dict[str, Any]:
        """What was tried: key, changed weights, quotas, capacities, and decisions for families."""
        state: dict[str, Any] = {"title": {code: text("placement_title_tried", code) for code in LANGUAGES}}
        parts = {
            "key": self.key.key if self.key.differs else None,
            "weights": self.weights.changed(),
            "quotas": self.table.changed_quotas(),
            "capacities": self.table.changed_capacities(),
            "decisions": [one.model_dump(mode="json") for one in self.one.decisions.kept],
        }
        return state | {name: part for name, part in parts.items() if part}

    def scenario(self) -> PlacementScenario:
        """The same, checked."""
        return PlacementScenario.model_validate(self.state())

    def run(self) -> None:
        """Search for a plan beside the page; an earlier search is stopped."""
        self.progress.value = look.live(self._say("searching"))
        self._busy(self.halt)
        self.background.start(self._search)

    def stop(self) -> None:
        """End what is being computed with the best so far."""
        self.background.stop()

    def explore(self) -> None:
        """Solve the plans between exact quotas and best fit, and draw their front."""
        if self.found is None:
            self.front.refuse()
            return
        self._busy(self.front.halt)
        self.background.start(self._explore)

    def _build(self, key: str) -> None:
        settings = PlacementSettings.load(self.bench.tables)
        self.settings = settings
        persons = self._cases.height
        self.key = KeyChoice(self.bench, persons, self._on, key, self.language, self._new_key)
        self.weights = Weights(settings, self.language, self._changed)
        self.seconds = seconds_to_search(self.language)
        self.start = look.primary(fields.button(self._say("start_button"), "sw-start", self.run))
        self.halt = fields.button(self._say("stop_button"), "sw-stop", self.stop)
        self.halt.disabled = True
        self.progress = look.shown("", "sw-search-progress")
        self.answer = look.shown("", "sw-answer", "sw-sticky")
        self.quality, self.prices = (look.shown(self._first_a_plan(), f"sw-{name}") for name in ("quality", "prices"))
        self.map = PlanMap(self.bench.params, self._names, self.language, self._pointed_at)
        self.chosen = look.shown("", "sw-chosen-place")
        self.table = PlaceTable(settings, self.bench.tables, persons, self.language, self._changed)
        self.one = OneFamily(self._names, self._on, self.language, self._changed)
        self.front = Front(self.language, self.explore, self.stop, self._choose)
        self.saver = Saver(self._files, "; ".join(_USED_BY), self.language)
        search = look.group(self._say("head_search"), self.seconds, look.buttons(self.start, self.halt), self.progress)
        saved = look.group(self._say("head_save"), self.saver.view)
        controls = [self.key.view, search, self.weights.view, saved]
        self.map.view.children = (*self.map.view.children, self.chosen)
        decided = look.card("", self.one.decisions.view)
        priced = look.card(self._say("head_prices"), self.prices)
        judged = look.card(self._say("head_quality"), self.quality)
        results = [self.answer, self.map.view, judged, self.one.view, decided, priced, self.front.view]
        head = look.head(self._say("title"), self._say("legal"), self.language)
        self.view = look.page(head, look.columns(controls, results), self.table.view)

    def _new_key(self) -> None:
        """Quotas follow the key; the plan shown is still that of the key before, and says so by its numbers."""
        gains = {code: self.key.gain(code) for code in self._names} if self.key.differs else {}
        self.table.fill(self.key.quotas, gains)
        if self.found is None:
            self._show_task()
        self._changed()

    def _changed(self) -> None:
        self.saver.show()
        if self.found is None:
            self.map.show({QUOTA: self.table.quotas()}, QUOTA)
        else:
            self.progress.value = look.live(self._say("outdated"))

    def _show_task(self) -> None:
        families = self._cases.select(pl.coalesce("family_id", "case_id").n_unique()).item()
        label = self.key.labels[self.key.key]
        self.answer.value = placement_told.task(self._cases.height, families, label, self.language)

    def _search(self, stop: Stop) -> None:
        self._busy(self.halt)
        try:
            asked, decided = self.scenario(), list(self.one.decisions.kept)
            found = self._placed(asked, stop, "progress")
            self._found(found, decided)
            if decided:
                self._price(asked, found, decided, stop)
            elif not stop():
                self._undecided = asked, found
            self.progress.value = look.live(self._say("stopped" if stop() else "searched"))
        except StellwerkError as error:
            self.progress.value = look.alarm(error, self.language)
        finally:
            self._idle()

    def _placed(self, asked: PlacementScenario, stop: Stop, key: str) -> Placement:
        seconds = self.seconds.whole

        def heard(now: Progress) -> None:
            gap = "…" if now.gap is None else formats.share(now.gap, self.language, 2)
            sentence = self._say(key, seconds=f"{now.seconds:.0f}", gap=gap)
            self.progress.value = bar(sentence, now.seconds, seconds)

        return self.bench.place(
            self._cases, on=self._on, scenario=asked, solver={"seconds": str(seconds)}, progress=heard, stop=stop
        )

    def _price(self, asked: PlacementScenario, found: Placement, decided: list[StatedDecision], stop: Stop) -> None:
        """What the decisions cost, against the same task without them; that plan is made where there is none yet."""
        without = asked.model_copy(update={"decisions": ()})
        if self._undecided is None or self._undecided[0] != without:
            proposed = self._placed(without, stop, "progress_undecided")
            if stop():
                return
            self._undecided = without, proposed
        review = self.bench.review(self._undecided[1])
        self.one.decisions.price(review.decide([one.as_decision for one in decided], lambda _: found.plan))

    def _found(self, found: Placement, decided: list[StatedDecision]) -> None:
        self.found = found
        self.front.clear()
        self.one.decisions.count(decided)
        self._show(found)

    def _choose(self, point: Point | None) -> None:
        """Show the plan of a point of the front, or again the one that was found."""
        assert self.found is not None
        self._show(self.found if point is None else self.found.with_plan(point.plan))

    def _show(self, shown: Placement) -> None:
        """Everything on the page speaks of this plan from now on."""
        self.review = self.bench.review(shown)
        self.one.open(self.review)  # before the headline: whoever reads it may ask
        self.answer.value = placement_told.headline(shown, self.language)
        self.quality.value = placement_told.quality(shown, self.review, self.language)
        self.prices.value = placement_told.prices(self.review, self.language)
        used = dict(shown.places.select("ags", "persons").iter_rows())
        self.map.show(self._on_map(used, self.review), PERSONS)
        self.table.use(used)
        self._pointed_at(self.map.map.chosen)

    def _on_map(self, used: Mapping[str, int], review: Review) -> dict[str, Numbers]:
        quotas = self.table.quotas()
        places = review.price_list().filter(pl.col("resource") == PLACES)
        return {
            PERSONS: used,
            QUOTA: quotas,
            FREE: {code: max(0, quotas[code] - used.get(code, 0)) for code in self._names},
            PRICE: dict(places.select("locality", "price").iter_rows()),
        }

    def _explore(self, stop: Stop) -> None:
        self._busy(self.front.halt)
        try:
            assert self.found is not None
            settings = self.settings.solver.with_wishes({"seconds": str(self.seconds.whole), "nodes": 0})
            self.front.explore(self.found, settings, stop)
        finally:
            self._idle()

    def _busy(self, halt: Any) -> None:
        """One thing is computed at a time, and can be stopped where it was started."""
        self.start.disabled = self.front.start.disabled = True
        self.halt.disabled, self.front.halt.disabled = halt is not self.halt, halt is not self.front.halt

    def _idle(self) -> None:
        self.start.disabled = self.front.start.disabled = False
        self.halt.disabled = self.front.halt.disabled = True

    def _pointed_at(self, code: str) -> None:
        """Take the municipality as the place to ask about, and say who of the plan lives there."""
        if code not in self._names:
            return
        self.one.place.value = self._names[code]
        if self.review is None:
            self.chosen.value = ""
            return
        plan = self.review.plan
        there = [plan.instance.families[f] for f in plan.placed if plan.instance.localities[plan.where[f]] == code]
        named = formats.enumeration(there[:_FAMILIES_NAMED], self.language)
        more = len(there) - _FAMILIES_NAMED
        key = "lives_none" if not there else "lives_more" if more > 0 else "lives"
        sentence = self._say(key, place=self._names[code], families=named, more=more)
        self.chosen.value = look.live(sentence)

    def _files(self, name: str) -> Mapping[Path, Mapping[str, Any]]:
        return {self.bench.params / "scenarios" / f"{PREFIX}{name}.yaml": self.state()}

    def _first_a_plan(self) -> str:
        return look.live(self._say("first_a_plan"))

    def _say(self, key: str, **values: object) -> str:
        return text(f"placement_board_{key}", self.language, **values)
