"""The days that count in a case: what was told, what rules compute, and the day on which the case is read.

In go the facts and the determinations; out comes a drawing (dots for days, bars for periods and windows, diamonds for
deadlines, so that it can be read in grey) and a table that says the same.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from stellwerk import formats
from stellwerk.evaluate.evidence import Determination
from stellwerk.evaluate.examples import Fact
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.vocabulary import Attribute
from stellwerk.texts import text
from stellwerk.widgets import look
from stellwerk.widgets.case_told import days_away, fact_label, kind_of, title_of

_WIDTH, _ROW, _LEFT, _RIGHT, _TOP, _LETTERS = 800, 22, 420, 790, 22, 64  # of the drawing, in its own units
_YEARS_SHOWN = (
    15  # a day that lies further back, mostly a birth, stands at the edge and does not press the rest together
)
_DAYS_AROUND = 30  # around a single day, so that there is something to see
_MOST_TICKS = 8
_STEPS = (1, 2, 7, 14, 31, 92, 183, 366, 731, 1827, 3653)  # days between two ticks
_DEADLINE = "deadline"


@dataclass(frozen=True)
class Day:
    """A day, or a stretch of days, that counts in the case."""

    first: dt.date
    last: dt.date | None
    label: str
    kind: str  # fact: told; window: a time that runs; deadline: a day by which something must happen


def reading_day(found: Mapping[str, Determination]) -> dt.date | None:
    """The day on which most rules read the case."""
    days = Counter(one.reading_date for one in found.values() if one.reading_date is not None)
    return days.most_common(1)[0][0] if days else None


def days_of(
    facts: Mapping[str, Fact], found: Mapping[str, Determination], book: Rulebook, subject: str, language: str
) -> list[Day]:
    """The days that were told and those that rules compute, the earliest first."""
    made = {*_told_days(facts, book, subject, language), *_computed_days(found, book, language)}
    return sorted(made, key=lambda day: (day.first, day.label))


def timeline(days: Sequence[Day], read_on: dt.date | None, language: str) -> str:
    """The days as a drawing, and as a table that says the same."""
    if not days:
        return f'<p class="sw-notice">{escape(text("case_no_days", language))}</p>'
    rows = [
        [
            formats.date(day.first, language),
            "" if day.last is None else formats.date(day.last, language),
            day.label,
            days_away(day.last or day.first, read_on, language),
        ]
        for day in days
    ]
    head = [text(f"case_day_{name}", language) for name in ("first", "last", "what", "away")]
    table = look.table(text("case_days", language), head, rows)
    folded = (
        f'<details id="sw-days-table"><summary>{escape(text("case_day_table", language))}</summary>{table}</details>'
    )
    return f"{_drawing(days, read_on, language)}{folded}"


def _told_days(facts: Mapping[str, Fact], book: Rulebook, subject: str, language: str) -> Iterator[Day]:
    tables = book.vocabulary.child_tables(subject)
    for name, value in facts.items():
        if isinstance(value, dt.date):
            yield Day(value, None, fact_label(name, book, subject, language), "fact")
        if name not in tables or not isinstance(value, list):
            continue
        for row in value:
            first, last = row.get("first_day"), row.get("last_day")
            if isinstance(first, dt.date):
                label = _row_label(row, tables[name].attributes, language) or tables[name].label(language)
                yield Day(first, last if isinstance(last, dt.date) and last >= first else None, label, "fact")


def _row_label(row: Mapping[str, object], attributes: Mapping[str, Attribute], language: str) -> str:
    """What kind of period a row is, where its table has kinds."""
    for name, attribute in attributes.items():
        code = row.get(name)
        if attribute.type.code_list is not None and code is not None:
            return attribute.type.code_list.codes[str(code)].label(language)
    return ""


def _computed_days(found: Mapping[str, Determination], book: Rulebook, language: str) -> Iterator[Day]:
    for rule, one in found.items():
        if one.version is None or kind_of(one, book.vocabulary) == "not_met":
            continue
        title = title_of(rule, book, language)
        for value in one.values.values():
            if not isinstance(value, dt.date):
                continue
            runs = one.version.kind != _DEADLINE and one.reading_date is not None and value >= one.reading_date
            if runs and one.reading_date is not None:
                yield Day(one.reading_date, value, title, "window")
            else:
                yield Day(value, None, title, _DEADLINE)


def _drawing(days: Sequence[Day], read_on: dt.date | None, language: str) -> str:
    axis, lanes = _Axis.around(days, read_on), _lanes(days)
    parts = [*_ticks(axis, len(lanes), language)]
    for row, lane in enumerate(lanes):
        parts += _lane(lane, axis, _TOP + _ROW * row + _ROW // 2, read_on, language)
    height = _TOP + _ROW * len(lanes) + 22
    if read_on is not None:
        x, said = axis.place(read_on), text("case_read_on", language, day=formats.date(read_on, language))
        anchor = "end" if x > (_LEFT + _RIGHT) / 2 else "start"
        parts.append(
            f'<path d="M{x} {_TOP - 4}V{height - 18}" stroke="#b3541e" stroke-width="1.5" stroke-dasharray="5 3"/>'
        )
        parts.append(f'<text x="{x}" y="12" text-anchor="{anchor}" fill="#8a3f14">{escape(said)}</text>')
    alt = text(
        "case_days_alt",
        language,
        count=len(days),
        first=formats.date(axis.first, language),
        last=formats.date(axis.last, language),
    )
    return (
        f'<div class="sw-timeline" role="img" aria-label="{escape(alt)}"><svg viewBox="0 0 {_WIDTH} {height}" '
        f'font-size="12" width="100%" style="max-width:{_WIDTH}px">{"".join(parts)}</svg></div>'
    )


@dataclass(frozen=True)
class _Axis:
    """From which day to which the drawing goes."""

    first: dt.date
    last: dt.date

    @classmethod
    def around(cls, days: Sequence[Day], read_on: dt.date | None) -> _Axis:
        every = [day.first for day in days] + [day.last for day in days if day.last] + ([read_on] if read_on else [])
        last = max(every)
        anchor = read_on or last
        edge = dt.date(max(anchor.year - _YEARS_SHOWN, 1), 1, 1)
        first = min((day for day in every if day >= edge), default=last)
        around = dt.timedelta(days=max((last - first).days // 30, 0 if last > first else _DAYS_AROUND))
        return cls(first - around, last + around)

    def place(self, day: dt.date) -> float:
        """Where a day stands; one before the first stands at the edge."""
        span = max((self.last - self.first).days, 1)
        return round(_LEFT + (_RIGHT - _LEFT) * min(max((day - self.first).days / span, 0), 1), 1)


def _ticks(axis: _Axis, rows: int, language: str) -> Iterator[str]:
    bottom = _TOP + _ROW * rows
    yield f'<path d="M{_LEFT} {bottom}H{_RIGHT}" stroke="#7b8591"/>'
    for day, words in _marks(axis, language):
        x = axis.place(day)
        anchor = "start" if x < _LEFT + 30 else "end" if x > _RIGHT - 30 else "middle"
        yield f'<path d="M{x} {_TOP}V{bottom + 4}" stroke="#d3d9e1"/>'
        yield f'<text x="{x}" y="{bottom + 17}" text-anchor="{anchor}" fill="#4b5563">{escape(words)}</text>'


def _marks(axis: _Axis, language: str) -> list[tuple[dt.date, str]]:
    """The days at which the axis is labelled: years where it is long, months or days where it is short."""
    span = (axis.last - axis.first).days
    step = next((step for step in _STEPS if span / step <= _MOST_TICKS), _STEPS[-1])
    if step >= 366:
        years = range(axis.first.year + 1, axis.last.year + 1, round(step / 365.25))
        return [(dt.date(year, 1, 1), str(year)) for year in years]
    if step >= 31:
        months = [
            dt.date(axis.first.year + place // 12, place % 12 + 1, 1)
            for place in range(axis.first.month, axis.first.month + 36, step // 30)
        ]
        return [(day, formats.month(day, language)[:3] + f" {day.year}") for day in months if day <= axis.last]
    days = [axis.first + dt.timedelta(days=place) for place in range(0, span + 1, step)]
    return [(day, formats.date(day, language)) for day in days]


def _lanes(days: Sequence[Day]) -> list[list[Day]]:
    """What stands on one line: periods of one kind together, everything else by itself; the earliest first."""
    lanes: dict[tuple[object, ...], list[Day]] = {}
    for day in days:
        key = (day.label,) if day.kind == "fact" and day.last is not None else (day.label, day.first, day.last)
        lanes.setdefault(key, []).append(day)
    return list(lanes.values())


def _lane(lane: Sequence[Day], axis: _Axis, y: float, read_on: dt.date | None, language: str) -> Iterator[str]:
    """One line: what it is with its dates to the left, its signs to the right."""
    note = _note(lane, read_on, language)
    label = lane[0].label
    room = max(_LETTERS - len(note), 12)
    shortened = label if len(label) <= room else f"{label[: room - 1].rstrip()}…"
    yield f'<text x="0" y="{y + 4}"><title>{escape(label)}</title>{escape(shortened)} '
    yield f'<tspan fill="#4b5563">{escape(note)}</tspan></text>'
    yield from (_sign(day, axis, y) for day in lane)


def _note(lane: Sequence[Day], read_on: dt.date | None, language: str) -> str:
    """The dates of a line, with the days that are left where a time runs."""
    first, last = lane[0].first, max(day.last or day.first for day in lane)
    begins, ends = formats.date(first, language), formats.date(last, language)
    if lane[0].kind == "fact":
        dates = begins if first == last else f"{begins} – {ends}"
        return dates if len(lane) == 1 else text("case_periods", language, count=len(lane), dates=dates)
    away = days_away(last, read_on, language)
    said = text("case_until", language, day=ends) if lane[0].kind == "window" else ends
    return f"{said}, {away}" if away else said


def _sign(day: Day, axis: _Axis, y: float) -> str:
    """A bar, a diamond, a dot; an arrow at the edge for a day that lies before it."""
    x = axis.place(day.first)
    if day.last is not None:
        width = round(max(axis.place(day.last) - x, 3), 1)
        look_of = 'fill="#dbe7f5" stroke="#00336b" stroke-width="1.5"' if day.kind == "window" else 'fill="#00336b"'
        return f'<rect x="{x}" y="{y - 5}" width="{width}" height="10" {look_of}/>'
    if day.kind == _DEADLINE:
        return f'<path d="M{x} {y - 7}l7 7l-7 7l-7 -7z" fill="#fff" stroke="#b3541e" stroke-width="2"/>'
    if day.first < axis.first:
        return f'<path d="M{x} {y}l8 -5v10z" fill="#00336b"/>'
    return f'<circle cx="{x}" cy="{y}" r="5" fill="#00336b"/>'
