"""A file of the law as somebody is changing it: the text now, the text as it was read, and the way back.

Goes in: a path. Comes out: a `Draft`, a value that every change turns into a new one; several make `Drafts`, and a
`History` steps back and forth between these. Nothing is written here; `saving.py` does that.
"""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from stellwerk.documents import FileMissing, not_utf8
from stellwerk.errors import Place, StellwerkError, shown_path

NEW = ""  # the digest of a file that does not exist yet


class NoLawFile(StellwerkError):
    """A path that is none of the files that rules and numbers stand in."""


class FileThereAlready(StellwerkError):
    """A new file's name is taken."""


@dataclass(frozen=True)
class Form:
    """How a file is written, apart from its text: with a mark in front, with line breaks of another system."""

    mark: bytes = b""
    line_break: str = "\n"

    @classmethod
    def of(cls, content: bytes) -> Form:
        """The form of a file; line breaks of both kinds are left alone as a part of the text."""
        mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
        everywhere = 0 < content.count(b"\n") == content.count(b"\r\n")
        return cls(mark, "\r\n" if everywhere else "\n")

    def text_of(self, content: bytes) -> str:
        """The text of a file of this form, its lines ending in one character."""
        return content.removeprefix(self.mark).decode("utf-8").replace(self.line_break, "\n")

    def content_of(self, text: str) -> bytes:
        """The file of this form with that text."""
        return self.mark + text.replace("\n", self.line_break).encode("utf-8")


@dataclass(frozen=True)
class Draft:
    """One file being changed."""

    root: Path
    path: Path
    original: str  # as it was read
    digest: str  # of the file's bytes as it was read; NEW where there was none
    text: str  # as it is now
    form: Form = Form()

    @classmethod
    def open(cls, path: Path, root: Path) -> Draft:
        """The file as it stands on disk. A path outside rules/ and params/ is refused."""
        path = _inside(path, root)
        shown = shown_path(path, root)
        if not path.is_file():
            raise FileMissing(Place(shown))
        content = path.read_bytes()
        form = Form.of(content)
        try:
            text = form.text_of(content)
        except UnicodeDecodeError as error:
            raise not_utf8(error, shown) from error
        return cls(root, path, text, digest_of(content), text, form)

    @classmethod
    def new(cls, path: Path, root: Path, text: str) -> Draft:
        """A file that does not exist yet."""
        path = _inside(path, root)
        if path.exists():
            raise FileThereAlready(Place(shown_path(path, root)))
        return cls(root, path, "", NEW, text)

    @property
    def shown(self) -> str:
        """The file's name for the reader."""
        return shown_path(self.path, self.root)

    @property
    def changed(self) -> bool:
        """Whether the text is another one than when it was read."""
        return self.text != self.original or self.digest == NEW

    def with_text(self, text: str) -> Draft:
        """The draft with another text."""
        return replace(self, text=text)

    @property
    def content(self) -> bytes:
        """The bytes that saving would write: a file saved unchanged stays what it is."""
        return self.form.content_of(self.text)


@dataclass(frozen=True)
class Drafts:
    """The files that are being changed together, each once, in the order in which they were opened."""

    files: tuple[Draft, ...] = ()

    def of(self, path: Path) -> Draft | None:
        """The draft of a file, if it is open."""
        return next((draft for draft in self.files if draft.path == path), None)

    def having(self, draft: Draft) -> Drafts:
        """The drafts with this one in the place of the same file's, or behind the others."""
        if self.of(draft.path) is None:
            return Drafts((*self.files, draft))
        return Drafts(tuple(draft if draft.path == other.path else other for other in self.files))

    @property
    def changed(self) -> tuple[Draft, ...]:
        """Those whose text is another one than when they were read."""
        return tuple(draft for draft in self.files if draft.changed)

    @property
    def texts(self) -> dict[Path, str]:
        """What is now written where something has changed."""
        return {draft.path: draft.text for draft in self.changed}


@dataclass(frozen=True)
class History:
    """The drafts before and after the present ones; `step` names what led to the present ones, where it has a name."""

    now: Drafts = Drafts()
    before: tuple[Drafts, ...] = ()
    after: tuple[Drafts, ...] = ()
    step: str = ""

    def then(self, drafts: Drafts, step: str = "") -> History:
        """One step further; what had been undone before is forgotten. No change is no step."""
        if drafts.texts == self.now.texts:
            return replace(self, now=drafts, step="")
        return History(drafts, (*self.before, self.now), step=step)

    def without(self, step: str) -> History:
        """As it was before the last step, where that was this one: a slider that goes on moving makes one step."""
        if not step or step != self.step:
            return self
        return History(self.before[-1], self.before[:-1])

    def undo(self) -> History:
        """One step back, where there is one."""
        if not self.before:
            return self
        return History(self.before[-1], self.before[:-1], (self.now, *self.after))

    def redo(self) -> History:
        """One step forth, where there is one."""
        if not self.after:
            return self
        return History(self.after[0], (*self.before, self.now), self.after[1:])


def digest_of(content: bytes) -> str:
    """What tells whether a file is still the one that was read."""
    return hashlib.sha256(content).hexdigest()


def digest_on_disk(path: Path) -> str:
    """The digest of a file as it is now; NEW where there is none."""
    return digest_of(path.read_bytes()) if path.is_file() else NEW


def _inside(path: Path, root: Path) -> Path:
    """The path, where it is one of the checkout's own folders of law."""
    whole = (path if path.is_absolute() else root / path).resolve()
    allowed = [(root / folder).resolve() for folder in ("rules", "params")]
    if not any(whole.is_relative_to(folder) for folder in allowed) or whole.suffix not in (".yaml", ".csv"):
        raise NoLawFile(Place(shown_path(whole, root)))
    return whole
