"""What the guide for policy staff tells is true: every block of it goes into a copy of the rulebook and works."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from law_copies import law_copied

from stellwerk.evaluate.examples import run_examples
from stellwerk.law import kinds
from stellwerk.law.reforms import EndRule, ExtendListing, PutRule, SetParameter
from stellwerk.law.rulebook import Rulebook, load_rulebook
from stellwerk.reports import rule_in_words

BLOCK = re.compile(r"^```(yaml|csv) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIRST_DAY = dt.date(2027, 1, 1)


@pytest.fixture(scope="module")
def guide(checkout: Path) -> str:
    return (checkout / "docs" / "regeln.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def practised(guide: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the rulebook with all blocks of the guide put in, in the order of reading."""
    root = law_copied(tmp_path_factory.mktemp("uebung"))
    for _, name, content in BLOCK.findall(guide):
        path = root / name
        path.parent.mkdir(exist_ok=True)
        is_list_row = path.is_file() and path.suffix == ".csv"
        before = path.read_text(encoding="utf-8") if is_list_row else ""
        path.write_text(before + content, encoding="utf-8")
        if "rules/uebung/" not in name or path.suffix == ".csv":
            continue
        load_rulebook_if_complete(root, path)
    return root


def load_rulebook_if_complete(root: Path, path: Path) -> None:
    """After each step the rulebook loads, but for a table whose CSV comes in the next block."""
    if "table:" not in path.read_text(encoding="utf-8"):
        load_rulebook(root)


@pytest.fixture(scope="module")
def law(practised: Path) -> Rulebook:
    return load_rulebook(practised)


def commands(guide: str) -> Iterator[list[str]]:
    for block in SHELL.findall(guide):
        for line in block.splitlines():
            if line.startswith("stellwerk "):
                yield line.split()[1:]


def test_every_example_of_the_guide_holds(law: Rulebook, practised: Path) -> None:
    files = sorted((practised / "rules" / "uebung").glob("*.cases.yaml"))
    results = run_examples(practised, law, files)
    assert len(results) >= 11
    assert not [(result.example.name, result.differences) for result in results if not result.passes]


def test_the_guide_shows_a_rule_of_every_kind(law: Rulebook) -> None:
    shown = {
        version.kind for name, rule in law.rules.items() if name.startswith("uebung.") for version in rule.versions
    }
    assert shown == set(kinds.KINDS)


def test_the_guide_shows_every_form_of_patch_and_they_work(law: Rulebook) -> None:
    reform = law.reform("uebung")
    assert {type(patch) for patch in reform.patches} == {SetParameter, ExtendListing, EndRule, PutRule}
    changed = law.under(["uebung"])
    dated = changed.parameter_on("uebung.betrag", FIRST_DAY)
    assert dated is not None and dated.value == 50
    assert changed.rules["uebung.gebuehr"].on(dt.date(2027, 7, 1)) is None
    told = rule_in_words(changed.rules["uebung.frist"], changed, FIRST_DAY, "de", base=law)
    assert "14 Tage" in told and "Ü4" in told


def test_a_country_of_the_guide_is_on_the_list_from_its_first_day(law: Rulebook) -> None:
    listing = law.listings["safe_origin.annex_ii"]
    assert listing.entry("AM", dt.date(2027, 12, 31)) is None
    assert listing.entry("AM", dt.date(2028, 1, 1)) is not None


def test_the_commands_of_the_guide_exist_and_name_what_exists(law: Rulebook, guide: str) -> None:
    verbs = {"check", "show", "compare"}
    for verb, *rest in commands(guide):
        assert verb in verbs
        if verb == "show":
            assert rest[0] in {*law.rules, *law.parameters, *law.listings}
        for option, value in pairwise(rest):
            if option in ("--reform", "--with"):
                assert value in law.reforms


def test_every_block_of_the_guide_says_which_file_it_belongs_to(guide: str) -> None:
    fences = re.findall(r"^```(\w+)(.*)$", guide, re.MULTILINE)
    assert all(name.strip() or language == "sh" for language, name in fences)
