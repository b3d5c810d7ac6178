"""Run a brief: its notebook with checked parameters in a fresh kernel, then its page, its data, its ledger entry.

In goes the checkout, the brief's name and its parameters, out come the page and the data in the output folder, whole
or not at all: a failing cell leaves the folder as it was and is reported by its heading and its message.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stellwerk.briefs.ledger import Ledger, LedgerEntry, hash_of_files, hash_of_text, run_id, versions_in_use
from stellwerk.briefs.page import Page, make_page
from stellwerk.briefs.parameters import BriefParameters
from stellwerk.briefs.registry import parameters_of
from stellwerk.errors import StellwerkError
from stellwerk.tables import write_text

Progress = Callable[[int, int], None]

KERNEL = "stellwerk"
CELL_SECONDS = 900  # a cell that takes longer hangs; the largest measured one takes under 20 s
_START_SECONDS = 120  # a kernel starts within 2 s on a quiet machine; a loaded one may need far longer


class BriefCellFailed(StellwerkError):
    """A cell of the notebook raised an error."""


@dataclass(frozen=True)
class BriefRun:
    """What a run left behind."""

    html: Path
    data_folder: Path
    ledger_entry: LedgerEntry


def run_brief(
    root: Path,
    name: str,
    parameters: Mapping[str, object],
    output: Path,
    progress: Progress | None = None,
    ledger: Path | None = None,
) -> BriefRun:
    """Check the parameters, run the notebook of the brief, write page and data to `output`/`name`, log the run.

    The ledger is `build/ledger.jsonl` of the checkout unless another file is named.
    """
    checked = parameters_of(name, parameters)
    return run_notebook(root, name, root / "notebooks" / "briefs" / f"{name}.ipynb", checked, output, progress, ledger)


def run_notebook(
    root: Path,
    name: str,
    notebook: Path,
    parameters: BriefParameters,
    output: Path,
    progress: Progress | None = None,
    ledger: Path | None = None,
) -> BriefRun:
    """The same for a notebook at any place and parameters already checked."""
    started, clock = dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), time.monotonic()
    inputs = hash_of_files([notebook, *(path for path in (root / "params").rglob("*") if path.is_file())], root)
    executed = execute(notebook, parameters.as_json, root, name, progress or (lambda done, total: None))
    page = make_page(executed, name)
    outputs = {file: hash_of_text(content) for file, content in sorted(page.files.items())}
    folder = write_brief(page, name, output)
    entry = LedgerEntry(
        id=run_id(name, started, parameters.as_json),
        brief=name,
        started=started,
        seconds=round(time.monotonic() - clock, 2),
        parameters=parameters.as_json,
        seed=parameters.as_json.get("seed"),
        rulebooks=page.meta.get("rulebooks", {}),
        inputs=inputs,
        versions=versions_in_use(),
        outputs={**outputs, f"{name}.html": hash_of_text(page.html)},
    )
    Ledger(ledger or root / "build" / "ledger.jsonl", root).append(entry)
    return BriefRun(folder / f"{name}.html", folder / "data", entry)


def write_brief(page: Page, name: str, output: Path) -> Path:
    """Write page and data beside the target folder and then put them in its place."""
    output.mkdir(parents=True, exist_ok=True)
    target = output / name
    draft = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=output))
    try:
        (draft / "data").mkdir()
        for file, content in sorted(page.files.items()):
            write_text(content, draft / "data" / file)
        write_text(page.html, draft / f"{name}.html")
        draft.chmod(0o755)
        if target.exists():
            target.rename(draft / ".before")
        draft.rename(target)
        shutil.rmtree(target / ".before", ignore_errors=True)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def execute(
    notebook: Path, parameters: Mapping[str, Any], root: Path, brief: str, progress: Progress
) -> dict[str, Any]:
    """The notebook with its outputs, run from `root` in a fresh kernel of this very Python."""
    with _own_kernel() as folder:
        papermill = _papermill()
        total = sum(cell["cell_type"] == "code" for cell in json.loads(notebook.read_text("utf-8"))["cells"]) + 1
        done = iter(range(1, total + 1))
        try:
            executed = papermill.execute_notebook(
                str(notebook),
                None,
                parameters=dict(parameters),
                kernel_name=KERNEL,
                language="python",
                cwd=str(root),
                progress_bar=False,
                log_output=False,
                start_timeout=_START_SECONDS,
                execution_timeout=CELL_SECONDS,
                kernel_manager_class=_manager_class(folder),
                on_cell_executed=lambda **_: progress(next(done, total), total),
            )
        except papermill.PapermillExecutionError as problem:
            raise BriefCellFailed(
                brief=brief, cell=_where(problem), kind=problem.ename, problem=problem.evalue
            ) from None
        return dict(executed)


def _where(problem: Any) -> str:
    """How a reader finds the failing cell: its number and its first line."""
    lines = problem.source.strip().splitlines()
    return f"{problem.exec_count} ({lines[0]})" if lines else str(problem.exec_count)


def _papermill() -> Any:
    """Papermill, without the two seconds that an unused part of jsonschema takes to build its grammars."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None makes the import fail, as meant
    return importlib.import_module("papermill")


def _manager_class(folder: Path) -> Any:
    """A kernel manager that talks through a socket of its own folder, so that runs side by side do not meet."""
    from jupyter_client.manager import AsyncKernelManager
    from traitlets import Unicode

    class OwnSocket(AsyncKernelManager):
        transport = Unicode("ipc")
        ip = Unicode(str(folder / "socket"))

    return OwnSocket


@contextmanager
def _own_kernel() -> Iterator[Path]:
    """A kernel specification for this Python in a folder of its own, away from the user's settings."""
    with tempfile.TemporaryDirectory(prefix="stellwerk-") as name:
        folder = Path(name)
        specification = {
            "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": "Stellwerk",
            "language": "python",
            "env": {"PYTHONHASHSEED": "0"},
        }
        (folder / "kernels" / KERNEL).mkdir(parents=True)
        (folder / "kernels" / KERNEL / "kernel.json").write_text(json.dumps(specification), encoding="utf-8")
        own = {
            "JUPYTER_PATH": name,
            "JUPYTER_RUNTIME_DIR": f"{name}/runtime",
            "IPYTHONDIR": f"{name}/ipython",
            "JUPYTER_PLATFORM_DIRS": "1",
        }
        before = {key: os.environ.get(key) for key in own}
        os.environ.update(own)
        try:
            yield folder
        finally:
            for key, value in before.items():
                if value is None:
                    del os.environ[key]
                else:
                    os.environ[key] = value
