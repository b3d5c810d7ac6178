"""The fields of law with their rules as a tree to search and choose from; rules that a draft changes are marked.

In go the fields with the titles of their rules; out comes `chosen`, the id of the rule somebody has picked.
"""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from stellwerk.law.rulebook import Rulebook
from stellwerk.texts import catalogue, text
from stellwerk.widgets.scripts import script


class RuleTree(anywidget.AnyWidget):
    """The tree; `fields` are `{name, label, rules: [{id, title}]}`, `changed` the ids that are marked."""

    _esm = script("elements", "rule_tree")
    chosen = traitlets.Unicode("").tag(sync=True)
    changed: Any = traitlets.List([]).tag(sync=True)
    fields: Any = traitlets.List([]).tag(sync=True)
    words = traitlets.Dict({}).tag(sync=True)


def tree_of(book: Rulebook, language: str) -> RuleTree:
    """The tree of a rulebook."""
    words = {name: text(f"rule_tree_{name}", language) for name in ("label", "search", "nothing", "changed")}
    return RuleTree(fields=fields_of(book, language), words=words)


def fields_of(book: Rulebook, language: str) -> list[dict[str, object]]:
    """The fields of law in the order of their names, each with its rules by title."""
    found: dict[str, list[dict[str, str]]] = {}
    for name, rule in book.rules.items():
        newest = rule.versions[-1]
        title = newest.label_de if language == "de" else newest.label_en
        found.setdefault(name.split(".", 1)[0], []).append({"id": name, "title": title})
    labels = {name: field_label(name, language) for name in found}
    return [
        {"name": name, "label": labels[name], "rules": sorted(found[name], key=lambda rule: rule["title"])}
        for name in sorted(found, key=labels.__getitem__)
    ]


def field_label(name: str, language: str) -> str:
    """The words for a field of law."""
    key = f"field_{name}"
    return text(key, language) if key in catalogue() else name
