"""Pictures of briefs: they say what their data say, are the same each time, and can be read without colours."""

import csv
import hashlib
import io
import itertools
import os
import re
import subprocess
import sys
from decimal import Decimal

import pytest
from browser import browse
from examples_of_figures import DAYS, GRANT, MAY, NAMES, PLANS, REFUSE, SLOPES, STEPS, TILES, about, examples
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from stellwerk import formats
from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Maker
from stellwerk.briefs.figures import Course, Curve, Flow, Occupancy, Plan, Slope, Step
from stellwerk.briefs.figures.canvas import AFTER, BEFORE, PALETTE, apart, letters_on, shades
from stellwerk.briefs.figures.tiles import NoTileForCode, TilesMissing, read_tiles
from stellwerk.briefs.letterhead import READABLE, contrast, luminance
from stellwerk.briefs.secrecy import Hidden

EXAMPLES = examples()
STEP_IN_GREY = 0.1  # of relative luminance: neighbouring greys of a printed chart are told apart from about there
# What eyes without one kind of cone make of linear red, green and blue (Viénot, Brettel and Mollon 1999).
COLOUR_BLIND = {
    "protan": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deutan": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


def data(figure):
    return list(csv.DictReader(io.StringIO(figure.table.csv(3))))


# --- what every picture keeps -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_picture_has_a_finding_a_source_and_its_data(name):
    figure = EXAMPLES[name]
    html = Maker("de", 3).figure(figure)
    assert figure.alt.endswith(".") and len(figure.alt) > 30
    assert "Quelle: eigene Rechnung" in html.html
    assert f'href="data/{name}.csv"' in html.html
    assert data(figure)


def test_pictures_are_the_same_bytes_in_another_process():
    """No date, no random id, no order of a set reaches the file."""
    code = "import sys, hashlib; sys.path.insert(0, 'tests'); from examples_of_figures import examples; " \
           "print([hashlib.sha256(f.svg.encode()).hexdigest() for f in examples().values()])"  # fmt: skip
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                           env={**os.environ, "PYTHONHASHSEED": "7"})  # fmt: skip
    assert other.stdout.strip() == str([hashlib.sha256(f.svg.encode()).hexdigest() for f in EXAMPLES.values()])
    assert "dc:date" not in "".join(figure.svg for figure in EXAMPLES.values())


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_picture_needs_no_font_and_nothing_from_elsewhere(name):
    svg = EXAMPLES[name].svg
    assert "<text" not in svg
    assert re.findall(r'href="(?!#)[^"]*"', svg) == []


def test_pictures_speak_english_too():
    said = {name: figure.alt for name, figure in examples("en").items()}
    assert "chosen" in said["pareto"] and "€47" in said["waterfall"]
    assert all("ß" not in words for words in said.values())


def test_no_picture_is_an_empty_sheet(chromium, tmp_path):
    """Each is drawn by a browser on white; ink is what is left."""
    from matplotlib.image import imread

    for name, figure in EXAMPLES.items():
        (tmp_path / f"{name}.svg").write_text(figure.svg)
    pictures = "".join(f'<img src="{name}.svg" style="position:absolute;left:0;top:{number * 700}px">'
                       for number, name in enumerate(EXAMPLES))  # fmt: skip
    (tmp_path / "all.html").write_text(f"<body style='margin:0;background:#fff'>{pictures}</body>")
    shot = tmp_path / "all.png"
    size = f"--window-size=800,{700 * len(EXAMPLES)}"
    browse(chromium, tmp_path / "profile", tmp_path / "all.html", f"--screenshot={shot}", size)
    pixels = imread(shot)[:, :, :3].mean(axis=2)
    for number, name in enumerate(EXAMPLES):
        inked = (pixels[number * 700 : (number + 1) * 700] < 0.8).mean()
        assert inked > 0.002, name


# --- colours ----------------------------------------------------------------------------------------------------


def test_colours_of_one_picture_are_told_apart_in_grey():
    for one, other in itertools.combinations(sorted(map(luminance, PALETTE)), 2):
        assert other - one >= STEP_IN_GREY
    assert luminance(BEFORE) - luminance(AFTER) >= 3 * STEP_IN_GREY


