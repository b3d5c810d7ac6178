"""Families go where they are linked, as many as there are places, whole, never where they must not; with a proof."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.distribution.reference import ReferenceColumnMissing
from stellwerk.distribution.solidarity.relocation import (
    Family,
    FamilyRowWrong,
    LinkToUnknownState,
    PlanBreaksARule,
    Relocation,
    check_plan,
    relocate,
)
from stellwerk.distribution.solidarity.travellers import LinkOfNobody, families_from, plan_frame

TAKING = ("A", "B", "C")


def group(name: str, size: int, link: str = "") -> list[Family]:
    return [Family(f"{name}-{n:03}", 1, "Z", ((link, 100),) if link else ()) for n in range(size)]


GROUPS = [*group("g1", 200, "A"), *group("g2", 500), *group("g3", 100, "B"), *group("g4", 200, "A")]


@pytest.mark.parametrize(("places", "kept"), [({"A": 400, "B": 600}, 500), ({"A": 300, "B": 700}, 400)])
def test_as_many_links_are_kept_as_places_allow(places: dict[str, int], kept: int) -> None:
    plan = relocate(GROUPS, places)
    assert plan.proof.persons == plan.proof.persons_bound == 1_000
    assert plan.proof.links == plan.proof.links_bound == kept * 100


def best_by_trying(families: list[Family], places: dict[str, int], leave: dict[str, int]) -> tuple[int, int]:
    """Most persons, then most links, over every way of sending each family somewhere or nowhere."""
    best = (0, 0)
    for ways in product([None, *places], repeat=len(families)):
        going = [(family, to) for family, to in zip(families, ways, strict=True) if to is not None]
        if any(family.excluded or to in family.barred or to == family.at for family, to in going):
            continue
        into = {state: sum(f.persons for f, to in going if to == state) for state in places}
        out = {state: sum(f.persons for f, _ in going if f.at == state) for state in leave}
        if all(into[s] <= places[s] for s in places) and all(out[s] <= leave[s] for s in leave):
            best = max(best, (sum(into.values()), sum(f.persons * f.link(to) for f, to in going)))
    return best


def family_of(n: int, drawn: tuple[int, str, tuple[int, int, int], bool]) -> Family:
    persons, at, links, excluded = drawn
    named = tuple((state, strength) for state, strength in zip(TAKING, links, strict=True) if strength)
    return Family(f"F{n}", persons, at, named, frozenset({"C"}) if n == 0 else frozenset(), excluded)


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 4), st.sampled_from("YZA"), st.tuples(*[st.sampled_from([0, 0, 40, 100])] * 3), st.booleans()
        ),
        min_size=1, max_size=5,
    ),
    st.tuples(*[st.integers(0, 6)] * 3),
    st.tuples(*[st.integers(0, 9)] * 3),
)  # fmt: skip
def test_no_plan_sends_more_or_keeps_more_links_and_the_bound_holds(
    drawn: list[tuple[int, str, tuple[int, int, int], bool]], free: tuple[int, int, int], out: tuple[int, int, int]
) -> None:
    families = [family_of(n, item) for n, item in enumerate(drawn)]
    places, leave = dict(zip(TAKING, free, strict=True)), dict(zip("YZA", out, strict=True))
    proof = relocate(families, places, leave).proof
    assert (proof.persons, proof.links) == best_by_trying(families, places, leave)
    assert proof.persons <= proof.persons_bound and proof.links <= proof.links_bound


def test_an_excluded_family_and_a_barred_state_stay_out_of_the_plan() -> None:
    families = [
        Family("F1", 2, "Z", (("A", 100),), excluded=True),
        Family("F2", 3, "Z", (("A", 100),), barred=frozenset({"A"})),
    ]
    plan = relocate(families, {"A": 9, "B": 9})
    assert plan.went == {"F2": "B"}


def test_no_more_persons_leave_a_state_than_its_part() -> None:
    families = [Family(f"F{n}", 1, "Y" if n < 5 else "Z") for n in range(10)]
    plan = relocate(families, {"A": 10}, {"Y": 2, "Z": 3})
    assert plan.proof.persons == 5


def test_the_order_of_the_families_does_not_matter() -> None:
    assert relocate(GROUPS, {"A": 300, "B": 700}) == relocate(GROUPS[::-1], {"B": 700, "A": 300})


def test_nobody_waiting_or_no_place_is_an_empty_plan() -> None:
    assert relocate([], {"A": 5}).went == {}
    assert relocate(GROUPS, {"A": 0, "B": 0}).went == {}


@pytest.mark.parametrize(
    "went", [{"F1": "A", "F2": "A"}, {"F1": "B"}, {"F2": "Z"}], ids=["too many", "barred", "where it is"]
)
def test_a_plan_that_breaks_a_rule_is_found_out(went: dict[str, str]) -> None:
    families = [Family("F1", 2, "Z", barred=frozenset({"B"})), Family("F2", 2, "Z")]
    with pytest.raises(PlanBreaksARule):
        check_plan(families, went, {"A": 3, "B": 9, "Z": 9}, {"Z": 9})


def test_families_twice_without_persons_or_with_unknown_states_are_refused() -> None:
    with pytest.raises(FamilyRowWrong, match="F1"):
        relocate([Family("F1", 1, "Z"), Family("F1", 1, "Z")], {"A": 1})
    with pytest.raises(FamilyRowWrong, match="F2"):
        relocate([Family("F2", 0, "Z")], {"A": 1})
    with pytest.raises(LinkToUnknownState, match="QQ"):
        relocate([Family("F3", 1, "Z", (("QQ", 100),))], {"A": 1})


# --- tables in and out ---------------------------------------------------------------------------------------------

WAITING = pl.DataFrame(
    {"family_id": ["F1", "F2"], "persons": ["3", "1"], "state": ["IT", "GR"], "excluded": ["", "ja"]}
)
LINKS = pl.DataFrame({"family_id": ["F1"], "state": ["DE"], "strength": ["80"]})


def test_tables_of_families_and_links_become_a_plan() -> None:
    families = families_from(WAITING, LINKS)
    assert plan_frame(families, relocate(families, {"DE": 3, "FR": 9})).rows() == [
        ("F1", 3, "IT", "DE", 80), ("F2", 1, "GR", None, None),
    ]  # fmt: skip


def test_a_link_without_strength_counts_in_full() -> None:
    families = families_from(WAITING, LINKS.drop("strength"))
    assert families[0].links == (("DE", 100),)


@pytest.mark.parametrize(("column", "cell"), [("persons", "drei"), ("excluded", "vielleicht"), ("state", "")], ids=str)
def test_a_cell_that_says_nothing_clear_names_its_family(column: str, cell: str) -> None:
    with pytest.raises(FamilyRowWrong, match="F1"):
        families_from(WAITING.with_columns(pl.lit(cell).alias(column)))


def test_a_missing_column_and_a_link_of_nobody_are_refused() -> None:
    with pytest.raises(ReferenceColumnMissing, match="persons"):
        families_from(WAITING.rename({"persons": "person"}))
    with pytest.raises(LinkOfNobody, match="F1"):
        families_from(WAITING, LINKS.with_columns(pl.lit("F11").alias("family_id")))


def test_points_count_persons_times_strength() -> None:
    plan: Relocation = relocate([Family("F1", 4, "Z", (("A", 50),))], {"A": 4})
    assert plan.proof.links == Fraction(200)
