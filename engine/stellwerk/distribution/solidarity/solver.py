"""What does HiGHS answer to a model that PuLP states?

In goes a stated problem, out come values by variable and prices by row. Nothing of it is trusted: whoever asks checks
the whole numbers in exact arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from stellwerk.distribution.highs import solver_for
from stellwerk.errors import StellwerkError

SEED = 0
HALF = 0.5  # objectives of whole plans are whole
GUARD_SECONDS = 120.0  # no model of this room needs seconds; a solver that hangs must not hang the caller


class ModelWithoutAnswer(StellwerkError):
    """The solver found no values, although every model of this room has some."""


@dataclass(frozen=True)
class Answer:
    """Values by name of the variable, prices by name of the rows asked for (none where variables are whole)."""

    values: dict[str, float]
    prices: dict[str, float]

    def whole(self, variable: str) -> int:
        """The value as the whole number it stands for; solvers return 0.9999999."""
        return round(self.values[variable])


def solve(problem: Any, priced: Iterable[str] = (), enough: int | None = None) -> Answer:
    """Solve on one thread with a fixed seed and no gap allowed; PuLP's own status is not read.

    `priced` names the rows whose prices are wanted. A maximum that reaches `enough`, which the caller has proven nobody
    can exceed, is searched no further.
    """
    options: dict[str, float] = {} if enough is None else {"objective_target": HALF - enough}  # HiGHS minimises
    engine = solver_for(problem, SEED, gapRel=0.0, gapAbs=0.0, timeLimit=GUARD_SECONDS, **options)
    engine.run()
    solution = engine.getSolution()
    if not solution.value_valid:
        raise ModelWithoutAnswer(model=problem.name)
    found = list(solution.col_value)
    values = {variable.name: found[variable.index] for variable in problem.variables()}
    duals = list(solution.row_dual) if solution.dual_valid else []
    prices = {name: abs(duals[problem.get_constraint_by_name(name).index]) for name in priced} if duals else {}
    return Answer(values, prices)
