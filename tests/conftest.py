"""What all tests share: examples that are the same on every machine, the checkout's root, its law, a browser."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from law_copies import law_copied

ROOT = Path(__file__).resolve().parents[1]
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome")
EXAMPLES = 60  # enough to find a slip in arithmetic, few enough for a whole run in minutes

os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / "build" / "hypothesis"))

from hypothesis import settings  # noqa: E402 -- it reads its storage folder from the environment when imported

from stellwerk.cli import main  # noqa: E402
from stellwerk.editing import Trial  # noqa: E402
from stellwerk.law.rulebook import Rulebook, law_in_force  # noqa: E402

settings.register_profile("stellwerk", deadline=None, derandomize=True, max_examples=EXAMPLES)
settings.load_profile("stellwerk")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the checkout that the tests stand in."""
    return ROOT


@pytest.fixture(scope="module")
def base() -> Rulebook:
    """The law in force of the checkout that the tests stand in."""
    return law_in_force(ROOT)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout that may be changed."""
    return law_copied(tmp_path)


@pytest.fixture
def trial(root: Path) -> Iterator[Trial]:
    """Where drafts for the checkout that may be changed are tried."""
    found = Trial(root)
    yield found
    found.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path; without one the test fails and says how to get it."""
    chosen = os.environ.get("STELLWERK_CHROMIUM")
    found = shutil.which(chosen) if chosen else next(filter(None, map(shutil.which, BROWSER_NAMES)), None)
    if found is None:
        pytest.fail(
            f"STELLWERK_CHROMIUM={chosen} is no program."
            if chosen
            else "This test reads a page in a browser. Install one (Debian: apt install chromium) "
            "or set STELLWERK_CHROMIUM to its path; `make test` does the former where it may."
        )
    return found


Run = Callable[..., tuple[int, str, str]]
"""Runs a command in the checkout: its words in, its exit code and what it said on both streams out."""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], checkout: Path) -> Run:
    """The command line as a user types it, without a process of its own."""

    def call(*arguments: object, folder: Path = checkout) -> tuple[int, str, str]:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["stellwerk", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return end.value.code, captured.out, captured.err

    return call
