"""What all briefs have in common: parameters, content, the law, sentences in the reader's language, an appendix.

A brief's own class adds what its sections need. Words come from the catalogue, where each key begins with the brief's
name; what a brief shows comes from `params/briefs/<name>.yaml`; figures come from data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from stellwerk import formats
from stellwerk.briefs.blocks import Block, Column, Maker, Shown, Table, Value
from stellwerk.briefs.ledger import versions_in_use
from stellwerk.briefs.parameters import BriefParameters, RegisterParameters
from stellwerk.briefs.reforms import RulebookView
from stellwerk.documents import Document, Labels, read_document, validated
from stellwerk.texts import text

SHORT_HASH = 12  # characters that tell rulebooks apart at a glance; the ledger holds all of them

Asked = TypeVar("Asked", bound=BriefParameters)
Content = TypeVar("Content", bound=Document)
RegisterAsked = TypeVar("RegisterAsked", bound=RegisterParameters)


@dataclass(frozen=True)
class Subject(Generic[Asked, Content]):
    """A brief that has begun: what it was asked, what it is to show, and the law in force."""

    name: ClassVar[str]
    """The brief's name: that of its notebook, and how its sentences begin in the catalogue."""

    parameters: Asked
    content: Content
    make: Maker
    params: Path
    law: RulebookView

    def say(self, key: str, /, **values: object) -> str:
        """A sentence of this brief."""
        return text(f"{self.name}_{key}", self.parameters.language, **values)

    def label(self, labels: Labels) -> str:
        """A label from a file in the reader's language."""
        return labels.in_language(self.parameters.language)

    def count(self, value: Value) -> str:
        """A count inside a sentence."""
        return self.make.show(value, "count")

    def euro(self, value: Decimal | int) -> str:
        """An amount inside a sentence."""
        return formats.euro(value, self.parameters.language)


def content_of(model: type[Content], name: str, params: Path) -> Content:
    """What the brief `name` is to show, from `params/briefs`."""
    path = params / "briefs" / f"{name}.yaml"
    shown = f"{params.name}/briefs/{path.name}"
    return validated(model, read_document(path, shown), shown)


def appendix(brief: Subject[Asked, Content], rulebooks: Mapping[str, RulebookView]) -> Block:
    """With what this was computed: parameters, `rulebooks` by what they are called, versions."""
    make, language = brief.make, brief.parameters.language
    columns = (Column("name", _said(brief, "name")), Column("value", _said(brief, "value")))
    parameters: tuple[tuple[Value, ...], ...] = tuple(
        (Shown(name, text(f"{brief.name}_parameter_{name}", language)), "–" if value is None else str(value))
        for name, value in brief.parameters.as_json.items()
    )
    laws = tuple((label, Shown(rules.hash, rules.hash[:SHORT_HASH])) for label, rules in rulebooks.items())
    versions: tuple[tuple[Value, ...], ...] = (*laws, *versions_in_use().items())
    source = _said(brief, "source")
    block = make.heading("appendix", _said(brief, "title")) + make.prose(_said(brief, "intro"))
    block += make.table(Table("parameters", _said(brief, "parameters"), columns, parameters, source))
    return block + make.table(Table("versions", _said(brief, "versions"), columns, versions, source))


def register_source(brief: Subject[RegisterAsked, Content]) -> str:
    """The source line of everything counted in the synthetic register."""
    asked, language = brief.parameters, brief.parameters.language
    scale = text("brief_register_sample", language, cases=brief.count(asked.cases)) if asked.cases else ""
    return text("brief_source_register", language, year=asked.year, seed=asked.seed, scale=scale)


def _said(brief: Subject[Asked, Content], key: str) -> str:
    return text(f"brief_appendix_{key}", brief.parameters.language)
