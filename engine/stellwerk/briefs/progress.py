"""How far a run has come, for whoever watches: one line that grows on a terminal, plain lines elsewhere.

In goes a stream and a language, out comes a function that a run calls after each cell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from stellwerk.texts import text

_BAR = 24  # characters: fits beside the words in 80 columns


def progress_on(stream: TextIO, language: str | None = None) -> Callable[[int, int], None]:
    """A progress function that writes to `stream`."""

    def on_terminal(done: int, total: int) -> None:
        full = _BAR * done // total
        words = text("brief_progress", language, done=done, total=total)
        stream.write(f"\r[{'#' * full}{'.' * (_BAR - full)}] {words}" + ("\n" if done == total else ""))
        stream.flush()

    def on_lines(done: int, total: int) -> None:
        stream.write(text("brief_progress", language, done=done, total=total) + "\n")
        stream.flush()

    return on_terminal if stream.isatty() else on_lines
