"""How do a user's frames become cases and child tables in the vocabulary's exact types?

In go pandas or polars frames, out come polars frames; a column or a table that the vocabulary does not know is refused,
as is a child table whose rows do not say which case they belong to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from stellwerk.errors import StellwerkError, nearest
from stellwerk.evaluate.compiled import column_type
from stellwerk.law.vocabulary import Attribute, Vocabulary

if TYPE_CHECKING:
    import pandas as pd

    Frame: TypeAlias = pd.DataFrame | pl.DataFrame
    Children: TypeAlias = Mapping[str, Frame]


class UnknownColumn(StellwerkError):
    """A frame has a column that the vocabulary does not know."""


class UnknownChildTable(StellwerkError):
    """A subject has no child table of that name."""


class ChildWithoutKey(StellwerkError):
    """The rows of a child table do not say which case they belong to."""


class CellsUnfit(StellwerkError):
    """A column of a frame has values that are not of its type."""


def exact_cases(cases: Frame, vocabulary: Vocabulary, subject: str) -> pl.DataFrame:
    """The cases in exact types."""
    return _exact(cases, vocabulary.attributes(subject))


def exact_children(children: Children, vocabulary: Vocabulary, subject: str) -> dict[str, pl.DataFrame]:
    """The child tables in exact types, each with the id of its case in the subject's key column."""
    forms, key = vocabulary.child_tables(subject), vocabulary.key(subject)
    found: dict[str, pl.DataFrame] = {}
    for name, child in children.items():
        if name not in forms:
            raise UnknownChildTable(name=name, near=nearest(name, forms), known=list(forms))
        if key not in child.columns:
            raise ChildWithoutKey(table=name, column=key)
        found[name] = _exact(child, {key: vocabulary.attributes(subject)[key], **forms[name].attributes})
    return found


def _exact(given: Frame, attributes: Mapping[str, Attribute]) -> pl.DataFrame:
    frame = given if isinstance(given, pl.DataFrame) else pl.from_pandas(given)
    for column in frame.columns:
        if column not in attributes:
            raise UnknownColumn(name=column, near=nearest(column, attributes))
    return pl.DataFrame([_column(frame[name], attributes[name]) for name in frame.columns])


def _column(given: pl.Series, attribute: Attribute) -> pl.Series:
    """A column in its exact type; where a cell does not fit, it is named with its row and what is allowed."""
    exact = _cast(given, column_type(attribute.type))
    unfit = (exact.is_null() & given.is_not_null()).arg_true()
    if not unfit.len():
        return exact
    value, codes = str(given[unfit[0]]), attribute.type.code_list
    raise CellsUnfit(
        column=given.name,
        count=unfit.len(),
        row=unfit[0] + 1,
        value=value,
        allowed=attribute.type.in_words,
        near=nearest(value, codes.codes) if codes is not None else "",
    )


def _cast(given: pl.Series, wanted: pl.DataType) -> pl.Series:
    """A column in another type, empty where a cell does not fit; days and flags as words are those of `read_csv`."""
    nothing = pl.Series(given.name, [None], dtype=wanted).new_from_index(0, given.len())
    if given.null_count() == given.len():  # pandas takes an empty column for numbers
        return nothing
    if wanted == pl.Date() and given.dtype == pl.String():
        return given.str.to_date("%Y-%m-%d", strict=False)
    if wanted == pl.Boolean() and given.dtype == pl.String():
        return given.str.to_lowercase().replace_strict({"true": True, "false": False}, default=None)
    try:
        return given.cast(wanted, strict=False)
    except pl.exceptions.PolarsError:  # types of which none becomes the other, as numbers and codes
        return nothing


def as_polars(frame: Frame) -> pl.DataFrame:
    """The frame for the rooms below."""
    return frame if isinstance(frame, pl.DataFrame) else pl.from_pandas(frame)


def as_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """The frame for pandas, with types kept exactly."""
    return frame.to_pandas(use_pyarrow_extension_array=True)
