"""One process that has everything imported and the law read forks a fresh process for every brief of a batch.

In come orders as lines of JSON on standard input, out go outcomes as lines on standard output. A fork starts where the
imports ended: what a brief does to its process dies with it, and no brief sees another. When standard input ends, the
batch has been given up, and whatever still runs is killed.

Why not a kernel: starting one and importing again takes longer than a small brief. What differs from papermill's own
run is said in docs/briefs.md; everything but the kernel is papermill's.
"""

from __future__ import annotations

import ast
import gc
import importlib
import importlib.util
import json
import os
import re
import selectors
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from stellwerk.briefs.execution import CELL_SECONDS, Executed, Order, Progress, failures_named, papermill
from stellwerk.briefs.inputs import package_digest
from stellwerk.briefs.reads import existing, record_reads
from stellwerk.briefs.work import REFUSED, STARTED, Failure, Outcome, order_from_json, outcome_of
from stellwerk.law.rulebook import law_digest, law_in_force
from stellwerk.texts import catalogue

# What briefs import inside functions; their own imports are read from the notebook.
_ALSO = (
    "pandas", "stellwerk.workbench", "stellwerk.briefs.cells", "stellwerk.briefs.page", "stellwerk.distribution.quota",
    "stellwerk.evaluate.engines", "stellwerk.evaluate.columns", "stellwerk.register.sheets",
)  # fmt: skip
_POOL = re.compile(r"polars-\d|tokio|rayon")  # threads that would be missing in a forked process, and waited for
_CHUNK = 1 << 16


@dataclass
class _Running:
    """A forked process and what it has said so far."""

    number: int
    pid: int
    said: bytearray


def main() -> None:
    """Import, read the law, then fork for each order until there are none."""
    channel = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what cells print at the level of the system goes nowhere
    source = sys.stdin.buffer
    task = json.loads(source.readline())
    root, read = Path(task["root"]), list[str]()
    record_reads(root, read.append)
    _prepare(root, Path(task["notebook"]))
    pools = _pools()
    _say(channel, {REFUSED: pools} if pools else {STARTED: True})
    if not pools:
        _serve(channel, json.loads(source.readline()), task["jobs"], read)


def _prepare(root: Path, notebook: Path) -> None:
    """Import what the cells import and read the law; nothing is computed, so that no thread is started."""
    papermill()
    for name in (*_ALSO, *_imports_of(notebook)):
        importlib.import_module(name)
    nbformat.validate({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})  # compiles its schema once
    catalogue()
    law_in_force(root)
    law_digest(root)
    package_digest()
    gc.collect()
    gc.freeze()  # pages that the collector never touches stay shared among all processes


def _imports_of(notebook: Path) -> Iterator[str]:
    """The modules of the project that the cells of a notebook import."""
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        try:
            tree = ast.parse("".join(cell["source"]))
        except SyntaxError:  # a magic, or a mistake that the cell itself will tell
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("stellwerk"):
                whole = [f"{node.module}.{name.name}" for name in node.names]
                yield from (name for name in whole if importlib.util.find_spec(node.module) and _is_module(name))
                yield node.module


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # the last part is a name inside a module
        return False


def _pools() -> list[str]:
    """The threads of this process that a fork would lose."""
    tasks = Path("/proc/self/task")
    names = [(task / "comm").read_text().strip() for task in tasks.iterdir()]
    return sorted({name for name in names if _POOL.match(name)})


def _serve(channel: int, orders: list[dict[str, Any]], jobs: int, read: list[str]) -> None:
    """Keep `jobs` processes busy until all orders are done or standard input ends."""
    waiting = list(enumerate(orders))[::-1]
    with selectors.DefaultSelector() as heard:
        heard.register(0, selectors.EVENT_READ)
        running = 0
        while waiting or running:
            while waiting and running < jobs:
                end, process = _fork(*waiting.pop(), read)
                heard.register(end, selectors.EVENT_READ, process)
                running += 1
            for key, _ in heard.select():
                if key.data is None:
                    _kill_all(heard)
                    return
                if piece := os.read(key.fd, _CHUNK):
                    key.data.said.extend(piece)
                    continue
                heard.unregister(key.fd)
                os.close(key.fd)
                running -= 1
                _say(channel, _end_of(key.data).as_json())


def _fork(number: int, data: dict[str, Any], read: list[str]) -> tuple[int, _Running]:
    receive, send = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(receive)
        _be_brief(number, data, read, send)
    os.close(send)
    return receive, _Running(number, pid, bytearray())


def _be_brief(number: int, data: dict[str, Any], read: list[str], send: int) -> None:
    """What the forked process does, and nothing after it."""
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        outcome = outcome_of(
            number, order_from_json(data), lambda order, progress: _execute_here(order, progress, read)
        )
        _say(send, outcome.as_json())
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def _execute_here(order: Order, progress: Progress, read: list[str]) -> Executed:
    from stellwerk.briefs import cells

    with failures_named(order):
        executed = papermill().execute_notebook(
            str(order.notebook),
            str(order.executed) if order.executed else None,
            parameters=dict(order.parameters.as_json),
            engine_name=cells.NAME,
            kernel_name=cells.NAME,
            language="python",
            cwd=str(order.root),
            progress_bar=False,
            log_output=False,
            request_save_on_cell_execute=False,
            execution_timeout=CELL_SECONDS,
        )
    return Executed(dict(executed), tuple(existing(order.root, read)))


def _end_of(process: _Running) -> Outcome:
    """What a finished process has said; one that was killed has said nothing whole."""
    _, status = os.waitpid(process.pid, 0)
    try:
        return Outcome.from_json(json.loads(process.said))
    except ValueError:
        code = os.waitstatus_to_exitcode(status)
        reason = signal.Signals(-code).name if code < 0 else f"exit {code}"
        return Outcome(process.number, None, Failure(reason))


def _kill_all(heard: selectors.BaseSelector) -> None:
    for key in list(heard.get_map().values()):
        if key.data is not None:
            os.kill(key.data.pid, signal.SIGKILL)
            os.waitpid(key.data.pid, 0)


def _say(end: int, data: Mapping[str, Any]) -> None:
    line = memoryview((json.dumps(data) + "\n").encode())
    while line:
        line = line[os.write(end, line) :]


if __name__ == "__main__":
    main()
