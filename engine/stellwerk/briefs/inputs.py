"""On what does a result rest, and which of it is no longer as it was?

In go a notebook, the files that were read and the checkout, out come digests by name: the notebook, each file, the law
as a whole (all files of rules and dated parameters) and the package's own sources.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache, cached_property
from pathlib import Path

import stellwerk
from stellwerk.briefs.ledger import LedgerEntry, hash_of_file, versions_in_use
from stellwerk.briefs.parameters import FILE, BriefParameters, fields_naming
from stellwerk.errors import shown_path
from stellwerk.law.rulebook import law_digest

LAW, PACKAGE = "rules", "stellwerk"
_LAW_FOLDERS = ("rules/", "params/law/")
_SOURCES = (".py", ".toml", ".lark", ".j2", ".css", ".typ", ".js", ".yaml", ".csv", ".json", ".svg")


def inputs_of(root: Path, notebook: Path, files: Iterable[Path]) -> dict[str, str]:
    """The digest of everything a run rests on, by name."""
    state = InputsNow(root)
    names = {_name(path, root) for path in (notebook, *files)}
    wanted = sorted(name for name in names if not name.startswith(_LAW_FOLDERS))
    return {name: state.digest(name) for name in (LAW, PACKAGE, *wanted)}


def declared_files(parameters: BriefParameters, root: Path) -> list[Path]:
    """The files that parameters name."""
    values = parameters.as_json
    return [root / values[name] for name in fields_naming(type(parameters), FILE) if values[name]]


class InputsNow:
    """The digests of a checkout as it is now; each file, the law and the packages are looked at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._digests: dict[str, str] = {}

    def digest(self, name: str) -> str:
        """The digest of an input; an empty text where it is no more."""
        if name not in self._digests:
            self._digests[name] = self._made(name)
        return self._digests[name]

    def _made(self, name: str) -> str:
        if name == LAW:
            return law_digest(self.root)
        if name == PACKAGE:
            return package_digest()
        path = self.root / name  # an absolute name stays as it is
        return hash_of_file(path) if path.is_file() else ""

    @cached_property
    def _versions(self) -> dict[str, str]:
        return versions_in_use()

    def changed(self, entry: LedgerEntry) -> list[str]:
        """What a run rested on and is no longer so: files, law, package, versions of other packages."""
        expected = {LAW: "", PACKAGE: "", **entry.inputs}  # a run that does not say on which law cannot be relied on
        names = [name for name, digest in expected.items() if self.digest(name) != digest]
        now = self._versions
        packages = [name for name in {**entry.versions, **now} if entry.versions.get(name) != now.get(name)]
        return [*names, *sorted(packages)]


@cache
def package_digest() -> str:
    """SHA-256 over the package's own sources and texts."""
    home, digest = Path(stellwerk.__file__).parent, hashlib.sha256()
    for path in sorted(home.rglob("*")):
        if path.suffix in _SOURCES and path.is_file():
            digest.update(f"{path.relative_to(home).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _name(path: Path, root: Path) -> str:
    """A path below the checkout, else the whole path: the file must be found again."""
    shown = shown_path(path, root)
    return shown if (root / shown).resolve() == path.resolve() else path.resolve().as_posix()
