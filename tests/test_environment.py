"""The files that describe the environment agree with each other and with the environment that runs the tests."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from stellwerk.texts import _OPTIONAL, _PLACEHOLDER, LANGUAGES, catalogue

LOCKED_PYTHONS = ("3.11.2", "3.11.7", "3.12.1", "3.13.0")


def project(checkout: Path) -> dict:
    return tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def by_name(lines: Iterable[str]) -> dict[str, Requirement]:
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def direct(checkout: Path) -> dict[str, Requirement]:
    data = project(checkout)
    return by_name(data["dependencies"] + data["optional-dependencies"]["dev"])


def durable(checkout: Path) -> dict[str, Requirement]:
    return by_name(project(checkout)["optional-dependencies"]["durable"])


def locked_lines(checkout: Path, name: str = "requirements.lock") -> list[str]:
    return (checkout / name).read_text(encoding="utf-8").splitlines()


def locked_for(checkout: Path, python: str) -> dict[str, Version]:
    """The versions that the lock gives to a Python, on the system the tests run on."""
    place = {"python_full_version": python, "python_version": ".".join(python.split(".")[:2])}
    chosen: dict[str, Version] = {}
    for requirement in map(Requirement, locked_lines(checkout)):
        if requirement.marker is None or requirement.marker.evaluate(place):
            name = canonicalize_name(requirement.name)
            assert name not in chosen, f"{name} is locked twice for Python {python}"
            chosen[name] = Version(next(iter(requirement.specifier)).version)
    return chosen


def conda(checkout: Path) -> tuple[dict[str, SpecifierSet], list[str]]:
    """The packages of environment.yml with their ranges, and the lines left to pip."""
    data = yaml.safe_load((checkout / "environment.yml").read_text(encoding="utf-8"))
    lines = [entry for entry in data["dependencies"] if isinstance(entry, str)]
    (by_pip,) = [entry["pip"] for entry in data["dependencies"] if isinstance(entry, dict)]
    return {name: requirement.specifier for name, requirement in by_name(lines).items()}, by_pip


def test_conda_and_pip_name_the_same_packages_with_the_same_ranges(checkout: Path) -> None:
    packages, _ = conda(checkout)
    python = packages.pop("python")
    assert packages.pop("pip") == SpecifierSet()
    assert packages == {name: requirement.specifier for name, requirement in direct(checkout).items()}
    assert python == SpecifierSet(project(checkout)["requires-python"])


def imported(source: Path) -> set[str]:
    """The top-level names that a module imports from outside itself."""
    names = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


OPTIONAL = {"durable": "durable-rules", "pyspark": "pyspark"}  # imported where it is there -> the extra's package


def test_what_is_imported_only_where_it_is_there_is_an_extra(checkout: Path) -> None:
    extras = project(checkout)["optional-dependencies"]
    declared = {name for extra, lines in extras.items() if extra != "dev" for name in by_name(lines)}
    assert declared == set(OPTIONAL.values())


def test_the_engine_imports_only_what_it_declares_or_what_that_brings_along(checkout: Path) -> None:
    declared = set(by_name(project(checkout)["dependencies"]))
    brought = {
        canonicalize_name(Requirement(line).name)
        for name in declared
        for line in importlib.metadata.requires(name) or ()
        if "extra ==" not in line
    }
    allowed = declared | brought | set(durable(checkout))
    homes = importlib.metadata.packages_distributions()
    own = sys.stdlib_module_names | {"stellwerk"}
    strangers = {
        f"{source.relative_to(checkout)}: {name}"
        for source in sorted((checkout / "engine").rglob("*.py"))
        for name in imported(source) - own
        if name not in OPTIONAL and not {canonicalize_name(home) for home in homes.get(name, [])} & allowed
    }
    assert strangers == set()


def test_durable_rules_comes_by_pip_under_conda_too(checkout: Path) -> None:
    _, by_pip = conda(checkout)
    assert by_name(by_pip[:1]) == durable(checkout)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-durable.lock"])
def test_every_line_of_a_lock_is_one_exact_version_and_no_address(checkout: Path, name: str) -> None:
    for line in locked_lines(checkout, name):
        requirement = Requirement(line)
        assert requirement.url is None
        assert "://" not in line and "--" not in line
        (specifier,) = requirement.specifier
        assert specifier.operator == "==" and "*" not in specifier.version


@pytest.mark.parametrize("python", LOCKED_PYTHONS)
def test_the_lock_holds_every_direct_dependency_within_its_range(checkout: Path, python: str) -> None:
    versions = locked_for(checkout, python)
    for name, requirement in direct(checkout).items():
        assert name in versions, f"{name} is missing in the lock for Python {python}; run `make lock`"
        assert requirement.specifier.contains(versions[name]), f"{name} {versions[name]} is outside its range"


def test_the_durable_lock_holds_only_durable_rules_and_only_below_python_3_13(checkout: Path) -> None:
    (line,) = locked_lines(checkout, "requirements-durable.lock")
    locked, (name, asked) = Requirement(line), next(iter(durable(checkout).items()))
    assert canonicalize_name(locked.name) == name
    assert asked.specifier.contains(next(iter(locked.specifier)).version)
    for requirement in (locked, asked):
        assert requirement.marker is not None
        assert requirement.marker.evaluate({"python_full_version": "3.12.9", "python_version": "3.12"})
        assert not requirement.marker.evaluate({"python_full_version": "3.13.0", "python_version": "3.13"})


def test_what_is_installed_is_what_the_lock_says(checkout: Path) -> None:
    wrong = {}
    for name, version in locked_for(checkout, ".".join(map(str, sys.version_info[:3]))).items():
        installed = importlib.metadata.version(name)
        if Version(installed) != version:
            wrong[name] = f"installed {installed}, locked {version}"
    assert wrong == {}


def test_the_installed_package_is_this_checkout(checkout: Path) -> None:
    import stellwerk

    assert Path(stellwerk.__file__).is_relative_to(checkout / "engine")
    assert importlib.metadata.version("stellwerk") == stellwerk.__version__


def test_the_version_heads_the_changelog(checkout: Path) -> None:
    import stellwerk

    headings = [line for line in (checkout / "CHANGELOG.md").read_text(encoding="utf-8").splitlines() if "## [" in line]
    assert headings[0].startswith(f"## [{stellwerk.__version__}]")


def test_a_python_that_is_too_old_is_refused_in_a_sentence(tmp_path: Path, checkout: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\ncase "$2" in *exit*) exit 1;; *) echo 3.9.2;; esac\n', encoding="utf-8")
    old.chmod(0o755)
    (tmp_path / "scripts").mkdir()
    script = tmp_path / "scripts" / "setup.sh"
    script.write_bytes((checkout / "scripts" / "setup.sh").read_bytes())
    environment = os.environ | {"PYTHON": str(old), "STELLWERK_LANG": "en"}
    run = subprocess.run(["bash", str(script)], env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.startswith("Stellwerk needs Python 3.11 or newer, found was 3.9.2.")
    assert not (tmp_path / ".venv").exists()


# Articles, endings and joining words from which prose is built: one language may need none where the other inflects.
PARTS_OF_SPEECH = ("prose_",)


def test_every_text_exists_in_every_language_with_the_same_places() -> None:
    for key, entry in catalogue().items():
        assert set(entry) == set(LANGUAGES), f"{key}: languages {sorted(entry)}"
        places = {language: sorted(set(_PLACEHOLDER.findall(entry[language]))) for language in LANGUAGES}
        if not key.startswith(PARTS_OF_SPEECH):
            assert places["de"] == places["en"], f"{key}: the places differ"


def test_no_text_is_empty_or_holds_a_loose_brace() -> None:
    for key, entry in catalogue().items():
        for language, template in entry.items():
            if not key.startswith(PARTS_OF_SPEECH):
                assert template.strip() == template != "", f"{key}.{language}"
            bare = _OPTIONAL.sub(r"\1", _PLACEHOLDER.sub("", template))
            bare = _PLACEHOLDER.sub("", bare)
            assert not set("{}") & set(bare) and "[[" not in bare and "]]" not in bare, f"{key}.{language}"
