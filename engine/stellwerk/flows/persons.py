"""In which unit does the flow model count people, and how is a count shown?

An expected number of persons is rarely whole. The model counts whole millionths of a person, so that what arrives,
leaves and stays adds up exactly; tables show them as decimals with six places.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

PER_PERSON = 1_000_000  # parts of a person; a stock of a billion persons still fits the 53 bits of a float exactly
PERSONS = pl.Decimal(38, 6)
Parts = NDArray[np.float64]  # whole numbers of parts, as floats, of which a processor takes several at once
_ONE_PART = pl.lit(Decimal("0.000001"), dtype=pl.Decimal(7, 6))


def parts_of(persons: NDArray[np.float64]) -> Parts:
    """Numbers of persons as whole parts, rounded to the nearest."""
    return np.rint(persons * PER_PERSON)


def as_persons(parts: Parts) -> NDArray[np.float64]:
    """Whole parts as numbers of persons."""
    return np.asarray(parts / PER_PERSON)


def persons_column(name: str, parts: Parts) -> pl.Series:
    """Parts as a column of exact decimals of persons, in the array's own order."""
    whole = pl.DataFrame({name: parts.reshape(-1).astype(np.int64)})
    return whole.select((pl.col(name).cast(PERSONS) * _ONE_PART).cast(PERSONS))[name]
