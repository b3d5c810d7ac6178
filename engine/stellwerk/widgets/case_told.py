"""What the rules say of one case, in words and small tables: the strongest first, every path met, what is missing.

In go determinations with their rulebook; out comes HTML. Nothing here says more than the rules do: criteria met, a
window open, an unknown to ask for. Buttons carry `data-ask` (a fact whose field is wanted) and `data-say` (a rule whose
reasons are).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from stellwerk import formats
from stellwerk.evaluate.change import Question
from stellwerk.evaluate.evidence import CONFLICT, NEEDS_FACTS, NOT_IN_FORCE, Determination
from stellwerk.law.provision import AMOUNT
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.vocabulary import Vocabulary
from stellwerk.law.written import value_in_words
from stellwerk.texts import text
from stellwerk.widgets import look

MOST_QUESTIONS, MOST_RULES, FEWEST_OPEN = 8, 10, 4
MET_FROM = 40  # an outcome of this strength gives something; a weaker one refuses, counts or says that nothing is due
SAYS_SOMETHING = ("met", "open", "neutral")
_OPEN_KINDS = ("window", "deadline")  # of rules whose decision is that a time runs
_RUNS = ("window_open", "deadline_runs")  # what they say, and other rules may say too


@dataclass(frozen=True)
class Column:
    """One reading of the case: under which law, as of when, and what the rules said."""

    label: str
    found: Mapping[str, Determination]
    rulebook: Rulebook


def kind_of(found: Determination, vocabulary: Vocabulary) -> str:
    """How an outcome is shown: met, open (a time runs), unknown, not_met or neutral (something was counted)."""
    if found.outcome in (NEEDS_FACTS, CONFLICT):
        return "unknown"
    if found.outcome == NOT_IN_FORCE or found.version is None or found.outcome == found.version.otherwise:
        return "not_met"
    strong = vocabulary.outcomes[found.outcome].strength >= MET_FROM
    if found.outcome not in found.version.decisions():
        return "met" if strong else "not_met"
    if found.version.kind in _OPEN_KINDS or found.outcome in _RUNS:
        return "open"
    return "met" if strong else "neutral"


def headline(found: Mapping[str, Determination], asked: Sequence[Question], book: Rulebook, language: str) -> str:
    """The strongest result in one sentence, and how many rules are met, open and not met."""
    rules = by_strength(found, book)
    kinds = [kind_of(found[rule], book.vocabulary) for rule in rules]
    met = [rule for rule, kind in zip(rules, kinds, strict=True) if kind in ("met", "open")]
    if met:
        said = result_in_words(found[met[0]], book, language)
        sentence = text("case_strongest", language, result=said, rule=title_of(met[0], book, language))
    else:
        sentence = text("case_nothing_met" if "unknown" in kinds else "case_none_met", language)
    counts = {"met": len(met), "unknown": kinds.count("unknown"), "not_met": kinds.count("not_met")}
    parts = [text(f"case_count_{kind}", language, count=count) for kind, count in counts.items() if count]
    parts += [text("case_count_asked", language, count=len(asked))] if asked else []
    return f'<p class="sw-headline" role="status">{escape(sentence)}<small>{escape(" · ".join(parts))}</small></p>'


def by_strength(found: Mapping[str, Determination], book: Rulebook) -> list[str]:
    """The rules in the order of the page: what is met (strongest first), what is open for a missing fact, the rest."""
    order = ("met", "open", "neutral", "unknown", "not_met")

    def place(rule: str) -> tuple[int, int, int, str]:
        one = found[rule]
        kind = kind_of(one, book.vocabulary)
        rank = order.index("met" if kind == "open" else kind)
        return rank, -book.vocabulary.outcomes[one.outcome].strength, len(one.ask_for), rule

    return sorted(found, key=place)


def results(found: Mapping[str, Determination], book: Rulebook, language: str) -> str:
    """What the rules say, the strongest first; those that cannot apply are folded away behind one line."""
    rules = by_strength(found, book)
    kinds = {rule: kind_of(found[rule], book.vocabulary) for rule in rules}
    said = [rule for rule in rules if kinds[rule] in SAYS_SOMETHING]
    waiting = [rule for rule in rules if kinds[rule] == "unknown"]
    others = [rule for rule in rules if kinds[rule] == "not_met"]
    first = [*said, *waiting[: max(MOST_RULES - len(said), FEWEST_OPEN) if said else MOST_RULES]]
    rest = [rule for rule in waiting if rule not in first]
    if not first:
        first, others = others, []
    table = _rule_table(first, kinds, found, book, language)
    return table + "".join(
        f'<details id="sw-{key}"><summary>{escape(text(f"case_{key}", language, count=len(folded)))}</summary>'
        f"{_rule_table(folded, kinds, found, book, language)}</details>"
        for key, folded in (("more_open", rest), ("not_applicable", others))
        if folded
    )


def questions(
    asked: Sequence[Question], found: Mapping[str, Determination], book: Rulebook, subject: str, language: str
) -> str:
    """What is missing, the most helpful first; a click leads to its field."""
    if not asked:
        return look.live(text("case_nothing_missing", language))
    lines = [_question(one, found, book, subject, language) for one in asked]
    shown = f'<ul class="sw-questions">{"".join(lines[:MOST_QUESTIONS])}</ul>'
    rest = lines[MOST_QUESTIONS:]
    if not rest:
        return shown
    more = "".join(rest)
    summary = escape(text("case_more_missing", language, count=len(rest)))
    folded = f'<summary>{summary}</summary><ul class="sw-questions">{more}</ul>'
    return f'{shown}<details id="sw-more-missing">{folded}</details>'


def beside(columns: Sequence[Column], language: str) -> str:
    """The readings in columns beside each other: how many rules say something else, and which."""
    first, *others = columns
    if not others:
        return f'<p class="sw-notice">{escape(text("case_beside_empty", language))}</p>'
    sentences = "".join(f"<li>{escape(_how_many_differ(first, other, language))}</li>" for other in others)
    differing = [rule for rule in by_strength(first.found, first.rulebook) if _differs(rule, columns, language)]
    shown_columns = [
        first,
        *(other for other in others if any(_differs(rule, (first, other), language) for rule in differing)),
    ]
    shown = f'<div role="status"><ul class="sw-differences">{sentences}</ul></div>'
    if not differing:
        return shown
    heads = [text("case_rule", language), *(column.label for column in shown_columns)]
    top = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    rows = "".join(_beside_row(rule, shown_columns, language) for rule in differing)
    caption = escape(text("case_differing", language))
    return (
        f'{shown}<table class="sw-table sw-beside-table"><caption>{caption}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>"
    )


def result_in_words(found: Determination, book: Rulebook, language: str) -> str:
    """The outcome with the days and amounts that the rule computes."""
    label = book.vocabulary.outcomes[found.outcome].label(language)
    return " · ".join([label, *values_in_words(found, language)])


def values_in_words(found: Determination, language: str) -> list[str]:
    """The days and amounts that a rule computes, each with what it is."""
    unit = found.version.unit if found.version else ""
    shown = {
        name: value_in_words(value, language, unit if name == AMOUNT else "")
        for name, value in found.values.items()
        if value is not None
    }
    return [text(f"report_value_{name}", language, value=value) for name, value in shown.items()]


def title_of(rule: str, book: Rulebook, language: str) -> str:
    """The title of a rule's newest version."""
    version = book.rules[rule].versions[-1]
    return version.label_de if language == "de" else version.label_en


