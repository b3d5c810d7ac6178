"""Work that takes a while beside the page: only the newest piece counts, an older one is told to stop.

In goes a function that is given `stop` and asks it now and then; it shows its results itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

Stop = Callable[[], bool]


class Background:
    """One piece of work at a time, in a thread; starting another one stops it first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, work: Callable[[Stop], None]) -> None:
        """Stop what runs, then do this."""
        with self._lock:
            self._stopping.set()
            before, stopping = self._thread, threading.Event()
            self._stopping = stopping
            self._thread = threading.Thread(target=_after, args=(before, work, stopping), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Tell what runs to stop; it ends when it next asks."""
        self._stopping.set()

    def wait(self, seconds: float | None = None) -> None:
        """Come back when the newest piece of work has ended."""
        if self._thread is not None:
            self._thread.join(seconds)


def _after(before: threading.Thread | None, work: Callable[[Stop], None], stopping: threading.Event) -> None:
    if before is not None:
        before.join()
    if not stopping.is_set():
        work(stopping.is_set)
