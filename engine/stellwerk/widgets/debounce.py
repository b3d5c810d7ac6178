"""Waits until somebody has stopped typing, in the kernel's own loop: no thread, nothing that outlives the page.

Without a running loop, as in a test or a script, what should be done is done at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Debounce:
    """Does the last thing that was asked for, once nothing more has been asked for a while."""

    def __init__(self) -> None:
        self._waiting: asyncio.TimerHandle | None = None

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do this after so long, unless something else is asked for before."""
        self.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            action()
            return
        self._waiting = loop.call_later(seconds, action)

    def when_idle(self, seconds: float, action: Callable[[], None]) -> None:
        """Do this after so long, unless something is asked for before; without a loop nothing is ever idle."""
        try:
            self._waiting = asyncio.get_running_loop().call_later(seconds, action)
        except RuntimeError:
            return

    def cancel(self) -> None:
        """Forget what was asked for."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = None
