"""What notebooks show: controls over the workbench, each usable alone with a pandas frame.

A widget asks the workbench and shows the answer; it decides nothing and computes no law of its own. Whatever writes
into the checkout asks `may_write` first. Each widget is loaded at its first use, so that a page loads only its own.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from stellwerk.widgets.panel import Panel
from stellwerk.widgets.writing import EDIT_VARIABLE, may_write

if TYPE_CHECKING:
    from stellwerk.widgets.cases import CaseExplorer
    from stellwerk.widgets.placement import PlacementBoard
    from stellwerk.widgets.reception import ReceptionBoard
    from stellwerk.widgets.rules import RuleEditor

__all__ = ["EDIT_VARIABLE", "CaseExplorer", "Panel", "PlacementBoard", "ReceptionBoard", "RuleEditor", "may_write"]

_ROOMS = {
    "CaseExplorer": "cases",
    "PlacementBoard": "placement",
    "ReceptionBoard": "reception",
    "RuleEditor": "rules",
}  # widget -> the module it stands in


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
