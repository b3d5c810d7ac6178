"""What does a year of the solidarity pool come to under a scenario?

In go a scenario, the reference tables and the law's parameters, out comes a `Year`: each state's share, account and
least-cost choice, the waterfall, prices, market, adjustment, coverage and threats, with every assumption listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from stellwerk import formats
from stellwerk.distribution.keys import find_key
from stellwerk.distribution.quota import Distribution, distribute
from stellwerk.distribution.reference import ReferenceTables, require_places
from stellwerk.distribution.solidarity import pool, withholding
from stellwerk.distribution.solidarity.adjustment import Adjusted, adjust
from stellwerk.distribution.solidarity.assumptions import Assumption, Ledger
from stellwerk.distribution.solidarity.costs import Cost
from stellwerk.distribution.solidarity.market import Market, Trader, clear
from stellwerk.distribution.solidarity.pool import Account, Given, Standing, WaterfallStep
from stellwerk.distribution.solidarity.prices import PricePoint, TargetOutOfReach, price_curve, price_for
from stellwerk.distribution.solidarity.scenario import (
    Instrument,
    ListingLookup,
    Lookup,
    Pledge,
    Scenario,
    find_instrument,
)
from stellwerk.distribution.solidarity.take_or_pay import Contribution, Debtor, take_or_pay
from stellwerk.distribution.solidarity.withholding import Threat
from stellwerk.errors import StellwerkError


class PriceRangeEmpty(StellwerkError):
    """The last price of the curve is below the first."""


class KeyNotForStates(StellwerkError):
    """A scenario's key divides among other places than member states."""


@dataclass(frozen=True)
class Coverage:
    """A benefitting state: what it needs, what reaches it, in person equivalents, and how many may leave it."""

    code: str
    need: int
    receives: int
    relocated: int


@dataclass(frozen=True)
class Refuser:
    """A state that refuses, what it risks, and what withholding would set free."""

    code: str
    threat: Threat
    withheld_eur: Fraction


@dataclass(frozen=True)
class Year:
    """A pool year, computed."""

    scenario: Scenario
    shares: Distribution
    price: Fraction
    receipt: Fraction
    sending: Fraction
    accounts: tuple[Account, ...]
    waterfall: tuple[WaterfallStep, ...]
    choices: tuple[Contribution, ...]
    curves: dict[str, tuple[PricePoint, ...]]
    target: int
    target_price: PricePoint | None
    reachable: int
    market: Market
    adjusted: dict[str, Adjusted]
    wishes: dict[str, int]
    coverage: tuple[Coverage, ...]
    refusers: tuple[Refuser, ...]
    instrument: Instrument
    reallocated: dict[str, Fraction]
    assumptions: tuple[Assumption, ...]

    @property
    def relocated(self) -> dict[str, int]:
        """Persons that each state takes."""
        return {account.standing.code: account.given.relocated for account in self.accounts}

    @property
    def places(self) -> dict[str, int]:
        """The same for every state that the key's table knows: those that take nobody have no place."""
        return {code: self.relocated.get(code, 0) for code in self.names}

    @property
    def leaving(self) -> dict[str, int]:
        """Persons that may leave each benefitting state."""
        return {item.code: item.relocated for item in self.coverage}

    @property
    def names(self) -> dict[str, str]:
        """Code -> name of all states."""
        return self.shares.names


