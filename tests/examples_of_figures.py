"""One example of each picture, as the briefs would draw it; several tests read them."""

import datetime as dt
from decimal import Decimal

from stellwerk.briefs import figures
from stellwerk.briefs.figures import About, Band, Course, Curve, Flow, Occupancy, Plan, Slope, Spell, Step, Tile
from stellwerk.briefs.secrecy import Hidden

GRANT, MAY, REFUSE = "soll erteilt werden", "kann erteilt werden", "Voraussetzungen nicht erfüllt"
FLOWS = (Flow(GRANT, GRANT, 210), Flow(MAY, GRANT, 35), Flow(MAY, MAY, Hidden.SMALL), Flow(REFUSE, MAY, 60))
DAYS = tuple(dt.date(2024, 1, 1) + dt.timedelta(weeks=week) for week in range(60))
COURSE = Occupancy(
    days=DAYS,
    expected=tuple(30_000 + 200 * week for week in range(60)),
    capacity=(35_000,) * 40 + (38_000,) * 20,
    bands=(Band("90 %", tuple(29_000 + 190 * week for week in range(60)), tuple(31_000 + 230 * w for w in range(60))),),
)
COURSES = (
    Course("few", "29.000 Plätze", tuple(Decimal(week) / 60 for week in range(60))),
    Course("many", "35.000 Plätze", tuple(Decimal(week) / 200 for week in range(60))),
)
CURVES = (
    Curve("with", "mit Pauschale", ((Decimal(5000), 0), (Decimal(10_000), 202), (Decimal(20_000), 1517))),
    Curve("without", "ohne Pauschale", ((Decimal(5000), 0), (Decimal(10_000), 0), (Decimal(20_000), 410))),
)
STEPS = (Step("mehr Plätze", 12_500_000), Step("kürzere Verfahren", -8_200_000), Step("Rückführung", 3_100_000))
PLANS = (
    Plan("A", Decimal("1.5"), Decimal(9)),
    Plan("B", Decimal("2.5"), Decimal(5)),
    Plan("C", Decimal("4.2"), Decimal(7)),
)
SLOPES = (Slope("Köln", 117, 131), Slope("Essen", 67, 67), Slope("Bonn", 66, 60), Slope("Ruhr", Hidden.SMALL, 5))
TILES = (Tile("NW", 0, 0), Tile("HE", 0, 1), Tile("SL", 1, 0), Tile("HB", 1, 1))
SPELLS = (
    Spell("Sicherungshaft", "Recht", dt.date(2015, 1, 1), None, "6 Monate"),
    Spell("Ausreisegewahrsam", "Recht", dt.date(2017, 7, 29), dt.date(2024, 2, 26), "10 Tage"),
    Spell("Ausreisegewahrsam", "Recht", dt.date(2024, 2, 27), None, "28 Tage"),
    Spell("Ausreisegewahrsam", "Plan", dt.date(2025, 6, 1), dt.date(2025, 12, 31)),
)
NAMES = {"NW": "Nordrhein-Westfalen", "HE": "Hessen", "SL": "Saarland", "HB": "Bremen"}


def about(name, **other):
    return About(name, f"Bild {name}", "eigene Rechnung", **other)


def examples(language="de"):
    """Each picture by its name."""
    kind = {"language": language}
    return {
        "tiles": figures.tile_map(TILES, NAMES, {"NW": 1304, "HE": 444, "SL": Hidden.SMALL}, about("tiles", **kind)),
        "sankey": figures.sankey(FLOWS, (GRANT, MAY, REFUSE), "heute", "mit Reform", about("sankey", **kind)),
        "occupancy": figures.occupancy(COURSE, about("occupancy", **kind)),
        "courses": figures.courses(DAYS, COURSES, about("courses", kind="share", **kind)),
        "curves": figures.curves(CURVES, "Preis in Euro", "Personen", about("curves", **kind)),
        "waterfall": figures.waterfall(
            Step("2023", 47_000_000), STEPS, "2024", about("waterfall", kind="euro", **kind)
        ),
        "pareto": figures.pareto(
            PLANS, "B", "mittlerer Weg", "ungleiche Last", about("pareto", kind="decimal", places=1, **kind)
        ),
        "slopes": figures.slopes(SLOPES, "heute", "mit Reform", about("slopes", **kind)),
        "timeline": figures.timeline(
            SPELLS,
            ("Recht", "Plan"),
            (dt.date(2014, 1, 1), dt.date(2026, 12, 31)),
            dt.date(2025, 9, 1),
            "Seit 27.02.2024 sind es 28 Tage statt 10.",
            about("timeline", **kind),
        ),
    }