def test_shades_of_a_map_grow_darker_step_by_step():
    greys = [luminance(to_hex(colour)) for colour in shades(6)]
    assert greys == sorted(greys, reverse=True)
    assert min(one - other for one, other in itertools.pairwise(greys)) >= 0.04


@pytest.mark.parametrize("kind", COLOUR_BLIND)
def test_colours_are_told_apart_by_the_colour_blind(kind):
    for one, other in itertools.combinations(PALETTE, 2):
        assert contrast(_seen(one, kind), _seen(other, kind)) >= 1.5


def _seen(colour, kind):
    linear = [((int(colour[n : n + 2], 16) / 255) + 0.0) ** 2.2 for n in (1, 3, 5)]
    seen = [
        max(0.0, min(1.0, sum(w * part for w, part in zip(row, linear, strict=True)))) for row in COLOUR_BLIND[kind]
    ]
    return "#" + "".join(f"{round(255 * part ** (1 / 2.2)):02x}" for part in seen)


def test_letters_on_tiles_can_be_read_on_every_shade():
    for colour in map(to_hex, shades(6)):
        assert contrast(letters_on(colour), colour) >= READABLE - 0.5  # bold, and the value is in the table as well


# --- single pictures --------------------------------------------------------------------------------------------


def test_a_tile_map_names_the_highest_and_the_lowest_and_writes_no_withheld_value():
    figure = EXAMPLES["tiles"]
    assert "Nordrhein-Westfalen mit 1.304" in figure.alt and "Hessen mit 444" in figure.alt
    assert {row["code"]: row["value"] for row in data(figure)} == {"HB": "", "HE": "444", "NW": "1304", "SL": "<3"}


def test_a_value_without_a_tile_is_refused():
    with pytest.raises(NoTileForCode) as refused:
        figures.tile_map(TILES, NAMES, {"XX": 1}, about("tiles"))
    assert "XX" in refused.value.message("de") and "NW" in refused.value.message("de")


@pytest.mark.parametrize(("file", "table", "column"), [("laender", "laender", "land"),
                                                       ("member_states", "member_states", "state")])  # fmt: skip
def test_every_land_and_every_member_state_has_its_own_tile(checkout, file, table, column):
    tiles = read_tiles(checkout / "params" / "map" / f"tiles_{file}.csv")
    with (checkout / "params" / f"{table}.csv").open(encoding="utf-8", newline="") as rows:
        assert {tile.code for tile in tiles} == {row[column] for row in csv.DictReader(rows)}
    assert len({(tile.row, tile.column) for tile in tiles}) == len(tiles)


def test_a_missing_file_of_tiles_is_said(tmp_path):
    with pytest.raises(TilesMissing):
        read_tiles(tmp_path / "tiles.csv")


def test_flows_tell_who_stays_who_changes_and_the_largest_group():
    assert "210 Personen beim selben Ergebnis" in EXAMPLES["sankey"].alt
    assert f"95 wechseln, die größte Gruppe (60) von »{REFUSE}« zu »{MAY}«" in EXAMPLES["sankey"].alt
    nobody = figures.sankey([Flow(GRANT, GRANT, 5)], (GRANT,), "heute", "mit Reform", about("same"))
    assert nobody.alt.endswith("Niemand wechselt.")


def test_the_size_of_a_withheld_flow_cannot_be_measured():
    """Whatever was hidden, the drawing is the same: only the mark counts."""
    drawn = {
        figures.sankey([Flow(GRANT, GRANT, 9), Flow(MAY, GRANT, hidden)], (GRANT, MAY), "a", "b", about("s")).svg
        for hidden in (Hidden.SMALL, Hidden.BLOCKED)
    }
    assert len(drawn) == 1


def test_occupancy_tells_its_highest_week_and_whether_the_places_suffice():
    assert "in 33 von 60 Wochen über den Plätzen" in EXAMPLES["occupancy"].alt
    assert "am 17.02.2025 mit 41.800 Personen bei 38.000 Plätzen" in EXAMPLES["occupancy"].alt
    calm = figures.occupancy(Occupancy(DAYS[:2], (5, 6), (9, 9)), about("calm"))
    assert "bleibt in allen 2 Wochen innerhalb der Plätze" in calm.alt


