"""How does this process ask durable-rules without depending on it? Through a process of its own, with a time limit.

In go strata with their facts, out come the conclusions whose rules fired. A worker that hangs is ended, one that died
is started anew at the next question; every way to fail has its error, for the caller to fall back on the reference.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from stellwerk.errors import StellwerkError
from stellwerk.evaluate.strata import DONE, Conclusion, Facts, Stratum

COMMAND = (sys.executable, "-P", str(Path(__file__).with_name("durable_worker.py")))
TIME_LIMIT = 5.0  # seconds for one answer; a whole case takes some tenths of one
START_LIMIT = 30.0  # seconds until a worker says that it is there, on a busy machine
MOST_RULESETS = 2_000  # a worker cannot forget a ruleset; with so many it has some 150 MB and is replaced


class WorkerFailed(StellwerkError):
    """The process of durable-rules gave no usable answer."""


class DurableUnavailable(WorkerFailed):
    """durable-rules cannot be imported with this Python."""


class WorkerTimedOut(WorkerFailed):
    """No answer within the time limit; the process was ended."""


class WorkerDied(WorkerFailed):
    """The process ended by itself."""


class WorkerRefused(WorkerFailed):
    """The engine reported an error."""


class RunIncomplete(WorkerFailed):
    """The rule that marks the end of a run did not fire: the engine dropped work."""


class DurableWorker:
    """durable-rules in its own process, started at the first question."""

    def __init__(self, command: Sequence[str] = COMMAND, time_limit: float = TIME_LIMIT) -> None:
        self._command = tuple(command)
        self._time_limit = time_limit
        self._process: subprocess.Popen[str] | None = None
        self._requests: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._registered: set[str] = set()
        self._end: weakref.finalize[[subprocess.Popen[str], queue.SimpleQueue[str | None]], DurableWorker] | None = None

    def __enter__(self) -> DurableWorker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def process_id(self) -> int | None:
        """The process that answers now, if one runs."""
        return None if self._process is None else self._process.pid

    def conclusions(self, runs: Sequence[tuple[Stratum, Facts]]) -> list[frozenset[Conclusion]]:
        """What follows in each stratum from its facts."""
        wanted = {stratum.name for stratum, _ in runs}
        if self._process is None or len(self._registered | wanted) > MOST_RULESETS:
            self._start()
        unknown = {stratum.name: stratum for stratum, _ in runs if stratum.name not in self._registered}
        request = {
            "define": {name: stratum.definition for name, stratum in unknown.items()},
            "runs": [(stratum.name, stratum.facts(facts)) for stratum, facts in runs],
        }
        with self._ended_by_failure():
            answer = self._asked(request)
            self._registered |= set(unknown)
            return [_concluded(stratum, *run) for (stratum, _), run in zip(runs, answer["runs"], strict=True)]

    def close(self) -> None:
        """End the process; the next question starts a new one."""
        if self._end is not None:
            self._end()
        self._process = self._end = None

    def _start(self) -> None:
        self.close()
        self._registered = set()
        self._requests, self._lines = queue.SimpleQueue(), queue.SimpleQueue()
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # who interrupts this process at a terminal does not mean the worker
        )
        self._end = weakref.finalize(self, _ended, self._process, self._requests)
        # Both pipes have a thread, so that a process that neither reads nor writes cannot hold up this one.
        threading.Thread(target=_listen, args=(self._process.stdout, self._lines), daemon=True).start()
        threading.Thread(target=_talk, args=(self._process.stdin, self._requests), daemon=True).start()
        with self._ended_by_failure():
            greeting = self._answer(START_LIMIT)
            if "ready" not in greeting:
                raise DurableUnavailable(reason=greeting.get("unavailable", ""))

    def _asked(self, request: Mapping[str, object]) -> dict[str, Any]:
        self._requests.put(json.dumps(request) + "\n")
        answer = self._answer(self._time_limit)
        if "error" in answer:
            raise WorkerRefused(reason=answer["error"])
        return answer

    def _answer(self, time_limit: float) -> dict[str, Any]:
        assert self._process is not None
        try:
            line = self._lines.get(timeout=time_limit)
            code = self._process.wait(time_limit) if line is None else 0
        except (queue.Empty, subprocess.TimeoutExpired):
            raise WorkerTimedOut(seconds=time_limit) from None
        if line is None:
            raise WorkerDied(code=code)
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:
            raise WorkerRefused(reason=line.strip()) from None
        return answer

    @contextlib.contextmanager
    def _ended_by_failure(self) -> Iterator[None]:
        """After any failure, an interrupt included: a late answer must not meet the next question."""
        try:
            yield
        except BaseException:
            self.close()
            raise


def _ended(process: subprocess.Popen[str], requests: queue.SimpleQueue[str | None]) -> None:
    process.kill()
    process.wait()
    requests.put(None)
    for stream in (process.stdin, process.stdout):
        assert stream is not None
        with contextlib.suppress(OSError):  # what could not be written to a dead process is lost anyhow
            stream.close()


def _listen(stream: IO[str], lines: queue.SimpleQueue[str | None]) -> None:
    # A closed stream ends the listening as the end of the process does.
    with contextlib.suppress(ValueError, OSError):
        for line in stream:
            lines.put(line)
    lines.put(None)


def _talk(stream: IO[str], requests: queue.SimpleQueue[str | None]) -> None:
    # A dead process does not read; its silence and its exit code are noticed by the listener.
    with contextlib.suppress(ValueError, OSError):
        while (request := requests.get()) is not None:
            stream.write(request)
            stream.flush()


def _concluded(stratum: Stratum, fired: Sequence[str], trouble: object) -> frozenset[Conclusion]:
    if trouble:
        raise WorkerRefused(reason=str(trouble))
    if not fired or fired[-1] != DONE:
        raise RunIncomplete(ruleset=stratum.name)
    return frozenset(stratum.concludes[name] for name in fired[:-1])
