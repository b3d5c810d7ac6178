"""State reception and its costs on a page: choose a scenario, move its main numbers, see places, chances and money.

The sentence of the expected course is there at once; its picture, runs with drawn arrivals and the budget follow from
the background, few runs first. Every number is the engine's own: `found` is a `Forecast`, `spread` its runs and
`costed` its budget.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stellwerk.budget.scenario import read_scenario, scenario_path
from stellwerk.errors import StellwerkError
from stellwerk.flows.scenario import load_scenario, scenario_names
from stellwerk.forecast.run import Forecast, forecast
from stellwerk.texts import language_in_use, text
from stellwerk.widgets import look, reception_told
from stellwerk.widgets.background import Background, Stop
from stellwerk.widgets.debounce import Debounce
from stellwerk.widgets.panel import Panel
from stellwerk.widgets.reception_controls import Controls
from stellwerk.widgets.reception_tried import (
    COSTED_LIKE,
    Tried,
    as_it_stands,
    budget_tried,
    merged,
    scenario_tried,
)
from stellwerk.widgets.saving import Saver, as_yaml
from stellwerk.workbench import Workbench

if TYPE_CHECKING:  # at run time these wait until the page has been shown
    from stellwerk.costing import Costed
    from stellwerk.flows.montecarlo import Spread

FIRST_RUNS, MORE_RUNS, SEED = (
    250,
    2000,
    2023,
)  # a quarter second on two cores, then enough for chances below one per cent
STALE = "sw-stale"
SHOWN, SOON = 1.5, 0.05  # seconds: until the page has been shown; until a moved slider's answer has been seen
_USED_BY = (
    "stellwerk reception {name}",
    "stellwerk budget {name}",
    "stellwerk brief aufnahme -p scenario={name}",
    "stellwerk brief haushalt -p scenario={name}",
)


class ReceptionBoard(Panel):
    """Scenarios of state reception with sliders; `state()` is what was tried, as the keys of a scenario file."""

    def __init__(self, bench: Workbench | None = None, scenario: str = "arrivals_2025") -> None:
        self.bench = bench or Workbench.open()
        self.language = language_in_use()
        self.background = Background()
        self._debounce = Debounce()
        self.found: Forecast
        self.spread: Spread | None = None
        self.costed: Costed | None = None
        self._base: Forecast
        self._base_costed: Costed | None = None  # of the scenario as it stands
        self._build(scenario)
        self.choose(scenario, SHOWN)

    def choose(self, scenario: str, after: float = SOON) -> None:
        """Begin anew with a scenario as it stands in its file; what takes longer begins after so many seconds."""
        self._name = scenario
        self._base, self._base_costed = self.bench.reception(scenario), None
        self.controls.show(as_it_stands(self._base))
        self.compute(after)

    def tried(self) -> Tried:
        """The numbers as they are on the page."""
        return self.controls.tried()

    def state(self) -> dict[str, Any]:
        """What was tried, as a scenario that `stellwerk reception` reads."""
        return scenario_tried(self._name, self._base, self.tried())

    def budget_state(self, reception: str) -> dict[str, Any]:
        """The first months of a reception scenario (a name or a file), as a budget that `stellwerk budget` reads."""
        return self._budget_of(reception, self.tried().reforms)

    def compute(self, after: float = SOON) -> None:
        """The expected course in a sentence at once; picture, chances and money follow."""
        try:
            self.found = self._expected()
        except StellwerkError as error:
            self.headline.value = look.alarm(error, self.language)
            return
        self.spread = self.costed = None
        self._show_headline(self.found)
        self._age()
        self.background.stop()
        self._debounce.after(after, lambda: self.background.start(self._follow))

    def _build(self, scenario: str) -> None:
        names = {name: self._title(name) for name in scenario_names(self.bench.params)}
        self.scenario = look.choice(self._say("scenario"), names, scenario, "sw-scenario-choice")
        self.scenario.observe(lambda change: self.choose(change["new"]), "value")
        reforms = {name: reform.label(self.language) for name, reform in sorted(self.bench.rulebook().reforms.items())}
        self.controls = Controls(reforms, self.language, self.compute)
        self.numbers, self.reforms = self.controls.numbers, self.controls.reforms
        self.headline, self.working = look.shown("", "sw-answer", "sw-sticky"), look.shown("", "sw-working")
        computing = look.live(self._say("computing"))
        self.picture, self.chances, self.money = (
            look.shown(computing, f"sw-{name}") for name in ("course", "chances", "money")
        )
        self.saver = Saver(self._files, "; ".join(_USED_BY), self.language)
        saved = look.group(self._say("group_save"), self.saver.view)
        results = [
            self.headline,
            look.card(self._say("head_course"), self.working, self.picture),
            look.card(self._say("head_chances"), self.chances),
            look.card(self._say("head_money"), self.money),
        ]
        head = look.head(self._say("title"), self._say("notice"), self.language)
        chosen = look.group(self._say("group_scenario"), self.scenario)
        self.view = look.page(head, look.columns([chosen, *self.controls.views, saved], results))

    def _title(self, name: str) -> str:
        return load_scenario(name, self.bench.params).title.in_language(self.language)

    def _age(self) -> None:
        """What is shown is of before: greyed until it is there anew, so that nothing jumps."""
        self.working.value = look.live(self._say("anew"))
        for part in (self.picture, self.chances, self.money):
            part.add_class(STALE)

    def _renew(self, part: Any, shown: str) -> None:
        part.value = shown
        part.remove_class(STALE)

    def _expected(self) -> Forecast:
        """The course of what was tried; of an untouched scenario it is there already."""
        if self.tried() == as_it_stands(self._base):
            return self._base
        return forecast(self.bench, self._name, merged(self._base.scenario, self.state()))

    def _follow(self, stop: Stop) -> None:
        """The picture, few runs, the budget, more runs: each shown when it is there."""
        found = self.found
        for work in (self._expectation, self._runs(FIRST_RUNS), self._costs, self._runs(MORE_RUNS)):
            if stop():
                return
            work(found, stop)

    def _expectation(self, found: Forecast, stop: Stop) -> None:
        self._show_course(found, None)
        if not stop():
            self.saver.show()

    def _runs(self, runs: int) -> Any:
        def work(found: Forecast, stop: Stop) -> None:
            spread = self.bench.reception_spread(found, runs=runs, seed=SEED)
            if not stop():
                self.spread = spread
                self._show_course(found, spread)
                self._renew(self.chances, reception_told.chances(spread, self.language))

        return work

    def _costs(self, found: Forecast, stop: Stop) -> None:
        """The budget of what was tried, and first that of the scenario as it stands, where it is not there yet."""
        base, before = self._base, self._base_costed
        try:
            if before is None:
                untouched = as_it_stands(base)
                before = self._budget(scenario_tried(self._name, base, untouched), untouched.reforms)
            costed = before if found is base else self._budget(self.state(), self.tried().reforms)
        except StellwerkError as error:
            self._renew(self.money, look.alarm(error, self.language))
            return
        if not stop():
            self.costed, self._base_costed = costed, before
            self._renew(self.money, reception_told.money(costed, before, self.language))
            self._show_headline(found)

    def _budget(self, state: Mapping[str, Any], reforms: Sequence[str]) -> Costed:
        """The first months of a scenario, costed."""
        with tempfile.TemporaryDirectory() as folder:
            reception, budget = Path(folder) / "reception.yaml", Path(folder) / "budget.yaml"
            reception.write_text(as_yaml(state), encoding="utf-8")
            budget.write_text(as_yaml(self._budget_of(str(reception), reforms)), encoding="utf-8")
            return self.bench.budget(str(budget))

    def _budget_of(self, reception: str, reforms: Sequence[str]) -> dict[str, Any]:
        like = read_scenario(scenario_path(COSTED_LIKE, self.bench.root), self.bench.root)
        return budget_tried(reception, self._base.scenario, reforms, like)

    def _files(self, name: str) -> Mapping[Path, Mapping[str, Any]]:
        folder = self.bench.params / "scenarios"
        return {
            folder / f"reception_{name}.yaml": self.state(),
            folder / f"budget_{name}.yaml": self.budget_state(name),
        }

    def _show_course(self, found: Forecast, spread: Spread | None) -> None:
        # here, because matplotlib takes its time, and the page can be shown before
        from stellwerk.widgets.reception_figure import course_figure

        picture = look.figure(course_figure(found, self._base, spread, self.language))
        if found is self.found:  # else another scenario was chosen meanwhile
            self._renew(self.picture, picture)
            self.working.value = "" if spread is not None and spread.runs == MORE_RUNS else look.live(self._say("anew"))

    def _show_headline(self, found: Forecast) -> None:
        self.headline.value = reception_told.headline(
            found, self._base, self.costed, self._base_costed, self.language
        )  # fmt: skip

    def _say(self, key: str, **values: object) -> str:
        return text(f"reception_board_{key}", self.language, **values)
