"""A change that someone tries out: a reform that stands in no file.

Goes in: a rulebook, the name of a parameter, a value as it would be written in a file, and the first day. Comes out:
a `Reform` that `Rulebook.with_reforms` lays over the law like any other.
"""

from __future__ import annotations

import datetime as dt

from stellwerk.errors import StellwerkError, nearest
from stellwerk.law.dated import Interval
from stellwerk.law.reforms import Reform, SetParameter
from stellwerk.law.resolver import UnknownName
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import parse_value
from stellwerk.texts import text

TRIED = "modelling_choice"  # the evidence grade of what somebody tries out


class DraftValueWrong(StellwerkError):
    """The value somebody tries is not of the parameter's type."""


def changed_value(rulebook: Rulebook, parameter: str, written: str, first: dt.date) -> Reform:
    """The reform that gives a parameter another value from a day on."""
    if parameter not in rulebook.parameters:
        raise UnknownName(name=parameter, near=nearest(parameter, rulebook.parameters))
    known = rulebook.parameters[parameter]
    value = parse_value(written, known.type)
    if value is None:
        raise DraftValueWrong(name=parameter, value=written, form=known.type.in_words)
    patch = SetParameter(parameter, value, Interval(first), "", TRIED, "")
    title = {language: text("draft_title", language, parameter=parameter, value=written) for language in ("de", "en")}
    return Reform(f"draft {parameter}={value}@{first}", title["de"], title["en"], title["en"], first, (patch,))
