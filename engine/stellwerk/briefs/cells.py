"""How are the cells of a notebook executed in this very process, with the outputs a kernel would give?

In goes a notebook that papermill has parameterised, out it comes with numbered cells, streams, results, displays and
errors. It is an engine of papermill: everything but the kernel is papermill's own. One process executes one notebook.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import nbformat
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.history import HistoryManager
from IPython.core.interactiveshell import InteractiveShell
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from traitlets import Any as AnyTrait

NAME = "stellwerk"


class CellTooSlow(TimeoutError):
    """A cell has used up its time."""


_output: Callable[..., Any] = nbformat.v4.new_output


class Outputs(list[Any]):
    """The outputs of one cell, in their order; text of one stream that follows itself is one output."""

    def stream(self, name: str, content: str) -> None:
        """Text printed to stdout or stderr."""
        if self and self[-1].output_type == "stream" and self[-1].name == name:
            self[-1].text += content
        else:
            self.append(_output("stream", name=name, text=content))


class _Stream:
    """What stands in for stdout or stderr while cells run."""

    encoding, errors = "utf-8", "strict"

    def __init__(self, name: str, shell: _Shell) -> None:
        self.name = name
        self._shell = shell

    def write(self, content: str) -> int:
        if content:
            self._shell.outputs.stream(self.name, content)
        return len(content)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing waits."""

    def isatty(self) -> bool:
        return False


class _Results(DisplayHook):
    """The value of a cell's last line becomes a result."""

    shell: Any

    def __call__(self, result: Any = None) -> None:
        if result is None or self.quiet():  # type: ignore[no-untyped-call]
            return
        data, metadata = self.compute_format_data(result)  # type: ignore[no-untyped-call]
        self.update_user_ns(result)  # type: ignore[no-untyped-call]
        output = _output("execute_result", data, metadata=metadata)
        output.execution_count = self.shell.execution_count
        self.shell.outputs.append(output)


class _Displays(DisplayPublisher):
    """What a cell displays becomes an output."""

    shell: Any

    def publish(self, data: Any, metadata: Any = None, *_: Any, **__: Any) -> None:
        self.shell.outputs.append(_output("display_data", data, metadata=metadata or {}))

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear()


class _Shell(InteractiveShell):
    """IPython without a terminal, a history file or a kernel around it."""

    displayhook_class = AnyTrait(_Results)
    display_pub_class = AnyTrait(_Displays)
    outputs: Outputs = Outputs()

    def init_history(self) -> None:
        self.history_manager = HistoryManager(shell=self, parent=self, enabled=False)

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        name, said = str(etype.__name__), str(evalue)
        self.outputs.append(_output("error", ename=name, evalue=said, traceback=stb))


class InThisProcess(Engine):  # type: ignore[misc]  # papermill has no types
    """Executes cells here instead of in a kernel."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        execution_timeout: int = 0,
        on_cell_executed: Callable[..., None] = lambda **_: None,
        **_: Any,
    ) -> None:
        """Run the cells one after another, up to the first that fails."""
        shell = _Shell.instance()
        with _streams(shell):
            for index, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, index)
                failed = cell.cell_type == "code" and _fails(shell, cell, execution_timeout)
                if failed:
                    nb_man.cell_exception(cell, cell_index=index)
                nb_man.cell_complete(cell, cell_index=index)
                if failed:
                    break
                if cell.cell_type == "code":
                    on_cell_executed()
        nb_man.nb.metadata["language_info"] = {"name": "python"}


papermill_engines.register(NAME, InThisProcess)


def _fails(shell: _Shell, cell: Any, seconds: int) -> bool:
    """Run one cell and hand it its outputs; whether it ended in an error."""
    shell.outputs = Outputs()
    cell.execution_count = shell.execution_count
    with _alarm(seconds):
        done = shell.run_cell(cell.source, store_history=True)  # type: ignore[no-untyped-call]
    cell.outputs = list(shell.outputs)
    return not done.success


@contextmanager
def _streams(shell: _Shell) -> Iterator[None]:
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Stream("stdout", shell), _Stream("stderr", shell)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


@contextmanager
def _alarm(seconds: int) -> Iterator[None]:
    """Raise in the cell when its time is up; only a main thread can be woken."""
    if not seconds or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: object) -> None:
        raise CellTooSlow(f"{seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