def fact_label(name: str, book: Rulebook, subject: str, language: str) -> str:
    """The words for a fact or a child table."""
    attributes, tables = book.vocabulary.attributes(subject), book.vocabulary.child_tables(subject)
    if name in attributes:
        return attributes[name].label(language)
    return tables[name].label(language) if name in tables else name


def days_away(day: dt.date, read_on: dt.date | None, language: str) -> str:
    """How far a day lies from the reading date: days left, or days since; nothing without a reading date."""
    if read_on is None:
        return ""
    days = (day - read_on).days
    if days == 0:
        return text("case_days_today", language)
    key = "case_days_left" if days > 0 else "case_days_gone"
    return text(f"{key}_one" if abs(days) == 1 else key, language, count=formats.number(abs(days), language))


def _rule_table(
    rules: Sequence[str], kinds: Mapping[str, str], found: Mapping[str, Determination], book: Rulebook, language: str
) -> str:
    top = "".join(
        f'<th scope="col">{escape(text(f"case_{head}", language))}</th>' for head in ("result", "rule", "what_else")
    )
    rows = "".join(_rule_row(found[rule], kinds[rule], book, language) for rule in rules)
    caption = escape(text("case_results", language))
    return (
        f'<table class="sw-table"><caption class="sw-hidden">{caption}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _rule_row(found: Determination, kind: str, book: Rulebook, language: str) -> str:
    chip = look.chip(book.vocabulary.outcomes[found.outcome].label(language), kind)
    title = escape(title_of(found.rule, book, language))
    why = escape(text("case_why_this", language))
    basis = (found.version or book.rules[found.rule].versions[-1]).basis
    strength = _strength(found, book, language) if kind in ("met", "open") else ""
    told = "<br>".join(escape(line) for line in _what_else(found, kind, language))
    return (
        f'<tr><td>{chip}{strength}</td><th scope="row"><button type="button" class="sw-link" '
        f'data-say="{escape(found.rule)}" data-goto=".sw-reasons-card" '
        f'title="{why}">{title}</button> <span class="sw-id">{escape(basis)}</span></th><td>{told}</td></tr>'
    )


def _what_else(found: Determination, kind: str, language: str) -> list[str]:
    """Days and amounts, with the days that are left; where facts are missing, how many."""
    if kind == "unknown" and found.outcome == NEEDS_FACTS:
        key = {0: "case_lacks_in_rows", 1: "case_lacks_one"}.get(len(found.ask_for), "case_lacks")
        return [text(key, language, count=len(found.ask_for))]
    left = days_away(found.until, found.reading_date, language) if found.until and kind != "not_met" else ""
    first, *others = [*values_in_words(found, language), ""]
    lines = [f"{first} ({left})" if first and left else first, *others]
    return [line for line in lines if line]


def _strength(found: Determination, book: Rulebook, language: str) -> str:
    """How binding an outcome is, as a bar with its number."""
    outcomes = book.vocabulary.outcomes
    most = max(outcome.strength for outcome in outcomes.values())
    strength = outcomes[found.outcome].strength
    said = escape(text("case_strength", language, strength=strength, most=most))
    return (
        f'<span class="sw-strength" role="img" aria-label="{said}" title="{said}">'
        f'<span style="width:{100 * strength // most}%"></span></span>'
    )


def _question(item: Question, found: Mapping[str, Determination], book: Rulebook, subject: str, language: str) -> str:
    """One question; where another rule's result is missing, the way leads to that rule's reasons."""
    known = item.fact in book.vocabulary.attributes(subject) or item.fact in book.vocabulary.child_tables(subject)
    rule = "" if known else _rule_behind(item, found)
    way = f'data-ask="{escape(item.fact)}"' if known else f'data-say="{escape(rule)}" data-goto=".sw-reasons-card"'
    label = fact_label(item.fact, book, subject, language)
    label = escape(
        text("case_result_of", language, rule=title_of(rule, book, language)) if rule in book.rules else label
    )
    key = "case_helps_one" if len(item.rules) == 1 else "case_helps"
    helps = text(key, language, count=len(item.rules), rule=title_of(item.rules[0], book, language))
    return (
        f'<li><button type="button" class="sw-link" {way}>{label}</button> '
        f'<span class="sw-id">{escape(helps)}</span></li>'
    )


def _rule_behind(item: Question, found: Mapping[str, Determination]) -> str:
    """The rule whose result is asked for."""
    versions = (found[rule].version for rule in item.rules)
    nodes = (node for version in versions if version is not None for node in version.derived())
    return next((node.rule for node in nodes if node.name == item.fact), "")


def _beside_row(rule: str, columns: Sequence[Column], language: str) -> str:
    first, *others = columns
    same = f'<span class="sw-id">{escape(text("case_equal", language))}</span>'
    cells = [_reading(rule, first, language)]
    cells += [
        f"≠ {_reading(rule, one, language)}" if _differs(rule, (first, one), language) else same for one in others
    ]
    title = escape(title_of(rule, first.rulebook, language))
    return f'<tr><th scope="row">{title}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _reading(rule: str, column: Column, language: str) -> str:
    """What a rule says in one column."""
    found, vocabulary = column.found[rule], column.rulebook.vocabulary
    chip = look.chip(vocabulary.outcomes[found.outcome].label(language), kind_of(found, vocabulary))
    return f"{chip} {escape(' · '.join(values_in_words(found, language)))}"


def _how_many_differ(first: Column, other: Column, language: str) -> str:
    differing = [rule for rule in first.found if _differs(rule, (first, other), language)]
    key = {0: "case_same", 1: "case_differs_one"}.get(len(differing), "case_differs")
    return text(key, language, label=other.label, count=len(differing))


def _differs(rule: str, columns: Sequence[Column], language: str) -> bool:
    return len({_said(rule, column, language) for column in columns}) > 1


def _said(rule: str, column: Column, language: str) -> str:
    return result_in_words(column.found[rule], column.rulebook, language)
