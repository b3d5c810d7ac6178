"""Small counts stay small secrets: an attacker who knows every shown count, every sum and the rule learns none."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from stellwerk.briefs.secrecy import Hidden, Sum, protect, protect_column, protect_count, protect_table

COUNT = st.sampled_from([0, 0, 1, 1, 2, 3, 4, 7, 12, 40])


def learned(counts, sums, limit, shown):
    """The small counts that an attacker with a solver finds out: those that no other table could hold."""
    return [cell for cell in counts if 0 < counts[cell] < limit and not _other_table(counts, sums, limit, shown, cell)]


def _other_table(counts, sums, limit, shown, cell):
    index = {name: position for position, name in enumerate(counts)}
    rows = np.zeros((len(sums), len(counts)))
    for row, line in enumerate(sums):
        rows[row, index[line.total]] = 1
        rows[row, [index[part] for part in line.parts]] -= 1
    span = {Hidden.SMALL: (1, limit - 1), Hidden.BLOCKED: (0, 10**6)}
    bounds = np.array([span.get(shown[name], (shown[name],) * 2) for name in counts], dtype=float)
    for side, end in ((1, counts[cell] - 1), (0, counts[cell] + 1)):  # one number other than the count itself
        narrowed = bounds.copy()
        narrowed[index[cell], side] = end
        if (narrowed[:, 0] <= narrowed[:, 1]).all() and _has_table(rows, narrowed):
            return True
    return False


def _has_table(rows, bounds):
    whole = np.ones(rows.shape[1])
    return milp(
        0 * whole, integrality=whole, bounds=Bounds(*bounds.T), constraints=LinearConstraint(rows, 0, 0)
    ).success


@st.composite
def linked_tables(draw):
    """Two tables with sums across and down, and the sums of their columns added up in a third."""
    height, width = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    counts, sums = {}, []
    for table in "ab":
        for row, column in itertools.product(range(height), range(width)):
            counts[table, row, column] = draw(COUNT)
        for row in range(height):
            _add(counts, sums, (table, row, "sum"), [(table, row, column) for column in range(width)])
        for column in range(width):
            _add(counts, sums, (table, "sum", column), [(table, row, column) for row in range(height)])
    for column in range(width):
        _add(counts, sums, ("both", column), [("a", "sum", column), ("b", "sum", column)])
    return counts, sums


def _add(counts, sums, total, parts):
    counts[total] = sum(counts[part] for part in parts)
    sums.append(Sum(total, tuple(parts)))


@settings(max_examples=40)
@given(linked_tables(), st.integers(2, 5))
def test_nobody_learns_a_small_count_from_tables_that_share_totals(linked, limit):
    counts, sums = linked
    shown = protect(counts, sums, limit)
    assert learned(counts, sums, limit, shown) == []
    for cell, count in counts.items():
        assert isinstance(shown[cell], Hidden) or shown[cell] == count
        assert isinstance(shown[cell], Hidden) or not 0 < count < limit


def test_tables_protected_one_by_one_give_away_what_tables_protected_together_keep():
    """Each alone hides one of its two small counts behind a sum; the sums shared by both tell the difference."""
    counts = {"a1": 1, "a2": 6, "b1": 9, "b2": 4}
    sums = []
    _add(counts, sums, "a", ["a1", "a2"])
    _add(counts, sums, "first", ["a1", "b1"])
    alone = {**protect(counts, sums[:1], 3), "first": 10, "b1": 9}
    assert learned(counts, sums, 3, alone) == ["a1"]
    assert learned(counts, sums, 3, protect(counts, sums, 3)) == []


def test_two_ones_and_their_sum_are_not_told_by_being_called_small():
    assert Hidden.BLOCKED in protect_column([1, 1], 3)


def test_the_same_number_in_two_tables_is_hidden_in_both():
    counts = {"here": 1, "there": 1, "rest": 8, "all": 9}
    shown = protect(counts, [Sum("here", ("there",)), Sum("all", ("there", "rest"))], 3)
    assert isinstance(shown["here"], Hidden) and isinstance(shown["there"], Hidden)
    assert learned(counts, [Sum("here", ("there",)), Sum("all", ("there", "rest"))], 3, shown) == []


def test_nothing_is_hidden_where_nothing_is_small():
    assert protect_table([[5, 0], [7, 9]], 3) == [[5, 0, 5], [7, 9, 16], [12, 9, 21]]


def test_a_limit_of_two_does_not_say_that_a_count_is_one():
    assert protect_count(1, 2) is Hidden.BLOCKED


def test_hiding_is_the_same_each_time():
    table = [[n * m % 5 for n in range(4)] for m in range(30)]
    assert protect_table(table, 3) == protect_table(table, 3)
