"""What does a cell mean for an attribute, and what is wrong with it where it means nothing?

In goes a column, out come the values in the attribute's type and, for each row, the key of what is wrong. Each cell is
understood once, however often it stands there. Nothing is guessed: a number that could be read in two ways is refused
unless its own column shows how it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from stellwerk.errors import nearest
from stellwerk.law.types import DECIMAL_PLACES, EARLIEST, LATEST, CodeList, Type
from stellwerk.law.vocabulary import Attribute
from stellwerk.register.sheets import as_text
from stellwerk.register.spelling import folded

DECIMAL_DTYPE = pl.Decimal(38, DECIMAL_PLACES)
# What offices write where they do not know. "NA" is not among them: it is the code of Namibia.
_UNKNOWN_WORDS = ("", "-", "–", "—", "unbekannt", "unknown", "k. a.", "k.a.", "k.a", "k. a", "keine angabe")
_BOOLEAN_WORDS = {
    "ja": True, "wahr": True, "true": True, "yes": True, "1": True,
    "nein": False, "falsch": False, "false": False, "no": False, "0": False,
}  # fmt: skip
_ISO_DATE = r"^\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$"  # a time of day is left out
_GERMAN_DATE = r"^\d{1,2}\.\s?\d{1,2}\.\s?\d{4}$"
_TWO_DIGIT_YEAR = r"^\d{1,2}\.\s?\d{1,2}\.\s?\d{2}$"
_THOUSANDS = r"^-?[1-9]\d{0,2}(?:\.\d{3})+$"
_WHOLE = r"^-?\d{1,15}$"  # as in the rule language: fifteen digits hold in every format
_ZERO_FRACTION = r"^-?\d{1,15}(?:\.0+|,0{1,2}|,0{4,})$"  # 12.0 and 12,0; 12.000 and 1,000 could be thousands
_GERMAN_THOUSANDS = r"^-?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$"
_COMMA_DECIMAL = r"^-?\d{1,15},\d+$"
_POINT_DECIMAL = r"^-?\d{1,15}\.\d+$"
_ONE_GROUP = r"^-?[1-9]\d{0,2}\.\d{3}$"  # 1.234: one thousand or one and a bit
_SIX_PLACES = r"^-?\d+(?:\.\d{1,6}0*)?$"


@dataclass(frozen=True)
class Column:
    """A column understood: its values (unknown and wrong cells are null) and what is wrong, row by row."""

    values: pl.Series
    problems: pl.Series  # key of the text that says what is wrong, or null


def dtype_of(kind: Type) -> pl.DataType:
    """The dtype of a register's column of this type."""
    plain: dict[str, pl.DataType] = {
        "bool": pl.Boolean(), "integer": pl.Int64(), "decimal": DECIMAL_DTYPE, "date": pl.Date(), "text": pl.String(),
    }  # fmt: skip
    return plain[kind.kind] if kind.code_list is None else pl.Enum(list(kind.code_list.codes))


def understood(cells: pl.Series, attribute: Attribute) -> Column:
    """The column's values by the attribute's type, range and code list."""
    if attribute.type.kind == "text":
        values = cleaned(as_text(cells)).rename(attribute.name)
        return Column(values, pl.repeat(None, values.len(), dtype=pl.String, eager=True))
    cells = as_text(cells) if cells.dtype.is_nested() else cells
    words = cells.unique()
    meant = _meant(cleaned(as_text(words)), attribute)
    return Column(_put_back(cells, words, meant.values).rename(attribute.name), _put_back(cells, words, meant.problems))


def _put_back(cells: pl.Series, words: pl.Series, meanings: pl.Series) -> pl.Series:
    """For each cell the meaning of its word; nothing is looked up where all mean nothing, or what they are."""
    if meanings.null_count() == meanings.len():
        return pl.repeat(None, cells.len(), dtype=meanings.dtype, eager=True)
    if meanings.dtype == cells.dtype and meanings.equals(words):
        return cells
    return cells.replace_strict(words, meanings, return_dtype=meanings.dtype)


