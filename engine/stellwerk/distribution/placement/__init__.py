"""Where does each family live? Input, score, solution, certificate and check of a placement.

`Instance` is the question, `solve` answers it with a `Plan`, and `verify` recounts a written plan with none of the
solver's code.
"""

from stellwerk.distribution.placement.instance import FREE, NO_TIE, NOT_ELIGIBLE, POINTS, Instance
from stellwerk.distribution.placement.plan import Certificate, Plan, Prices
from stellwerk.distribution.placement.solve import SolverSettings, solve

__all__ = [
    "FREE",
    "NOT_ELIGIBLE",
    "NO_TIE",
    "POINTS",
    "Certificate",
    "Instance",
    "Plan",
    "Prices",
    "SolverSettings",
    "solve",
]
