"""All rules of a checkout: every document linked, versions put in order, what only shows between rules refused.

Between rules can go wrong: two versions in force on one day, a rule read at two different dates, rules that depend on
each other in a circle, a rule that overrides one that does not exist.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from stellwerk import documents
from stellwerk.errors import Place, StellwerkError, nearest, shown_path
from stellwerk.law import core, files, resolver
from stellwerk.law.dated import refuse_overlaps
from stellwerk.law.linker import Context
from stellwerk.law.linking import LinkedBefore
from stellwerk.law.provision import Citation, Condition, Exemption, Rule, RuleVersion
from stellwerk.law.types import Type

_NO_RULES = ("vocabulary", "listings", "reforms", "citations")  # folders below rules/ that hold no provisions
OVERRIDDEN = "overridden"


class CitationTwice(StellwerkError):
    """A citation id stands in two files."""


class ReadingDateChanges(StellwerkError):
    """Two versions of a rule are read at different dates, or speak of different subjects."""


class RulesDependOnEachOther(StellwerkError):
    """Rules that read each other's results in a circle."""


class _CitationEntry(documents.Labels):
    source: str


class _CitationsFile(documents.Document):
    citations: dict[str, _CitationEntry]


def rule_files(root: Path) -> list[Path]:
    """The files of rules below `rules/`, in a fixed order."""
    folders = [folder for folder in (root / "rules").iterdir() if folder.is_dir() and folder.name not in _NO_RULES]
    found = [path for folder in folders for path in folder.rglob("*.yaml")]
    return sorted(path for path in found if not path.name.endswith(".cases.yaml"))


def load_citations(root: Path) -> dict[str, Citation]:
    """All citations by id, from `rules/citations.yaml` and the files of `rules/citations/`."""
    citations: dict[str, Citation] = {}
    for path in [root / "rules" / "citations.yaml", *sorted((root / "rules" / "citations").glob("*.yaml"))]:
        shown = shown_path(path, root)
        data = files.read_document(path, shown)
        for name, entry in documents.validated(_CitationsFile, data, shown).citations.items():
            if name in citations:
                raise CitationTwice(Place(shown, documents.line_of(data, ["citations", name])), name=name)
            citations[name] = Citation(name, entry.de, entry.en, entry.source)
    return citations


def load_rules(root: Path, context: Context, earlier: LinkedBefore) -> tuple[dict[str, Rule], list[StellwerkError]]:
    """All rules by id, and what is wrong with them; what an `earlier` reading linked alike is taken over."""
    errors: list[StellwerkError] = []
    found: list[tuple[documents.Mapping, Path]] = []
    for path in rule_files(root):
        try:
            found += [(data, path) for data in files.read_documents(path, shown_path(path, root))]
        except StellwerkError as error:
            errors.append(error)
    known = replace(context, rules=frozenset(str(data.get("rule")) for data, _ in found))
    versions: dict[str, list[RuleVersion]] = {}
    linked = earlier.within(known)
    for data, path in found:
        try:
            version = linked.version(data, shown_path(path, root), known, path.parent)
            versions.setdefault(version.rule, []).append(version)
        except StellwerkError as error:
            errors.append(error)
    rules: dict[str, Rule] = {}
    for name, parts in versions.items():
        rules[name] = Rule(name, tuple(sorted(parts, key=lambda version: version.interval.first)))
        try:
            check_versions(rules[name])
        except StellwerkError as error:
            errors.append(error)
    try:
        rules = with_overrides(rules, context.vocabulary.outcome_type)
        order_of(rules)
    except StellwerkError as error:
        errors.append(error)
    return rules, errors


def load_calendars(root: Path) -> dict[str, frozenset[dt.date]]:
    """Public holidays by calendar: `params/holidays_nw.csv` is the calendar NW."""
    calendars = {}
    for path in sorted((root / "params").glob("holidays_*.csv")):
        if path.name.endswith(".columns.csv"):
            continue
        with path.open(encoding="utf-8-sig", newline="") as source:
            days = [row["day"] for row in csv.DictReader(source)]
        calendars[path.stem.removeprefix("holidays_").upper()] = frozenset(map(dt.date.fromisoformat, days))
    return calendars


def check_versions(rule: Rule) -> None:
    """Refuse versions that overlap, or that are read at different dates."""
    refuse_overlaps([(version.interval, version.place) for version in rule.versions], rule.id)
    for version in rule.versions[1:]:
        if (version.read_at, version.subject) != (rule.read_at, rule.subject):
            raise ReadingDateChanges(version.place, rule=rule.id, first=rule.read_at)


def order_of(rules: Mapping[str, Rule]) -> list[str]:
    """The rules in an order in which each comes after those whose results it reads."""
    needs = {
        name: {node.rule for version in rule.versions for node in version.derived()} & set(rules)
        for name, rule in rules.items()
    }
    try:
        return list(TopologicalSorter({name: sorted(needs[name]) for name in sorted(needs)}).static_order())
    except CycleError as error:
        circle = [str(name) for name in error.args[1]]
        place = rules[circle[0]].versions[0].place
        raise RulesDependOnEachOther(place, rules=circle) from None


def with_overrides(rules: Mapping[str, Rule], outcome: Type) -> dict[str, Rule]:
    """The rules where each one that another overrides has that as an exception; those of before are taken anew."""
    over: dict[str, list[Rule]] = {}
    for rule in rules.values():
        for version in rule.versions:
            for name in version.overrides:
                if name not in rules:
                    raise resolver.UnknownRuleName(version.place, name=name, near=nearest(name, rules))
                if rule not in over.setdefault(name, []):
                    over[name].append(rule)
    return {
        name: Rule(name, tuple(_silenced(version, over.get(name, []), outcome) for version in rule.versions))
        for name, rule in rules.items()
    }


def _silenced(version: RuleVersion, over: Sequence[Rule], outcome: Type) -> RuleVersion:
    """The version with one exception for each rule that overrides it; these silence its own exceptions."""
    declared = [exemption for exemption in version.unless if not exemption.from_rule]
    if not over and len(declared) == len(version.unless):
        return version
    own = len(declared)
    added = tuple(range(own, own + len(over)))
    kept = [
        replace(exemption, overridden_by=(*(other for other in exemption.overridden_by if other < own), *added))
        for exemption in declared
    ]
    return replace(version, unless=(*kept, *(_override(rule, outcome) for rule in over)))


def _override(rule: Rule, outcome: Type) -> Exemption:
    decisions = tuple(dict.fromkeys(name for version in rule.versions for name in version.decisions()))
    newest = rule.versions[-1]
    text = f"outcome({rule.id}) in [{', '.join(decisions)}]"
    condition = Condition(text, core.OneOf(core.Derived("outcome", rule.id, outcome), decisions), newest.place)
    return Exemption(rule.id, condition, OVERRIDDEN, newest.basis, (), rule.id)