def _meant(raw: pl.Series, attribute: Attribute) -> Column:
    match attribute.type.kind:
        case "date":
            return _dates(raw)
        case "integer":
            return _with_range(_integers(raw), attribute)
        case "decimal":
            return _with_range(_decimals(raw), attribute)
        case "bool":
            return _looked_up(raw, _BOOLEAN_WORDS, pl.Boolean(), "cell_no_boolean", str.casefold)
        case _:
            assert attribute.type.code_list is not None
            spellings = code_spellings(attribute.type.code_list)
            return _looked_up(raw, spellings, dtype_of(attribute.type), "cell_unknown_code", folded)


def cleaned(cells: pl.Series) -> pl.Series:
    """The cells without surrounding space; what stands for "not known" is null."""
    trimmed = cells.str.replace_all("\u00a0", " ", literal=True).str.strip_chars()
    frame = trimmed.rename("x").to_frame()
    unknown = pl.col("x").str.to_lowercase().is_in(list(_UNKNOWN_WORDS))
    return frame.select(pl.when(unknown).then(None).otherwise(pl.col("x")).alias("x"))["x"]


def _dates(raw: pl.Series) -> Column:
    x = pl.col("x")
    iso = x.str.contains(_ISO_DATE)
    german = x.str.contains(_GERMAN_DATE)
    day = (
        pl.when(iso).then(x.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False))
        .when(german).then(x.str.replace_all(" ", "", literal=True).str.to_date("%d.%m.%Y", strict=False))
    )  # fmt: skip
    frame = raw.to_frame().with_columns(day=day)
    inside = pl.col("day").is_between(EARLIEST, LATEST)
    problem = (
        pl.when(x.is_null() | inside).then(None)
        .when(pl.col("day").is_not_null()).then(pl.lit("cell_date_out_of_range"))
        .when(x.str.contains(_TWO_DIGIT_YEAR)).then(pl.lit("cell_two_digit_year"))
        .when(iso | german).then(pl.lit("cell_impossible_date"))
        .otherwise(pl.lit("cell_no_date"))
    )  # fmt: skip
    done = frame.select(values=pl.when(inside).then(pl.col("day")), problems=problem.cast(pl.String))
    return Column(done["values"], done["problems"])


def _integers(raw: pl.Series) -> Column:
    x = pl.col("x")
    digits = (
        pl.when(x.str.contains(_WHOLE)).then(x)
        .when(x.str.contains(_THOUSANDS)).then(x.str.replace_all(".", "", literal=True))
        .when(x.str.contains(_ZERO_FRACTION)).then(x.str.extract(r"^(-?\d+)", 1))
    )  # fmt: skip
    values = raw.to_frame().select(x, v=digits.cast(pl.Int64, strict=False))
    done = values.select("v", p=_wrong_where(x.is_not_null() & pl.col("v").is_null(), "cell_no_integer"))
    return Column(done["v"], done["p"])


def _decimals(raw: pl.Series) -> Column:
    x = pl.col("x")
    one_group = x.str.contains(_ONE_GROUP)
    with_comma = (x.str.contains(_COMMA_DECIMAL) | (x.str.contains(_GERMAN_THOUSANDS) & ~one_group)).any()
    with_point = (x.str.contains(_POINT_DECIMAL) & ~one_group).any()
    shown = raw.to_frame().select(comma=with_comma, point=with_point)
    comma, point = bool(shown["comma"][0]), bool(shown["point"][0])
    ambiguous = one_group & (comma == point)
    without_groups = x.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    written = (
        pl.when(ambiguous).then(None)
        .when(one_group & point).then(x)
        .when(x.str.contains(_WHOLE)).then(x)
        .when(x.str.contains(_GERMAN_THOUSANDS) | x.str.contains(_COMMA_DECIMAL)).then(without_groups)
        .when(x.str.contains(_POINT_DECIMAL)).then(x)
    )  # fmt: skip
    frame = raw.to_frame().with_columns(w=written, ambiguous=ambiguous)
    exact = pl.col("w").str.contains(_SIX_PLACES)
    shortened = pl.col("w").str.replace(r"(\.\d{6})0+$", "$1")
    problem = (
        pl.when(x.is_null() | exact.fill_null(False)).then(None)
        .when(pl.col("ambiguous")).then(pl.lit("cell_ambiguous_number"))
        .when(pl.col("w").is_not_null()).then(pl.lit("cell_too_many_places"))
        .otherwise(pl.lit("cell_no_number"))
    )  # fmt: skip
    done = frame.select(v=pl.when(exact).then(shortened).cast(DECIMAL_DTYPE, strict=False), p=problem.cast(pl.String))
    return Column(done["v"], done["p"])


