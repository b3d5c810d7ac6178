"""From a rule's document to a linked, typed version, ready to be evaluated.

The parts all kinds share come from `linker.py`, what only one kind has from `forms.py`. A version is refused where a
parameter that it reads has no value on some day, or where it has more conditions than its evidence can carry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stellwerk import documents
from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.law import kinds
from stellwerk.law.dated import Parameter, interval_of
from stellwerk.law.forms import parts_of
from stellwerk.law.linker import Context, Linker
from stellwerk.law.provision import Group, RuleVersion

MOST_CONDITIONS = 62  # met and unknown bits of one version travel in one 64-bit integer each


class TooManyConditions(StellwerkError):
    """A version has more conditions than its evidence can carry."""


class ParameterWithoutValue(StellwerkError):
    """A parameter has no value on a day on which a rule reads it."""


def link_version(data: documents.Mapping, shown: str, context: Context, folder: Path | None = None) -> RuleVersion:
    """The linked version that one YAML document describes; tables are looked for in `folder`."""
    kind = str(data.get("kind", "criteria"))
    if kind not in kinds.KINDS:
        place = Place(shown, documents.line_of(data, ["kind"]))
        allowed = list(kinds.KINDS)
        raise documents.ValueNotAllowed(place, key="kind", value=kind, allowed=allowed, near=nearest(kind, allowed))
    document = documents.validated(kinds.KINDS[kind], data, shown)
    linker = Linker(document, data, shown, context, folder or Path())
    parts = parts_of(linker)
    version = RuleVersion(
        rule=document.rule,
        kind=kind,
        interval=interval_of(document.in_force, linker.place("in_force")),
        subject=document.subject,
        label_de=document.title.de,
        label_en=document.title.en,
        basis=linker.citation(document.basis, "basis"),
        evidence=document.evidence,
        read_at=document.read_at,
        when=Group("all", (*linker.items(document.when, ["when"]), *parts.conditions)),
        unless=(*linker.exemptions(parts.decide, parts.exceptions), *parts.exceptions),
        rows=parts.rows,
        policy=parts.policy,
        decide=parts.decide,
        otherwise=linker.outcome(document.otherwise, "otherwise"),
        values=parts.values,
        unit=parts.unit,
        verified_until=document.verified_until,
        known_from=document.known_from,
        overrides=document.overrides,
        note=document.note,
        place=linker.place("rule"),
    )
    if len(version.conditions()) > MOST_CONDITIONS:
        raise TooManyConditions(version.place, rule=version.rule, most=MOST_CONDITIONS)
    check_parameters_cover(version, context.parameters)
    return version


@dataclass
class LinkedBefore:
    """Versions of an earlier reading, taken over where their document and all names it can refer to are the same.

    For one who reads the law again after every change. A table's rows stand in another file, so tables are read anew.
    """

    _names: object = None
    _versions: dict[int, tuple[documents.Mapping, RuleVersion]] = field(default_factory=dict)

    def version(self, data: documents.Mapping, shown: str, context: Context, folder: Path) -> RuleVersion:
        """The linked version that a document describes; documents that read the same must be the same object."""
        known = self._versions.get(id(data))
        if known is not None:
            check_parameters_cover(known[1], context.parameters)
            return known[1]
        version = link_version(data, shown, context, folder)
        if version.kind != "table":
            self._versions[id(data)] = (data, version)  # holding the document keeps its id its own
        return version

    def within(self, context: Context) -> LinkedBefore:
        """The same for a context; where it has other names or types than the one before, nothing is taken over."""
        if self._names != context.names:
            self._versions.clear()
        self._names = context.names
        return self


def check_parameters_cover(version: RuleVersion, parameters: Mapping[str, Parameter]) -> None:
    """Refuse a version that reads a parameter on a day on which it has no value."""
    for name in version.parameters():
        parameter = parameters[name]
        days = {version.interval.first, *(day for day in parameter.change_days() if day in version.interval)}
        for day in sorted(days):
            if parameter.on(day) is None:
                raise ParameterWithoutValue(version.place, name=name, day=day, rule=version.rule)
