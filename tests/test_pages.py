"""The page of a brief under a letterhead: who sends it, in which colours, and what a screen reader finds."""

import base64
import re
import shutil

import pytest
from browser import audit, complaints, requests
from examples_of_figures import examples

from stellwerk.briefs.blocks import Column, Maker, Table
from stellwerk.briefs.export.reading import read_page
from stellwerk.briefs.letterhead import (
    ColourTooPale,
    LogoMissing,
    LogoNotSvg,
    contrast,
    letterhead_files,
    read_letterhead,
)
from stellwerk.briefs.page import make_page
from stellwerk.errors import StellwerkError

LOGO = "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'><rect width='10' height='10'/></svg>"
DE = Maker("de", 3)


@pytest.fixture
def params(checkout, tmp_path):
    """A folder of parameters with the letterhead alone."""
    shutil.copy(checkout / "params" / "letterhead.yaml", tmp_path)
    return tmp_path


def changed(params, *changes):
    path = params / "letterhead.yaml"
    content = path.read_text("utf-8")
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    path.write_text(content, "utf-8")
    return params


def page_of(params, language="de", *blocks):
    make = Maker(language, 3)
    opening = make.masthead("Titel", "Untertitel", "Hinweis", {})
    cells = [{"outputs": [{"data": block._repr_mimebundle_()}]} for block in (opening, *blocks)]
    return make_page({"cells": cells}, "test", read_letterhead(params)).html


def test_the_shipped_letterhead_is_readable(params):
    letterhead = read_letterhead(params)
    assert letterhead.organisation.de == "Stellwerk" and letterhead.logo == ""
    assert f'content="{letterhead.colours.house}"' in page_of(params)


def test_sender_lines_footer_logo_and_colours_stand_on_the_page(params):
    (params / "haus.svg").write_text(LOGO)
    page = page_of(
        changed(
            params,
            ('organisation: {de: "Stellwerk", en: "Stellwerk"}', "organisation: {de: Amt für Ämter, en: Office}"),
            ("lines: []", "lines: [{de: Referat <5>, en: Unit 5}]"),
            ("footer: []", "footer: [{de: Hausanschrift, en: Address}]"),
            ("logo: null", "logo: haus.svg"),
            ('"#00336b"', '"#7a0019"'),
        )
    )
    assert "Amt für Ämter" in page and "Referat &lt;5&gt;" in page and "Hausanschrift" in page
    assert base64.b64encode(LOGO.encode()).decode() in page
    assert "--house: #7a0019" in page
    sender = read_page(page, "x").sender
    assert (sender.organisation, sender.lines, sender.colour, sender.logo) == (
        "Amt für Ämter", ("Referat <5>",), "#7a0019", LOGO,
    )  # fmt: skip
    assert sender.footer[0] == "Hausanschrift"
    assert letterhead_files(params) == [params / "letterhead.yaml", params / "haus.svg"]


def test_an_english_brief_has_the_english_sender(params):
    page = page_of(changed(params, ('en: "Stellwerk"', "en: Signal Box")), "en")
    assert "Signal Box" in page and '<html lang="en">' in page


def test_a_colour_too_pale_to_read_is_refused_with_its_contrast(params):
    with pytest.raises(ColourTooPale) as refused:
        read_letterhead(changed(params, ('"#00336b"', '"#ffd900"')))
    assert "»house«" in refused.value.message("de") and "nötig sind 4.5" in refused.value.message("de").replace(
        ",", "."
    )


@pytest.mark.parametrize("colour", ['"blue"', '"#00336"', "3", '"#00336b; } body { display: none"'])
def test_what_is_no_colour_is_refused(params, colour):
    with pytest.raises(StellwerkError) as refused:
        read_letterhead(changed(params, ('"#00336b"', colour)))
    assert refused.value.message("de").startswith(f"{params.name}/letterhead.yaml:")


def test_a_typo_in_the_letterhead_is_said_with_its_line(params):
    with pytest.raises(StellwerkError) as refused:
        read_letterhead(changed(params, ("footer:", "foter:")))
    assert "footer" in refused.value.message("de")


def test_a_missing_logo_one_that_is_no_svg_and_one_elsewhere_are_refused(params):
    with pytest.raises(LogoMissing):
        read_letterhead(changed(params, ("logo: null", "logo: haus.svg")))
    (params / "haus.svg").write_bytes(b"\x89PNG\r\n")
    with pytest.raises(LogoNotSvg):
        read_letterhead(params)
    with pytest.raises(StellwerkError):
        read_letterhead(changed(params, ("logo: haus.svg", "logo: ../haus.svg")))


def test_a_missing_letterhead_is_said(tmp_path):
    with pytest.raises(StellwerkError):
        read_letterhead(tmp_path)


def test_contrast_is_that_of_the_web_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_a_page_forbids_its_browser_to_fetch_anything(params):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page_of(params)).group(1)
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy


def test_a_page_has_one_title_its_landmarks_and_a_skip_link(params):
    page = page_of(params, "de", DE.heading("a", "Abschnitt"))
    for tag in ("h1", "header", "nav", "main", "footer"):
        assert len(re.findall(rf"<{tag}[ >]", page)) == 1, tag
    assert '<a class="skip" href="#content">' in page and '<main id="content"' in page
    assert '<a href="#a">Abschnitt</a>' in page


def test_a_page_with_every_picture_and_a_logo_is_accessible_and_asks_for_nothing(params, chromium, tmp_path):
    (params / "haus.svg").write_text(LOGO)
    changed(params, ("logo: null", "logo: haus.svg"))
    columns = (Column("a", "Ort"), Column("n", "Zahl", "count"))
    table = DE.table(Table("t", "Tabelle", columns, (("Köln", 5),), "Amt"))
    pictures = [DE.figure(figure) for figure in examples().values()]
    page = tmp_path / "page.html"
    page.write_text(page_of(params, "de", DE.heading("a", "Bilder"), *pictures, table), "utf-8")
    assert audit(chromium, tmp_path, page) == []
    assert requests(chromium, tmp_path, page) == []
    assert complaints(chromium, tmp_path, page) == []


def test_the_guide_to_pages_is_true(checkout, params):
    """Its blocks run, and its letterhead is one."""
    guide = (checkout / "docs" / "briefe_gestalten.md").read_text("utf-8")
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL):
        exec(block, names)
    assert names["block"].files and names["shown"]["b2"] == 4 and names["shown"]["a1"] != 1
    (written,) = re.findall(r"^```yaml\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    (params / "haus.svg").write_text(LOGO)
    (params / "letterhead.yaml").write_text(written, "utf-8")
    assert read_letterhead(params).organisation.de == "Amt für Beispiele"
