"""Run a brief: its notebook with checked parameters in a fresh process, then its page, its data, its ledger entry.

In goes an order, out come the page and the data in the output folder, whole or not at all: a failing cell or a full
disk leaves the folder as it was and is reported.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stellwerk.briefs.execution import HTML, Execute, Order, Progress
from stellwerk.briefs.inputs import declared_files, inputs_of
from stellwerk.briefs.kernel import execute_in_kernel
from stellwerk.briefs.ledger import Ledger, LedgerEntry, hash_of_text, run_id, versions_in_use
from stellwerk.briefs.letterhead import letterhead_files, read_letterhead
from stellwerk.briefs.page import Page, make_page
from stellwerk.briefs.parameters import BriefParameters
from stellwerk.briefs.registry import brief_kind, parameters_of
from stellwerk.errors import StellwerkError
from stellwerk.tables import hindrance, whole_folder, write_text

KEY_FIGURES = "headline.csv"  # the file of the numbers a brief opens with
DATA = "data"


class BriefNotWritten(StellwerkError):
    """The results of a brief cannot be written: the disk is full, or writing there is not allowed."""


@dataclass(frozen=True)
class BriefRun:
    """What a run left behind."""

    html: Path
    data_folder: Path
    ledger_entry: LedgerEntry
    exports: tuple[Path, ...] = ()


def run_brief(
    root: Path,
    name: str,
    parameters: Mapping[str, object],
    output: Path,
    progress: Progress | None = None,
    ledger: Path | None = None,
    formats: tuple[str, ...] = (HTML,),
) -> BriefRun:
    """Check the parameters, run the notebook of the brief, write page and data to `output`/`name`, log the run.

    The ledger is `build/ledger.jsonl` of the checkout unless another file is named.
    """
    order = order_for(root, name, parameters_of(name, parameters), output, ledger=ledger, formats=formats)
    return carry_out(order, execute_in_kernel, progress)


def order_for(
    root: Path,
    name: str,
    parameters: BriefParameters,
    output: Path,
    folder: str | None = None,
    ledger: Path | None = None,
    formats: tuple[str, ...] = (HTML,),
) -> Order:
    """The order for a brief of the checkout; its folder is called after the brief unless it has a name of its own."""
    if formats != (HTML,):
        from stellwerk.briefs.export.files import check_formats

        check_formats(formats)
    notebook = brief_kind(name).notebook(root)
    return Order(root, name, notebook, parameters, output, folder or name, ledger or ledger_path(root), formats)


def ledger_path(root: Path) -> Path:
    """Where the ledger of a checkout lies."""
    return root / "build" / "ledger.jsonl"


def carry_out(order: Order, execute: Execute, progress: Progress | None = None) -> BriefRun:
    """Execute the notebook, write page and data, log the run."""
    started, clock = dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), time.monotonic()
    executed = execute(order, progress or (lambda done, total: None))
    params = order.root / "params"
    page = make_page(executed.notebook, order.brief, read_letterhead(params))
    files = [*executed.read, *declared_files(order.parameters, order.root), *letterhead_files(params)]
    html = f"{order.brief}.html"
    outputs = {file: hash_of_text(content) for file, content in sorted(page.files.items())}
    entry = LedgerEntry(
        id=run_id(order.brief, started, order.parameters.as_json),
        brief=order.brief,
        started=started,
        seconds=round(time.monotonic() - clock, 2),
        parameters=order.parameters.as_json,
        seed=order.parameters.as_json.get("seed"),
        rulebooks=page.meta.get("rulebooks", {}),
        inputs=inputs_of(order.root, order.notebook, files),
        versions=versions_in_use(),
        outputs={**outputs, html: hash_of_text(page.html)},
        figures=key_figures(page),
        law=page.meta.get("law", {}),
        title=page.meta["title"],
    )
    with writing_told(order.output):
        folder = write_brief(page, order)
        Ledger(order.ledger, order.root).append(entry)
    exports = tuple(folder / f"{order.brief}.{name}" for name in order.formats if name != HTML)
    return BriefRun(folder / html, folder / DATA, entry, exports)


def write_brief(page: Page, order: Order) -> Path:
    """Write page and data beside the target folder and then put them in its place."""
    order.output.mkdir(parents=True, exist_ok=True)
    target = order.output / order.folder
    names = {DATA, *(f"{order.brief}.{suffix}" for suffix in ("html", "pdf", "docx", "xlsx"))}
    with whole_folder(target, lambda name: name in names) as draft:
        (draft / DATA).mkdir()
        for file, content in sorted(page.files.items()):
            write_text(content, draft / DATA / file)
        html = draft / f"{order.brief}.html"
        write_text(page.html, html)
        if order.formats != (HTML,):
            from stellwerk.briefs.export import export, frames_of  # here, because most runs hand over a page alone

            export(html, frames_of(page.files), order.formats, draft)
    return target


def key_figures(page: Page) -> dict[str, str]:
    """The numbers a brief opens with, by name, as they stand in its data."""
    rows = csv.DictReader(io.StringIO(page.files.get(KEY_FIGURES, "")))
    return {row["id"]: row["value"] for row in rows}


@contextmanager
def writing_told(folder: Path) -> Iterator[None]:
    """What stands against writing, as an error that says so."""
    try:
        yield
    except OSError as problem:
        raise BriefNotWritten(folder=folder.as_posix(), problem=hindrance(problem)) from problem
