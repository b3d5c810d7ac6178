"""HiGHS as PuLP drives it: one thread, a fixed seed, and a sentence where the solver cannot be loaded.

PuLP hides why HiGHS cannot be loaded and only fails later with a missing attribute. That happens where OR-tools was
imported before it in the same process: both bring a library of the same name, and only the first one is loaded.
"""

from __future__ import annotations

from typing import Any

from stellwerk.errors import StellwerkError


class SolverNotLoaded(StellwerkError):
    """HiGHS cannot be loaded into this process."""


def solver_for(problem: Any, seed: int, **options: float | str) -> Any:
    """HiGHS with the stated `problem` read in, ready to run; `options` are PuLP's and HiGHS's own names."""
    # imported here, because most commands never solve anything
    import pulp  # type: ignore[import-untyped]  # PuLP ships no types

    try:
        import highspy  # noqa: F401  # PuLP swallows the reason for which this fails
    except ImportError as reason:
        raise SolverNotLoaded(reason=str(reason)) from None
    solver = pulp.HiGHS(msg=False, threads=1, random_seed=seed, **options)
    solver.createAndConfigureSolver(problem)
    solver.buildSolverModel(problem)
    return problem.solverModel
