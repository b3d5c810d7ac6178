"""Drafts become the files: only where the rulebook holds with them, and the files are still those that were read.

Goes in: what the trial found. Comes out: the drafts as they now stand on disk, or an error that says why nothing was
written; where somebody else has changed the file, with the difference between theirs and ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import replace

from stellwerk.editing.draft import NEW, Draft, Drafts, digest_of, digest_on_disk
from stellwerk.editing.together import write_together
from stellwerk.editing.trial import Examples, Reading
from stellwerk.errors import ManyErrors, Place, StellwerkError, raise_all

_NAMED = 5  # examples named in a message


class DraftHasErrors(StellwerkError):
    """The rulebook does not hold with the drafts."""


class ExamplesDeviate(StellwerkError):
    """Examples come out otherwise than they expect, and nobody has said that they may."""


class FileChangedUnderneath(StellwerkError):
    """The file is no longer the one that the draft was begun from."""


def save(reading: Reading, examples: Examples, accepted: Collection[str] = ()) -> Drafts:
    """Write what has changed, all files or none. `accepted` names the examples that may deviate."""
    errors = [*reading.errors, *examples.errors]
    if errors:
        raise DraftHasErrors(problems=ManyErrors(errors).message())
    deviating = [result.example.name for result in examples.deviating if result.example.name not in accepted]
    if deviating:
        raise ExamplesDeviate(count=len(deviating), names=deviating[:_NAMED])
    drafts = Drafts(reading.drafts)
    write_together(drafts.changed, lambda: _refuse_if_changed_underneath(drafts))
    for draft in drafts.changed:
        drafts = drafts.having(replace(draft, original=draft.text, digest=digest_of(draft.content)))
    return drafts


def _refuse_if_changed_underneath(drafts: Drafts) -> None:
    raise_all(
        [
            FileChangedUnderneath(Place(draft.shown), difference=difference(draft))
            for draft in drafts.changed
            if digest_on_disk(draft.path) != draft.digest
        ]
    )


def difference(draft: Draft) -> str:
    """How the draft differs from the file as it is on disk now, line by line; empty where it does not."""
    theirs = draft.form.text_of(draft.path.read_bytes()) if draft.path.is_file() else NEW
    lines = difflib.unified_diff(
        theirs.splitlines(keepends=True), draft.text.splitlines(keepends=True), draft.shown, draft.shown, n=2
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
