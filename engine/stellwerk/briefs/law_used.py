"""Which versions of rules and of dated parameters hold on a day, in words that a later run can be compared by?

In go a view of the law, names of rules and a day; out comes a name and its version for each rule and each parameter
that the rules read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from stellwerk.briefs.reforms import RulebookView

NONE = "-"  # no version holds on the day


def law_used(law: RulebookView, rules: Iterable[str], day: dt.date) -> dict[str, str]:
    """Rule -> first day of its version; parameter -> its value and the first day of that."""
    found: dict[str, str] = {}
    for name in rules:
        rule = law.rules.get(name)
        version = None if rule is None else rule.on(day)
        found[name] = NONE if version is None else _first(version.interval.first)
        for parameter in () if version is None else version.parameters():
            dated = law.parameters[parameter].on(day)
            found[parameter] = NONE if dated is None else f"{dated.value} ({_first(dated.interval.first)})"
    return dict(sorted(found.items()))


def _first(day: dt.date | None) -> str:
    return NONE if day is None else day.isoformat()
