"""What stands on the page of a brief, in order: read from its HTML, so that every format says the same as the page.

In goes the text of a page made by `briefs.page`, out comes a `Brochure`. Only the elements of our own templates are
known; navigation, skip link and style are left behind.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from stellwerk.briefs.export.parts import (
    Brochure,
    Card,
    Grid,
    Heading,
    Numbers,
    Paragraph,
    Part,
    Picture,
    Points,
    Sender,
)
from stellwerk.errors import StellwerkError

_EMPTY = {"meta", "link", "img", "br", "hr", "col", "input"}
_SVG = "data:image/svg+xml;base64,"
_HEADINGS = {f"h{level}": level for level in range(2, 7)}


class NoPageOfABrief(StellwerkError):
    """The HTML file is not a page of a brief."""


@dataclass
class Element:
    """An element of the page with its attributes and what stands in it."""

    tag: str
    attributes: dict[str, str]
    content: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        """The element's classes."""
        return self.attributes.get("class", "").split()

    def walk(self) -> Iterator[Element]:
        """This element and all below it, in the order of the page."""
        yield self
        for child in self.content:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, tag: str) -> list[Element]:
        """Every element of that tag below this one."""
        return [element for element in self.walk() if element.tag == tag]

    def first(self, tag: str, css_class: str = "") -> Element | None:
        """The first element of that tag, and class where one is named."""
        return next((e for e in self.walk() if e.tag == tag and (not css_class or css_class in e.classes)), None)

    def text(self) -> str:
        """All text below, with single spaces; breakless spaces stay."""
        return " ".join(part for part in self._raw().split(" ") if part)

    def _raw(self) -> str:
        joined = "".join(child if isinstance(child, str) else child._raw() for child in self.content)
        return joined.replace("\n", " ").replace("\t", " ")


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].content.append(element)
        if tag not in _EMPTY:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in (element.tag for element in self.open):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)


def read_page(html: str, file: str) -> Brochure:
    """The brief that stands on a page; `file` is the name that an error says."""
    tree = _Tree()
    tree.feed(html)
    page, title, main = tree.root.first("html"), tree.root.first("h1"), tree.root.first("main")
    header = tree.root.first("header")
    if page is None or title is None or main is None or header is None:
        raise NoPageOfABrief(file=file)
    return Brochure(
        language=page.attributes.get("lang", "de"),
        title=title.text(),
        sender=_sender(tree.root, header),
        parts=(*_parts(header), *_parts(main)),
    )


def _sender(root: Element, header: Element) -> Sender:
    colour = next((m.attributes["content"] for m in root.all("meta") if m.attributes.get("name") == "theme-color"), "")
    house, footer = header.first("p", "house"), root.first("footer")
    logo = header.first("img", "logo")
    return Sender(
        organisation=house.text() if house else "",
        lines=tuple(line.text() for line in header.all("p") if "sender" in line.classes),
        footer=tuple(line.text() for line in footer.all("p")) if footer else (),
        colour=colour,
        logo=_svg(logo) if logo else "",
    )


def _parts(container: Element) -> Iterator[Part]:
    for child in container.content:
        if isinstance(child, str) or child.tag == "nav" or {"house", "sender"} & set(child.classes):
            continue
        part = _part(child)
        if part is not None:
            yield part
        elif child.tag in ("div", "section"):
            yield from _parts(child)


def _part(element: Element) -> Part | None:
    if element.tag in _HEADINGS:
        return Heading(element.text(), _HEADINGS[element.tag])
    if element.tag == "p":
        return Paragraph(element.text(), " ".join(element.classes))
    if element.tag in ("ul", "ol"):
        return Points(tuple(item.text() for item in element.all("li")))
    if element.tag == "dl":
        return Numbers(tuple(_card(card) for card in element.all("div")))
    if element.tag == "figure":
        return _picture(element)
    if element.tag == "div" and "table" in element.classes:
        return _grid(element)
    return None


def _card(element: Element) -> Card:
    return Card(*(_text_of(element, tag, kind) for tag, kind in (("dt", ""), ("data", ""), ("span", "note"))))


def _picture(element: Element) -> Picture | None:
    image = element.first("img")
    if image is None:
        return None
    caption, source = _text_of(element, "figcaption"), _text_of(element, "p", "source")
    return Picture(_svg(image), image.attributes.get("alt", ""), caption, source)


def _grid(element: Element) -> Grid | None:
    head, body = element.first("thead"), element.first("tbody")
    if head is None or body is None:
        return None
    rows = body.all("tr")
    headings = [cell for cell in head.walk() if cell.tag in ("th", "td")]
    return Grid(
        caption=_text_of(element, "caption"),
        header=tuple(cell.text() for cell in headings),
        rows=tuple(tuple(cell.text() for cell in row.walk() if cell.tag in ("th", "td")) for row in rows),
        amounts=tuple("amount" in cell.classes for cell in headings),
        total_row=bool(rows) and "total" in rows[-1].classes,
        gaps=tuple(place for place, row in enumerate(rows) if "gap" in row.classes),
        source=_text_of(element, "p", "source"),
    )


def _text_of(element: Element, tag: str, css_class: str = "") -> str:
    found = element.first(tag, css_class)
    return found.text() if found else ""


def _svg(image: Element) -> str:
    return base64.b64decode(image.attributes["src"].removeprefix(_SVG)).decode()
