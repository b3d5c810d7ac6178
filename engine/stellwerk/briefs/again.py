"""Can a run be had again, and is everything it rested on still as it was?

In goes the id of an entry of the ledger, out comes a new run with the same parameters, with the names of what has
changed since and of the results that differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stellwerk.briefs.inputs import InputsNow
from stellwerk.briefs.ledger import Ledger, LedgerEntry
from stellwerk.briefs.run import BriefRun


@dataclass(frozen=True)
class Again:
    """A run, the one it repeats, what that one rested on and is no longer the same, and which results differ."""

    run: BriefRun
    before: LedgerEntry
    changed: tuple[str, ...]
    differing: tuple[str, ...]


def run_again(root: Path, ledger: Ledger, run_id: str, carry_out: Callable[[LedgerEntry], BriefRun]) -> Again:
    """Repeat the run of that id, or of the one id that begins so."""
    before = ledger.entry(run_id)
    changed = InputsNow(root).changed(before)
    run = carry_out(before)
    now = run.ledger_entry.outputs
    differing = sorted(name for name in {*before.outputs, *now} if before.outputs.get(name) != now.get(name))
    return Again(run, before, tuple(changed), tuple(differing))
