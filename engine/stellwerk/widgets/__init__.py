"""What notebooks show: controls over the workbench, each usable alone with a pandas frame.

A widget asks the workbench and shows the answer; it decides nothing and computes no law of its own. Whatever writes
into the checkout asks `may_write` first.
"""

from stellwerk.widgets.panel import Panel
from stellwerk.widgets.writing import EDIT_VARIABLE, may_write

__all__ = ["EDIT_VARIABLE", "Panel", "may_write"]
