"""How many units of each service has each municipality for the persons of its quota?

Published figures on places for refugees by service do not exist; so a service is so many units for a hundred persons
of the quota, an assumption of `params/placement.yaml` that staff replace by what municipalities report, scaled by a
published figure where one tells which municipality has more. In go quotas and tables, out come whole units.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from stellwerk.distribution.placement.criteria import Scaling, Service
from stellwerk.distribution.placement.instance import Whole
from stellwerk.distribution.placement.score import place_values
from stellwerk.distribution.reference import ReferenceTables

_HUNDREDTHS = 100  # relative figures are rounded to these, so that the units are exact


def units(service: Service, quotas: Whole, tables: ReferenceTables) -> Whole:
    """Units of the service in each municipality, in the order of the codes; none where the quota is nought."""
    factors = _factors(service.scaled_by, tables, len(quotas))
    rate = Fraction(service.per_100_places) / 100
    exact = [int(quota) * rate * factor for quota, factor in zip(quotas, factors, strict=True)]
    rounded = np.array([-(-share.numerator // share.denominator) for share in exact], dtype=np.int64)
    found: Whole = np.where(quotas > 0, np.maximum(rounded, service.at_least), 0)
    return found


def _factors(scaling: Scaling | None, tables: ReferenceTables, places: int) -> list[Fraction]:
    """How many times the mean each municipality has, within the limits."""
    if scaling is None:
        return [Fraction(1)] * places
    values = place_values(tables, scaling.table, scaling.column)
    mean = float(np.nanmean(values))
    relative = values / mean if scaling.direction == "higher" else mean / np.maximum(values, 1e-9)
    held = np.clip(np.nan_to_num(relative, nan=1.0), float(scaling.least), float(scaling.most))
    return [Fraction(round(float(factor) * _HUNDREDTHS), _HUNDREDTHS) for factor in held]
