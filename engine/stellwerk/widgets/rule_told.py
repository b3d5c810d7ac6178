"""What the rule editor says: mistakes with their lines, whom a draft affects, the versions through time, field help.

In go the results of the desk, out comes safe HTML in one language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from html import escape

from stellwerk import formats
from stellwerk.briefs.blocks import Maker
from stellwerk.briefs.secrecy import Count
from stellwerk.editing.effects import LIMIT, SUBJECT, Effects, Flow, RuleEffect
from stellwerk.editing.trial import Examples
from stellwerk.errors import Place, StellwerkError
from stellwerk.law.dated import Interval
from stellwerk.law.provision import Rule
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.vocabulary import Attribute
from stellwerk.law.written import value_in_words
from stellwerk.reports.html import list_of
from stellwerk.reports.rules import rule_lines
from stellwerk.reports.words import Words
from stellwerk.texts import text
from stellwerk.widgets import look

MOST_CASES, MOST_HELP, MOST_EXAMPLES = 20, 8, 8
_YEAR_WIDTH, _ROW_HEIGHT, _LEFT = 64, 22, 4
_EARLIEST = 2014  # the first year that the picture of versions shows; what began before begins at its edge


class RuleTold:
    """The sentences, tables and pictures of the editor, in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def say(self, key: str, **values: object) -> str:
        """A text of the editor's catalogue."""
        return text(f"rule_editor_{key}", self.language, **values)

    def count(self, value: Count) -> str:
        """A number of cases as it may be shown."""
        return Maker(self.language, LIMIT).show(value, "count")

    def errors(self, errors: Sequence[StellwerkError], text_of: Callable[[str], str]) -> str:
        """The mistakes of a draft, each with its line and what stands there."""
        items = "".join(f"<li>{self._error(error, text_of)}</li>" for error in errors)
        return f'<div role="alert" class="sw-error"><p>{escape(self.say("errors"))}</p><ul>{items}</ul></div>'

    def state(self, unsaved: Sequence[str], examples: Examples | None) -> str:
        """One sentence on a draft that holds: what is unsaved, how many examples were run."""
        parts = [self.say("holds") if unsaved else self.say("as_on_disk")]
        if unsaved:
            parts.append(self.say("unsaved", files=list(unsaved)))
        if examples is not None and examples.results:
            counted = {"count": len(examples.results), "deviating": len(examples.deviating)}
            parts.append(self.say("examples", **counted))
        return look.live(" ".join(parts))

    def deviating(self, examples: Examples) -> str:
        """The examples that come out otherwise, with what was expected and what came out."""
        rows = [
            [result.example.name, _short(result.example.place), expected, found]
            for result in examples.deviating[:MOST_EXAMPLES]
            for _, expected, found in result.differences[:1]
        ]
        if not rows:
            return ""
        heads = [self.say(key) for key in ("example", "place", "expected", "found")]
        return look.table(self.say("deviating", count=len(examples.deviating)), heads, rows)

    def title(self, rule: Rule) -> str:
        """A rule's title."""
        newest = rule.versions[-1]
        return newest.label_de if self.language == "de" else newest.label_en

    def title_and_source(self, rule: Rule, book: Rulebook, day: dt.date) -> str:
        """The title of the rule that is shown, with where its version of a day comes from and how sure it is."""
        source = Words(book, self.language).source(rule.on(day) or rule.versions[-1])
        name = f'<code class="sw-id">{escape(rule.id)}</code>'
        return f'<h2>{escape(self.title(rule))} {name}</h2><p class="sw-notice">{escape(source)}</p>'

    def headline(self, effects: Effects | None, on: dt.date | None, shown: RuleEffect | None, book: Rulebook) -> str:
        """How many cases change; first of all. Below it the way most of them take under the rule that is shown."""
        if effects is None:
            return f'<p class="sw-headline" role="status">{escape(self.say("no_effects"))}</p>'
        read = self.say("read_on", day=formats.date(on, self.language)) if on else self.say("read_at_own")
        cases = formats.number(effects.cases, self.language)
        sentence = self.say("headline", changed=self.count(effects.headline), cases=cases, read=read)
        titles = [self.title(book.rules[name]) if name in book.rules else name for name in effects.other_subjects]
        others = self.say("other_subjects", rules=titles) if titles else ""
        below = " ".join(filter(None, (self._main_flow(shown, book), others)))
        aside = f'<span class="sw-below">{escape(below)}</span>' if below else ""
        return f'<p class="sw-headline" role="status">{escape(sentence)}{aside}</p>'

    def _main_flow(self, shown: RuleEffect | None, book: Rulebook) -> str:
        moved = [flow for flow in shown.flows if flow.before != flow.after] if shown is not None else []
        largest = max(moved, key=_size, default=None)
        if largest is None or not isinstance(largest.persons, int):
            return ""
        words = Words(book, self.language)
        before, after = words.outcome(largest.before), words.outcome(largest.after)
        return self.say("main_flow", count=self.count(largest.persons), before=before, after=after)

    def no_flows(self, effects: Effects | None, rule: Rule | None) -> str:
        """What stands where flows would be, as long as there are none."""
        of_cases = rule is None or rule.subject == SUBJECT
        key = "no_effects" if effects is None else "nothing_moves" if of_cases else "not_of_cases"
        return f'<p class="sw-notice">{escape(self.say(key))}</p>'

    def flows(self, effect: RuleEffect, book: Rulebook) -> str:
        """From which outcome to which, most cases first; with the sums of amounts, and folded those that stay."""
        moved = sorted((flow for flow in effect.flows if flow.before != flow.after), key=_size, reverse=True)
        stay = sorted((flow for flow in effect.flows if flow.before == flow.after), key=_size, reverse=True)
        caption = self.say("flows", rule=self._rule_title(effect, book), changed=self.count(effect.changed))
        unchanged = self._flow_table("", stay, book)
        folded = f"<details><summary>{escape(self.say('unchanged'))}</summary>{unchanged}</details>" if stay else ""
        return self._flow_table(caption, moved, book) + folded + self._amounts(effect, book)

    def _flow_table(self, caption: str, flows: Sequence[Flow], book: Rulebook) -> str:
        words = Words(book, self.language)
        rows = [[words.outcome(flow.before), words.outcome(flow.after), self.count(flow.persons)] for flow in flows]
        heads = [self.say(key) for key in ("before", "after", "cases")]
        return look.table(caption, heads, rows, numbers=[2])

    def sankey(self, effect: RuleEffect, book: Rulebook) -> str:
        """The flows as a picture."""
        from stellwerk.briefs.figures.canvas import About  # matplotlib takes its time, and the page can be shown before
        from stellwerk.briefs.figures.sankey import Flow as Band
        from stellwerk.briefs.figures.sankey import sankey

        words = Words(book, self.language)
        order = [words.outcome(name) for name in book.vocabulary.outcomes]
        bands = [Band(words.outcome(f.before), words.outcome(f.after), f.persons) for f in effect.flows]
        about = About(
            "wirkung",
            self.say("picture", rule=self._rule_title(effect, book)),
            self.say("source_of_picture"),
            language=self.language,
        )
        return look.figure(sankey(bands, order, self.say("before"), self.say("after"), about))

    def cases(self, effects: Effects, rule: str, book: Rulebook) -> str:
        """The first affected cases by their pseudonyms, with the conditions that decide."""
        words = Words(book, self.language)
        rows = [
            [str(case), words.outcome(before), words.outcome(after), deciding or self.say("provision_itself")]
            for case, before, after, deciding in effects.cases_of(rule, MOST_CASES).iter_rows()
        ]
        if not rows:
            return f'<p class="sw-notice">{escape(self.say("too_few"))}</p>'
        heads = [self.say(key) for key in ("case", "before", "after", "deciding")]
        listed = look.table(self.say("affected", most=MOST_CASES), heads, rows)
        return f"<details><summary>{escape(self.say('affected_summary', count=len(rows)))}</summary>{listed}</details>"

    def prose(self, rule: Rule, book: Rulebook, day: dt.date) -> str:
        """The rule in whole sentences, as it is on a day; where it is not in force then, its newest version."""
        on = day if rule.on(day) else None
        return list_of(tuple(rule_lines(rule, Words(book, self.language), on, None))[1:])

    def timeline(self, rule: Rule, book: Rulebook) -> str:
        """The versions of a rule and the values of its numbers through time, as a list and as a picture."""
        words = Words(book, self.language)
        rows = [(self.say("rule"), words.title(version), version.interval) for version in rule.versions]
        names = dict.fromkeys(name for version in rule.versions for name in version.parameters())
        for name in names:
            parameter = book.parameters[name]
            label = parameter.label_de if self.language == "de" else parameter.label_en
            values = [value_in_words(dated.value, self.language, parameter.unit) for dated in parameter.versions]
            rows += [(label, value, dated.interval) for value, dated in zip(values, parameter.versions, strict=True)]
        cells = [[label, what, words.interval(interval)] for label, what, interval in rows]
        heads = [self.say(key) for key in ("thing", "version_or_value", "in_force")]
        return self._bars(rows) + look.table(self.say("timeline"), heads, cells)

    def help(self, asked: str, rule: Rule, book: Rulebook) -> str:
        """What the vocabulary knows of words that somebody types."""
        wanted = asked.strip().lower()
        if not wanted:
            return ""
        vocabulary = book.vocabulary
        known = dict(vocabulary.attributes(rule.subject))
        for table in vocabulary.child_tables(rule.subject).values():
            known |= {f"{table.name}: {name}": attribute for name, attribute in table.attributes.items()}
        found = [(n, a) for n, a in known.items() if wanted in n.lower() or wanted in a.label(self.language).lower()]
        rows = [[name, self._attribute(attribute), self._form(attribute)] for name, attribute in found[:MOST_HELP]]
        if not rows:
            return look.live(self.say("nothing_known", asked=asked.strip()))
        heads = [self.say(key) for key in ("written_as", "means", "form")]
        return look.table(self.say("help", count=len(found)), heads, rows)

    def _error(self, error: StellwerkError, text_of: Callable[[str], str]) -> str:
        said = escape(error.message(self.language))
        if error.place is None or error.place.line is None:
            return said
        lines = text_of(error.place.file).splitlines()
        there = lines[error.place.line - 1].strip() if error.place.line <= len(lines) else ""
        where = self.say("line", line=error.place.line)
        return f"{said}<br><code>{escape(f'{where}: {there}')}</code>" if there else said

    def _amounts(self, effect: RuleEffect, book: Rulebook) -> str:
        before, after = effect.amount_before, effect.amount_after
        if not before and not after:
            return f'<p class="sw-notice">{escape(self.say("no_amounts"))}</p>'
        if before is None or after is None or not isinstance(effect.changed, int):
            return ""
        rule = book.rules.get(effect.rule)
        unit = rule.versions[-1].unit if rule is not None else ""
        sums = {"before": before, "after": after, "difference": after - before}
        shown = {name: value_in_words(_short_number(value), self.language, unit) for name, value in sums.items()}
        return f"<p>{escape(self.say('amounts', **shown))}</p>"

    def _rule_title(self, effect: RuleEffect, book: Rulebook) -> str:
        rule = book.rules.get(effect.rule)
        return effect.rule if rule is None else self.title(rule)

    def _attribute(self, attribute: Attribute) -> str:
        return f"{attribute.label(self.language)}{f' ({attribute.term})' if attribute.term else ''}"

    def _form(self, attribute: Attribute) -> str:
        if attribute.type.code_list is not None and len(attribute.type.code_list.codes) <= 2 * MOST_HELP:
            return ", ".join(attribute.type.code_list.codes)
        name = attribute.type.code_list.name if attribute.type.code_list else ""
        return text(f"type_{attribute.type.kind}", self.language, list=name)

    def _bars(self, rows: Sequence[tuple[str, str, Interval]]) -> str:
        last = max([interval.first.year for *_, interval in rows] + [dt.date.today().year]) + 2
        height = _ROW_HEIGHT * (len(rows) + 1)
        width = _LEFT + _YEAR_WIDTH * (last - _EARLIEST + 1)
        years = "".join(
            f'<text x="{_at(dt.date(year, 1, 1)):.0f}" y="14" font-size="10">{year}</text>'
            for year in range(_EARLIEST, last + 1)
        )
        bars = "".join(_bar(number, what, interval, last) for number, (_, what, interval) in enumerate(rows, start=1))
        return (
            f'<div role="img" aria-label="{escape(self.say("timeline_picture"))}" style="overflow-x:auto">'
            f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}">{years}{bars}</svg></div>'
        )


def _size(flow: Flow) -> int:
    """How many cases take it; a hidden number is smaller than all that are shown."""
    return flow.persons if isinstance(flow.persons, int) else 0


def _short_number(value: Decimal) -> int | Decimal:
    """A whole number without its places."""
    return int(value) if value == value.to_integral_value() else value


def _short(place: Place) -> str:
    """Where something stands, without its folders."""
    return str(Place(place.file.rsplit("/", 1)[-1], place.line))


def _bar(number: int, what: str, interval: Interval, last: int) -> str:
    left = _at(interval.first)
    right = _at(min(interval.last or dt.date(last, 12, 31), dt.date(last, 12, 31)))
    top = number * _ROW_HEIGHT
    return (
        f'<rect x="{left:.1f}" y="{top}" width="{max(right - left, 2):.1f}" height="{_ROW_HEIGHT - 5}" fill="#b9c3d0" '
        f'stroke="#00336b"/><text x="{left + 3:.1f}" y="{top + 12}" font-size="10">{escape(what)}</text>'
    )


def _at(day: dt.date) -> float:
    """Where a day stands in the picture."""
    years = max(day.year + (day.timetuple().tm_yday - 1) / 366 - _EARLIEST, 0)
    return _LEFT + years * _YEAR_WIDTH
