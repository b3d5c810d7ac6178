"""Who arrives in one week: whole families, drawn at random from a register.

In go cases, the status of those who are to be distributed, a number of persons and a seed, out come their cases.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl


def cohort(cases: pl.DataFrame, status: Sequence[str], persons: int, seed: int) -> pl.DataFrame:
    """At most `persons` persons in whole families, drawn at random from those of a `status`.

    Families come in a random order that depends on the seed alone; one that no longer fits is passed over, so that
    the cohort is full whenever single persons are left.
    """
    eligible = cases.filter(pl.col("status").cast(pl.String).is_in(status))
    eligible = eligible.with_columns(family_id=pl.coalesce("family_id", "case_id"))
    families = eligible.group_by("family_id", maintain_order=True).len()
    order = np.random.Generator(np.random.PCG64(seed)).permutation(families.height)
    chosen: list[str] = []
    free = persons
    for family, size in families[order].iter_rows():
        if size <= free:
            chosen.append(family)
            free -= size
        if not free:
            break
    return eligible.filter(pl.col("family_id").is_in(chosen))