def compute(scenario: Scenario, tables: ReferenceTables, lookup: Lookup, listing: ListingLookup) -> Year:
    """The year of a scenario. `lookup` and `listing` give parameters and listings of the law at a day."""
    ledger = Ledger(scenario.on, lookup, listing)
    _check_codes(scenario, tables)
    reference = ledger.persons("reference", scenario.reference)
    price, receipt = ledger.number("price", scenario.price), ledger.number("receipt", scenario.receipt)
    shares = distribute(scenario.key, reference, scenario.on, tables)
    ledger.note_key(shares)
    standings = _standings(scenario, shares, ledger)
    debtors = _debtors(scenario, standings, receipt, tables, ledger)
    choices = take_or_pay(debtors, price, scenario.indifferent)
    given = _given(scenario, standings, {choice.code: choice for choice in choices}, price, ledger)
    accounts = tuple(pool.account(standing, given[standing.code], price) for standing in standings)
    willing = [debtor for debtor in debtors if debtor.code not in scenario.refusals]
    target, target_price, reachable = _target(scenario, willing, ledger)
    wishes = _wishes(scenario, willing, ledger)
    quotas = {debtor.code: debtor.obligation for debtor in willing}
    refusers = _refusers(scenario, standings, price, ledger)
    loads = ledger.numbers("load", scenario.withholding.loads)
    instrument = find_instrument(scenario.withholding.instrument, tables.params)
    ledger.note_instrument(instrument)
    free = sum((refuser.withheld_eur for refuser in refusers), Fraction(0))
    return Year(
        scenario=scenario,
        shares=shares,
        price=price,
        receipt=receipt,
        sending=ledger.number("sending", scenario.sending),
        accounts=accounts,
        waterfall=tuple(pool.waterfall(accounts)),
        choices=tuple(choices),
        curves=_curves(scenario, willing, receipt),
        target=target,
        target_price=target_price,
        reachable=reachable,
        market=clear(_traders(willing)),
        adjusted={"equal": adjust(quotas, wishes, "equal"), "proportional": adjust(quotas, wishes, "proportional")},
        wishes=wishes,
        coverage=_coverage(scenario, accounts, ledger),
        refusers=refusers,
        instrument=instrument,
        reallocated=withholding.reallocated(free, loads) if loads else {},
        assumptions=ledger.assumptions(tables, scenario),
    )


def _check_codes(scenario: Scenario, tables: ReferenceTables) -> None:
    key = find_key(scenario.key, tables)
    if key.places != scenario.places:
        raise KeyNotForStates(key=scenario.key)
    held = scenario.withholding
    named = [
        *scenario.needs, *scenario.deductions, *scenario.refusals, *scenario.pledges, *scenario.costs.states,
        *scenario.wishes.states, *held.funds, *held.gains, *held.fines, *held.loads,
    ]  # fmt: skip
    require_places(named, tables.names(scenario.places))


def _standings(scenario: Scenario, shares: Distribution, ledger: Ledger) -> list[Standing]:
    benefitting = ledger.codes("benefitting", scenario.benefitting)
    ledger.note("deduction", scenario.deductions)
    ledger.note("refusal", scenario.refusals)
    return [
        Standing(
            code=code,
            fair_share=persons,
            benefitting=code in benefitting,
            deduction=_deduction(scenario, code),
            refuses=code in scenario.refusals,
        )
        for code, persons in sorted(shares.persons.items())
        if shares.shares[code]
    ]


def _deduction(scenario: Scenario, code: str) -> Fraction:
    return Fraction(scenario.deductions[code].share) if code in scenario.deductions else Fraction(0)


def _debtors(
    scenario: Scenario, standings: Sequence[Standing], receipt: Fraction, tables: ReferenceTables, ledger: Ledger
) -> list[Debtor]:
    costs = scenario.costs
    population, gdp = tables.exact(scenario.places, costs.population), tables.exact(scenario.places, costs.gdp)
    unit, share = ledger.number("gdp_unit", costs.gdp_unit), ledger.number("gdp_share", costs.gdp_share)
    rise, aversion = ledger.number("rise", costs.rise), ledger.number("aversion", costs.aversion)
    capacity = ledger.number("capacity", costs.capacity)
    ledger.note("cost", costs.states)
    debtors = []
    for standing in standings:
        if standing.obligation == 0:
            continue
        own = costs.states.get(standing.code)
        if own is None:
            first = share * gdp[standing.code] * unit / population[standing.code]
            gross = Cost(_to_the_cent(first), _to_the_cent(first * rise / standing.fair_share))
        else:
            gross = Cost(Fraction(own.first), Fraction(own.slope))
        net = gross.plus(aversion - receipt)
        debtors.append(Debtor(standing.code, standing.obligation, net, int(standing.obligation * capacity)))
    return debtors


def _to_the_cent(amount: Fraction) -> Fraction:
    return Fraction(formats.exact(amount, 2))


def _given(
    scenario: Scenario,
    standings: Sequence[Standing],
    choices: Mapping[str, Contribution],
    price: Fraction,
    ledger: Ledger,
) -> dict[str, Given]:
    """What each state gives: nothing where it owes nothing or refuses, its pledge, or what the scenario assumes."""
    ledger.note("pledge", scenario.pledges)
    given = {}
    for standing in standings:
        code = standing.code
        if code in scenario.pledges:
            given[code] = _pledged(scenario.pledges[code], standing, price)
        elif standing.obligation == 0 or standing.refuses:
            given[code] = Given()
        elif scenario.others == "pay":
            given[code] = Given(paid=price * standing.obligation)
        else:
            choice = choices[code]
            given[code] = Given(choice.relocated, choice.offset, choice.paid, choice.measures)
    return given


