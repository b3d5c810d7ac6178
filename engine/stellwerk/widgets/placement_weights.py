"""What counts how much when a place is judged for a family, and how long may the search for a plan take?

In go the settings of placement, out come sliders; `changed` are the weights that were moved, exactly as shown.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from stellwerk.distribution.placement.criteria import TIE, Criterion, PlacementSettings, Tie
from stellwerk.texts import text
from stellwerk.widgets import look
from stellwerk.widgets.number import Number

SECONDS = 20  # of search, unless told otherwise
_STEP, _MOST = 0.05, 1.0


class Weights:
    """A slider for each criterion and for nearness to relatives."""

    def __init__(self, settings: PlacementSettings, language: str, changed: Callable[[], None]) -> None:
        items: dict[str, Criterion | Tie] = {**settings.criteria, TIE: settings.tie}
        self.numbers = {
            name: look.named(
                Number(
                    min=0, max=_MOST, step=_STEP, value=float(item.weight), own=float(item.weight),
                    label=item.label.in_language(language),
                ),
                f"sw-weight-{name}",
            )
            for name, item in items.items()
        }  # fmt: skip
        for number in self.numbers.values():
            number.observe(lambda _: changed(), "value")
        help_ = look.shown(f'<p class="sw-notice">{text("placement_board_weights_help", language)}</p>')
        self.view = look.group(text("placement_board_head_weights", language), help_, *self.numbers.values())

    def changed(self) -> dict[str, str]:
        """The weights that were moved."""
        return {name: str(_exactly(number.value)) for name, number in self.numbers.items() if number.changed}


def seconds_to_search(language: str) -> Number:
    """How long a search may take at most."""
    label, help_ = (text(f"placement_board_{key}", language) for key in ("seconds", "seconds_help"))
    return Number(min=2, max=120, step=1, value=SECONDS, label=label, unit="s", help=help_)


def _exactly(value: float) -> Decimal:
    """The value of a slider, exactly as it is shown."""
    return Decimal(repr(round(value, 4)))
