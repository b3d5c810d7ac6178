"""What a page consists of once its HTML is left behind: headings, paragraphs, lists, numbers, tables, pictures.

Frozen data, each part with the word for its kind, so that a template of any format can tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """The heading of a section, level 2 below the title, and deeper."""

    text: str
    level: int
    kind: str = "heading"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; its role is the class it has on the page (`subtitle`, `notice`), or empty."""

    text: str
    role: str = ""
    kind: str = "paragraph"


@dataclass(frozen=True)
class Points:
    """A list of short statements."""

    items: tuple[str, ...]
    kind: str = "points"


@dataclass(frozen=True)
class Card:
    """One headline number with what it counts and the note below it."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class Numbers:
    """The headline numbers."""

    cards: tuple[Card, ...]
    kind: str = "numbers"


@dataclass(frozen=True)
class Grid:
    """A table: its caption, its header, its rows (the first cell heads the row), which columns hold amounts."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    amounts: tuple[bool, ...]
    total_row: bool
    gaps: tuple[int, ...]
    source: str
    kind: str = "table"


@dataclass(frozen=True)
class Picture:
    """A picture as SVG text, with the sentence it shows, its caption and its source."""

    svg: str
    alt: str
    caption: str
    source: str
    kind: str = "picture"


Part = Heading | Paragraph | Points | Numbers | Grid | Picture


@dataclass(frozen=True)
class Sender:
    """Who sends the brief: organisation, lines below it, footer, the one colour, the logo as SVG text or empty."""

    organisation: str
    lines: tuple[str, ...]
    footer: tuple[str, ...]
    colour: str
    logo: str


@dataclass(frozen=True)
class Brochure:
    """A whole brief: language, title, sender and the parts in the order of the page."""

    language: str
    title: str
    sender: Sender
    parts: tuple[Part, ...]
