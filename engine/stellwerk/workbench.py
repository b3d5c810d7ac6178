"""The one public door: opens a checkout and hands out rulebook, register, evaluation, distribution and briefs.

Notebooks and the command line enter here. What concerns cases stands in `casework.py`; this page joins distribution,
reception, budget and briefs to it. Frames come out as pandas.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from stellwerk.casework import Casework
from stellwerk.frames import as_pandas, as_polars
from stellwerk.texts import language_in_use

if TYPE_CHECKING:  # at run time these wait until they are needed
    import pandas as pd

    from stellwerk.audit.parity import Parity
    from stellwerk.briefs.again import Again
    from stellwerk.briefs.batch_run import BatchRun
    from stellwerk.briefs.capacities import Capacities
    from stellwerk.briefs.ledger import Ledger
    from stellwerk.briefs.parameters import BriefParameters
    from stellwerk.briefs.run import BriefRun
    from stellwerk.costing import Costed
    from stellwerk.distribution.assignment import WeekPlan
    from stellwerk.distribution.balances import Balances
    from stellwerk.distribution.easy import EasyRun
    from stellwerk.distribution.keys import Key
    from stellwerk.distribution.laboratory import Comparison as KeyComparison
    from stellwerk.distribution.laboratory import Intentions
    from stellwerk.distribution.placement.municipalities import Placement
    from stellwerk.distribution.placement.reviewed import Review
    from stellwerk.distribution.placement.scenario import PlacementScenario
    from stellwerk.distribution.placement.solve import Progress
    from stellwerk.distribution.quota import Distribution
    from stellwerk.europe import Europe
    from stellwerk.flows.montecarlo import Spread
    from stellwerk.forecast.run import Forecast
    from stellwerk.frames import Children, Frame

MUNICIPAL_KEY = "flueag"  # the key in params/keys.yaml that divides among municipalities
MEMBER_STATE = "member_state"  # the subject whose rules count the accounts of a pool year anew


class Workbench(Casework):
    """A checkout, opened. Everything is read at its first use."""

    def distribute(self, key: str, persons: int, on: dt.date, **options: Any) -> Distribution:
        """Divide a number of persons by a key on a day."""
        from stellwerk.distribution.quota import distribute

        return distribute(key, persons, on, self.tables, **options)

    def keys(self) -> dict[str, Key]:
        """All keys of the checkout, by name."""
        from stellwerk.distribution.keys import load_keys

        return load_keys(self.tables)

    def compare_keys(self, keys: Sequence[str], persons: int, on: dt.date, **options: Any) -> KeyComparison:
        """Set keys side by side on the same number of persons; gains and losses are against the first."""
        from stellwerk.distribution.laboratory import compare_keys

        return compare_keys(keys, persons, on, self.tables, **options)

    def test_key(self, key: str, on: dt.date, *, year: str | None = None) -> Intentions:
        """Does a key do what it is meant to do? With a witness where it does not."""
        from stellwerk.distribution.laboratory import intentions_of

        return intentions_of(key, on, self.tables, year=year)

    def assign(
        self,
        families: Frame,
        on: dt.date,
        *,
        key: str = MUNICIPAL_KEY,
        stock: Frame | None = None,
        facilities: Frame | None = None,
        **choices: Any,
    ) -> WeekPlan:
        """Assign a week's families whole, by the fulfilment of each municipality."""
        from stellwerk.distribution.assignment import week_plan

        held, planned = (None if frame is None else as_polars(frame) for frame in (stock, facilities))
        return week_plan(key, as_polars(families), on, self.tables, stock=held, facilities=planned, **choices)

    def easy(self, groups: Frame, facilities: Frame, on: dt.date, balances: Balances | None = None) -> EasyRun:
        """Assign arriving groups to reception facilities by the order of `params/easy.yaml`."""
        from stellwerk.distribution.easy import EasyOrder, easy_run

        order = EasyOrder.load(self.tables)
        return easy_run(as_polars(groups), as_polars(facilities), on, self.tables, order, balances)

    def place(
        self,
        cases: pd.DataFrame | pl.DataFrame,
        *,
        on: dt.date,
        key: str | None = None,
        quotas: Mapping[str, int] | None = None,
        scenario: PlacementScenario | None = None,
        solver: Mapping[str, object] | None = None,
        progress: Callable[[Progress], None] = lambda _: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Placement:
        """Place the families of `cases` in municipalities, within `quotas` or within what the key gives of them.

        A `scenario` changes weights, quotas and capacities and keeps what officers decided for single families. The
        key is `key`, else that of the scenario, else the one in force.
        `solver` changes settings of the search (`seconds`, `target_gap` ...); `progress` is told its state with the
        gap so far, and when `stop` says so the best plan so far is handed out.
        """
        from stellwerk.distribution.placement.criteria import PlacementSettings
        from stellwerk.distribution.placement.municipalities import place

        frame = self.as_cases(cases)
        by = key or (scenario.key if scenario else None) or MUNICIPAL_KEY
        given = quotas if quotas is not None else self.distribute(by, frame.height, on).persons
        settings = PlacementSettings.load(self.tables).with_solver(solver or {})
        if scenario is None:
            return place(frame, given, self.tables, on=on, settings=settings, progress=progress, stop=stop)
        weighted, changed = settings.with_weights(scenario.weights), {**given, **scenario.quotas}
        return place(
            frame,
            changed,
            self.tables,
            on=on,
            settings=weighted,
            adjusted=scenario.adjusted,
            progress=progress,
            stop=stop,
        )

    def review(self, placed: Placement | Path) -> Review:
        """A placement, or a plan that lies in a folder, opened for questions: reasons, prices, fairness, decisions."""
        from stellwerk.distribution.placement.fits import criteria_in, criteria_of
        from stellwerk.distribution.placement.plan_folder import read_plan
        from stellwerk.distribution.placement.review import ReviewSettings, criterion_labels, resource_labels
        from stellwerk.distribution.placement.reviewed import Review

        settings, language = ReviewSettings.load(self.params), language_in_use()
        labels = resource_labels(self.tables, language), criterion_labels(self.tables, language)
        if not isinstance(placed, Path):
            return Review(placed.plan, settings, placed.names, *labels, criteria_of(placed))
        plan, names = read_plan(placed)
        return Review(plan, settings, names, *labels, criteria_in(placed, plan))

    def budget(
        self,
        scenario: str,
        *,
        year: int | None = None,
        known_on: dt.date | None = None,
        reforms: Sequence[str] = (),
        cases: pd.DataFrame | pl.DataFrame | None = None,
        children: Children | None = None,
        cases_name: str = "Register",
    ) -> Costed:
        """What a scenario of `params/scenarios/budget_*.yaml` costs, who pays it, and what stands behind each line.

        `reforms` come on top of the scenario's own; `cases`, with their child tables, adds what the rules give to each
        case, month by month.
        """
        from stellwerk.costing import cost

        frame = None if cases is None else self.as_cases(cases)
        costed = cost(
            self,
            scenario,
            known_on=known_on,
            reforms=reforms,
            cases=frame,
            children=self.as_children(children),
            cases_name=cases_name,
        )
        return costed if year is None else costed.in_year(year)

    def reception(self, scenario: str, *, reforms: Sequence[str] = ()) -> Forecast:
        """State reception over time, expected: a scenario of `params/scenarios/reception_*.yaml`, or a file.

        `reforms` come on top of the scenario's own.
        """
        from stellwerk.flows.scenario import load_scenario
        from stellwerk.forecast.run import forecast

        return forecast(self, scenario, load_scenario(scenario, self.params), reforms)

    def reception_spread(
        self, found: Forecast, *, runs: int, seed: int, progress: Callable[[int, int], None] | None = None
    ) -> Spread:
        """How far a forecast may come otherwise: quantiles by week, chances, places needed in 95 of 100 runs."""
        from stellwerk.flows.montecarlo import spread_of

        return spread_of(found.model, found.places, found.data, runs, seed, progress)

    @cached_property
    def europe(self) -> Europe:
        """Solidarity between member states and the chain of levels."""
        from stellwerk.europe import Europe

        return Europe(
            self.tables,
            self.rulebook,
            lambda states, rules: self.determinations(states, rules=rules, subject=MEMBER_STATE),
        )

    def solidarity(self, scenario: str, changes: Mapping[str, str] | None = None) -> dict[str, pd.DataFrame]:
        """A pool year under a scenario of `params/solidarity/`, as tables by name; `changes` holds for this run."""
        tables = self.europe.year_tables(self.europe.year(scenario, changes))
        return {name: as_pandas(frame) for name, frame in tables.items()}

    def chain(
        self, persons: int | Mapping[str, int], on: dt.date, keys: Mapping[str, str] | None = None
    ) -> pd.DataFrame:
        """Divide a number, or what each state at the top receives, down to the municipalities, level by level."""
        return as_pandas(self.europe.chain(persons, on, keys).to_frame())

    def parity(self, engines: Sequence[str] = (), *, reforms: Sequence[str] = (), **choices: Any) -> Parity:
        """Hold engines (else all that run here) against each other on generated cases: see `audit.parity`."""
        from stellwerk.audit import contender, parity

        asked = contender.contenders(engines) if engines else contender.usual_contenders()
        return parity.parity(self.rulebook(reforms), asked, **choices)

    def brief(
        self,
        name: str,
        parameters: Mapping[str, object] | None = None,
        *,
        scenario: str | None = None,
        output: Path,
        to: Sequence[str] = ("html",),
        progress: Callable[[int, int], None] | None = None,
    ) -> BriefRun:
        """Run a brief on a scenario of `params/scenarios/` (or a scenario file), some parameters changed.

        `to` names further formats to hand over: pdf, docx, xlsx.
        """
        from stellwerk.briefs.run import run_brief
        from stellwerk.briefs.scenarios import scenario_for

        values = {**scenario_for(name, scenario, self.root), **(parameters or {})}
        return run_brief(self.root, name, self._settled(name, values).as_json, output, progress, formats=tuple(to))

    def brief_again(self, run: str, *, output: Path, progress: Callable[[int, int], None] | None = None) -> Again:
        """Repeat a run of the ledger; says what it rested on that has changed since, and which results differ."""
        from stellwerk.briefs.again import run_again

        return run_again(
            self.root,
            self.ledger(),
            run,
            lambda entry: self.brief(entry.brief, entry.parameters, output=output, progress=progress),
        )

    def briefs(
        self,
        batch: str,
        *,
        output: Path,
        jobs: int | None = None,
        resume: bool = False,
        isolation: str | None = None,
        to: Sequence[str] = ("html",),
        progress: Callable[[int, int], None] | None = None,
    ) -> BatchRun:
        """Run a batch of `params/batches/` (or a batch file), each brief in a process of its own.

        `resume` leaves what is unchanged; `isolation` is fork or kernel, without it what the machine can.
        """
        from stellwerk.briefs.batch import read_batch
        from stellwerk.briefs.batch_run import Manner, run_batch
        from stellwerk.briefs.workers import usual_isolation, usual_jobs

        wanted = read_batch(batch, self.root).settled(lambda parameters: self._settle(parameters))
        manner = Manner(jobs or usual_jobs(), isolation or usual_isolation(), tuple(to), resume)
        return run_batch(self.root, wanted, output, manner, progress or (lambda done, total: None))

    def _settled(self, brief: str, values: Mapping[str, object]) -> BriefParameters:
        """Checked parameters of which all that they name exists."""
        from stellwerk.briefs.registry import parameters_of

        return self._settle(parameters_of(brief, values))

    def _settle(self, parameters: BriefParameters) -> BriefParameters:
        from stellwerk.briefs import parameters as kinds
        from stellwerk.briefs.named import settled
        from stellwerk.budget import scenario as budgets
        from stellwerk.distribution.placement import scenario as placements
        from stellwerk.distribution.solidarity import scenario as pools
        from stellwerk.flows import scenario as receptions

        known = {
            kinds.REFORM: lambda name: self.rulebook([name]),
            kinds.RECEPTION: lambda name: receptions.load_scenario(name, self.params),
            kinds.BUDGET: lambda name: budgets.read_scenario(budgets.scenario_path(name, self.root), self.root),
            kinds.POOL_YEAR: lambda name: pools.load_scenario(name, self.params),
            kinds.PLACEMENT: lambda name: placements.load_placement_scenario(name, self.params),
        }
        return settled(parameters, self.root, lambda: self.tables.names("municipalities"), known)

    def capacities(self, forms: Sequence[Path]) -> Capacities:
        """The register of capacities out of forms that municipalities have filled in."""
        from stellwerk.briefs.capacities import read_forms
        from stellwerk.briefs.subjects.gemeinde.gemeinde import read_content

        return read_forms(forms, read_content(self.params).questions, self.tables.names("municipalities"))

    def ledger(self) -> Ledger:
        """The ledger of the briefs run in this checkout."""
        from stellwerk.briefs.ledger import Ledger
        from stellwerk.briefs.run import ledger_path

        return Ledger(ledger_path(self.root), self.root)
