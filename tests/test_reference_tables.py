"""The reference tables hold the figures their sources publish, each column with unit and source."""

import json
import shutil
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from stellwerk.distribution.reference import (
    FORMS,
    ReferenceCodeRepeated,
    ReferenceColumnMissing,
    ReferenceColumnUndocumented,
    ReferenceNumberUnreadable,
    ReferenceTableEmpty,
    ReferenceTableMissing,
    ReferenceTables,
    ReferenceTableUnreadable,
)
from stellwerk.provenance import EVIDENCE_GRADES

PARAMS = Path(__file__).parents[1] / "params"
TABLES = ReferenceTables.load(PARAMS)


def total(table: str, column: str) -> Fraction:
    return sum(TABLES.exact(table, column).values(), Fraction(0))


def test_there_are_396_municipalities_in_53_kreise_and_five_regierungsbezirke() -> None:
    municipalities, kreise = TABLES.municipalities, TABLES.kreise
    assert (municipalities.height, kreise.height) == (396, 53)
    assert Counter(municipalities["regierungsbezirk"]) == {
        "Köln": 99, "Arnsberg": 83, "Münster": 78, "Detmold": 70, "Düsseldorf": 66,
    }  # fmt: skip
    assert Counter(municipalities["kind"]) == {"kreisfreie_stadt": 22, "stadt": 250, "gemeinde": 124}
    assert set(municipalities["kreis_ags"]) == set(kreise["kreis_ags"])


@pytest.mark.parametrize(
    ("column", "figure"),
    [("population_2021", "17924591"), ("population_2023", "18190422"), ("population_census_2022", "17890489"),
     ("area_km2", "34112.56")],
)  # fmt: skip
def test_municipalities_sum_to_the_published_figure_of_the_land(column: str, figure: str) -> None:
    assert total("municipalities", column) == Fraction(figure)


def test_kreise_are_the_sums_of_their_municipalities() -> None:
    sums = TABLES.municipalities.group_by("kreis_ags").agg(
        pl.col("population_2023").sum().alias("population"), pl.len().cast(pl.Int64).alias("count")
    )
    joined = TABLES.kreise.join(sums, on="kreis_ags")
    assert joined["population"].to_list() == joined["population_2023"].to_list()
    assert joined["count"].to_list() == joined["municipalities"].to_list()


def test_the_key_of_a_municipality_starts_with_that_of_its_kreis() -> None:
    assert TABLES.municipalities.filter(pl.col("ags").str.head(5) != pl.col("kreis_ags")).is_empty()


def test_germany_has_the_published_population_and_north_rhine_westphalia_that_of_its_municipalities() -> None:
    assert total("laender", "population_2023") == 84669326
    assert total("laender", "population_2014") == 81197537
    north_rhine_westphalia = TABLES.laender.row(by_predicate=pl.col("land") == "NW", named=True)
    assert north_rhine_westphalia["population_2023"] == total("municipalities", "population_2023")
    assert north_rhine_westphalia["municipalities"] == 396


def test_each_koenigstein_set_names_16_laender_and_sums_to_exactly_100() -> None:
    frame = TABLES.as_text("koenigstein")
    for year in ("2014", "2015", "2016", "2019"):
        rows = frame.filter(pl.col("gwk_year") == year)
        assert set(rows["land"]) == set(TABLES.laender["land"])
        assert sum(map(Decimal, rows["share_percent"])) == Decimal("100.00000")
        assert all(len(share.split(".")[1]) == 5 for share in rows["share_percent"])


def test_brandenburg_2014_is_not_the_misprinted_figure() -> None:
    frame = TABLES.as_text("koenigstein").filter(pl.col("land") == "BB", pl.col("gwk_year") == "2014")
    assert frame["share_percent"].to_list() == ["3.08092"]


def test_the_implied_tax_shares_return_the_key_they_were_derived_from() -> None:
    keys = TABLES.typed("koenigstein").filter(pl.col("gwk_year") == 2016).sort("land")["share_percent"]
    laender = TABLES.laender.sort("land")
    population = laender["population_2014"] / laender["population_2014"].sum() * 100
    assert ((2 * laender["tax_share_2014"] + population) / 3 - keys).abs().to_numpy().max() < 0.00001


