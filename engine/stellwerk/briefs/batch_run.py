"""Run a batch: what is unchanged is left, the rest is run in processes of its own, an index tells of all.

In goes a batch and a folder, out comes what was run, what was left and what failed. A brief that fails stops no other.
An interrupt stops the batch between two briefs as far as results are concerned: each is written whole or not at all,
and the next run with `resume` goes on where this one ended.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stellwerk.briefs.batch import Batch, Wanted
from stellwerk.briefs.execution import HTML, Order
from stellwerk.briefs.index import IndexEntry, write_index
from stellwerk.briefs.inputs import InputsNow
from stellwerk.briefs.ledger import Ledger, LedgerEntry, hash_of_file
from stellwerk.briefs.run import DATA, order_for, writing_told
from stellwerk.briefs.work import Failure
from stellwerk.briefs.workers import outcomes
from stellwerk.errors import StellwerkError

if sys.platform != "win32":
    import fcntl

Progress = Callable[[int, int], None]


class OutputInUse(StellwerkError):
    """Another batch is writing to this folder."""


@dataclass(frozen=True)
class Manner:
    """How a batch is run: in how many processes of which kind, into which formats, and whether it goes on."""

    jobs: int
    isolation: str
    formats: tuple[str, ...] = (HTML,)
    resume: bool = False


@dataclass
class BatchRun:
    """What became of a batch; entries and failures by the place of their set in the batch, from 0."""

    index: Path
    batch: Batch
    ran: dict[int, LedgerEntry] = field(default_factory=dict)
    left: dict[int, LedgerEntry] = field(default_factory=dict)
    failed: dict[int, Failure] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def missing(self) -> int:
        """How many briefs neither ended well nor failed: those an interrupt has kept from running."""
        return len(self.batch.wanted) - len(self.ran) - len(self.left) - len(self.failed)


def run_batch(
    root: Path, batch: Batch, output: Path, manner: Manner, progress: Progress, ledger: Path | None = None
) -> BatchRun:
    """Run the briefs of a batch into `output`, one folder each, with an index page."""
    orders = [_order(root, batch.brief, wanted, output, manner.formats, ledger) for wanted in batch.wanted]
    run = BatchRun(output / "index.html", batch)
    with writing_told(output):
        output.mkdir(parents=True, exist_ok=True)
    with _alone_in(output):
        _sweep(output, orders)
        if manner.resume:
            run.left = _unchanged(orders)
        todo = [number for number in range(len(orders)) if number not in run.left]
        progress(len(run.left), len(orders))
        try:
            with closing(outcomes([orders[number] for number in todo], manner.jobs, manner.isolation)) as ended:
                for outcome in ended:
                    _note(run, todo[outcome.number], outcome.entry, outcome.failure)
                    progress(len(run.left) + len(run.ran) + len(run.failed), len(orders))
        except KeyboardInterrupt:
            run.interrupted = True
        _sweep(output, orders)
        with writing_told(output):
            write_index(run.index, batch, _index_entries(run))
    return run


def _order(
    root: Path, brief: str, wanted: Wanted, output: Path, formats: tuple[str, ...], ledger: Path | None
) -> Order:
    return order_for(root, brief, wanted.parameters, output.resolve(), wanted.folder, ledger, formats)


def _note(run: BatchRun, number: int, entry: LedgerEntry | None, failure: Failure | None) -> None:
    if entry is not None:
        run.ran[number] = entry
    if failure is not None:
        run.failed[number] = failure


def _unchanged(orders: Sequence[Order]) -> dict[int, LedgerEntry]:
    """The orders of which the ledger has a run whose inputs and outputs are all as they were."""
    if not orders:
        return {}
    first = orders[0]
    runs: dict[str, list[LedgerEntry]] = {}
    for entry in Ledger(first.ledger, first.root).entries():
        runs.setdefault(_key(entry.brief, entry.parameters), []).append(entry)
    state, found = InputsNow(first.root), {}
    for number, order in enumerate(orders):
        known = runs.get(_key(order.brief, order.parameters.as_json), [])
        same = next((e for e in reversed(known) if not state.changed(e) and _has_outputs(order, e)), None)
        if same is not None:
            found[number] = same
    return found


def _key(brief: str, parameters: Mapping[str, object]) -> str:
    return json.dumps([brief, parameters], sort_keys=True)


def _has_outputs(order: Order, entry: LedgerEntry) -> bool:
    """Whether the folder holds what the run wrote, byte for byte, and the further formats that are wanted."""
    folder, page = order.output / order.folder, f"{order.brief}.html"
    paths = {name: folder / name if name == page else folder / DATA / name for name in entry.outputs}
    further = [folder / f"{order.brief}.{name}" for name in order.formats]
    return all(path.is_file() for path in (*paths.values(), *further)) and all(
        hash_of_file(paths[name]) == digest for name, digest in entry.outputs.items()
    )


def _index_entries(run: BatchRun) -> Iterator[IndexEntry]:
    for number, wanted in enumerate(run.batch.wanted):
        entry = run.ran.get(number) or run.left.get(number)
        yield IndexEntry(wanted.folder, wanted.varied, entry, run.failed.get(number))


@contextmanager
def _alone_in(output: Path) -> Iterator[None]:
    """The folder for this batch alone; the lock ends with the process, however it ends."""
    if sys.platform == "win32":
        yield
        return
    handle = os.open(output, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise OutputInUse(folder=output.as_posix()) from None
    try:
        yield
    finally:
        os.close(handle)


def _sweep(output: Path, orders: Sequence[Order]) -> None:
    """Take away the drafts of processes that were killed; they begin with a dot and the name of one of our folders."""
    ours = {order.folder for order in orders} | {"index.html", "index.csv"}
    for path in output.glob(".*"):
        if any(path.name.startswith(f".{name}.") for name in _beginnings(path.name) if name in ours):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _beginnings(name: str) -> Iterator[str]:
    """What may stand between the first dot of a draft's name and one of the later ones."""
    parts = name[1:].split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts)))
