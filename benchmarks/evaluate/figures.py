"""The numbers of the invented law as a programmer would write them into a program; the hand-written engines use them.

That they are the same as in `rules/` and `params/` is checked by every run: all engines must give the same answers.
"""

from __future__ import annotations

from .cases import day

SAFE = (  # from which day on which origins are safe
    (day("1994-07-01"), tuple(range(5))),
    (day("2014-11-06"), tuple(range(8))),
    (day("2015-10-24"), tuple(range(11))),
    (day("2019-07-01"), (*range(4), *range(5, 11))),
    (day("2023-12-23"), (*range(4), *range(5, 13))),
)
ADULT_AGE = 18
LEAST_STAY_YEARS = ((day("1990-01-01"), 8), (day("2015-08-01"), 6), (day("2022-12-31"), 5))
FINE_LIMIT, FINE_LIMIT_RESIDENCE = 50, 90
SHARE_PERCENT, NEED_BASE, NEED_HEAD = 51, 900, 380  # EUR; a share in percent of EUR is a number of cents
LEAST_LEVEL = 2  # A2
WAIVER_AGE, WAIVER_FROM = 65, day("2015-08-01")
LEAST_POINTS = 3
CAP_NOT_COOPERATING, CAP_SURVIVOR = 540, 90
CAP = ((day("1990-01-01"), 548), (day("2018-12-16"), 180), (day("2024-02-27"), 210))
