"""A draft becomes the file: only where the rulebook holds with it, and the file is still the one that was read.

Goes in: what the trial found of a draft. Comes out: the draft as it now stands on disk, or an error that says why
nothing was written; where somebody else has changed the file, with the difference between theirs and ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import replace

from stellwerk.editing.draft import NEW, Draft, digest_of, digest_on_disk
from stellwerk.editing.trial import Examples, Reading
from stellwerk.errors import ManyErrors, Place, StellwerkError
from stellwerk.tables import whole_file


class DraftHasErrors(StellwerkError):
    """The rulebook does not hold with the draft."""


class ExamplesDeviate(StellwerkError):
    """Examples come out otherwise than they expect, and nobody has said that they may."""


class FileChangedUnderneath(StellwerkError):
    """The file is no longer the one that the draft was begun from."""


def save(reading: Reading, examples: Examples, accepted: Collection[str] = ()) -> Draft:
    """Write the draft, whole or not at all. `accepted` names the examples that may deviate."""
    draft = reading.draft
    errors = [*reading.errors, *examples.errors]
    if errors:
        raise DraftHasErrors(Place(draft.shown), problems=ManyErrors(errors).message())
    deviating = [result.example.name for result in examples.deviating if result.example.name not in accepted]
    if deviating:
        raise ExamplesDeviate(Place(draft.shown), count=len(deviating), names=deviating[:5])
    if digest_on_disk(draft.path) != draft.digest:
        raise FileChangedUnderneath(Place(draft.shown), difference=difference(draft))
    with whole_file(draft.path) as beside:
        beside.write_bytes(draft.content)
    return replace(draft, original=draft.text, digest=digest_of(draft.content))


def difference(draft: Draft) -> str:
    """How the draft differs from the file as it is on disk now, line by line; empty where it does not."""
    theirs = draft.form.text_of(draft.path.read_bytes()) if draft.path.is_file() else NEW
    lines = difflib.unified_diff(
        theirs.splitlines(keepends=True), draft.text.splitlines(keepends=True), draft.shown, draft.shown, n=2
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
