"""Do the rows of the child tables belong to cases that can be evaluated, and are the cases' files whole?

In go the tables of a register, each understood by itself; out come the same with what is wrong between them. A case
with a child row in quarantine is held back too: evaluated without that row it would count as a case that has none.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from stellwerk.law.vocabulary import ChildTable
from stellwerk.register.findings import Finding, finding
from stellwerk.register.understood import Understood

_ID, _ROWS = "id", "rows"


def linked(
    cases: Understood, children: Mapping[str, Understood], forms: Mapping[str, ChildTable], key: str
) -> tuple[Understood, dict[str, Understood]]:
    """The cases and the child tables with what is wrong between them; `key` is the attribute that joins them."""
    known = {name: child.with_findings(_of_unknown_cases(cases, child, key)) for name, child in children.items()}
    whole = cases.with_findings(
        [found for name, child in children.items() for found in _of_torn_cases(cases, child, forms[name], key)]
    )
    return whole, {name: child.with_findings(_of_held_cases(whole, child, key)) for name, child in known.items()}


def _of_unknown_cases(cases: Understood, child: Understood, key: str) -> list[Finding]:
    """Child rows whose id no case has."""
    ids = child.values[key]
    unknown = ids.is_not_null() & ~ids.is_in(cases.values[key].drop_nulls().implode())
    return finding(unknown, child.cells[child.header(key)], "row_of_unknown_case", child.header(key))


def _of_torn_cases(cases: Understood, child: Understood, form: ChildTable, key: str) -> list[Finding]:
    """Cases of which a child row is in quarantine for its own sake."""
    bad = child.bad()
    if not bad.len():
        return []
    torn = (
        pl.DataFrame({_ID: child.values[key].gather(bad), _ROWS: (bad + child.first_row).cast(pl.String)})
        .drop_nulls()
        .group_by(_ID, maintain_order=True)
        .agg(pl.col(_ROWS).str.join(", "))
    )
    of_cases = pl.DataFrame({_ID: cases.values[key]}).join(torn, on=_ID, how="left", maintain_order="left")
    rows = of_cases[_ROWS]
    return finding(cases.good() & rows.is_not_null(), rows, "row_with_child_in_quarantine", "", child=form)


def _of_held_cases(cases: Understood, child: Understood, key: str) -> list[Finding]:
    """Child rows, nothing wrong with them, whose case is in quarantine."""
    if not cases.bad().len():
        return []
    sound = cases.values[key].filter(cases.good())
    held = child.good() & ~child.values[key].is_in(sound.implode())
    return finding(held, child.cells[child.header(key)], "row_of_case_in_quarantine", child.header(key))
