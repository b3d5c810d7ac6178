"""Who executes the briefs of a batch, several at a time, each in a process of its own?

In go orders, out come their outcomes as they end. `forked` processes start with everything imported; Jupyter `kernel`s
start anew each time, need no fork and are what the stock papermill command uses. Both give the same pages and data.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import IO

from stellwerk.briefs.execution import Order
from stellwerk.briefs.work import REFUSED, Failure, Outcome, order_as_json
from stellwerk.errors import StellwerkError, nearest

FORK, KERNEL = "fork", "kernel"
ISOLATIONS = (FORK, KERNEL)
_WAIT_SECONDS = 30  # for processes that have been told to stop
_SETTINGS = {
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "POLARS_MAX_THREADS"), "1"),  # one core a brief
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # as a kernel sets it
}


class UnknownIsolation(StellwerkError):
    """No such way to keep briefs apart."""


class WorkersEnded(StellwerkError):
    """The process that forks the briefs ended before all were done."""


class CannotFork(StellwerkError):
    """The process to be forked runs threads that its copies would lack."""


def usual_isolation() -> str:
    """Forked processes where forking is safe, kernels elsewhere."""
    return FORK if sys.platform == "linux" else KERNEL


def usual_jobs() -> int:
    """As many processes as there are cores for this one."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def outcomes(orders: Sequence[Order], jobs: int, isolation: str) -> Generator[Outcome, None, None]:
    """The outcomes of all orders, in the order of their ends."""
    if isolation not in ISOLATIONS:
        raise UnknownIsolation(isolation=isolation, near=nearest(isolation, ISOLATIONS), known=ISOLATIONS)
    if orders:
        yield from _forked(orders, jobs) if isolation == FORK else _with_kernels(orders, jobs)


def _forked(orders: Sequence[Order], jobs: int) -> Generator[Outcome, None, None]:
    first = orders[0]
    settings = {**os.environ, **_SETTINGS}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "stellwerk.briefs.forked"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            env=settings,
            cwd=first.root,
            start_new_session=True,  # an interrupt at the terminal reaches this process, which then stops the others
        )
        assert process.stdin is not None and process.stdout is not None
        try:
            task = {"root": str(first.root), "notebook": str(first.notebook), "jobs": jobs}
            _tell(process.stdin, task)
            answer = json.loads(process.stdout.readline() or "null")
            if answer is None:
                raise WorkersEnded(said=_last_line(said))
            if REFUSED in answer:
                raise CannotFork(threads=answer[REFUSED], instead=KERNEL)
            _tell(process.stdin, [order_as_json(order) for order in orders])
            for _ in orders:
                line = process.stdout.readline()
                if not line:
                    raise WorkersEnded(said=_last_line(said))
                yield Outcome.from_json(json.loads(line))
        finally:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()  # the sign to stop, heard also where this process is killed
            process.stdout.close()
            process.wait(_WAIT_SECONDS)


def _with_kernels(orders: Sequence[Order], jobs: int) -> Generator[Outcome, None, None]:
    running: set[subprocess.Popen[str]] = set()
    pool = ThreadPoolExecutor(jobs)
    futures = [pool.submit(_alone, number, order, running) for number, order in enumerate(orders)]
    try:
        for future in as_completed(futures):
            yield future.result()
    finally:
        for process in tuple(running):
            process.kill()
        pool.shutdown(cancel_futures=True)


def _alone(number: int, order: Order, running: set[subprocess.Popen[str]]) -> Outcome:
    command = [sys.executable, "-m", "stellwerk.briefs.alone"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=order.root) as process:
        running.add(process)
        answer, said = process.communicate(json.dumps([number, order_as_json(order)]))
        running.discard(process)
    if not answer:
        return Outcome(number, None, Failure((said.strip().splitlines() or [f"exit {process.returncode}"])[-1]))
    return Outcome.from_json(json.loads(answer))


def _tell(end: IO[bytes], data: object) -> None:
    with contextlib.suppress(BrokenPipeError):  # whoever has ended says so by its silence
        end.write((json.dumps(data) + "\n").encode())
        end.flush()


def _last_line(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
