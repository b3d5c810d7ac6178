"""Which briefs does a batch file ask for?

In goes a YAML file with a list, a grid or a zip of parameters, out come the sets in the file's order, each checked and
with a folder name of its own. Any mistake in any set refuses the whole file, before anything runs.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import Field

from stellwerk.briefs.parameters import BriefParameters, check
from stellwerk.briefs.registry import brief_kind
from stellwerk.briefs.scenarios import scenario_for
from stellwerk.distribution.reference import ReferenceTables, require_columns
from stellwerk.documents import Document, Labels, line_of, read_document, validated
from stellwerk.errors import Place, StellwerkError, nearest, raise_all, shown_path

KINDS = ("list", "grid", "zip")
_LONGEST_NAME = 80
_UNSAFE = re.compile(r"[^a-z0-9_.]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class BatchMissing(StellwerkError):
    """No batch file of that name."""


class BatchOfOneKind(StellwerkError):
    """A batch has none of list, grid and zip, or more than one."""


class BatchEmpty(StellwerkError):
    """A batch asks for nothing."""


class BatchUneven(StellwerkError):
    """The lists of a zip are of different lengths."""


class BatchRepeats(StellwerkError):
    """Two sets of a batch ask for the same."""


class FromTable(Document):
    """All values of a column of a reference table, or those of the rows where other columns have a value."""

    table: str
    column: str
    where: dict[str, str] = Field(default_factory=dict)


Values = FromTable | tuple[Any, ...]


class BatchFile(Document):
    """A batch as it stands in its file."""

    brief: str
    title: Labels
    scenario: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    list_: tuple[dict[str, Any], ...] | None = Field(default=None, alias="list")
    grid: dict[str, Values] | None = None
    zip: dict[str, Values] | None = None


@dataclass(frozen=True)
class Wanted:
    """One brief of a batch: what sets it apart from the others, all its parameters, its folder."""

    varied: Mapping[str, object]
    parameters: BriefParameters
    folder: str


@dataclass(frozen=True)
class Batch:
    """A batch, ready to be run."""

    brief: str
    title: Labels
    wanted: tuple[Wanted, ...]

    def settled(self, settle: Callable[[BriefParameters], BriefParameters]) -> Batch:
        """The batch with all that its parameters name looked up; every mistake is told together."""
        errors: list[StellwerkError] = []
        found = []
        for each in self.wanted:
            try:
                found.append(replace(each, parameters=settle(each.parameters)))
            except StellwerkError as error:
                errors.append(error)
        raise_all(errors)
        _refuse_repeats([each.parameters for each in found], None)
        return replace(self, wanted=tuple(found))


def read_batch(name: str, root: Path) -> Batch:
    """The batch of that name in `params/batches/`, or of that file."""
    path = _path(name, root)
    shown = shown_path(path, root)
    data = read_document(path, shown)
    found = validated(BatchFile, data, shown)
    kind = brief_kind(found.brief)
    present = [key for key in KINDS if data.get(key) is not None]
    if len(present) != 1:
        raise BatchOfOneKind(Place(shown), found=present, kinds=KINDS)
    base = {**scenario_for(found.brief, found.scenario, root), **found.parameters}
    place = Place(shown, line_of(data, [present[0]]))
    sets = _sets(found, ReferenceTables.load(root / "params"), place)
    if not sets:
        raise BatchEmpty(place)
    checked = [check(kind.model, {**base, **varied}, lambda _: place) for varied in sets]
    _refuse_repeats(checked, place)
    folders = _folders(found.brief, sets)
    wanted = (Wanted(*each) for each in zip(sets, checked, folders, strict=True))
    return Batch(found.brief, found.title, tuple(wanted))


def _path(name: str, root: Path) -> Path:
    path = Path(name) if name.endswith((".yaml", ".yml")) else root / "params" / "batches" / f"{name}.yaml"
    if not path.is_file():
        others = sorted(other.stem for other in path.parent.glob("*.yaml"))
        raise BatchMissing(batch=name, near=nearest(path.stem, others), known=others)
    return path


def _sets(batch: BatchFile, tables: ReferenceTables, place: Place) -> list[dict[str, object]]:
    if batch.list_ is not None:
        return [dict(each) for each in batch.list_]
    columns = {name: _values(values, tables) for name, values in (batch.grid or batch.zip or {}).items()}
    if batch.grid is not None:
        return [dict(zip(columns, each, strict=True)) for each in itertools.product(*columns.values())]
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise BatchUneven(place, lengths=[f"{name}: {length}" for name, length in lengths.items()])
    return [dict(zip(columns, each, strict=True)) for each in zip(*columns.values(), strict=True)]


def _values(values: Values, tables: ReferenceTables) -> Sequence[object]:
    if not isinstance(values, FromTable):
        return values
    frame = tables.as_text(values.table)
    require_columns(frame, [values.column, *values.where], f"{values.table}.csv")
    for column, wanted in values.where.items():
        frame = frame.filter(frame[column] == wanted)
    return frame[values.column].drop_nulls().unique(maintain_order=True).to_list()


def _refuse_repeats(checked: Sequence[BriefParameters], place: Place | None) -> None:
    seen: dict[str, int] = {}
    for number, parameters in enumerate(checked, start=1):
        key = json.dumps(parameters.as_json, sort_keys=True)
        if key in seen:
            raise BatchRepeats(place, first=seen[key], second=number)
        seen[key] = number


def _folders(brief: str, sets: Sequence[Mapping[str, object]]) -> list[str]:
    """A folder name for each set: the brief and the values; where two would be the same, a digest tells them apart."""
    names = [_name(brief, varied) for varied in sets]
    repeated = {name for name, count in Counter(names).items() if count > 1}
    return [
        f"{name}-{_digest(varied)}" if name in repeated or len(name) >= _LONGEST_NAME else name
        for name, varied in zip(names, sets, strict=True)
    ]


def _name(brief: str, varied: Mapping[str, object]) -> str:
    words = [brief, *(str(value).casefold().translate(_UMLAUTS) for value in varied.values())]
    return "-".join(_UNSAFE.sub("_", word).strip("._") for word in words)[:_LONGEST_NAME]


def _digest(varied: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(varied, sort_keys=True, default=str).encode()).hexdigest()[:8]
