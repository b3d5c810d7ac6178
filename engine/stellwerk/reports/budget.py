"""A budget in words: who bears what, position by position, what is missing, what it rests on, and one line opened.

Goes in: a costed scenario. Comes out: text for readers or plain data for machines; nothing is computed here but sums.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from stellwerk import formats
from stellwerk.budget.lines import Assumption, Line, NotComputed, exact_decimal, in_eur
from stellwerk.budget.months import shown_month
from stellwerk.budget.payers import Balance
from stellwerk.budget.prices import PriceVersion
from stellwerk.costing import Costed
from stellwerk.texts import text

_SHOWN_CASES = 20  # ids printed of an opened line; the table written with -o holds all


def tell_budget(costed: Costed, language: str) -> str:
    """The whole budget as text."""
    budget = costed.budget
    parts = [
        _head(costed, language),
        text("budget_head_parties", language),
        _aligned(_party_rows(costed, language)),
        text("budget_head_positions", language),
        _aligned(_position_rows(costed, language)),
        _total(costed, language),
    ]
    if budget.not_computed:
        gaps = [f"  {_gap(costed, gap, language)}" for gap in budget.not_computed]
        parts.append("\n".join([text("budget_head_open", language), *gaps]))
    rests_on = [f"  {_assumption(entry, language)}" for entry in budget.assumptions]
    parts.append("\n".join([text("budget_head_assumptions", language), *rests_on]))
    return "\n\n".join(parts)


def tell_line(costed: Costed, name: str, language: str) -> str:
    """One line, opened: its product, its rule and values, its stocks or cases."""
    line = costed.budget.line(name)
    position = costed.budget.positions.kind(line.position)
    price, amount = _money(line.price.eur, language), _cents(line.cents, language)
    head = text(
        "budget_line_head",
        language,
        title=position.title.in_language(language),
        group=costed.budget.positions.group_labels(line.position, line.group).in_language(language),
        month=shown_month(line.month),
        quantity=_count(line.quantity, language),
        unit=position.unit.in_language(language),
        price=price,
        amount=amount,
    )
    return "\n".join([head, *_origin(costed, line, language), *_behind(costed, line, language)])


def as_data(costed: Costed, language: str) -> dict[str, Any]:
    """The whole budget for machines; amounts are text with exact cents."""
    budget = costed.budget
    base = {balance.party: balance for balance in costed.base.balances} if costed.base is not None else {}
    return {
        "scenario": budget.scenario,
        "first_month": shown_month(costed.first_month),
        "last_month": shown_month(costed.last_month),
        "known_on": costed.known_on,
        "reforms": list(costed.book.applied),
        "rulebook": costed.book.hash,
        "base_year": budget.base_year,
        "total_eur": in_eur(budget.cents),
        "parties": [_party_data(balance, base.get(balance.party)) for balance in budget.balances],
        "lines": budget.frame(language).to_dicts(),
        "not_computed": [_gap_data(gap, language) for gap in budget.not_computed],
        "assumptions": [
            {
                "what": entry.what.in_language(language),
                "value": entry.value.in_language(language),
                "source": entry.source,
                "evidence": entry.evidence,
            }
            for entry in budget.assumptions
        ],
    }


def line_as_data(costed: Costed, name: str, language: str) -> dict[str, Any]:
    """One opened line for machines."""
    line = costed.budget.line(name)
    row = next(row for row in costed.budget.frame(language).to_dicts() if row["line"] == line.id)
    versions = [
        {
            "name": version.name,
            "value": version.value,
            "from": version.first,
            "to": version.last,
            "known_from": version.known_from,
            "basis": version.basis,
            "evidence": version.evidence,
            "reform": version.reform or None,
        }
        for version in line.price.versions
    ]
    inputs = [{"name": name, **fact.model_dump()} for name, fact in costed.inputs(line).items()]
    return {**row, "versions": versions, "inputs": inputs, "behind": costed.open_line(name).to_dicts()}


def _head(costed: Costed, language: str) -> str:
    reforms = [costed.book.reform(name).label(language) for name in costed.book.applied]
    return text(
        "budget_head",
        language,
        title=costed.title.in_language(language),
        first=shown_month(costed.first_month),
        last=shown_month(costed.last_month),
        year=costed.year,
        law=reforms or text("budget_law_in_force", language),
        known_on=formats.date(costed.known_on, language) if costed.known_on else "",
        base_year=costed.budget.base_year,
    )


def _party_rows(costed: Costed, language: str) -> Iterator[list[str]]:
    columns = ["party", "paid", "received", "net", "net_real", *(["more"] if costed.base is not None else [])]
    yield [text(f"budget_column_{column}", language) for column in columns]
    before = {balance.party: balance for balance in costed.base.balances} if costed.base is not None else {}
    for balance in costed.budget.balances:
        amounts = [balance.paid, balance.received, balance.net, balance.net_real]
        row = [text(f"party_{balance.party}", language), *(_cents(amount, language) for amount in amounts)]
        if balance.party in before:
            row.append(formats.difference(in_eur(balance.net - before[balance.party].net), language, 2))
        yield row


def _position_rows(costed: Costed, language: str) -> Iterator[list[str]]:
    columns = ("position", "from_to", "quantity", "amount", "real")
    yield [text(f"budget_column_{column}", language) for column in columns]
    for row in costed.budget.by_position(language).iter_rows(named=True):
        parties = f"{text('party_' + row['payer'], language)} → {text('party_' + row['payee'], language)}"
        amounts = [formats.number(row[name], language, 2) for name in ("amount_eur", "real_eur")]
        yield [row["title"], parties, _count(Fraction(row["quantity"]), language), *amounts]


def _total(costed: Costed, language: str) -> str:
    lines = costed.budget.lines
    real = sum(line.real_cents for line in lines)
    count = formats.number(len(lines), language)
    nominal = _cents(costed.budget.cents, language)
    return text("budget_total", language, count=count, nominal=nominal, real=_cents(real, language))


def _gap(costed: Costed, gap: NotComputed, language: str) -> str:
    return text(
        "budget_gap",
        language,
        title=costed.budget.positions.title(gap.position, language),
        group=costed.budget.positions.group_labels(gap.position, gap.group).in_language(language),
        first=shown_month(gap.first),
        last=shown_month(gap.last),
        quantity=_count(gap.quantity, language),
        reason=gap.reason.in_language(language),
    )


def _assumption(entry: Assumption, language: str) -> str:
    grade = text(f"evidence_{entry.evidence}", language)
    what, value = entry.what.in_language(language), entry.value.in_language(language)
    return text("budget_assumption_line", language, what=what, value=value, source=entry.source, evidence=grade)


def _origin(costed: Costed, line: Line, language: str) -> Iterator[str]:
    """Rule, values, reform and grade of a line's price."""
    price = line.price
    if price.rule and price.rule_from is not None:
        first, grade = formats.date(price.rule_from, language), text(f"evidence_{price.evidence}", language)
        yield text("budget_line_rule", language, rule=price.rule, first=first, basis=price.basis, evidence=grade)
    for version in price.versions:
        yield "  " + _version(version, language)
    for name, fact in costed.inputs(line).items():
        grade = text(f"evidence_{fact.evidence}", language)
        yield "  " + text(
            "budget_line_input", language, name=name, value=fact.value, source=fact.source, evidence=grade
        )
    if price.reform:
        yield text("budget_line_reform", language, reform=costed.book.reform(price.reform).label(language))
    if price.past_verification:
        yield text("budget_line_past_verification", language)
    paid = costed.stands_for(line)
    if paid is not None:
        number, other = paid
        grade = text(f"evidence_{other.evidence}", language)
        values = {"price": _money(other.eur, language), "source": other.basis, "evidence": grade}
        yield text("budget_line_stands_for", language, number=formats.number(number, language, 1), **values)


