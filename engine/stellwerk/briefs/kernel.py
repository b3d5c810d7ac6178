"""How is a notebook executed in a fresh Jupyter kernel of this very Python, as the stock papermill command does?

In goes an order, out comes the executed notebook and the files of the checkout that its kernel read. A failing cell is
an error that names the cell by its number and its first line.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stellwerk.briefs.execution import CELL_SECONDS, Executed, Order, Progress, cells_of, failures_named, papermill
from stellwerk.briefs.reads import READS, ROOT, existing

KERNEL = "stellwerk"
_START_SECONDS = 120  # a kernel starts within 2 s on a quiet machine; a loaded one may need far longer


def execute_in_kernel(order: Order, progress: Progress) -> Executed:
    """The notebook with its outputs, run from the checkout in a kernel of its own."""
    total = cells_of(order.notebook)
    done = iter(range(1, total + 1))
    with _own_kernel(order.root) as folder, failures_named(order):
        executed = papermill().execute_notebook(
            str(order.notebook),
            str(order.executed) if order.executed else None,
            parameters=dict(order.parameters.as_json),
            kernel_name=KERNEL,
            language="python",
            cwd=str(order.root),
            progress_bar=False,
            log_output=False,
            request_save_on_cell_execute=False,
            start_timeout=_START_SECONDS,
            execution_timeout=CELL_SECONDS,
            kernel_manager_class=_manager_class(folder),
            on_cell_executed=lambda **_: progress(next(done, total), total),
        )
        read = (folder / "reads").read_text(encoding="utf-8").splitlines()
    return Executed(dict(executed), tuple(existing(order.root, read)))


def _manager_class(folder: Path) -> Any:
    """A kernel manager that talks through a socket of its own folder, so that runs side by side do not meet."""
    from jupyter_client.manager import AsyncKernelManager
    from traitlets import Unicode

    class OwnSocket(AsyncKernelManager):
        transport = Unicode("ipc")
        ip = Unicode(str(folder / "socket"))

    return OwnSocket


@contextmanager
def _own_kernel(root: Path) -> Iterator[Path]:
    """A kernel specification for this Python in a folder of its own, away from the user's settings."""
    with tempfile.TemporaryDirectory(prefix="stellwerk-") as name:
        folder = Path(name)
        specification = {
            "argv": [sys.executable, "-m", "stellwerk.briefs.kernel_process", "-f", "{connection_file}"],
            "display_name": "Stellwerk",
            "language": "python",
            "env": {"PYTHONHASHSEED": "0", ROOT: str(root), READS: str(folder / "reads")},
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
