"""How is a case on which engines differ kept as an example beside the rule?

In go the facts of such cases and what the rule says of them. Out comes the text of a `*.cases.yaml` file, which
`stellwerk check` reads and runs.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from stellwerk.audit.shrinking import Facts
from stellwerk.law.provision import VALUE_NAMES

Answer = Mapping[str, object]  # outcome, values, version, met, unknown, ask_for: what an engine says of one case


@dataclass(frozen=True)
class Witness:
    """A case with what was expected of a rule and what an engine said instead."""

    name: str
    rule: str
    source: str
    facts: Facts
    on: dt.date | None
    reforms: tuple[str, ...]
    expected: Answer
    found: Answer


def as_examples(witnesses: Sequence[Witness]) -> str:
    """The witnesses as the text of a file of examples."""
    return "examples:\n" + "".join(_entry(witness) for witness in witnesses)


def _entry(witness: Witness) -> str:
    lines = [f"  - name: {_text(witness.name)}", f"    rule: {witness.rule}", f"    source: {_text(witness.source)}"]
    if witness.on is not None:
        lines.append(f"    on: {witness.on.isoformat()}")
    if witness.reforms:
        lines.append(f"    reforms: [{', '.join(witness.reforms)}]")
    lines.append("    given:" if witness.facts else "    given: {}")
    for name, value in witness.facts.items():
        if isinstance(value, list) and value:
            lines += [f"      {name}:", *(f"        - {_row(row)}" for row in value)]
        else:
            lines.append(f"      {name}: {_cell(value)}")
    lines.append(f"    expect: {{{', '.join(_expected(witness.expected))}}}")
    return "\n".join(lines) + "\n"


def _expected(answer: Answer) -> list[str]:
    """What the file of examples can hold of an answer; a value that is not given is not written."""
    parts = [f"outcome: {answer['outcome']}"]
    parts += [f"{name}: {_cell(answer[name])}" for name in VALUE_NAMES if answer.get(name) is not None]
    if answer.get("ask_for"):
        parts.append(f"ask_for: [{answer['ask_for']}]")
    return parts


def _row(row: Mapping[str, object]) -> str:
    return f"{{{', '.join(f'{name}: {_cell(value)}' for name, value in row.items())}}}"


def _cell(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return f'"{value.normalize():f}"'
        case dt.date():
            return value.isoformat()
        case []:
            return "[]"
        case _:
            return _text(str(value))


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
