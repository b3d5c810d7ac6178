"""Does a state take people in or pay, when it looks for the least cost?

In go the states with their obligations and costs, and the price of a person; out comes for each state how many it
takes, how many it has offset, what it gives in kind and what it pays.

    sets        i in I    contributing states            k in K_i   pieces of the cost of i, cheapest first
    data        o_i       obligation, persons            pi         price of a person, EUR
                c_ik      mean cost of a person in piece k, net of receipts, EUR;   w_ik its width, persons
                F_i, g_i  offsets allowed, their cost    M_i, e_i   measures allowed, EUR; credit for an euro spent
    variables   r_ik      persons taken, whole           f_i        persons offset, whole
                m_i       measures credited, EUR         p_i        payment, EUR
    minimise    sum_i ( sum_k c_ik r_ik + g_i f_i + m_i / e_i + p_i )
    subject to  reached[i]:  pi (sum_k r_ik + f_i) + m_i + p_i  >=  pi o_i
                no_more[i]:      sum_k r_ik + f_i               <=  o_i
                0 <= r_ik <= w_ik,   0 <= f_i <= F_i,   0 <= m_i <= M_i,   0 <= p_i

The cost of a choice of r and f in whole persons, all else chosen best, is laminar convex, so a choice that no step of
one person betters is the best of all (Murota, Discrete Convex Analysis, theorem 6.26). `settled` takes those steps in
exact arithmetic from the solver's answer on; for a right answer it takes none but those between equals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from stellwerk.distribution.solidarity.costs import Cost
from stellwerk.distribution.solidarity.pieces import Cuts, pieces, refined
from stellwerk.distribution.solidarity.solver import Answer, solve
from stellwerk.errors import StellwerkError

Indifferent = Literal["takes", "pays"]
Choice = tuple[int, int]  # persons taken, persons offset

STEPS: tuple[Choice, ...] = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, -1), (-1, 1))


class PriceNotPositive(StellwerkError):
    """A price of zero or less: nobody would have to do anything."""


class StateTermsImpossible(StellwerkError):
    """A number of persons or of euros below zero, or measures credited below what they cost."""


@dataclass(frozen=True)
class Debtor:
    """A state that owes: its obligation in persons, its cost net of receipts, and what else counts for it."""

    code: str
    obligation: int
    cost: Cost
    capacity: int
    offsets: int = 0
    offset_cost: Fraction = Fraction(0)
    measures: int = 0
    credit: Fraction = Fraction(1)  # EUR credited for one euro spent on measures

    def __post_init__(self) -> None:
        if min(self.obligation, self.capacity, self.offsets, self.measures) < 0 or self.credit < 1:
            raise StateTermsImpossible(state=self.code)

    @property
    def takes_at_most(self) -> int:
        """The most persons it may take: its capacity, and no more than it owes."""
        return min(self.capacity, self.obligation)

    @property
    def offsets_at_most(self) -> int:
        """The most persons it may have offset."""
        return min(self.offsets, self.obligation)


@dataclass(frozen=True)
class Contribution:
    """What a state contributes at least cost; all amounts in EUR, the cost net of receipts."""

    code: str
    obligation: int
    relocated: int
    offset: int
    measures: Fraction
    paid: Fraction
    cost: Fraction
    break_even: Fraction  # the price at which it would take its next person, or its last one where it takes all


def take_or_pay(debtors: Sequence[Debtor], price: Fraction, indifferent: Indifferent = "takes") -> list[Contribution]:
    """What each state does at least cost, proven; who is indifferent takes or pays as `indifferent` says."""
    _check(price)
    answered = modelled(debtors, price)
    return [
        contribution(debtor, settled(debtor, price, answered[debtor.code], indifferent), price) for debtor in debtors
    ]


def best_response(debtor: Debtor, price: Fraction, indifferent: Indifferent = "takes") -> Contribution:
    """The same for one state without a solver: exact steps from the answer for divisible persons on."""
    _check(price)
    offset = debtor.offsets_at_most if debtor.offset_cost < price else 0
    taken = int(debtor.cost.taken_at(price, min(debtor.takes_at_most, debtor.obligation - offset)))
    return contribution(debtor, settled(debtor, price, (taken, offset), indifferent), price)


def modelled(debtors: Sequence[Debtor], price: Fraction) -> dict[str, Choice]:
    """The solver's answer to the model above: persons taken and persons offset, by state."""
    last: dict[str, Choice] = {}

    if not debtors:
        return last

    def answer(cuts: Mapping[str, Cuts]) -> dict[str, int]:
        answered = solve(state(debtors, price, cuts))
        last.update({debtor.code: _choice(debtor, cuts, answered) for debtor in debtors})
        return {code: taken for code, (taken, _) in last.items()}

    costs = {debtor.code: debtor.cost for debtor in debtors}
    refined(costs, {debtor.code: debtor.takes_at_most for debtor in debtors}, answer)
    return last