@pytest.mark.parametrize("table", sorted(FORMS))
def test_every_column_has_labels_source_licence_and_grade(table: str) -> None:
    sheet = TABLES.columns(table)
    assert sheet["column"].to_list() == TABLES.as_text(table).columns
    for column in ("label_de", "label_en", "source", "licence"):
        assert sheet[column].null_count() == 0
    assert set(sheet["evidence"]) <= set(EVIDENCE_GRADES)


@pytest.mark.parametrize("table", sorted(set(FORMS) - {"countries"}))
def test_every_figure_has_a_unit_and_a_day(table: str) -> None:
    typed, sheet = TABLES.typed(table), TABLES.columns(table)
    figures = {column for column in typed.columns if typed[column].dtype.is_numeric() and column != "gwk_year"}
    with_unit = sheet.filter(pl.col("unit").is_not_null())
    assert figures <= set(with_unit["column"])
    if table != "koenigstein":
        assert figures <= set(with_unit.filter(pl.col("as_of").is_not_null())["column"])


@pytest.mark.parametrize("table", ["municipalities", "kreise", "laender"])
def test_nothing_is_missing(table: str) -> None:
    assert TABLES.typed(table).null_count().sum_horizontal().item() == 0


def test_names_come_with_and_without_the_official_suffix() -> None:
    cologne = TABLES.municipalities.row(by_predicate=pl.col("ags") == "05315000", named=True)
    assert (cologne["name"], cologne["official_name"]) == ("Köln", "Köln, Stadt")
    assert TABLES.municipalities["name"].is_unique().all()


@pytest.mark.parametrize("column", ["iso2", "iso3", "eurostat", "name_de", "name_en"])
def test_a_country_has_every_code_once(column: str) -> None:
    values = TABLES.countries[column]
    assert values.null_count() == 0
    assert values.is_unique().all()


def test_namibia_is_a_country_and_not_a_missing_value() -> None:
    assert TABLES.countries.filter(pl.col("iso2") == "NA")["name_de"].to_list() == ["Namibia"]


def test_destatis_codes_agree_with_those_of_the_listings() -> None:
    listed = {
        "GH": "238", "SN": "269", "BA": "122", "RS": "170", "MK": "144", "AL": "121", "XK": "150", "ME": "140",
        "GE": "430", "MD": "146", "BD": "460", "CO": "349", "EG": "287", "IN": "436", "MA": "252", "TN": "285",
        "TR": "163", "UA": "166", "DZ": "221", "SY": "475", "AF": "423", "IQ": "438",
    }  # fmt: skip
    codes = dict(zip(TABLES.countries["iso2"], TABLES.countries["destatis"], strict=True))
    assert {country: codes[country] for country in listed} == listed


def test_a_destatis_code_is_unique_and_graded() -> None:
    known = TABLES.countries.filter(pl.col("destatis").is_not_null())
    assert known["destatis"].is_unique().all()
    assert known["destatis"].str.contains(r"^\d{3}$").all()
    assert set(known["destatis_evidence"]) == {"verified", "memory_medium"}
    assert TABLES.countries.filter(pl.col("destatis").is_null())["destatis_evidence"].is_null().all()


def test_the_map_shows_every_municipality_of_the_table_and_no_other() -> None:
    shapes = map_of_municipalities()["objects"]["municipalities"]["geometries"]
    assert sorted(shape["id"] for shape in shapes) == sorted(TABLES.municipalities["ags"])


def test_the_map_names_its_source_beside_it_and_inside() -> None:
    source = map_of_municipalities()["source"]
    assert source == "© GeoBasis-DE / BKG 2016 (Daten verändert)"
    assert source in (PARAMS / "map" / "SOURCE.md").read_text(encoding="utf-8")


