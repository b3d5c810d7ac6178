"""Where does what stand in a YAML text? The places of keys, values and list items, so that one of them can be changed.

Goes in: the text of a file. Comes out: its documents as nodes that know where they begin and end. A change replaces
the characters of one value or puts a line in; everything else, comments, order, quotes and line breaks, stays as it is
byte for byte. See docs/decisions/0006-files-are-changed-in-place.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import yaml

from stellwerk.errors import StellwerkError, nearest
from stellwerk.yaml_problems import line_of_problem, problem_of

Step = str | int
_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one that reads the law
_PLAIN = re.compile(r"^[^\s\-?:,\[\]{}#&*!|>'\"%@`][^\n]*$")
_TURNS_INTO_OTHER = re.compile(r"^(true|false|null|~|-?(0|[1-9]\d*))$")
_ENDS_PLAIN = re.compile(r": | #|:$|\s$")
_ENDS_PLAIN_IN_BRACKETS = re.compile(r": | #|[,\[\]{}]|:$|\s$")


class NotEditable(StellwerkError):
    """The text is no YAML at present, so that only the text itself can be changed."""


class NothingThere(StellwerkError):
    """A file has nothing at the place that should be changed."""


class NotOneValue(StellwerkError):
    """A place of a file that holds more than one value."""


@dataclass(frozen=True)
class Part:
    """One value of a text: a single value, a list or a mapping, with the characters it takes."""

    node: yaml.Node
    text: str

    @property
    def start(self) -> int:
        """The place of its first character."""
        return int(self.node.start_mark.index)

    @property
    def end(self) -> int:
        """The place behind its last character, without comments and line breaks behind it."""
        if isinstance(self.node, yaml.ScalarNode) or self.node.flow_style:
            return self.start + len(self.text[self.start : self.node.end_mark.index].rstrip())
        last = [*self.children()]
        return last[-1].end if last else self.start

    @property
    def line(self) -> int:
        """Its first line, counted from 1."""
        return int(self.node.start_mark.line) + 1

    @property
    def column(self) -> int:
        """How far it is from the left margin."""
        return int(self.node.start_mark.column)

    @property
    def on_one_line(self) -> bool:
        """Whether it is written in brackets or braces."""
        return bool(self.node.flow_style)

    @property
    def value(self) -> str | None:
        """What is written there, as text; None for a list or mapping."""
        return str(self.node.value) if isinstance(self.node, yaml.ScalarNode) else None

    @property
    def items(self) -> list[Part] | None:
        """The items of a list; None for anything else."""
        if not isinstance(self.node, yaml.SequenceNode):
            return None
        return [Part(item, self.text) for item in self.node.value]

    @property
    def keys(self) -> dict[str, Part] | None:
        """The values of a mapping by key; None for anything else."""
        if not isinstance(self.node, yaml.MappingNode):
            return None
        return {str(key.value): Part(value, self.text) for key, value in self.node.value}

    def key(self, name: str) -> Part:
        """The key itself, as it is written."""
        return next(Part(key, self.text) for key, _ in self.node.value if str(key.value) == name)

    def children(self) -> Iterator[Part]:
        """Its items or the values of its keys."""
        yield from (self.items or (self.keys or {}).values())

    def at(self, *path: Step) -> Part:
        """The part below it at `path`; one that is not there is an error with the nearest."""
        found = self.find(*path)
        if found is None:
            known = self.keys or {}
            raise NothingThere(name=str(path[0]), near=nearest(str(path[0]), known))
        return found

    def find(self, *path: Step) -> Part | None:
        """The part below it at `path`, or None."""
        here: Part | None = self
        for step in path:
            if here is None:
                return None
            if isinstance(step, int):
                items = here.items or []
                here = items[step] if step < len(items) else None
            else:
                here = (here.keys or {}).get(step)
        return here


def documents_of(text: str) -> list[Part]:
    """The documents of a text."""
    return [Part(node, text) for node in _composed(text)]


@lru_cache(maxsize=4)
def _composed(text: str) -> tuple[yaml.Node, ...]:
    try:
        return tuple(node for node in yaml.compose_all(text, Loader=_Loader) if node is not None)
    except yaml.YAMLError as error:
        raise NotEditable(line=line_of_problem(error, text), problem=problem_of(error, text)) from error


def replaced(text: str, start: int, end: int, new: str) -> str:
    """The text with other characters in one place."""
    return text[:start] + new + text[end:]


def end_of_line(text: str, place: int) -> int:
    """The end of the line that a place is in, before its line break."""
    found = text.find("\n", place)
    return len(text) if found < 0 else found


def inserted_behind(text: str, listed: Part, item: Part, new: str) -> str:
    """The text with another item behind one of a list; a comment on the item's last line stays with it."""
    if listed.on_one_line:
        return replaced(text, item.end, item.end, f", {new}")
    end = end_of_line(text, item.end)
    return replaced(text, end, end, f"\n{_lead(text, item)}{new}")


def inserted_before(text: str, listed: Part, item: Part, new: str) -> str:
    """The text with another item before one of a list."""
    if listed.on_one_line:
        return replaced(text, item.start, item.start, f"{new}, ")
    start = text.rfind("\n", 0, item.start) + 1
    return replaced(text, start, start, f"{_lead(text, item)}{new}\n")


def _lead(text: str, item: Part) -> str:
    """What stands on the line before an item: its margin and its dash."""
    return text[text.rfind("\n", 0, item.start) + 1 : item.start]


def words(text: str) -> str:
    """Words as they are written in a file, anywhere, so that they are read back as the same words."""
    return _words(text, _ENDS_PLAIN_IN_BRACKETS)


def words_on_a_line(text: str) -> str:
    """Words as they are written where no brackets are around them."""
    return _words(text, _ENDS_PLAIN)


def written(value: str) -> str:
    """A value as it is written in a file: numbers, days and true or false stay what they are, the rest are words."""
    return value.strip() if _TURNS_INTO_OTHER.match(value.strip()) else words(value.strip())


def with_value_at(text: str, document: int, path: Sequence[Step], value: str) -> str:
    """The text where the one value at `path` is another; quotes stay where there were some."""
    whole = documents_of(text)[document]
    part = whole.at(*path)
    if part.value is None:
        raise NotOneValue(line=part.line)
    quoted = part.node.style in ("'", '"')
    in_brackets = any(whole.at(*path[:depth]).on_one_line for depth in range(len(path)))
    if quoted:
        new = json.dumps(value, ensure_ascii=False)
    elif _TURNS_INTO_OTHER.match(value.strip()):
        new = value.strip()
    else:
        new = words(value) if in_brackets else words_on_a_line(value)
    return replaced(text, part.start, part.end, new)


def _words(text: str, ends: re.Pattern[str]) -> str:
    if _PLAIN.match(text) and not ends.search(text) and not _TURNS_INTO_OTHER.match(text):
        return text
    return json.dumps(text, ensure_ascii=False)
