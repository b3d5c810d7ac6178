"""A brief as PDF, DOCX and workbook: the same words as the page, tagged, the same bytes each time."""

import io
import itertools
import zipfile

import docx
import pikepdf
import polars as pl
import pytest
from docx.oxml.ns import qn
from examples_of_figures import COURSE, about

from stellwerk.briefs import figures
from stellwerk.briefs.blocks import MIME, Column, Maker, Number, Shown, Table
from stellwerk.briefs.export import FORMATS, UnknownBriefFormat, export, frames_of
from stellwerk.briefs.export.pdf import png_of
from stellwerk.briefs.export.reading import NoPageOfABrief, read_page
from stellwerk.briefs.letterhead import read_letterhead
from stellwerk.briefs.page import make_page
from stellwerk.briefs.secrecy import Hidden
from stellwerk.tables import OutputFolderMissing

DE = Maker("de", 3)
ROWS = ((Shown("05", "Köln"), 1234, 5), ("Düsseldorf", Hidden.SMALL, 7), ("Rest #1 * _x_ $y$ <b>", 8, -3))
COLUMNS = (Column("place", "Ort"), Column("persons", "Personen", "count"), Column("gap", "Unterschied", "difference"))


@pytest.fixture(scope="module")
def page(checkout):
    """A small brief with one of each part."""
    picture = figures.occupancy(COURSE, about("occupancy"))
    blocks = (
        DE.masthead("Prüfung & Äpfel", "Untertitel", "Alles erfunden.", {}),
        DE.heading("one", "Erster Teil") + DE.prose("Ein Satz.", "Noch einer: § 5.") + DE.points(["eins", "zwei"]),
        DE.numbers("headline", [Number("n", "Personen", 12345, "count", None, None, "von allen")]),
        DE.table(Table("t", "Wer wo ist", COLUMNS, (*ROWS, (Shown("total", "zusammen"), 1244, 9)), "Amt", True)),
        DE.heading("two", "Zweiter Teil") + DE.figure(picture),
    )
    cells = [{"outputs": [{"data": block._repr_mimebundle_()}]} for block in blocks]
    assert all(MIME in cell["outputs"][0]["data"] for cell in cells)
    return make_page({"cells": cells}, "test", read_letterhead(checkout / "params"))


@pytest.fixture(scope="module")
def written(page, tmp_path_factory):
    """The files of the brief by format."""
    folder = tmp_path_factory.mktemp("brief")
    (folder / "test.html").write_text(page.html, "utf-8")
    paths = export(folder / "test.html", frames_of(page.files), FORMATS, folder)
    return {path.suffix.removeprefix("."): path for path in paths}


def test_every_format_is_written_beside_the_page(written):
    assert tuple(written) == FORMATS == ("html", "pdf", "docx", "xlsx")


def test_an_unknown_format_is_refused_with_the_nearest_before_anything_is_written(page, tmp_path):
    (tmp_path / "test.html").write_text(page.html, "utf-8")
    with pytest.raises(UnknownBriefFormat) as refused:
        export(tmp_path / "test.html", {}, ["pdf", "docs"], tmp_path)
    assert "»docs«" in refused.value.message("de") and "»docx«" in refused.value.message("de")
    assert [path.name for path in tmp_path.iterdir()] == ["test.html"]


def test_a_missing_folder_and_a_foreign_page_are_said(page, tmp_path):
    (tmp_path / "test.html").write_text(page.html, "utf-8")
    with pytest.raises(OutputFolderMissing):
        export(tmp_path / "test.html", {}, ["pdf"], tmp_path / "nowhere")
    (tmp_path / "other.html").write_text("<p>x</p>")
    with pytest.raises(NoPageOfABrief) as refused:
        export(tmp_path / "other.html", {}, ["pdf"], tmp_path)
    assert "other.html" in refused.value.message("de")


@pytest.mark.parametrize("suffix", ["pdf", "docx", "xlsx"])
def test_the_same_page_gives_the_same_bytes(written, page, tmp_path, suffix):
    (tmp_path / "test.html").write_text(page.html, "utf-8")
    (again,) = export(tmp_path / "test.html", frames_of(page.files), [suffix], tmp_path)
    assert again.read_bytes() == written[suffix].read_bytes()


def test_every_part_of_the_page_is_read_in_its_order(page):
    brochure = read_page(page.html, "test.html")
    assert [part.kind for part in brochure.parts] == [
        "paragraph", "paragraph", "heading", "paragraph", "paragraph", "points", "numbers", "table", "heading",
        "picture",
    ]  # fmt: skip
    assert brochure.title == "Prüfung & Äpfel"
    table = brochure.parts[7]
    assert table.rows[0] == ("Köln", "1.234", "+5") and table.total_row and table.amounts == (False, True, True)
    assert brochure.sender.colour == "#00336b" and brochure.sender.organisation == "Stellwerk"


# --- PDF: what PDF/UA-1 asks for and can be counted; Typst itself refuses to write what it can tell to break it -------


@pytest.fixture(scope="module")
def pdf(written):
    with pikepdf.open(written["pdf"]) as opened:
        yield opened


def elements(node):
    """All structure elements below a node of the structure tree, with their depth-first order."""
    children = node.get("/K", pikepdf.Array())
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from elements(child)


