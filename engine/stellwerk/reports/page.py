"""The whole rulebook as one HTML page that opens anywhere, without a network and without a script.

Goes in: a rulebook, the results of its examples and the findings. Comes out: the page's text; same inputs, same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import jinja2
from markupsafe import Markup

from stellwerk import __version__
from stellwerk.evaluate.examples import ExampleResult
from stellwerk.law.prose import version_in_words
from stellwerk.law.provision import Rule, RuleVersion
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.written import value_in_words
from stellwerk.reports.changes import reform_lines
from stellwerk.reports.findings import Finding
from stellwerk.reports.html import list_of
from stellwerk.reports.rules import listing_lines
from stellwerk.reports.words import Words
from stellwerk.texts import catalogue, language_in_use, text


@dataclass(frozen=True)
class _Page:
    """The page being made: where the words and the examples of each rule come from."""

    words: Words
    results: Sequence[ExampleResult]
    findings: Sequence[Finding]

    def say(self, key: str, **values: object) -> str:
        return text(f"page_{key}", self.words.language, **values)

    def rule(self, rule: Rule) -> dict[str, object]:
        newest, *others = reversed(rule.versions)
        examples = [self.example(item) for item in self.results if item.example.rule == rule.id]
        passed = sum(bool(example["passes"]) for example in examples)
        return {
            "id": rule.id,
            "title": self.words.title(newest),
            "newest": self.version(newest),
            "others": [self.version(version) for version in others],
            "earlier": self.say("earlier", count=len(others)),
            "parameters": sorted({name for version in rule.versions for name in version.parameters()}),
            "listings": sorted({name for version in rule.versions for name in version.listings()}),
            "citations": self.citations(rule),
            "examples": examples,
            "all_pass": passed == len(examples),
            "examples_heading": self.say("examples", passed=passed, count=len(examples)),
        }

    def version(self, version: RuleVersion) -> dict[str, object]:
        said = version_in_words(version, self.words.rulebook, self.day(version), self.words.language)
        return {
            "interval": self.words.interval(version.interval),
            "basis": self.words.citation(version.basis),
            "evidence": self.words.evidence(version.evidence),
            "grade": version.evidence,
            "prose": Markup(list_of(said)),
        }

    def day(self, version: RuleVersion) -> dt.date:
        """The day whose parameter values the prose names: the newest of those read that begins under the version."""
        days = [
            value.interval.first
            for name in version.parameters()
            for value in self.words.rulebook.parameters[name].versions
            if value.interval.first in version.interval
        ]
        return max([version.interval.first, *days])

    def citations(self, rule: Rule) -> list[str]:
        names = [
            name
            for version in rule.versions
            for name in (version.basis, *(e.basis for e in version.unless), *(row.basis for row in version.rows))
        ]
        book = self.words.rulebook
        return [f"{self.words.citation(name)}: {book.citations[name].source}" for name in dict.fromkeys(names)]

    def example(self, result: ExampleResult) -> dict[str, object]:
        wanted, language = result.example, self.words.language
        differences = [f"{what}: {expected} ≠ {found}" for what, expected, found in result.differences]
        values = [value_in_words(value, language) for value in wanted.values.values()]
        return {
            "name": wanted.name,
            "source": wanted.source,
            "expected": ", ".join([self.words.outcome(wanted.outcome), *values]),
            "passes": result.passes,
            "verdict": self.say("passes") if result.passes else self.say("fails", differences=differences),
        }

    def fields(self) -> list[dict[str, object]]:
        """The rules by field of law, in the order of their ids."""
        by_field: dict[str, list[Rule]] = {}
        for name in sorted(self.words.rulebook.rules):
            by_field.setdefault(name.split(".", 1)[0], []).append(self.words.rulebook.rules[name])
        found: list[dict[str, object]] = []
        for name, rules in by_field.items():
            key = f"field_{name}"
            label = text(key, self.words.language) if key in catalogue() else name
            heading = self.say("field", field=label, rules=len(rules))
            found.append({"id": name, "label": label, "heading": heading, "rules": [self.rule(rule) for rule in rules]})
        return found

    def parameters(self) -> list[dict[str, object]]:
        words = self.words
        return [
            {
                "id": name,
                "label": parameter.label_de if words.language == "de" else parameter.label_en,
                "values": [
                    {
                        "value": value_in_words(value.value, words.language, parameter.unit),
                        "interval": words.interval(value.interval),
                        "basis": words.citation(value.basis),
                        "evidence": words.evidence(value.evidence),
                    }
                    for value in parameter.versions
                ],
            }
            for name, parameter in sorted(words.rulebook.parameters.items())
        ]

    def reforms(self) -> list[dict[str, object]]:
        book = self.words.rulebook
        return [
            {
                "id": reform.id,
                "title": reform.label(self.words.language),
                "source": self.say("reform_source", source=reform.source, start=self.words.day(reform.start)),
                "content": Markup(list_of(tuple(reform_lines(reform, book, self.words)))),
            }
            for reform in book.reforms.values()
        ]


def rulebook_page(
    rulebook: Rulebook, results: Sequence[ExampleResult], findings: Sequence[Finding], language: str | None = None
) -> str:
    """The page of a rulebook."""
    page = _Page(Words(rulebook, language or language_in_use()), results, findings)
    listings = [
        {"id": name, "content": Markup(list_of((listing_lines(listing, page.words, None),)))}
        for name, listing in sorted(rulebook.listings.items())
    ]
    environment = _templates()
    assert environment.loader is not None
    style = environment.loader.get_source(environment, "rulebook.css")[0]
    subtitle = page.say(
        "subtitle",
        rules=len(rulebook.rules),
        versions=sum(len(rule.versions) for rule in rulebook.rules.values()),
        parameters=len(rulebook.parameters),
        passed=sum(result.passes for result in results),
        examples=len(results),
    )
    return environment.get_template("rulebook.html.j2").render(
        language=page.words.language,
        version=__version__,
        style=Markup(style),
        title=page.say("title"),
        subtitle=subtitle,
        notice=page.say("notice", hash=rulebook.hash[:12]),
        say=page.say,
        fields=page.fields(),
        parameters=page.parameters(),
        listings=listings,
        reforms=page.reforms(),
        findings=[f"{item.place} {item.message(page.words.language)}".strip() for item in findings],
    )


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("stellwerk.reports"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