def _with_range(column: Column, attribute: Attribute) -> Column:
    v = pl.col("v")
    problem = pl.col("p")
    if attribute.minimum is not None:
        problem = pl.when(v < pl.lit(attribute.minimum)).then(pl.lit("cell_below_minimum")).otherwise(problem)
    if attribute.maximum is not None:
        problem = pl.when(v > pl.lit(attribute.maximum)).then(pl.lit("cell_above_maximum")).otherwise(problem)
    frame = pl.DataFrame({"v": column.values, "p": column.problems}).with_columns(p=problem)
    done = frame.select(pl.when(pl.col("p").is_null()).then(v).alias("v"), "p")
    return Column(done["v"], done["p"])


def _looked_up(
    raw: pl.Series, spellings: Mapping[str, object], dtype: pl.DataType, key: str, fold: Callable[[str], str]
) -> Column:
    meanings = [None if word is None else spellings.get(fold(word)) for word in raw.to_list()]
    values = pl.Series(meanings, dtype=dtype)
    frame = pl.DataFrame({"x": raw, "v": values})
    wrong = _wrong_where(pl.col("x").is_not_null() & pl.col("v").is_null(), key)
    return Column(values, frame.select(p=wrong)["p"])


def _wrong_where(mask: pl.Expr, key: str) -> pl.Expr:
    return pl.when(mask).then(pl.lit(key)).otherwise(pl.lit(None, dtype=pl.String))


def code_spellings(code_list: CodeList) -> dict[str, object]:
    """Every folded spelling of a code -> the code; a spelling that two codes share names neither.

    Codes go before aliases, aliases before labels. A spreadsheet drops leading zeros, so numbers are known without.
    """
    codes = code_list.codes.values()
    return _code_spellings(tuple((code.code, code.aliases, code.label_de, code.label_en) for code in codes))


@lru_cache(maxsize=16)
def _code_spellings(codes: tuple[tuple[str, tuple[str, ...], str, str], ...]) -> dict[str, object]:
    known: dict[str, object] = {}
    for rank in (
        [(code, code) for code, *_ in codes],
        [(alias, code) for code, aliases, *_ in codes for alias in aliases],
        [(label, code) for code, _, *labels in codes for label in labels],
        [(word.lstrip("0") or "0", code) for code, aliases, *_ in codes for word in (code, *aliases) if word.isdigit()],
    ):
        found: dict[str, set[str]] = {}
        for spelling, code in rank:
            found.setdefault(folded(spelling), set()).add(code)
        fresh = {word: claims for word, claims in found.items() if word and word not in known}
        known |= {word: claims.pop() for word, claims in fresh.items() if len(claims) == 1}
    return known


def nearest_code(word: str, code_list: CodeList) -> str:
    """The spelling of a code that looks most like a wrong cell, with its code; empty where none does."""
    spellings = code_spellings(code_list)
    near = nearest(folded(word), spellings)
    if not near:
        return ""
    code = code_list.codes[str(spellings[near])]
    return code.code if code.code == code.label_de else f"{code.code} ({code.label_de})"
