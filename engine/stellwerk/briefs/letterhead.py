"""Who sends the briefs and in which colours: read from `params/letterhead.yaml`, which the user may change.

In goes the folder of parameters, out comes a `Letterhead`; a colour in which text could not be read is refused, as is
a logo that does not exist or is no SVG.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Annotated

from pydantic import Field

from stellwerk.documents import Document, Labels, read_document, validated
from stellwerk.errors import Place, StellwerkError

LETTERHEAD = "letterhead.yaml"
READABLE = 4.5  # WCAG 2.1, success criterion 1.4.3 (AA): contrast of text to its ground
_WHITE = "#ffffff"
_LOGO_START = re.compile(r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<svg[\s>]", re.DOTALL)

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class ColourTooPale(StellwerkError):
    """Text in this colour could not be read on its ground."""


class LogoMissing(StellwerkError):
    """The logo's file does not exist beside the letterhead."""


class LogoNotSvg(StellwerkError):
    """The logo's file holds no SVG."""


class Colours(Document):
    """The colours of a page: of the house, of text, of notes, of lines, of the ground of notices."""

    house: Colour
    ink: Colour
    quiet: Colour
    rule: Colour
    ground: Colour


class _File(Document):
    organisation: Labels
    lines: tuple[Labels, ...] = ()
    footer: tuple[Labels, ...] = ()
    logo: Annotated[str, Field(pattern=r"^[\w.-]+\.svg$")] | None = None
    colours: Colours


class Letterhead(Document):
    """Sender, footer, logo (SVG text or empty) and colours."""

    organisation: Labels
    lines: tuple[Labels, ...] = ()
    footer: tuple[Labels, ...] = ()
    logo: str = ""
    colours: Colours

    @property
    def logo_address(self) -> str:
        """The logo as an address that a page holds itself."""
        return f"data:image/svg+xml;base64,{base64.b64encode(self.logo.encode()).decode()}" if self.logo else ""


def read_letterhead(params: Path) -> Letterhead:
    """The letterhead of `params/letterhead.yaml`."""
    path = params / LETTERHEAD
    shown = f"{params.name}/{path.name}"
    read = validated(_File, read_document(path, shown), shown)
    _check_colours(read.colours, Place(shown))
    return Letterhead(
        organisation=read.organisation,
        lines=read.lines,
        footer=read.footer,
        logo="" if read.logo is None else _logo(params / read.logo, Place(shown)),
        colours=read.colours,
    )


def letterhead_files(params: Path) -> list[Path]:
    """The files of the letterhead: its settings and, where it has one, its logo."""
    path = params / LETTERHEAD
    logo = validated(_File, read_document(path, path.name), path.name).logo
    return [path] if logo is None else [path, params / logo]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours from 1 (the same) to 21 (black and white), after WCAG 2.1."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of a colour from 0 (black) to 1 (white), after WCAG 2.1: what is left of it in grey."""
    red, green, blue = (_linear(int(colour[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _check_colours(colours: Colours, place: Place) -> None:
    for name in ("house", "ink", "quiet"):
        for ground in (_WHITE, colours.ground):
            found = contrast(getattr(colours, name), ground)
            if found < READABLE:
                value = getattr(colours, name)
                raise ColourTooPale(
                    place, name=name, value=value, ground=ground, found=round(found, 1), needed=READABLE
                )


def _logo(path: Path, place: Place) -> str:
    if not path.is_file():
        raise LogoMissing(place, file=path.name)
    content = path.read_text(encoding="utf-8", errors="replace")
    if not _LOGO_START.match(content):
        raise LogoNotSvg(place, file=path.name)
    return content