def test_neighbours_share_their_border_and_every_ring_closes() -> None:
    topology = map_of_municipalities()
    used: Counter[int] = Counter()
    for shape in topology["objects"]["municipalities"]["geometries"]:
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        for ring in (ring for polygon in polygons for ring in polygon):
            used.update(arc if arc >= 0 else ~arc for arc in ring)
            ends = [arc_ends(topology, arc) for arc in ring]
            assert all(end == start for (_, end), (start, _) in zip(ends, ends[1:] + ends[:1], strict=True))
    assert set(used) == set(range(len(topology["arcs"])))
    assert set(used.values()) == {1, 2}


def test_the_centre_of_a_municipality_lies_on_the_map() -> None:
    west, south, east, north = map_of_municipalities()["bbox"]
    frame = TABLES.municipalities
    assert frame["longitude"].is_between(west, east).all()
    assert frame["latitude"].is_between(south, north).all()


@pytest.fixture
def params(tmp_path: Path) -> Path:
    for file in ("laender.csv", "laender.columns.csv"):
        shutil.copy(PARAMS / file, tmp_path / file)
    return tmp_path


def edit(file: Path, old: str, new: str) -> None:
    content = file.read_text(encoding="utf-8")
    assert old in content
    file.write_text(content.replace(old, new, 1), encoding="utf-8")


def test_a_missing_table_is_named(params: Path) -> None:
    with pytest.raises(ReferenceTableMissing, match=r"kreise\.csv"):
        ReferenceTables.load(params).as_text("kreise")


def test_a_misspelt_column_is_named_with_the_nearest_one(params: Path) -> None:
    edit(params / "laender.csv", "population_2023", "populaton_2023")
    with pytest.raises(ReferenceColumnMissing, match=r"population_2023.*populaton_2023"):
        ReferenceTables.load(params).as_text("laender")


def test_an_undocumented_column_is_refused(params: Path) -> None:
    sheet = params / "laender.columns.csv"
    lines = sheet.read_text(encoding="utf-8").splitlines(keepends=True)
    sheet.write_text("".join(line for line in lines if not line.startswith("area_km2,")), encoding="utf-8")
    with pytest.raises(ReferenceColumnUndocumented, match="area_km2"):
        ReferenceTables.load(params).as_text("laender")


def test_a_number_with_thousands_points_is_refused_with_its_line(params: Path) -> None:
    edit(params / "laender.csv", "2581667", '"2.581.667"')
    with pytest.raises(ReferenceNumberUnreadable, match=r"laender.csv:2: .*population_2023.*2.581.667"):
        ReferenceTables.load(params).typed("laender")


def test_a_repeated_code_is_refused(params: Path) -> None:
    edit(params / "laender.csv", "\nBE,", "\nBB,")
    with pytest.raises(ReferenceCodeRepeated, match="BB"):
        ReferenceTables.load(params).as_text("laender")


def test_a_semicolon_table_is_refused_with_advice(params: Path) -> None:
    file = params / "laender.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    with pytest.raises(ReferenceTableUnreadable, match="Kommas"):
        ReferenceTables.load(params).as_text("laender")


@pytest.mark.parametrize("content", ["", "\n", "land,ags2\n"])
def test_an_empty_table_is_refused(params: Path, content: str) -> None:
    (params / "laender.csv").write_text(content, encoding="utf-8")
    with pytest.raises(ReferenceTableEmpty):
        ReferenceTables.load(params).as_text("laender")


def test_a_byte_order_mark_does_no_harm(params: Path) -> None:
    file = params / "laender.csv"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert ReferenceTables.load(params).laender.equals(TABLES.laender)


def map_of_municipalities() -> Any:
    return json.loads((PARAMS / "map" / "municipalities.json").read_text(encoding="utf-8"))


def arc_ends(topology: Any, arc: int) -> tuple[tuple[int, int], tuple[int, int]]:
    points = topology["arcs"][arc if arc >= 0 else ~arc]
    first = (points[0][0], points[0][1])
    last = (sum(point[0] for point in points), sum(point[1] for point in points))
    return (first, last) if arc >= 0 else (last, first)