def test_courses_tell_which_rises_highest_and_when():
    assert "am höchsten steigt »29.000 Plätze«, auf 98\u00a0% am 17.02.2025" in EXAMPLES["courses"].alt
    alone = figures.courses(DAYS[:2], [Course("a", "allein", (3, 7))], about("alone"))
    assert alone.alt == "Ein Verlauf, »allein«: am höchsten ist er am 08.01.2024 mit 7."


def test_curves_tell_both_ends_of_each_line_and_a_gap_is_no_value():
    assert "»mit Pauschale«: von 0 bei 5.000 € auf 1.517 bei 20.000 €." in EXAMPLES["curves"].alt.replace("\u00a0", " ")
    uneven = figures.curves(
        [Curve("a", "a", ((Decimal(1), 2),)), Curve("b", "b", ((Decimal(3), 4),))], "x", "y", about("c")
    )
    assert uneven.table.rows == ((Decimal(1), 2, None), (Decimal(3), None, 4))


def test_a_waterfall_of_one_step_says_so():
    alone = figures.waterfall(Step("heute", 5), [Step("mehr Plätze", 2)], "morgen", about("one"))
    assert alone.alt == "Von »heute« (5) führt ein Schritt zu »morgen« (7): »mehr Plätze« mit +2."


@settings(max_examples=10)
@given(st.lists(st.integers(-(10**9), 10**9), max_size=6), st.integers(-(10**9), 10**9))
def test_a_waterfall_ends_at_the_sum_of_its_steps(amounts, start):
    steps = [Step(f"s{n}", amount) for n, amount in enumerate(amounts)]
    rows = data(figures.waterfall(Step("a", start), steps, "z", about("w", kind="euro")))
    assert int(rows[-1]["amount"]) == sum(int(row["amount"]) for row in rows[:-1])


def test_a_waterfall_tells_start_end_and_its_largest_step():
    assert EXAMPLES["waterfall"].alt.replace(formats.BREAKLESS, " ") == (
        "Von »2023« (47 Mio. €) führen 3 Schritte zu »2024« (54,4 Mio. €); "
        "der größte ist »mehr Plätze« mit +12,5 Mio. €."
    )
    assert [row["step"] for row in data(EXAMPLES["waterfall"])] == ["2023", *(step.label for step in STEPS), "2024"]


VALUES = st.integers(0, 20)


@settings(max_examples=10)
@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=8))
def test_a_plan_is_on_the_front_exactly_where_no_other_is_as_good_in_both_and_better_in_one(values):
    plans = [Plan(f"p{n}", *pair) for n, pair in enumerate(values)]
    rows = data(figures.pareto(plans, "p0", "x", "y", about("p")))
    for row, (x, y) in zip(rows, values, strict=True):
        beaten = any(a <= x and b <= y and (a, b) != (x, y) for a, b in values)
        assert row["standing"].startswith("ein anderer" if beaten else "nicht zu verbessern")


def test_the_chosen_plan_is_named_with_its_values():
    assert "»B«, einer von diesen (mittlerer Weg: 2,5, ungleiche Last: 5,0)" in EXAMPLES["pareto"].alt
    worse = figures.pareto(PLANS, "C", "x", "y", about("p", kind="decimal", places=1))
    assert "ein anderer Plan ist in beidem mindestens so gut" in worse.alt


def test_slopes_count_who_rises_and_falls_and_keep_withheld_lines_out_of_the_picture():
    assert EXAMPLES["slopes"].alt == (
        "Steigend: 1, sinkend: 1, gleich: 1; am stärksten ändert sich »Köln«: von 117 auf 131 (+14)."
    )
    assert [row["change"] for row in data(EXAMPLES["slopes"])] == ["14", "0", "-6", "x"]
    hidden = [line for line in SLOPES if line.label == "Ruhr"]
    assert figures.slopes(hidden, "a", "b", about("h")).alt == "Keiner der 0 gezeigten Werte ändert sich."
    assert figures.slopes([Slope("A", 5, 5)], "a", "b", about("h")).svg


@given(st.lists(st.floats(0, 10), max_size=12), st.floats(0.1, 1))
def test_labels_keep_their_distance_and_their_order(heights, gap):
    moved = apart(heights, gap)
    order = sorted(range(len(heights)), key=lambda n: (heights[n], n))
    for lower, upper in itertools.pairwise(order):
        assert moved[upper] - moved[lower] >= gap - 1e-6
