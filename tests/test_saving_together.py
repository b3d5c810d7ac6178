"""Several files are saved together or not at all, wherever the disk fails."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from stellwerk.editing import Draft, Drafts, Trial, save
from stellwerk.editing.saving import FileChangedUnderneath
from stellwerk.editing.together import FilesNotSaved, FilesSavedInPart, write_together
from stellwerk.law.rulebook import Rulebook
from stellwerk.tables import OutputFolderMissing

NAMES = ("rules/a.yaml", "params/b.csv", "rules/new.yaml", "rules/z.yaml")
OLD = {"rules/a.yaml": b"\xef\xbb\xbfa: 1\r\n", "params/b.csv": b"x,y\n", "rules/z.yaml": b"z: 1\n"}
NEW = {
    "rules/a.yaml": b"\xef\xbb\xbfa: 2\r\n",
    "params/b.csv": b"x,2\n",
    "rules/z.yaml": b"2\n",
    "rules/new.yaml": b"2",
}
STEPS = [(tempfile, "mkstemp"), (os, "fsync"), (shutil, "copy2"), (os, "replace")]
DISK_FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def drafts(tmp_path: Path) -> list[Draft]:
    """Four changed files in two folders; the third does not exist yet."""
    for name, content in OLD.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    opened = [
        Draft.open(Path(name), tmp_path) if name in OLD else Draft.new(Path(name), tmp_path, "") for name in NAMES
    ]
    return [draft.with_text(draft.form.text_of(NEW[draft.shown])) for draft in opened]


def files_in(root: Path) -> dict[str, bytes]:
    """Everything that lies there, hidden or not."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def failing(monkeypatch: pytest.MonkeyPatch, place: object, step: str, calls: range, error: BaseException) -> None:
    """Let these calls of a step fail, counted from 0."""
    real: Callable[..., object] = getattr(place, step)
    made: list[object] = []

    def call(*arguments: object, **named: object) -> object:
        made.append(arguments)
        if len(made) - 1 in calls:
            raise error
        return real(*arguments, **named)

    monkeypatch.setattr(place, step, call)


def nothing_against_it() -> None:
    """The last look finds every file as it was read."""


def test_all_files_become_the_drafts_and_nothing_else_stays(drafts: list[Draft], tmp_path: Path) -> None:
    write_together(drafts, nothing_against_it)
    assert files_in(tmp_path) == NEW


@pytest.mark.parametrize("call", range(3))
@pytest.mark.parametrize(("place", "step"), STEPS, ids=[step for _, step in STEPS])
def test_a_failing_step_leaves_every_file_as_it_was(
    place: object, step: str, call: int, drafts: list[Draft], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, place, step, range(call, call + 1), DISK_FULL)
    with pytest.raises(FilesNotSaved) as refused:
        write_together(drafts, nothing_against_it)
    assert files_in(tmp_path) == OLD
    message = refused.value.message("de")
    assert message.endswith("der Datenträger ist voll. Alle Dateien sind, wie sie waren.")
    assert message.split(": Nicht gespeichert: ")[0] in NAMES


def test_the_file_that_cannot_be_renamed_is_named(drafts: list[Draft], monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, os, "replace", range(3, 4), OSError(errno.EACCES, "no"))
    with pytest.raises(FilesNotSaved) as refused:
        write_together(drafts, nothing_against_it)
    assert refused.value.message("de") == (
        "rules/z.yaml: Nicht gespeichert: Die Datei lässt sich nicht schreiben: dort darf nicht geschrieben werden. "
        "Alle Dateien sind, wie sie waren."
    )


@pytest.mark.parametrize("call", range(4))
def test_an_interruption_between_two_renames_puts_all_back(
    call: int, drafts: list[Draft], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, os, "replace", range(call, call + 1), KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        write_together(drafts, nothing_against_it)
    assert files_in(tmp_path) == OLD


def test_an_interruption_right_after_a_rename_puts_it_back_too(
    drafts: list[Draft], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.replace

    def renamed_and_interrupted(source: Path, target: Path) -> None:
        monkeypatch.setattr(os, "replace", real)
        real(source, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", renamed_and_interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_together(drafts, nothing_against_it)
    assert files_in(tmp_path) == OLD


def test_what_cannot_be_put_back_is_named_and_its_copy_stays(
    drafts: list[Draft], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, os, "replace", range(1, 9), DISK_FULL)
    with pytest.raises(FilesSavedInPart) as failed:
        write_together(drafts, nothing_against_it)
    found = files_in(tmp_path)
    (copy,) = set(found) - set(OLD)
    assert {name: found[name] for name in OLD} == {**OLD, "rules/a.yaml": NEW["rules/a.yaml"]}
    assert found[copy] == OLD["rules/a.yaml"]
    assert "zurücknehmen: rules/a.yaml. Ihre vorige Fassung liegt daneben: " in failed.value.message("de")
    assert Path(copy).name in failed.value.message("de")


def test_the_files_are_looked_at_again_when_all_is_ready(drafts: list[Draft], tmp_path: Path) -> None:
    looks: list[int] = []

    def look() -> None:
        looks.append(len(list((tmp_path / "rules").glob("*.tmp"))))
        if len(looks) == 2:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_together(drafts, look)
    assert looks == [0, 5]
    assert files_in(tmp_path) == OLD


def test_a_missing_folder_stops_all(drafts: list[Draft], tmp_path: Path) -> None:
    beyond = Draft(tmp_path, tmp_path / "rules" / "none" / "x.yaml", "", "", "x")
    with pytest.raises(OutputFolderMissing):
        write_together([*drafts, beyond], nothing_against_it)
    assert files_in(tmp_path) == OLD


def test_one_of_two_files_changed_while_saving_refuses_both(
    root: Path, trial: Trial, base: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = [
        Draft.open(Path(name), root) for name in ("params/law/stay.yaml", "rules/stay/sustained_integration.yaml")
    ]
    reading = trial.read([draft.with_text(draft.text + "# ours\n") for draft in opened], base)
    before = files_in(root)
    real = os.fsync

    def somebody_writes_meanwhile(handle: int) -> None:
        real(handle)
        opened[1].path.write_bytes(opened[1].content + b"# theirs\n")

    examples = trial.examples(reading)
    monkeypatch.setattr(os, "fsync", somebody_writes_meanwhile)
    with pytest.raises(FileChangedUnderneath) as refused:
        save(reading, examples)
    assert "-# theirs\n+# ours" in refused.value.message("de")
    assert files_in(root) == {**before, opened[1].shown: opened[1].content + b"# theirs\n"}
    monkeypatch.undo()
    opened[1].path.write_bytes(opened[1].content)
    assert save(reading, examples) == Drafts(tuple(Draft.open(draft.path, root) for draft in opened))
