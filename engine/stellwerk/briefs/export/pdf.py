"""A brief as PDF: tagged, with title, language and alternative texts, written to PDF/UA-1.

In goes a `Brochure`, out comes the file. Typst sets `templates/brief.typ` and itself refuses what it can tell to break
the standard; fonts come from packages, never from the machine, so the same brief gives the same bytes everywhere.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib

from stellwerk.briefs.export.parts import Brochure
from stellwerk.tables import whole_file
from stellwerk.texts import text

_STANDARD = "ua-1"
_NO_TIME = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # same inputs, same bytes
_PNG_DENSITY = 192.0  # points an inch: sharp on paper and small enough for a hundred pictures


def write_pdf(brochure: Brochure, target: Path) -> Path:
    """Write the brief as a tagged PDF."""
    words = {key: text(f"export_{key}", brochure.language) for key in ("page", "of")}
    inputs = {"brief": json.dumps(asdict(brochure)), "words": json.dumps(words)}
    content = _compiler().compile(
        _template(), format="pdf", sys_inputs=inputs, pdf_standards=[_STANDARD], timestamp=_NO_TIME
    )
    with whole_file(target) as draft:
        draft.write_bytes(content)
    return target


def png_of(svg: str) -> bytes:
    """The picture of an SVG text as PNG, for programs that read no SVG."""
    source = '#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg")'
    content = _compiler().compile(source.encode(), format="png", ppi=_PNG_DENSITY, sys_inputs={"svg": svg})
    return bytes(content)


def _template() -> bytes:
    return (files("stellwerk") / "briefs" / "templates" / "brief.typ").read_bytes()


@cache
def _compiler() -> Any:
    """The compiler with the fonts that packages bring; made once, since it reads them from disk."""
    import typst  # here, because it is large and most runs write no PDF

    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return typst.Compiler(font_paths=[fonts], ignore_system_fonts=True)
