"""A long value as a list: the cases of a choice, the parts of a sum, the length and the beginning of a period.

Goes in: the expression of a date, period or number. Comes out: one line where it is short, else a line with its parts.
"""

from __future__ import annotations

from collections.abc import Iterator

from stellwerk.law import core
from stellwerk.law.phrases import Phrases
from stellwerk.law.said import Said

LONGEST_LINE = 110  # what a reader takes in at once; a longer value is told in parts


def unfolded(node: core.Core, words: Phrases) -> Said:
    """A value on one line, or in parts."""
    line = words.noun(node)
    if isinstance(node, core.Chosen):
        return Said(words.say("unfolded_choice"), tuple(_cases(node, words)))
    if len(line) <= LONGEST_LINE:
        return Said(line)
    match node:
        case core.Shifted(date=start, period=period, sign=sign):
            return _period("period_after" if sign > 0 else "period_before", start, period, words)
        case core.Applied(function="last_day", arguments=(core.Shifted(date=core.Applied(function="last_day")), _)):
            return Said(line)  # an extended period has a phrase of its own
        case core.Applied(function="last_day", arguments=(start, period)):
            return _period("period_counted", start, period, words)
        case core.Applied(function=name, arguments=arguments) if name in core.EXTREMES:
            return Said(words.say(f"unfolded_{name}"), tuple(unfolded(item, words) for item in arguments))
        case core.Applied(function="days" | "months" as unit, arguments=(number,)):
            return Said(words.say(f"unfolded_{unit}"), (unfolded(number, words),))
        case core.Shift(date=date, calendar=calendar):
            return Said(words.say("unfolded_working_day", calendar=calendar), (_part("from", date, words),))
        case core.Aggregated():
            return _rows(node, words)
        case core.Sum(operator="+" | "-"):
            return Said(words.say("unfolded_sum"), tuple(_addends(node, words)))
        case _:
            return Said(line)


def _period(key: str, start: core.Core, period: core.Core, words: Phrases) -> Said:
    return Said(words.say(f"unfolded_{key}"), (_part("length", period, words), _part("from", start, words)))


def _rows(node: core.Aggregated, words: Phrases) -> Said:
    """What is said of a child table: of which value, for which rows."""
    inside = words.inside(node.table)
    value = (unfolded(node.value, inside),) if node.value is not None else ()
    which = (Said(words.say("unfolded_rows"), (inside.condition(node.condition),)),)
    head = words.say(f"unfolded_rows_{node.kind}", table=words.table(node.table))
    return Said(head, (*value, *(which if inside.restriction(node.condition) else ())))


def _part(key: str, node: core.Core, words: Phrases) -> Said:
    said = unfolded(node, words)
    return Said(words.say(f"unfolded_{key}", value=said.text).rstrip(), said.items)


def _cases(node: core.Chosen, words: Phrases) -> Iterator[Said]:
    rest: core.Core = node
    while isinstance(rest, core.Chosen):
        value, condition = unfolded(rest.then, words), words.condition(rest.condition)
        if value.items:
            yield Said(
                words.say("case_of", condition=words.within(rest.condition)), (value,) if value.text else value.items
            )
        else:
            yield Said(words.say("in_case", value=value.text, condition=condition.text), condition.items)
        rest = rest.otherwise
    value = unfolded(rest, words)
    yield Said(words.say("in_other_cases", value=value.text).rstrip(), value.items)


def _addends(node: core.Core, words: Phrases, sign: str = "+") -> Iterator[Said]:
    """The parts of a sum; what is taken away is marked as such."""
    if isinstance(node, core.Sum) and node.operator in ("+", "-"):
        yield from _addends(node.left, words, sign)
        right = "-" if (node.operator == "-") != (sign == "-") else "+"
        yield from _addends(node.right, words, right)
        return
    said = unfolded(node, words)
    key = "unfolded_added" if sign == "+" else "unfolded_taken_away"
    yield Said(words.say(key, value=said.text).rstrip(), said.items)
