"""A case that was tried, as a file of examples: what was told once, and what each rule says of it.

In go facts and determinations; out come the keys of a file that `stellwerk check` runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from stellwerk.evaluate.evidence import NEEDS_FACTS, Determination
from stellwerk.evaluate.examples import Fact
from stellwerk.texts import text


def examples_of(
    told: Sequence[Determination], facts: Mapping[str, Fact], on: dt.date | None, reforms: Sequence[str]
) -> dict[str, Any]:
    """The examples, one a rule; the first holds the facts, the others take them over."""
    given = {"given": {name: _written(value) for name, value in facts.items()}}
    circumstances: dict[str, Any] = {"on": on.isoformat()} if on is not None else {}
    circumstances |= {"reforms": list(reforms)} if reforms else {}
    examples = []
    for found in told:
        head = {"name": found.rule, "rule": found.rule, "source": text("case_source", "de")}
        facts_of = given if found is told[0] else {"like": told[0].rule}
        examples.append({**head, **facts_of, **circumstances, "expect": _expected(found)})
    return {"examples": examples}


def _expected(found: Determination) -> dict[str, Any]:
    expected: dict[str, Any] = {"outcome": found.outcome}
    if found.outcome == NEEDS_FACTS:
        expected["ask_for"] = list(found.ask_for)
    return expected


def _written(value: Fact) -> Any:
    """A fact as an example file writes it."""
    if isinstance(value, list):
        return [{name: _written(cell) for name, cell in row.items() if cell is not None} for row in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value if isinstance(value, bool | int) else str(value)
