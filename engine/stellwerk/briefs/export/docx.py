"""A brief as DOCX, to be edited further: real headings, real tables with header rows, pictures with their alt texts.

In goes a `Brochure`, out comes the file; styles are Word's own (Title, Heading, List Bullet, Caption), so that a house
template can take them over. The same brief gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from functools import singledispatch
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph as WordParagraph

from stellwerk import formats
from stellwerk.briefs.export.parts import Brochure, Grid, Heading, Numbers, Paragraph, Picture, Points, Sender
from stellwerk.briefs.export.pdf import png_of
from stellwerk.tables import whole_file
from stellwerk.texts import text

_NO_TIME = dt.datetime(2000, 1, 1)  # same inputs, same bytes
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the first moment a ZIP archive can say
_A4 = (Cm(21.0), Cm(29.7))
_MARGIN = Cm(2.2)
_TEXT_WIDTH = Cm(16.6)
_FONT = "Arial"
_SMALL, _TABLE = Pt(8.5), Pt(9)


def write_docx(brochure: Brochure, target: Path) -> Path:
    """Write the brief as a DOCX."""
    document = docx.Document()
    _prepare(document, brochure)
    _letterhead(document, brochure)
    document.add_paragraph(brochure.title, style="Title")
    for part in brochure.parts:
        _add(part, document)
    with whole_file(target) as draft:
        draft.write_bytes(_always_the_same(document))
    return target


def _prepare(document: Document, brochure: Brochure) -> None:
    """Page, properties, language and styles."""
    section = document.sections[0]
    section.page_width, section.page_height = _A4
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN
    properties = document.core_properties
    properties.title, properties.author = brochure.title, brochure.sender.organisation
    properties.language = formats.LOCALES[brochure.language].replace("_", "-")
    properties.created = properties.modified = _NO_TIME
    properties.comments = ""
    defaults = document.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    language = defaults.find(qn("w:lang"))
    language.set(qn("w:val"), properties.language)
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3", "Caption"):
        style = document.styles[name]
        style.font.name = _FONT
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            style.element.rPr.rFonts.attrib.pop(qn(f"w:{theme}"), None)
        if name != "Normal":
            style.font.color.rgb = _colour(brochure.sender)
    document.styles["Normal"].font.size = Pt(10.5)
    document.styles["Caption"].font.size = Pt(10)
    document.styles["Caption"].paragraph_format.keep_with_next = True


def _letterhead(document: Document, brochure: Brochure) -> None:
    """The sender in the head of each page, notice and page number in its foot."""
    section, sender = document.sections[0], brochure.sender
    head = section.header.paragraphs[0]
    run = head.add_run(sender.organisation)
    run.bold, run.font.color.rgb = True, _colour(sender)
    for line in sender.lines:
        head.add_run(f"\n{line}").font.size = _SMALL
    if sender.logo:
        logo = section.header.add_paragraph().add_run().add_picture(io.BytesIO(png_of(sender.logo)), height=Cm(1.2))
        _describe(logo, sender.organisation)
    foot = section.footer.paragraphs[0]
    foot.add_run("\n".join(sender.footer) + "\t\t").font.size = _SMALL
    foot.add_run(text("export_page", brochure.language) + formats.BREAKLESS).font.size = _SMALL
    _field(foot, "PAGE")


@singledispatch
def _add(part: object, document: Document) -> None:
    raise TypeError(type(part))


@_add.register
def _(part: Heading, document: Document) -> None:
    document.add_heading(part.text, level=part.level - 1)


@_add.register
def _(part: Paragraph, document: Document) -> None:
    styles = {"subtitle": "Subtitle", "notice": "Intense Quote"}
    document.add_paragraph(part.text, style=styles.get(part.role, "Normal"))


@_add.register
def _(part: Points, document: Document) -> None:
    for item in part.items:
        document.add_paragraph(item, style="List Bullet")


@_add.register
def _(part: Numbers, document: Document) -> None:
    """A list of label, value and note: cards in a table would be a table without meaning to a screen reader."""
    for card in part.cards:
        paragraph = document.add_paragraph(style="List Bullet")
        paragraph.add_run(f"{card.label}: ")
        paragraph.add_run(card.value).bold = True
        if card.note:
            paragraph.add_run(f" ({card.note})")


@_add.register
def _(part: Picture, document: Document) -> None:
    document.add_paragraph(part.caption, style="Caption")
    picture = document.add_picture(io.BytesIO(png_of(part.svg)), width=_TEXT_WIDTH)
    _describe(picture, part.alt)
    _source(document, part.source)


@_add.register
def _(part: Grid, document: Document) -> None:
    if part.caption:
        document.add_paragraph(part.caption, style="Caption")
    table = document.add_table(rows=1 + len(part.rows), cols=len(part.header), style="Table Grid")
    bold_rows = {0, len(part.rows)} if part.total_row else {0}
    for row_number, (row, cells) in enumerate(zip(table.rows, (part.header, *part.rows), strict=True)):
        for place, (cell, content) in enumerate(zip(row.cells, cells, strict=True)):
            _write_cell(cell, content, right=part.amounts[place], bold=row_number in bold_rows)
    _head_row(table)
    _source(document, part.source)


def _write_cell(cell: _Cell, content: str, *, right: bool, bold: bool) -> None:
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(content)
    run.font.size, run.bold = _TABLE, bold
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _head_row(table: Table) -> None:
    """Mark the first row as header, which Word repeats on each page and reads out, and keep rows whole."""
    for place, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if place == 0:
            properties.append(OxmlElement("w:tblHeader"))


def _source(document: Document, source: str) -> None:
    if source:
        document.add_paragraph().add_run(source).font.size = _SMALL


def _describe(picture: Any, alt: str) -> None:
    picture._inline.docPr.set("descr", alt)


def _field(paragraph: WordParagraph, code: str) -> None:
    """A field that Word fills in, here the number of the page."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    paragraph._p.append(field)


def _colour(sender: Sender) -> RGBColor:
    return RGBColor.from_string(sender.colour.removeprefix("#").upper())


def _always_the_same(document: Document) -> bytes:
    """The document's bytes without the time of writing, which the archive would carry."""
    raw, fixed = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as before, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(entry, before.read(name))
    return fixed.getvalue()
