"""State reception and its costs on a page: choose a scenario, move its main numbers, see places, chances and money.

The sentence of the expected course is there at once; its picture, runs with drawn arrivals and the budget follow from
the background, few runs first. Every number is the engine's own: `found` is a `Forecast`, `spread` its runs and
`costed` its budget.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets

from stellwerk import formats
from stellwerk.budget.lines import in_eur
from stellwerk.budget.scenario import read_scenario, scenario_path
from stellwerk.errors import StellwerkError
from stellwerk.flows.scenario import load_scenario, scenario_names
from stellwerk.forecast.run import Forecast, forecast
from stellwerk.texts import language_in_use, text
from stellwerk.widgets import look
from stellwerk.widgets.background import Background, Stop
from stellwerk.widgets.debounce import Debounce
from stellwerk.widgets.number import Number
from stellwerk.widgets.panel import Panel
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
SHOWN, SOON = 1.5, 0.05  # seconds: until the page has been shown; until a moved slider's answer has been seen
_LIMITS = {
    "arrivals_percent": (10, 300, 5),
    "places": (1_000, 120_000, 500),
    "reserve": (0, 40_000, 500),
    "target_percent": (50, 100, 1),
    "without_plan_weeks": (0, 130, 1),
    "intake_per_week": (0, 5_000, 50),
}


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
        self._quiet = False
        self._build(scenario)
        self.choose(scenario, SHOWN)

    def choose(self, scenario: str, after: float = SOON) -> None:
        """Begin anew with a scenario as it stands in its file; what takes longer begins after so many seconds."""
        self._name = scenario
        self._base = self.bench.reception(scenario)
        self._show_numbers(as_it_stands(self._base))
        self.compute(after)

    def tried(self) -> Tried:
        """The numbers as they are on the page."""
        return Tried(**{name: number.whole for name, number in self.numbers.items()}, reforms=tuple(self.reforms.value))

    def state(self) -> dict[str, Any]:
        """What was tried, as a scenario that `stellwerk reception` reads."""
        return scenario_tried(self._name, self._base, self.tried())

    def budget_state(self, reception: str) -> dict[str, Any]:
        """The first months of a reception scenario (a name or a file), as a budget that `stellwerk budget` reads."""
        like = read_scenario(scenario_path(COSTED_LIKE, self.bench.root), self.bench.root)
        return budget_tried(reception, self._base.scenario, self.tried().reforms, like)

    def compute(self, after: float = SOON) -> None:
        """The expected course in a sentence at once; picture, chances and money follow."""
        try:
            self.found = self._expected()
        except StellwerkError as error:
            self.headline.value = look.alarm(error, self.language)
            return
        self.spread = self.costed = None
        self._show_headline(self.found)
        self.chances.value = self.money.value = look.live(self._say("computing"))
        self.background.stop()
        self._debounce.after(after, lambda: self.background.start(self._follow))

    def _build(self, scenario: str) -> None:
        names = {name: self._title(name) for name in scenario_names(self.bench.params)}
        self.scenario = look.choice(self._say("scenario"), names, scenario, "sw-scenario-choice")
        self.scenario.observe(lambda change: self.choose(change["new"]), "value")
        self.numbers = {name: self._number(name) for name in _LIMITS}
        reforms = sorted(self.bench.rulebook().reforms.items())
        options = [(reform.label(self.language), name) for name, reform in reforms]
        self.reforms = look.named(
            ipywidgets.SelectMultiple(options=options, description=self._say("reforms"), rows=4), "sw-reforms"
        )
        self.reforms.observe(self._changed, "value")
        self.headline, self.picture = look.shown("", "sw-answer"), look.shown("", "sw-course")
        self.chances, self.money = look.shown("", "sw-chances"), look.shown("", "sw-money")
        self.saver = Saver(self._files, "stellwerk reception {name}; stellwerk budget {name}", self.language)
        controls = [self.scenario, *self.numbers.values(), self.reforms, self.saver.view]
        results = [self.headline, self.picture, self.chances, self.money]
        notice = look.shown(f'<p class="sw-notice">{self._say("notice")}</p>')
        self.view = look.page(look.shown(look.heading(self._say("title"), 1)), notice, look.columns(controls, results))

    def _number(self, name: str) -> Number:
        low, high, step = _LIMITS[name]
        made = Number(min=low, max=high, step=step, label=self._say(name), unit=self._say(f"{name}_unit"))
        made.observe(self._changed, "value")
        return look.named(made, f"sw-{name}")  # type: ignore[no-any-return]

    def _title(self, name: str) -> str:
        return load_scenario(name, self.bench.params).title.in_language(self.language)

    def _show_numbers(self, tried: Tried) -> None:
        self._quiet = True
        for name, number in self.numbers.items():
            number.value = number.own = getattr(tried, name)
        self.reforms.value = tried.reforms
        self._quiet = False

    def _changed(self, _: object) -> None:
        if not self._quiet:
            self.compute()

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
                self._show_chances(spread)

        return work

    def _costs(self, found: Forecast, stop: Stop) -> None:
        with tempfile.TemporaryDirectory() as folder:
            reception, budget = Path(folder) / "reception.yaml", Path(folder) / "budget.yaml"
            reception.write_text(as_yaml(self.state()), encoding="utf-8")
            budget.write_text(as_yaml(self.budget_state(str(reception))), encoding="utf-8")
            try:
                costed = self.bench.budget(str(budget))
            except StellwerkError as error:
                self.money.value = look.alarm(error, self.language)
                return
        if not stop():
            self.costed = costed
            self._show_money(costed)

    def _files(self, name: str) -> Mapping[Path, Mapping[str, Any]]:
        folder = self.bench.params / "scenarios"
        return {
            folder / f"reception_{name}.yaml": self.state(),
            folder / f"budget_{name}.yaml": self.budget_state(name),
        }

    def _show_course(self, found: Forecast, spread: Spread | None) -> None:
        # here, because matplotlib takes its time, and the page can be shown before
        from stellwerk.widgets.reception_figure import course_figure

        picture = look.figure(course_figure(found, spread, self.language))
        if found is self.found:  # else another scenario was chosen meanwhile
            self.picture.value = picture

    def _show_headline(self, found: Forecast) -> None:
        weeks = found.reception.facilities
        highest = weeks.row(int(weeks["occupied"].cast(float).arg_max() or 0), named=True)
        passed = found.reception.exceedance("places")
        sentence = self._say(
            "highest",
            persons=formats.number(round(highest["occupied"]), self.language),
            places=formats.number(highest["active"], self.language),
            week=formats.date(highest["week"], self.language),
        )
        after = (
            self._say("enough")
            if passed is None
            else self._say("exceeded", week=formats.date(passed.week, self.language))
        )
        self.headline.value = f'<p role="status" class="sw-headline">{sentence} {after}</p>'

    def _show_chances(self, spread: Spread) -> None:
        self.chances.value = look.live(
            self._say(
                "chances",
                runs=formats.number(spread.runs, self.language),
                ever=formats.share(spread.ever_exceeded["places"], self.language),
                full=formats.number(spread.places_needed["full"], self.language),
                target=formats.number(spread.places_needed["target"], self.language),
            )
        )

    def _show_money(self, costed: Costed) -> None:
        rows = [
            [row["title"], self._party(row["payer"]), formats.euro(row["amount_eur"], self.language)]
            for row in costed.budget.by_position(self.language).iter_rows(named=True)
        ]
        land = next(balance for balance in costed.budget.balances if balance.party == "land")
        rows.append([self._say("land_net"), self._party("land"), formats.euro(in_eur(land.net), self.language)])
        caption = costed.title.in_language(self.language)
        head = [self._say(name) for name in ("position", "payer", "amount")]
        self.money.value = look.table(caption, head, rows, numbers=(2,)) + self._not_computed(costed)

    def _not_computed(self, costed: Costed) -> str:
        """What has no amount, and why."""
        title = costed.budget.positions.title
        lines = dict.fromkeys(
            f"{title(gap.position, self.language)}: {gap.reason.in_language(self.language)}"
            for gap in costed.budget.not_computed
        )
        return look.live(self._say("not_computed", lines="; ".join(lines))) if lines else ""

    def _party(self, name: str) -> str:
        return text(f"party_{name}", self.language)

    def _say(self, key: str, **values: object) -> str:
        return text(f"reception_board_{key}", self.language, **values)
