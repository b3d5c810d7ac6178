"""Where do two engines say something else of the same cases?

In go the tables of two engines, out come, a rule, the cases on which they differ: outcome, dates, amounts, version,
evidence or what to ask for. Cases are matched by their id; one that an engine leaves out, or says twice, differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from stellwerk.errors import StellwerkError


class EngineTableDiffers(StellwerkError):
    """An engine's table has another column, or another type in one, than the table it is held against."""


@dataclass(frozen=True)
class RuleDiffers:
    """A rule of which two engines say something else, in which parts, and of which cases of the first table."""

    rule: str
    parts: tuple[str, ...]
    cases: tuple[int, ...]


def differing_rules(base: pl.DataFrame, other: pl.DataFrame, key: str, engine: str) -> Iterator[RuleDiffers]:
    """The rules on which `other`, the table of `engine`, differs from `base`."""
    _refuse_other_columns(base, other, engine)
    once = other.unique(key, keep="none", maintain_order=True)
    beside = base.select(key).join(once, on=key, how="left", maintain_order="left")
    columns: dict[str, list[str]] = {}
    for name in base.columns:
        if name != key:
            columns.setdefault(name.rpartition(".")[0], []).append(name)
    for rule, names in columns.items():
        apart = {name: base.get_column(name).ne_missing(beside.get_column(name)) for name in names}
        anywhere = pl.select(pl.any_horizontal(list(apart.values()))).to_series()
        if anywhere.any():
            parts = tuple(name.rpartition(".")[2] for name, differs in apart.items() if differs.any())
            yield RuleDiffers(rule, parts, tuple(anywhere.arg_true()))


def _refuse_other_columns(base: pl.DataFrame, other: pl.DataFrame, engine: str) -> None:
    for name in dict.fromkeys([*base.columns, *other.columns]):
        wanted, found = base.schema.get(name), other.schema.get(name)
        if wanted != found:
            raise EngineTableDiffers(engine=engine, column=name, wanted=wanted or "–", found=found or "–")