def of_kind(pdf, *kinds):
    return [element for element in elements(pdf.Root.StructTreeRoot) if str(element.S) in kinds]


def test_the_pdf_says_that_it_is_accessible_its_title_and_its_language(pdf):
    metadata = pdf.Root.Metadata.read_bytes().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert "Prüfung &amp; Äpfel" in metadata
    assert str(pdf.Root.Lang).startswith("de")
    assert bool(pdf.Root.MarkInfo.Marked) and bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    assert all(str(page.Tabs) == "/S" for page in pdf.pages)


def test_headings_of_the_pdf_begin_at_the_first_level_and_leave_none_out(pdf):
    levels = [int(str(element.S)[2:]) for element in of_kind(pdf, "/H1", "/H2", "/H3")]
    assert levels[0] == 1 and len(levels) == 2
    assert all(following <= level + 1 for level, following in itertools.pairwise(levels))


def test_every_picture_of_the_pdf_has_its_finding_as_alternative_text(pdf):
    (picture,) = of_kind(pdf, "/Figure")
    assert "41.800" in str(picture.Alt)


def test_every_table_of_the_pdf_has_header_cells_that_name_their_columns(pdf):
    (table,) = of_kind(pdf, "/Table")
    cells = list(elements(table))
    headers = [cell for cell in cells if str(cell.S) == "/TH"]
    assert len(headers) == len(COLUMNS)
    assert all("/Column" in [str(a.get("/Scope", "")) for a in header.A] for header in headers)
    rows = [row for row in cells if str(row.S) == "/TR"]
    assert {sum(str(cell.S) in ("/TH", "/TD") for cell in elements(row)) for row in rows} == {len(COLUMNS)}


def test_everything_printed_belongs_to_the_structure_or_is_marked_as_decoration(pdf):
    """No text or picture lies outside a marked sequence."""
    for page in pdf.pages:
        depth = 0
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(name, 0)
            assert depth > 0 or name not in ("Tj", "TJ", "Do", "sh"), (operands, name)


def test_every_font_of_the_pdf_is_inside_it(pdf):
    fonts = [
        obj for obj in pdf.objects if isinstance(obj, pikepdf.Dictionary) and obj.get("/Type") == "/FontDescriptor"
    ]
    assert fonts
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(font.keys()) for font in fonts)


# --- DOCX and workbook ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def word(written):
    return docx.Document(written["docx"])


def test_the_docx_has_real_headings_its_language_and_title(word):
    styles = [(p.style.name, p.text) for p in word.paragraphs]
    assert ("Title", "Prüfung & Äpfel") in styles
    assert [text for style, text in styles if style == "Heading 1"] == ["Erster Teil", "Zweiter Teil"]
    assert word.core_properties.title == "Prüfung & Äpfel" and word.core_properties.language == "de-DE"
    assert word.styles.element.find(f".//{qn('w:lang')}").get(qn("w:val")) == "de-DE"


def test_the_docx_has_tables_whose_first_row_is_a_header(word):
    (table,) = word.tables
    assert [cell.text for cell in table.rows[1].cells] == ["Köln", "1.234", "+5"]
    assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None


def test_pictures_of_the_docx_have_their_finding_as_alternative_text(word):
    (picture,) = word.inline_shapes
    assert "41.800" in picture._inline.docPr.get("descr")


def test_a_picture_becomes_no_empty_png():
    from matplotlib.image import imread

    pixels = imread(io.BytesIO(png_of(figures.occupancy(COURSE, about("o")).svg)))
    assert pixels.shape[1] > 1200
    assert (pixels[:, :, :3].mean(axis=2) < 0.8).mean() > 0.002


def test_the_workbook_lists_its_sheets_and_holds_numbers_as_numbers(written):
    contents = pl.read_excel(written["xlsx"], sheet_name="Inhalt")
    assert contents["Datei"].to_list() == ["data/headline.csv", "data/occupancy.csv", "data/t.csv"]
    course = pl.read_excel(written["xlsx"], sheet_name="occupancy")
    assert course["expected"].sum() == sum(COURSE.expected)


def test_long_and_similar_names_of_tables_become_different_sheets(tmp_path, page):
    (tmp_path / "test.html").write_text(page.html, "utf-8")
    names = ["x" * 40, "X" * 40, "a/b", "leer"]
    data = {name: pl.DataFrame({"=1+1": ["=1+1", "ä"]}) for name in names}
    (path,) = export(tmp_path / "test.html", data, ["xlsx"], tmp_path)
    contents = pl.read_excel(path, sheet_name="Inhalt")
    assert len({sheet.lower() for sheet in contents["Blatt"]}) == 4
    with zipfile.ZipFile(path) as book:
        assert not any(b"<f>" in book.read(name) for name in book.namelist())


def test_keys_with_leading_zeros_and_withheld_counts_stay_text():
    frames = frames_of({"t.csv": "ags,n,m,x\n05111000,1,<3,1.5\n05112000,22,4,2\n", "r.json": "{}", "empty.csv": ""})
    assert list(frames) == ["t"]
    assert frames["t"].dtypes == [pl.String, pl.Int64, pl.String, pl.Float64]
