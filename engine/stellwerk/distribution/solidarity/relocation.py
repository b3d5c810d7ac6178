"""Which family goes to which state, so that as many as possible go and as many links as possible are kept?

In go families with their links, the places of each state and, where wanted, how many may leave each benefitting state;
out comes who goes where, with a proof. Families alike in size, origin and links are one class, counted.

    sets        g in G    classes of families        i in I    states that take        b in B   states they are in
    data        n_g, k_g  persons of a family, families of the class
                r_i, e_b  places of i, persons who may leave b
                l_gi      link of a family of g to i, whole points from 0 to 100
    variables   x_gi      families of class g that go to i, whole; only where a state takes what the class is
    maximise    1. persons      sum n_g x_gi            2. links   sum n_g l_gi x_gi   at that number of persons
    subject to  once[g]:        sum_i x_gi                <= k_g
                places[i]:      sum_g n_g x_gi            <= r_i
                leave[b]:       sum_(g at b) sum_i n_g x_gi <= e_b

The number of persons comes first, so that no preference cuts it (van Basshuysen 2017). For any prices of places,
origins and of the number reached that are not below zero, `bound` is a number that no plan exceeds; computed in whole
numbers from the relaxed model's prices it proves how far a plan can be from the best.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from stellwerk.distribution.solidarity.solver import Answer, solve
from stellwerk.errors import StellwerkError, nearest

FULL_LINK = 100
PRICE_STEPS = 1000  # prices count in thousandths, so that the bound is exact

Pair = tuple[int, str]


class FamilyRowWrong(StellwerkError):
    """A family without persons, twice in the list, or with a link outside 0 to 100."""


class LinkToUnknownState(StellwerkError):
    """A family is linked to, or stays in, a state that the places do not name."""


class PlanBreaksARule(StellwerkError):
    """A plan that puts more persons somewhere than fit, or a family twice or where it must not go."""


@dataclass(frozen=True)
class Family:
    """A family that stays together: its persons, the state it is in, its links, and where it must not go."""

    family: str
    persons: int
    at: str
    links: tuple[tuple[str, int], ...] = ()
    barred: frozenset[str] = frozenset()
    excluded: bool = False  # security check: may not be relocated at all

    def link(self, state: str) -> int:
        """The strength of its link to a state, 0 to 100."""
        return dict(self.links).get(state, 0)


@dataclass(frozen=True)
class Proof:
    """What a plan reaches, and what no plan can exceed."""

    persons: int
    persons_bound: int
    links: int
    links_bound: int


@dataclass(frozen=True)
class Relocation:
    """Family -> state for all who go, and the proof."""

    went: dict[str, str]
    proof: Proof


@dataclass(frozen=True)
class _Class:
    members: tuple[Family, ...]

    @property
    def one(self) -> Family:
        return self.members[0]


@dataclass(frozen=True)
class _Best:
    chosen: Mapping[Pair, int]
    bound: int


@dataclass(frozen=True)
class _Model:
    classes: Sequence[_Class]
    places: Mapping[str, int]
    leave: Mapping[str, int]
    pairs: Sequence[Pair]


def relocate(
    families: Iterable[Family], places: Mapping[str, int], leave: Mapping[str, int] | None = None
) -> Relocation:
    """Who goes where: most persons first, then most links kept; `leave` limits who may leave each state."""
    found = sorted(families, key=lambda family: family.family)
    origins = {family.at for family in found}
    limits = {at: sum(f.persons for f in found if f.at == at) for at in origins} | dict(leave or {})
    check_families(found, places, limits)
    model = _model(found, places, limits)
    if not model.pairs:
        return Relocation({}, Proof(0, 0, 0, 0))
    number = _best(model, None)
    most = _persons(model, number.chosen)
    links = _best(model, most)
    went = _dealt(model, links.chosen)
    check_plan(found, went, places, limits)
    reached = (_persons(model, links.chosen), _links(model, links.chosen))
    return Relocation(went, Proof(reached[0], number.bound, reached[1], links.bound))


def check_families(families: Sequence[Family], places: Mapping[str, int], leave: Mapping[str, int]) -> None:
    """Refuse what cannot be planned, each with the family's id."""
    seen: set[str] = set()
    known = {*places, *leave}
    for family in families:
        strong = [strength for _, strength in family.links]
        if family.family in seen or family.persons < 1 or any(not 0 <= one <= FULL_LINK for one in strong):
            raise FamilyRowWrong(family=family.family)
        seen.add(family.family)
        for state in [*(code for code, _ in family.links), *family.barred]:
            if state not in known:
                raise LinkToUnknownState(family=family.family, state=state, near=nearest(state, known))


def check_plan(
    families: Sequence[Family], went: Mapping[str, str], places: Mapping[str, int], leave: Mapping[str, int]
) -> None:
    """Count a plan anew from the families alone; any rule it breaks is an error, never a result."""
    by_id = {family.family: family for family in families}
    into: dict[str, int] = defaultdict(int)
    out: dict[str, int] = defaultdict(int)
    for name, state in went.items():
        family = by_id[name]
        if not _may_go(family, state):
            raise PlanBreaksARule(family=name, state=state)
        into[state] += family.persons
        out[family.at] += family.persons
    for counted, limit in ((into, places), (out, leave)):
        for state, persons in counted.items():
            if persons > limit.get(state, 0):
                raise PlanBreaksARule(family="", state=state)


