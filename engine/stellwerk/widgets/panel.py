"""What every widget of the workbench has: a view that a notebook shows when the object is its cell's last value.

A panel holds ipywidgets instead of being one, so that its own names stay its own and it can be used without a browser.
"""

from __future__ import annotations

from typing import Any


class Panel:
    """Something a notebook shows: `view` is the ipywidget, filled by the subclass."""

    view: Any

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """What a notebook asks of a value that it is to show."""
        return self.view._repr_mimebundle_(**kwargs)