def _pledged(pledge: Pledge, standing: Standing, price: Fraction) -> Given:
    measures = Fraction(pledge.measures)
    open_persons = max(standing.obligation - pledge.relocated, 0)
    offset = open_persons if pledge.offset == "rest" else pledge.offset
    open_eur = max(price * (open_persons - offset) - measures, Fraction(0))
    paid = open_eur if pledge.paid == "rest" else Fraction(pledge.paid)
    return Given(pledge.relocated, offset, paid, measures)


def _curves(scenario: Scenario, willing: Sequence[Debtor], receipt: Fraction) -> dict[str, tuple[PricePoint, ...]]:
    """Relocations against the price, with the fund's receipt and without it."""
    span = scenario.prices
    if span.last < span.first:
        raise PriceRangeEmpty(first=span.first, last=span.last)
    prices = [Fraction(price) for price in range(span.first, span.last + 1, span.step)]
    without = [_with_more(debtor, receipt) for debtor in willing]
    return {
        "with_receipt": tuple(price_curve(willing, prices, scenario.indifferent)),
        "without_receipt": tuple(price_curve(without, prices, scenario.indifferent)),
    }


def _with_more(debtor: Debtor, a_person: Fraction) -> Debtor:
    return Debtor(debtor.code, debtor.obligation, debtor.cost.plus(a_person), debtor.capacity)


def _target(scenario: Scenario, willing: Sequence[Debtor], ledger: Ledger) -> tuple[int, PricePoint | None, int]:
    """The target in persons, the price that delivers it (none where it is out of reach), and what is in reach."""
    owed = sum(debtor.obligation for debtor in willing)
    target = int(owed * ledger.number("target", scenario.prices.target))
    try:
        return target, price_for(target, willing, scenario.indifferent), sum(d.takes_at_most for d in willing)
    except TargetOutOfReach as error:
        return target, None, int(str(error.details["reachable"]))


def _wishes(scenario: Scenario, willing: Sequence[Debtor], ledger: Ledger) -> dict[str, int]:
    share = ledger.number("wish", scenario.wishes.share)
    ledger.note_wishes(scenario.wishes.states)
    return {d.code: scenario.wishes.states.get(d.code, int(d.obligation * share + pool.HALF)) for d in willing}


def _traders(willing: Sequence[Debtor]) -> list[Trader]:
    """In the market a state may take more than it owes: all that is owed by anybody."""
    owed = sum(debtor.obligation for debtor in willing)
    return [Trader(debtor.code, debtor.obligation, owed, debtor.cost) for debtor in willing]


def _coverage(scenario: Scenario, accounts: Sequence[Account], ledger: Ledger) -> tuple[Coverage, ...]:
    """What is delivered, spread over the benefitting states so that their needs are covered alike."""
    needs = {code: ledger.persons("need", need, code) for code, need in sorted(scenario.needs.items())}
    if not needs:
        return ()
    delivered = int(sum((account.delivered for account in accounts), Fraction(0)))
    relocated = sum(account.given.relocated for account in accounts)
    receives, leave = pool.balanced(delivered, needs), pool.balanced(relocated, needs)
    return tuple(Coverage(code, needs[code], receives[code], leave[code]) for code in sorted(needs))


def _refusers(
    scenario: Scenario, standings: Sequence[Standing], price: Fraction, ledger: Ledger
) -> tuple[Refuser, ...]:
    held = scenario.withholding
    withheld = ledger.number("withheld", held.withheld)
    probability, discount = ledger.number("probability", held.probability), ledger.number("discount", held.discount)
    funds, gains = ledger.numbers("funds", held.funds), ledger.numbers("gain", held.gains)
    fines = ledger.numbers("fine", held.fines)
    zero = Fraction(0)
    refusers = []
    for standing in standings:
        if not standing.refuses:
            continue
        code = standing.code
        threat = Threat(
            bill=price * standing.obligation,
            funds=funds.get(code, zero),
            withheld=withheld,
            probability=probability,
            discount=discount,
            gain=gains.get(code, zero),
            fine=fines.get(code, zero),
        )
        refusers.append(Refuser(code, threat, Fraction(0) if threat.complies else withheld * threat.funds))
    return tuple(refusers)