def _version(version: PriceVersion, language: str) -> str:
    last = formats.date(version.last, language) if version.last else ""
    interval = text("budget_interval", language, first=formats.date(version.first, language), last=last)
    return text(
        "budget_line_version",
        language,
        name=version.name,
        value=version.value,
        interval=interval,
        known=formats.date(version.known_from, language) if version.known_from else "",
        basis=version.basis,
        evidence=text(f"evidence_{version.evidence}", language),
        note=version.note,
    )


def _behind(costed: Costed, line: Line, language: str) -> Iterator[str]:
    rows = costed.open_line(line.id)
    if line.of_cases:
        for case_id in rows.get_column("case_id").head(_SHOWN_CASES):
            yield f"  {case_id}"
        if rows.height > _SHOWN_CASES:
            yield f"  … {formats.number(rows.height, language)}"
        return
    for number, source, evidence in rows.iter_rows():
        yield f"  {_count(Fraction(number), language)} – {source} [{text(f'evidence_{evidence}', language)}]"


def _party_data(balance: Balance, before: Balance | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "party": balance.party,
        "paid_eur": in_eur(balance.paid),
        "received_eur": in_eur(balance.received),
        "net_eur": in_eur(balance.net),
        "net_real_eur": in_eur(balance.net_real),
    }
    return found if before is None else {**found, "more_than_law_in_force_eur": in_eur(balance.net - before.net)}


def _gap_data(gap: NotComputed, language: str) -> dict[str, Any]:
    return {
        "position": gap.position,
        "group": gap.group or None,
        "first_month": shown_month(gap.first),
        "last_month": shown_month(gap.last),
        "quantity": exact_decimal(gap.quantity, 6),
        "reason": gap.reason.in_language(language),
    }


def _cents(cents: int, language: str) -> str:
    return formats.number(in_eur(cents), language, 2)


def _money(eur: Fraction, language: str) -> str:
    return formats.number(eur, language, 2)


def _count(number: Fraction, language: str) -> str:
    return formats.number(number, language, 0 if number.denominator == 1 else 2)


def _aligned(rows: Iterator[list[str]]) -> str:
    """Rows as text in columns: the first column to the left, the others to the right."""
    table: Sequence[list[str]] = list(rows)
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
    return "\n".join("  ".join(_padded(row, widths)) for row in table)


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    numbers = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return [row[0].ljust(widths[0]), *numbers]
