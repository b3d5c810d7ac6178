"""Several files become other ones together: all of them, or none.

Goes in: drafts, and a last look at the files that they were begun from. Comes out: the files with the drafts' content,
or an error and every file as it was, with nothing left beside it. Only a crash of the machine itself between two
renames can leave some files new and others old; then `git status` shows which, and copies of the old ones lie beside.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from stellwerk.editing.draft import Draft
from stellwerk.errors import Place, StellwerkError
from stellwerk.tables import file_beside, hindrance

_SUFFIX = ".tmp"  # none that files of the law have: whoever reads these meanwhile must not find them twice


class FilesNotSaved(StellwerkError):
    """A file cannot be written, so that none was."""


class FilesSavedInPart(StellwerkError):
    """A file could not be written, and those written before it could not be put back."""


@dataclass(frozen=True)
class _Change:
    """What is to become of a file, ready beside it."""

    draft: Draft
    new: Path
    old: Path | None  # a copy of what stands there now; None where nothing does

    @property
    def done(self) -> bool:
        """Whether the new file has taken its place: the disk knows, even after an interruption."""
        return not self.new.exists()

    def put_back(self) -> None:
        """The file as it was before."""
        if self.old is None:
            self.draft.path.unlink(missing_ok=True)
        else:
            self.old.replace(self.draft.path)


def write_together(drafts: Sequence[Draft], check: Callable[[], None]) -> None:
    """Write all drafts, or none. `check` raises where a file must not be overwritten; the renames follow it at once.

    Raises `FilesNotSaved`, and `FilesSavedInPart` where even the way back is barred: it names the copies that stay.
    """
    check()
    beside: list[Path] = []
    try:
        changes = [_staged(draft, beside) for draft in drafts]
        check()
        _take_places(changes, beside)
    finally:
        for path in beside:
            with suppress(OSError):  # what cannot be removed changes nothing of what was done
                path.unlink(missing_ok=True)


def _staged(draft: Draft, beside: list[Path]) -> _Change:
    """The new file and a copy of the old one, safely on disk; `beside` learns of each before anything can go wrong."""
    with _told(draft):
        new = file_beside(draft.path, _SUFFIX)
        beside.append(new)
        with new.open("wb") as file:
            file.write(draft.content)
            file.flush()
            os.fsync(file.fileno())
        new.chmod(0o644)
        if not draft.path.is_file():
            return _Change(draft, new, None)
        old = file_beside(draft.path, _SUFFIX)
        beside.append(old)
        shutil.copy2(draft.path, old)
        return _Change(draft, new, old)


def _take_places(changes: Sequence[_Change], beside: list[Path]) -> None:
    try:
        for change in changes:
            with _told(change.draft):
                change.new.replace(change.draft.path)
    except BaseException:
        _put_back([change for change in reversed(changes) if change.done], beside)
        raise


def _put_back(changes: Sequence[_Change], beside: list[Path]) -> None:
    """Every file as it was; the copies of those for which that fails are no longer ours to remove."""
    stuck: list[_Change] = []
    for change in changes:
        try:
            change.put_back()
        except OSError:
            stuck.append(change)
    kept = [change.old for change in stuck if change.old is not None]
    beside[:] = [path for path in beside if path not in kept]
    if stuck:
        raise FilesSavedInPart(files=[change.draft.shown for change in stuck], kept=[path.name for path in kept])


@contextmanager
def _told(draft: Draft) -> Iterator[None]:
    """What stands against writing a file, as an error that says so."""
    try:
        yield
    except OSError as problem:
        raise FilesNotSaved(Place(draft.shown), problem=hindrance(problem)) from problem
