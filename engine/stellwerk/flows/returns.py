"""How many return, by authority and week, with which posts, and how many detention places does that take?

In go those who become obliged to leave each week, removals out of state accommodation, a plan (base year, effect of
money, regions) and what the rulebook says (budget, longest detention, forecast period); out come stocks and flows by
region, capacity in removals and posts, detention places, and removals directly from prison. Exact decimals throughout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from stellwerk.documents import Document, Labels
from stellwerk.flows.figures import Quantity
from stellwerk.flows.persons import PERSONS

_WHOLE_PART = Decimal("0.000001")
_ZERO = Decimal(0)
_DAYS_A_YEAR = Decimal("365.25")
_WEEKS_A_YEAR = _DAYS_A_YEAR / 7


class Detention(Document):
    """A kind of detention before removal; its longest length is read from the named parameter of the rulebook."""

    kind: str
    label: Labels
    window: str
    share_of_removals: Quantity
    mean_days: Quantity


class Prison(Document):
    """Removals straight from prison: possible where the removal can be forecast within the period of the rule."""

    forecast: tuple[str, ...]  # parameters of the rulebook for the forecast period; the first that is in force counts
    released_obliged_per_year: Quantity
    ready_within_months: Quantity  # evenly spread between none and so many


class ReturnPlan(Document):
    """What a scenario says of returns."""

    budget: str  # parameter of the rulebook: EUR a year for the central authorities
    cost_per_post: Quantity
    share_for_posts: Quantity
    effect_of_budget: Quantity  # per cent more removals for one per cent more budget
    removals_base_year: Quantity
    voluntary_base_year: Quantity
    voluntary_factor: Quantity
    obliged_at_start: Quantity
    obliged_elsewhere_per_year: Quantity
    removable_share: Quantity  # of the obliged, those whom nothing hinders from being removed
    otherwise_ended_per_year: Quantity  # of the obliged, those who get a title or are gone
    authority: str  # rule that names the competent authority
    authority_facts: dict[str, str | bool]
    region_fact: str
    regions: dict[str, str]  # code of the rule's fact -> name of the region in the table of municipalities
    detention: tuple[Detention, ...] = ()
    prison: Prison | None = None


@dataclass(frozen=True)
class ReturnLaw:
    """What the rulebook and the reference tables say: money now and in the law in force, windows in days, shares."""

    budget: Decimal
    budget_in_force: Decimal
    windows: Mapping[str, int]
    forecast_months: int | None
    authorities: Mapping[str, str]  # region -> authority
    shares: Mapping[str, Decimal]  # region -> share of the inhabitants, sums to one


@dataclass(frozen=True)
class ReturnCourse:
    """Returns over time.

    `cases`: a row a week and authority: `begin`, `became_obliged`, `removed`, `voluntary`, `otherwise_ended`, `stock`.
    `capacity`: a row an authority: posts, removals a year it can carry out.
    `detention`: a row a kind: removals a year out of it, days each (never above the window of the law), places; those
    straight from prison, where the scenario asks, are the kind `prison` and need none.
    """

    cases: pl.DataFrame
    capacity: pl.DataFrame
    detention: pl.DataFrame


def return_course(inflow: pl.DataFrame, plan: ReturnPlan, law: ReturnLaw) -> ReturnCourse:
    """The course for weekly `inflow` with columns week, became_obliged, removed_from_state (persons, decimals)."""
    yearly = removals_a_year(plan, law)
    stocks = {region: plan.obliged_at_start.value * share for region, share in law.shares.items()}
    rows: list[dict[str, object]] = []
    for week in inflow.iter_rows(named=True):
        for region, share in law.shares.items():
            row = _week_of_region(stocks[region], share, week, yearly, plan)
            stocks[region] = row["stock"]
            rows.append({"week": week["week"], "authority": law.authorities[region], **row})
    cases = _case_frame(rows)
    removed = sum(cases["removed"].to_list(), _ZERO)
    in_state = sum(inflow["removed_from_state"].to_list(), _ZERO)
    years = Decimal(inflow.height) / _WEEKS_A_YEAR
    per_year = (removed + in_state) / years if years else _ZERO
    return ReturnCourse(cases, _capacity(plan, law, yearly), detention_places(per_year, plan, law))


def removals_a_year(plan: ReturnPlan, law: ReturnLaw) -> Decimal:
    """Removals the authorities can carry out: those of the base year, changed with the budget by the stated effect."""
    more = law.budget / law.budget_in_force - 1
    return plan.removals_base_year.value * (1 + plan.effect_of_budget.value * more)


def detention_places(removals_a_year: Decimal, plan: ReturnPlan, law: ReturnLaw) -> pl.DataFrame:
    """Places by kind of detention: removals out of it times days each over the days of a year (Little's law)."""
    rows: list[dict[str, object]] = []
    for kind in plan.detention:
        days = min(kind.mean_days.value, Decimal(law.windows[kind.window]))
        removals = removals_a_year * kind.share_of_removals.value
        places = (removals * days / _DAYS_A_YEAR).quantize(_WHOLE_PART, ROUND_HALF_UP)
        rows.append(
            {
                "kind": kind.kind,
                "removals_a_year": removals.quantize(_WHOLE_PART, ROUND_HALF_UP),
                "days": days,
                "longest_days": law.windows[kind.window],
                "places": places,
            }
        )
    decimals = dict.fromkeys(("removals_a_year", "days"), PERSONS)
    straight = from_prison(plan, law)
    if straight is not None:
        none = {"days": _ZERO, "longest_days": None, "places": _ZERO}
        rows.append({"kind": "prison", "removals_a_year": straight, **none})
    return pl.DataFrame(rows, schema={"kind": pl.String, **decimals, "longest_days": pl.Int64, "places": PERSONS})


def from_prison(plan: ReturnPlan, law: ReturnLaw) -> Decimal | None:
    """Removals a year straight from prison: those whose papers are ready within the forecast period."""
    if plan.prison is None or law.forecast_months is None:
        return None
    within = min(Decimal(law.forecast_months) / plan.prison.ready_within_months.value, Decimal(1))
    return (plan.prison.released_obliged_per_year.value * within).quantize(_WHOLE_PART, ROUND_HALF_UP)


def _week_of_region(
    begin: Decimal, share: Decimal, week: Mapping[str, Decimal], yearly: Decimal, plan: ReturnPlan
) -> dict[str, Decimal]:
    came = _rounded((week["became_obliged"] + plan.obliged_elsewhere_per_year.value / _WEEKS_A_YEAR) * share)
    room = max(_rounded((yearly / _WEEKS_A_YEAR - week["removed_from_state"]) * share), _ZERO)
    removed = min(room, _rounded(begin * plan.removable_share.value))
    wished = plan.voluntary_base_year.value * plan.voluntary_factor.value / _WEEKS_A_YEAR * share
    voluntary = min(_rounded(wished), begin - removed)
    ended = _rounded((begin - removed - voluntary) * plan.otherwise_ended_per_year.value / _WEEKS_A_YEAR)
    stock = begin + came - removed - voluntary - ended
    return {
        "begin": begin,
        "became_obliged": came,
        "removed": removed,
        "voluntary": voluntary,
        "otherwise_ended": ended,
        "stock": stock,
    }


def _capacity(plan: ReturnPlan, law: ReturnLaw, yearly: Decimal) -> pl.DataFrame:
    posts = law.budget * plan.share_for_posts.value / plan.cost_per_post.value
    rows = [
        {
            "authority": law.authorities[region],
            "share": share,
            "posts": _rounded(posts * share),
            "removals_a_year": _rounded(yearly * share),
        }
        for region, share in law.shares.items()
    ]
    return pl.DataFrame(
        rows, schema={"authority": pl.String, **dict.fromkeys(("share", "posts", "removals_a_year"), PERSONS)}
    )


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_WHOLE_PART, ROUND_HALF_UP)


def _case_frame(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    counted = ("begin", "became_obliged", "removed", "voluntary", "otherwise_ended", "stock")
    return pl.DataFrame(rows, schema={"week": pl.Date, "authority": pl.String, **dict.fromkeys(counted, PERSONS)})
