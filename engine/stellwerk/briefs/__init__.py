"""Briefs: a parameterised notebook run on one scenario, its page, its data and its entry in the ledger.

One noun or verb a module: `parameters` (what may be asked), `blocks` (what a notebook hands over), `secrecy` (small
counts), `figures` and `geometry` (charts and maps), `page` (the HTML), `ledger` (what was run with what), `run`
(all of it in order). The first brief: `content` (what it shows), `counts` and `reforms` (its figures), `lage`,
`persons` and `places` (its sections).
"""

from stellwerk.briefs.ledger import Ledger, LedgerEntry
from stellwerk.briefs.registry import BRIEFS, BriefKind, brief_kind, parameters_of
from stellwerk.briefs.run import BriefRun, run_brief
from stellwerk.briefs.scenarios import scenario_for

__all__ = [
    "BRIEFS",
    "BriefKind",
    "BriefRun",
    "Ledger",
    "LedgerEntry",
    "brief_kind",
    "parameters_of",
    "run_brief",
    "scenario_for",
]
