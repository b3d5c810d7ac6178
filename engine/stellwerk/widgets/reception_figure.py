"""The picture of a forecast: the expected course and the places, with the fan of its runs where there are any.

In go a forecast, the untouched scenario and, if they have been made, its runs; out comes the `Figure` that briefs use
too.
"""

from __future__ import annotations

from stellwerk.briefs.blocks import Figure
from stellwerk.briefs.figures import About, Band, Occupancy, occupancy
from stellwerk.briefs.figures.occupancy import Beside
from stellwerk.flows.montecarlo import Spread
from stellwerk.forecast.run import Forecast
from stellwerk.texts import text

_BANDS = {"reception_board_band_90": ("p05", "p95"), "reception_board_band_50": ("p25", "p75")}  # widest first


def course_figure(found: Forecast, untouched: Forecast, spread: Spread | None, language: str) -> Figure:
    """Occupancy by week beside the places, and beside the scenario as it stands where something was tried."""
    weeks = found.reception.facilities
    course = Occupancy(
        days=tuple(weeks["week"]),
        expected=_persons(found),
        capacity=tuple(weeks["active"]),
        bands=_bands(spread, language),
        beside=None if found is untouched else Beside(text("reception_board_untouched", language), _persons(untouched)),
    )
    source = text("reception_board_figure_source", language)
    caption = found.scenario.title.in_language(language)
    return occupancy(course, About("reception_course", f"{caption}.", source, language=language))


def _persons(found: Forecast) -> tuple[int, ...]:
    return tuple(round(value) for value in found.reception.facilities["occupied"])


def _bands(spread: Spread | None, language: str) -> tuple[Band, ...]:
    if spread is None:
        return ()
    return tuple(
        Band(text(key, language), *(tuple(round(value) for value in spread.weeks[name]) for name in bounds))
        for key, bounds in _BANDS.items()
    )
