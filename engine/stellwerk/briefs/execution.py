"""What is to be executed, what comes back, and how a failing cell is told.

Both ways to execute a notebook, in a kernel (`kernel`) and in a forked process (`forked`), take an `Order` and return
what was `Executed`.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stellwerk.briefs.parameters import BriefParameters
from stellwerk.errors import StellwerkError

Progress = Callable[[int, int], None]
CELL_SECONDS = 900  # a cell that takes longer hangs; the largest measured one takes under 20 s
HTML = "html"


class BriefCellFailed(StellwerkError):
    """A cell of the notebook raised an error."""


class BriefKernelFailed(StellwerkError):
    """The process that ran the cells ended or ran out of time."""


@dataclass(frozen=True)
class Order:
    """One brief to be run: its notebook and checked parameters, and where its results and its entry go.

    The page stands in `output`/`folder`; `executed` names a file for the executed notebook where one is wanted.
    """

    root: Path
    brief: str
    notebook: Path
    parameters: BriefParameters
    output: Path
    folder: str
    ledger: Path
    formats: tuple[str, ...] = (HTML,)
    executed: Path | None = None


@dataclass(frozen=True)
class Executed:
    """An executed notebook, and the files of the checkout that were read for it."""

    notebook: Mapping[str, Any]
    read: tuple[Path, ...]


Execute = Callable[[Order, Progress], Executed]


def papermill() -> Any:
    """Papermill, without the two seconds that an unused part of jsonschema takes to build its grammars."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None makes the import fail, as meant
    return importlib.import_module("papermill")


def cells_of(notebook: Path) -> int:
    """How many cells will run: the code cells and the one that papermill adds for the parameters."""
    cells: list[dict[str, Any]] = json.loads(notebook.read_text("utf-8"))["cells"]
    return sum(1 for cell in cells if cell["cell_type"] == "code") + 1


@contextmanager
def failures_named(order: Order) -> Iterator[None]:
    """What papermill raises, as an error with the brief, the cell and the message."""
    from nbclient.exceptions import DeadKernelError

    try:
        yield
    except papermill().PapermillExecutionError as problem:
        said = {"kind": problem.ename, "problem": problem.evalue}
        raise BriefCellFailed(brief=order.brief, cell=_where(problem), **said) from None
    except (TimeoutError, DeadKernelError) as problem:
        raise BriefKernelFailed(brief=order.brief, problem=str(problem).splitlines()[0]) from None


def _where(problem: Any) -> str:
    """How a reader finds the failing cell: its number and its first line."""
    lines = problem.source.strip().splitlines()
    return f"{problem.exec_count} ({lines[0]})" if lines else str(problem.exec_count)
