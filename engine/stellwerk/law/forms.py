"""What each kind of rule is made of: its conditions, exceptions, rows and values, in the parts all engines read.

One function a kind; each says in its docstring what the kind means. Nothing here is evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.law import core, kinds, resolver
from stellwerk.law.calendar import Period
from stellwerk.law.decision_tables import TableRow, read_table
from stellwerk.law.linker import Linker, UnknownCitation, UnknownOutcome
from stellwerk.law.provision import AMOUNT, UNTIL, UNTIL_EXCLUDED, Condition, Exemption, NamedValue, Policy, Row
from stellwerk.law.types import BOOL, DATE, DECIMAL, INTEGER, PERIOD, Type

ONE_DAY = core.Constant(Period(days=1), PERIOD)
CAP_REACHED = "cap_reached"


class UnknownFeature(StellwerkError):
    """A feature excludes one that the rule does not have."""


class AmountIsNoNumber(StellwerkError):
    """An amount whose expression gives no number."""


class TableDecidesNothing(StellwerkError):
    """A row of a decision table without an outcome."""


@dataclass(frozen=True)
class Parts:
    """What a kind adds to the parts that all kinds have."""

    decide: str
    conditions: tuple[Condition, ...] = ()
    exceptions: tuple[Exemption, ...] = ()
    rows: tuple[Row, ...] = ()
    policy: Policy = "none"
    values: tuple[NamedValue, ...] = ()
    unit: str = ""


def parts_of(linker: Linker) -> Parts:
    """The parts of the document that `linker` holds."""
    document = linker.document
    match document:
        case kinds.Criteria():
            return _criteria(linker, document)
        case kinds.Points():
            return _points(linker, document)
        case kinds.Window():
            return _window(linker, document)
        case kinds.Deadline():
            return _deadline(linker, document)
        case kinds.Quantity():
            return _quantity(linker, document)
        case kinds.Stage():
            return _stage(linker, document)
        case kinds.Table():
            return _table(linker, document)


def _criteria(linker: Linker, document: kinds.Criteria) -> Parts:
    """All conditions hold and no exception takes effect: `decide`, with an end where one is given."""
    return Parts(linker.outcome(document.decide, "decide"), values=_end(linker, document.until))


def _points(linker: Linker, document: kinds.Points) -> Parts:
    """The features that hold, less those excluded by one that holds, reach the minimum; the total is the amount."""
    keys = [feature.key for feature in document.features]
    own = [linker.condition(entry.if_, "features", n) for n, entry in enumerate(document.features)]
    excluders: dict[str, list[core.Core]] = {key: [] for key in keys}
    for n, entry in enumerate(document.features):
        for name in entry.excludes:
            if name not in excluders:
                raise UnknownFeature(linker.place("features", n), name=name, near=nearest(name, keys))
            excluders[name].append(own[n].core)
    terms = tuple(
        (_and_none_of(condition.core, excluders[entry.key]), core.Constant(entry.points, INTEGER))
        for condition, entry in zip(own, document.features, strict=True)
    )
    minimum = linker.expression(document.minimum, INTEGER, "minimum")
    enough = Condition(f"points >= {document.minimum}", core.AtLeast(terms, minimum), linker.place("minimum"))
    rows = tuple(
        Row(entry.key, condition, document.decide, linker.citation(entry.basis or document.basis, "features", n))
        for n, (condition, entry) in enumerate(zip(own, document.features, strict=True))
    )
    return Parts(
        linker.outcome(document.decide, "decide"),
        conditions=(enough,),
        rows=rows,
        values=(*_end(linker, document.until), NamedValue(AMOUNT, _total(list(terms)), always=True)),
        unit="points",
    )


def _window(linker: Linker, document: kinds.Window) -> Parts:
    """Open from `starts` for `length`, longer where the extension's condition holds, cut to the days left under a cap.

    `until` counts the first day (BGB § 187 Abs. 2), `until_event_day_excluded` does not (Abs. 1); an extension runs
    from the end of the earlier period (§ 190). No days left: `cap_reached`, unless a declared exception takes effect.
    """
    starts = linker.expression(document.starts, DATE, "starts")
    length = linker.expression(document.length, PERIOD, "length")
    counted: core.Core = core.Applied("last_day", (starts, length), DATE)
    excluded: core.Core = core.Shifted(starts, length, 1)
    if document.extension is not None:
        holds = linker.expression(document.extension.if_, BOOL, "extension", "if")
        more = linker.expression(document.extension.length, PERIOD, "extension", "length")
        extended = core.Applied("last_day", (core.Shifted(counted, ONE_DAY, 1), more), DATE)
        counted = core.Chosen(holds, extended, counted, DATE)
        excluded = core.Chosen(holds, core.Shifted(excluded, more, 1), excluded, DATE)
    exceptions: tuple[Exemption, ...] = ()
    if document.cap is not None:
        days = linker.expression(document.cap.days, INTEGER, "cap", "days")
        used = linker.expression(document.cap.used, INTEGER, "cap", "used")
        left = core.Applied("days", (core.Sum("-", days, used, INTEGER),), PERIOD)
        last = core.Shifted(starts, left, 1)
        counted = core.Applied("earliest", (counted, core.Shifted(last, ONE_DAY, -1)), DATE)
        excluded = core.Applied("earliest", (excluded, last), DATE)
        reached = Condition(
            f"{document.cap.used} >= {document.cap.days}", core.Compared(">=", used, days), linker.place("cap")
        )
        exceptions = (
            Exemption(
                key="cap",
                condition=reached,
                outcome=linker.outcome(CAP_REACHED, "cap"),
                basis=linker.citation(document.basis, "basis"),
                overridden_by=tuple(range(len(document.unless))),
            ),
        )
    values = (NamedValue(UNTIL, counted, False, essential=True), NamedValue(UNTIL_EXCLUDED, excluded, False, True))
    return Parts(linker.outcome(document.decide, "decide"), exceptions=exceptions, values=values)


def _deadline(linker: Linker, document: kinds.Deadline) -> Parts:
    """The last day of a period after an event, on a working day where the rule shifts it (BGB § 193)."""
    event = linker.expression(document.event, DATE, "event")
    length = linker.expression(document.length, PERIOD, "length")
    end: core.Core = core.Shifted(event, length, 1)
    if document.counting == "first_day_counts":
        end = core.Applied("last_day", (event, length), DATE)
    if document.shifted:
        if document.shifted not in linker.scope.calendars:
            near = nearest(document.shifted, linker.scope.calendars)
            raise resolver.UnknownCalendar(linker.place("shifted"), name=document.shifted, near=near)
        end = core.Shift(end, document.shifted)
    return Parts(
        linker.outcome(document.decide, "decide"), values=(NamedValue(UNTIL, end, always=False, essential=True),)
    )


def _quantity(linker: Linker, document: kinds.Quantity) -> Parts:
    """An amount by a formula, given where the conditions hold."""
    amount = _number(linker, document.amount, linker.place("amount"))
    values = (NamedValue(AMOUNT, amount, always=False, essential=True),)
    return Parts(linker.outcome(document.decide, "decide"), values=values, unit=document.unit)


def _stage(linker: Linker, document: kinds.Stage) -> Parts:
    """Where somebody stands: the first stage whose condition holds, in the order written."""
    rows = []
    ends: list[tuple[core.Core, core.Core | None]] = []
    for n, entry in enumerate(document.stages):
        condition = linker.condition(entry.if_, "stages", n)
        outcome = linker.outcome(entry.stage, "stages", n, "stage")
        rows.append(Row(entry.stage, condition, outcome, linker.citation(entry.basis or document.basis, "stages", n)))
        end = linker.expression(entry.until, DATE, "stages", n, "until") if entry.until else None
        ends.append((condition.core, end))
    return Parts(rows[0].outcome, rows=tuple(rows), policy="first", values=_first_given(UNTIL, ends, DATE))


def _table(linker: Linker, document: kinds.Table) -> Parts:
    """A decision table: the rows that hold decide by the hit policy; `collect` adds their amounts."""
    shown = str(Path(linker.shown).with_name(document.table).as_posix())
    lines = read_table(linker.folder / document.table, shown)
    decide = linker.outcome(document.decide, "decide")
    rows, amounts, ends = [], list[tuple[core.Core, core.Core | None]](), list[tuple[core.Core, core.Core | None]]()
    for line in lines:
        condition = Condition(line.condition, resolver.link(line.condition, linker.scope, line.place, BOOL), line.place)
        rows.append(_table_row(linker, document, line, condition, decide))
        amount, until = line.results.get("amount"), line.results.get("until")
        amounts.append((condition.core, _number(linker, amount, line.place) if amount else None))
        ends.append((condition.core, resolver.link(until, linker.scope, line.place, DATE) if until else None))
    terms = [(holds, amount) for holds, amount in amounts if amount is not None]
    if document.policy == "collect" and terms:
        found: tuple[NamedValue, ...] = (NamedValue(AMOUNT, _total(terms), always=False),)
    else:
        whole = all(amount is None or amount.type == INTEGER for _, amount in amounts)
        found = _first_given(AMOUNT, amounts, INTEGER if whole else DECIMAL)
    values = (*found, *_first_given(UNTIL, ends, DATE))
    return Parts(decide, rows=tuple(rows), policy=document.policy, values=values, unit=document.unit)


def _table_row(linker: Linker, document: kinds.Table, line: TableRow, condition: Condition, decide: str) -> Row:
    outcome = line.results.get("decide", decide if "amount" in line.results else "")
    known = linker.context.vocabulary.outcomes
    if not outcome:
        raise TableDecidesNothing(line.place)
    if outcome not in known:
        raise UnknownOutcome(line.place, name=outcome, near=nearest(outcome, known))
    basis = line.results.get("basis", document.basis)
    if basis not in linker.context.citations:
        raise UnknownCitation(line.place, name=basis, near=nearest(basis, linker.context.citations))
    return Row(str(line.place.line), condition, outcome, basis)


def _end(linker: Linker, until: str | None) -> tuple[NamedValue, ...]:
    if not until:
        return ()
    return (NamedValue(UNTIL, linker.expression(until, DATE, "until"), always=False),)


def _and_none_of(condition: core.Core, excluders: list[core.Core]) -> core.Core:
    if not excluders:
        return condition
    return core.AllOf((condition, *(core.Negated(excluder) for excluder in excluders)))


def _total(terms: list[tuple[core.Core, core.Core]]) -> core.Core:
    """The sum of what the conditions that hold bring."""
    nothing = core.Constant(0, INTEGER)
    total: core.Core | None = None
    for holds, amount in terms:
        zero = nothing if amount.type == INTEGER else core.Sum("*", nothing, amount, DECIMAL)
        part = core.Chosen(holds, amount, zero, amount.type)
        kind = INTEGER if (total is None or total.type == INTEGER) and amount.type == INTEGER else DECIMAL
        total = part if total is None else core.Sum("+", total, part, kind)
    return nothing if total is None else total


def _first_given(name: str, rows: list[tuple[core.Core, core.Core | None]], kind: Type) -> tuple[NamedValue, ...]:
    """The value of the first row that holds; a row without one gives none."""
    if all(value is None for _, value in rows):
        return ()
    chosen: core.Core = core.Nothing(kind)
    for holds, value in reversed(rows):
        branch = core.Nothing(kind) if value is None else _as(value, kind)
        chosen = core.Chosen(holds, branch, chosen, kind, agrees=False)
    return (NamedValue(name, chosen, always=False),)


def _as(value: core.Core, kind: Type) -> core.Core:
    """An integer as the decimal it is."""
    return value if value.type == kind else core.Sum("+", value, core.Constant(0, INTEGER), kind)


def _number(linker: Linker, text: str | int, place: Place) -> core.Core:
    amount = resolver.link(str(text), linker.scope, place)
    if not amount.type.is_number:
        raise AmountIsNoNumber(place, expression=text)
    return amount