def state(debtors: Sequence[Debtor], price: Fraction, cuts: Mapping[str, Cuts]) -> Any:
    """The model above in PuLP's terms, on the cuts given."""
    import pulp  # type: ignore[import-untyped]  # PuLP ships no types

    pi = float(price)
    problem = pulp.LpProblem("take_or_pay", pulp.LpMinimize)
    costs: list[tuple[Any, float]] = []
    reached, no_more = {}, {}
    for debtor in debtors:
        i = debtor.code
        r = [
            (problem.add_variable(f"r_{i}_{k}", 0, width, pulp.LpInteger), cost)
            for k, (width, cost) in enumerate(pieces(debtor.cost, cuts.get(i, ())))
        ]
        f = problem.add_variable(f"f_{i}", 0, debtor.offsets_at_most, pulp.LpInteger)
        m = problem.add_variable(f"m_{i}", 0, debtor.measures)
        p = problem.add_variable(f"p_{i}", 0)
        costs += [*r, (f, float(debtor.offset_cost)), (m, float(1 / debtor.credit)), (p, 1.0)]
        persons = [*(variable for variable, _ in r), f]
        reached[i] = [*((variable, pi) for variable in persons), (m, 1.0), (p, 1.0)]
        no_more[i] = [(variable, 1) for variable in persons]

    problem += pulp.LpAffineExpression(costs)
    for debtor in debtors:
        i = debtor.code
        problem += pulp.LpAffineExpression(reached[i]) >= pi * debtor.obligation, f"reached_{i}"
        problem += pulp.LpAffineExpression(no_more[i]) <= debtor.obligation, f"no_more_{i}"
    return problem


def settled(debtor: Debtor, price: Fraction, start: Choice, indifferent: Indifferent) -> Choice:
    """Step by one person while that costs less, or costs the same and is preferred; no step left proves the optimum."""
    here, rank = start, _rank(debtor, price, start, indifferent)
    while True:
        around = [(here[0] + taken, here[1] + offset) for taken, offset in STEPS]
        ranked = [(_rank(debtor, price, there, indifferent), there) for there in around if _allowed(debtor, there)]
        best, there = min(ranked, default=(rank, here))
        if best >= rank:
            return here
        here, rank = there, best


def contribution(debtor: Debtor, choice: Choice, price: Fraction) -> Contribution:
    """A choice with what it costs and leaves to pay."""
    taken, offset = choice
    open_eur = price * (debtor.obligation - taken - offset)
    measures = min(Fraction(debtor.measures), open_eur) if debtor.credit > 1 else Fraction(0)
    nth = min(taken + 1, debtor.takes_at_most)
    return Contribution(
        code=debtor.code,
        obligation=debtor.obligation,
        relocated=taken,
        offset=offset,
        measures=measures,
        paid=open_eur - measures,
        cost=cost_of(debtor, price, choice),
        break_even=debtor.cost.of_person(max(nth, 1)),
    )


def cost_of(debtor: Debtor, price: Fraction, choice: Choice) -> Fraction:
    """The exact cost of a choice of persons, the open rest covered at least cost."""
    taken, offset = choice
    open_eur = price * (debtor.obligation - taken - offset)
    measures = min(Fraction(debtor.measures), open_eur)
    return debtor.cost.total(taken) + debtor.offset_cost * offset + measures / debtor.credit + open_eur - measures


def _rank(debtor: Debtor, price: Fraction, choice: Choice, indifferent: Indifferent) -> tuple[Fraction, int, int]:
    taken, offset = choice
    preferred = -(taken + offset) if indifferent == "takes" else taken + offset
    return cost_of(debtor, price, choice), preferred, -taken


def _allowed(debtor: Debtor, choice: Choice) -> bool:
    taken, offset = choice
    within = 0 <= taken <= debtor.takes_at_most and 0 <= offset <= debtor.offsets_at_most
    return within and taken + offset <= debtor.obligation


def _choice(debtor: Debtor, cuts: Mapping[str, Cuts], answered: Answer) -> Choice:
    count = max(len(cuts.get(debtor.code, ())) - 1, 0)
    taken = sum(answered.whole(f"r_{debtor.code}_{k}") for k in range(count))
    return taken, answered.whole(f"f_{debtor.code}")


def _check(price: Fraction) -> None:
    if price <= 0:
        raise PriceNotPositive(price=price)