def _may_go(family: Family, state: str) -> bool:
    return not family.excluded and state != family.at and state not in family.barred


def _model(families: Sequence[Family], places: Mapping[str, int], leave: Mapping[str, int]) -> _Model:
    alike: dict[tuple[object, ...], list[Family]] = defaultdict(list)
    for family in families:
        if not family.excluded:
            links = tuple(sorted(link for link in family.links if link[1]))
            alike[family.at, family.persons, links, tuple(sorted(family.barred))].append(family)
    classes = [_Class(tuple(members)) for _, members in sorted(alike.items(), key=lambda item: item[1][0].family)]
    pairs = [
        (g, state)
        for g, group in enumerate(classes)
        for state, free in sorted(places.items())
        if _may_go(group.one, state) and group.one.persons <= free
    ]
    return _Model(classes, places, leave, pairs)


def _stated(model: _Model, at_least: int | None, *, whole: bool) -> Any:
    """The model above in PuLP's terms: the most persons, or with `at_least` persons given the most links."""
    import pulp  # type: ignore[import-untyped]  # PuLP ships no types

    problem = pulp.LpProblem("relocation", pulp.LpMaximize)
    kind = pulp.LpInteger if whole else pulp.LpContinuous
    x = {(g, i): problem.add_variable(f"x_{g}_{i}", 0, None, kind) for g, i in model.pairs}
    n = [group.one.persons for group in model.classes]
    once, places, leave = defaultdict(list), defaultdict(list), defaultdict(list)
    for (g, i), variable in x.items():
        once[g].append((variable, 1))
        places[i].append((variable, n[g]))
        leave[model.classes[g].one.at].append((variable, n[g]))

    persons = pulp.LpAffineExpression([(variable, n[g]) for (g, _), variable in x.items()])
    links = [(variable, n[g] * model.classes[g].one.link(i)) for (g, i), variable in x.items()]
    problem += persons if at_least is None else pulp.LpAffineExpression(links)
    for g, terms in once.items():
        problem += pulp.LpAffineExpression(terms) <= len(model.classes[g].members), f"once_{g}"
    for i, terms in sorted(places.items()):
        problem += pulp.LpAffineExpression(terms) <= model.places[i], f"places_{i}"
    for b, terms in sorted(leave.items()):
        problem += pulp.LpAffineExpression(terms) <= model.leave[b], f"leave_{b}"
    if at_least is not None:
        problem += persons >= at_least, "number"
    return problem


def _rows(model: _Model, at_least: int | None) -> list[str]:
    places = sorted({f"places_{i}" for _, i in model.pairs})
    leave = sorted({f"leave_{model.classes[g].one.at}" for g, _ in model.pairs})
    return [*places, *leave, *([] if at_least is None else ["number"])]


def _best(model: _Model, at_least: int | None) -> _Best:
    """The best whole plan for the number, or for the links with at least that number, and what none can exceed."""
    bound = _bound(model, solve(_stated(model, at_least, whole=False), _rows(model, at_least)), at_least)
    answered = solve(_stated(model, at_least, whole=True), enough=bound)
    return _Best({(g, i): answered.whole(f"x_{g}_{i}") for g, i in model.pairs}, bound)


def _bound(model: _Model, relaxed: Answer, at_least: int | None) -> int:
    """Weak duality: what the prices say the places are worth, and what each class could win beyond them."""
    price = {name: Fraction(round(value * PRICE_STEPS), PRICE_STEPS) for name, value in relaxed.prices.items()}
    number = price.get("number", Fraction(0))
    worth = -number * (at_least or 0)
    worth += sum(price[f"places_{i}"] * model.places[i] for i in {i for _, i in model.pairs})
    worth += sum(price[f"leave_{b}"] * model.leave[b] for b in {model.classes[g].one.at for g, _ in model.pairs})
    best: dict[int, Fraction] = defaultdict(Fraction)
    for g, i in model.pairs:
        one = model.classes[g].one
        value = Fraction(1) if at_least is None else one.link(i) + number
        best[g] = max(best[g], one.persons * (value - price[f"places_{i}"] - price[f"leave_{one.at}"]))
    return int(worth + sum(gain * len(model.classes[g].members) for g, gain in best.items()))


def _persons(model: _Model, chosen: Mapping[Pair, int]) -> int:
    return sum(model.classes[g].one.persons * count for (g, _), count in chosen.items())


def _links(model: _Model, chosen: Mapping[Pair, int]) -> int:
    return sum(model.classes[g].one.persons * model.classes[g].one.link(i) * count for (g, i), count in chosen.items())


def _dealt(model: _Model, chosen: Mapping[Pair, int]) -> dict[str, str]:
    """The families of a class dealt out by their ids to the states in the order of their codes."""
    went: dict[str, str] = {}
    left = {g: iter(group.members) for g, group in enumerate(model.classes)}
    for (g, state), count in sorted(chosen.items()):
        for _ in range(count):
            went[next(left[g]).family] = state
    return went
