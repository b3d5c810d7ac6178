"""What reforms change: versions put in or ended, parameter values and listing codes that differ, with the demand.

Goes in: the rulebook without and with reforms. Comes out: lines in one language, for one rule or for a whole reform.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from stellwerk.law.provision import Rule
from stellwerk.law.reforms import EndRule, ExtendListing, Patch, PutRule, Reform, SetParameter
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.said import Said
from stellwerk.law.written import value_in_words
from stellwerk.reports.words import Words


def changes_of(rule: str, base: Rulebook, words: Words) -> Said:
    """What the reforms that `words.rulebook` applies change for one rule, against `base`."""
    book = words.rulebook
    names = [name for name in book.applied if name not in base.applied]
    lines = []
    for reform in (book.reform(name) for name in names):
        found = [_patch(patch, reform, base, words) for patch in reform.patches if _concerns(patch, book.rule(rule))]
        nothing = Said(words.say("reform_changes_nothing"))
        lines.append(Said(_title(reform, words), tuple(found) or (nothing,)))
    return Said(words.say("reform_changes"), tuple(lines))


def reform_lines(reform: Reform, base: Rulebook, words: Words) -> Iterator[Said]:
    """All that a reform changes, where the law stands on its demands, and what cannot be computed."""
    yield Said(words.say("reform_patches"), tuple(_patch(patch, reform, base, words) for patch in reform.patches))
    german = words.language == "de"
    if reform.status:
        notes = (Said(f"{note.demand}: {note.text_de if german else note.text_en}") for note in reform.status)
        yield Said(words.say("reform_status"), tuple(notes))
    if reform.not_computed:
        lines = []
        for note in reform.not_computed:
            reason, status = (note.reason_de, note.text_de) if german else (note.reason_en, note.text_en)
            lines.append(Said(f"{note.demand}: {reason}", (Said(words.say("reform_in_law", status=status)),)))
        yield Said(words.say("reform_not_computed"), tuple(lines))


def _title(reform: Reform, words: Words) -> str:
    return f"{reform.id} – {reform.label(words.language)} ({words.say('since', first=words.day(reform.start))})"


def _concerns(patch: Patch, rule: Rule) -> bool:
    """Whether a rule, as it stands under the reform, sees a patch."""
    match patch:
        case SetParameter(parameter=name):
            return any(name in version.parameters() for version in rule.versions)
        case ExtendListing(listing=name):
            return any(name in version.listings() for version in rule.versions)
        case PutRule(version=version):
            return version.rule == rule.id
        case EndRule(rule=name):
            return name == rule.id


def _patch(patch: Patch, reform: Reform, base: Rulebook, words: Words) -> Said:
    note = (Said(patch.note),) if patch.note else ()
    return Said(f"{patch.demand}: {_change(patch, base, words)}", note)


def _change(patch: Patch, base: Rulebook, words: Words) -> str:
    match patch:
        case SetParameter(parameter=name, value=value, interval=interval):
            parameter = base.parameters[name]
            before = parameter.on(interval.first)
            return words.say(
                "change_parameter",
                name=words.parameter(parameter),
                before=value_in_words(before.value, words.language, parameter.unit)
                if before
                else words.say("no_value"),
                after=value_in_words(value, words.language, parameter.unit),
                interval=words.interval(interval),
            )
        case ExtendListing(listing=name, codes=codes, interval=interval):
            kind = base.listings[name].code_type.code_list
            assert kind is not None
            labels = [kind.codes[code].label(words.language) for code in codes]
            listing = words.phrases("case", interval.first).listing(name)
            return words.say("change_listing", listing=listing, codes=labels, interval=words.interval(interval))
        case PutRule(version=version):
            replaced = version.rule in base.rules and _held(base.rules[version.rule], version.interval.first)
            key = "change_replaces" if replaced else "change_adds"
            heading = f"{version.rule} – {words.title(version)}"
            return words.say(key, rule=heading, interval=words.interval(version.interval))
        case EndRule(rule=name, first_day_without=day):
            return words.say("change_ends", rule=words.heading(base.rules[name]), day=words.day(day))


def _held(rule: Rule, day: dt.date) -> bool:
    return rule.on(day) is not None
