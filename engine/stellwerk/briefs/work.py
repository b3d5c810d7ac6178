"""How does one brief of a batch end: with its entry, or with what went wrong and in which cell?

In goes an order and a way to execute it, out comes an `Outcome`; nothing that a brief does stops the others. The
executed notebook of a failed brief is kept, since it shows where and why.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from stellwerk.briefs.execution import Execute, Order
from stellwerk.briefs.ledger import LedgerEntry
from stellwerk.briefs.registry import parameters_of
from stellwerk.briefs.run import carry_out, writing_told
from stellwerk.errors import StellwerkError

STARTED, REFUSED = "started", "refused"  # the first word of a process that is to fork
FAILED = "failed"  # the folder of executed notebooks that ended in an error


@dataclass(frozen=True)
class Failure:
    """What went wrong: the sentence for the reader, and the cell where there is one."""

    message: str
    cell: str = ""


@dataclass(frozen=True)
class Outcome:
    """How one order ended; `number` is its place in the batch."""

    number: int
    entry: LedgerEntry | None
    failure: Failure | None

    def as_json(self) -> dict[str, Any]:
        """As plain data, to be sent from one process to another."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Outcome:
        """Back from plain data."""
        entry, failure = data["entry"], data["failure"]
        return cls(data["number"], entry and LedgerEntry(**entry), failure and Failure(**failure))


def outcome_of(number: int, order: Order, execute: Execute) -> Outcome:
    """Carry out one order of a batch."""
    draft = order.output / f".{order.folder}.ipynb"
    kept = order.output / FAILED / f"{order.folder}.ipynb"
    try:
        with writing_told(order.output):
            order.output.mkdir(parents=True, exist_ok=True)
            run = carry_out(replace(order, executed=draft), execute)
    except StellwerkError as error:
        cell = str(error.details.get("cell", ""))
        if cell:
            _keep(draft, kept)
        return Outcome(number, None, Failure(error.message(), cell))
    except Exception as error:  # a mistake of the program in one brief must not cost the others
        return Outcome(number, None, Failure(f"{type(error).__name__}: {error}"))
    finally:
        draft.unlink(missing_ok=True)
    kept.unlink(missing_ok=True)
    return Outcome(number, run.ledger_entry, None)


def _keep(draft: Path, kept: Path) -> None:
    """Keep the notebook of a failed brief; where even that cannot be written, the failure itself matters more."""
    with contextlib.suppress(OSError):
        kept.parent.mkdir(exist_ok=True)
        draft.replace(kept)


def order_as_json(order: Order) -> dict[str, Any]:
    """An order as plain data."""
    paths = {name: str(getattr(order, name)) for name in ("root", "notebook", "output", "ledger")}
    rest = {"brief": order.brief, "folder": order.folder, "formats": order.formats}
    return {**paths, **rest, "parameters": order.parameters.as_json}


def order_from_json(data: Mapping[str, Any]) -> Order:
    """An order back from plain data."""
    paths: dict[str, Any] = {name: Path(data[name]) for name in ("root", "notebook", "output", "ledger")}
    return Order(
        **paths,
        brief=data["brief"],
        folder=data["folder"],
        formats=tuple(data["formats"]),
        parameters=parameters_of(data["brief"], data["parameters"]),
    )
