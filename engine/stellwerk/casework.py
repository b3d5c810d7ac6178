"""The part of the door that is about cases: rulebook, register, evaluation, comparison.

Opens a checkout. Frames go in as pandas or polars and come out as pandas with exact types (Arrow-backed dates,
decimals and categories); everything below works on polars. Forecasts and costs stand on this; `workbench.py` adds the
rest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import polars as pl

from stellwerk.errors import StellwerkError, nearest
from stellwerk.evaluate.columns import ColumnRun
from stellwerk.evaluate.compare import Comparison
from stellwerk.evaluate.engines import Question, said
from stellwerk.evaluate.evidence import Determination
from stellwerk.evaluate.reference import determine
from stellwerk.evaluate.whole_cases import cases_with_rows
from stellwerk.frames import UnknownColumn, as_pandas, exact_cases, exact_children
from stellwerk.law.drafts import changed_value
from stellwerk.law.rulebook import Rulebook, law_in_force
from stellwerk.law.vocabulary import Vocabulary
from stellwerk.texts import language_in_use

if TYPE_CHECKING:  # at run time these wait until they are needed
    import pandas as pd

    from stellwerk.distribution.reference import ReferenceTables
    from stellwerk.evaluate.session import Session
    from stellwerk.frames import Children, Frame
    from stellwerk.register.mapping import RegisterMapping
    from stellwerk.register.privacy import DirectIdentifiers
    from stellwerk.register.read import RegisterReading

_NEAREST_AMONG = 10_000  # ids looked through for the nearest one, so that a large register answers at once
_MARKERS = ("rules/vocabulary", "params/law")  # what makes a folder a checkout


class NoCheckout(StellwerkError):
    """Neither the folder nor one above it is a checkout of Stellwerk."""


class UnknownCase(StellwerkError):
    """No case of that id in the register."""


class Casework:
    """A checkout, opened for cases. Everything is read at its first use."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def open(cls, start: Path | None = None) -> Self:
        """The checkout that `start` lies in; without it that of the working folder, else the package's own."""
        beginnings = [start.resolve()] if start is not None else [Path.cwd(), Path(__file__).resolve()]
        for beginning in beginnings:
            for folder in (beginning, *beginning.parents):
                if all((folder / marker).is_dir() for marker in _MARKERS):
                    return cls(folder)
        raise NoCheckout(folder=str(beginnings[0].name))

    @property
    def params(self) -> Path:
        """The folder of parameters and reference tables."""
        return self.root / "params"

    @property
    def vocabulary(self) -> Vocabulary:
        """All attributes, code lists and outcomes."""
        return self._law_in_force.vocabulary

    @cached_property
    def tables(self) -> ReferenceTables:
        """The reference tables: municipalities, Kreise, Länder, countries, keys."""
        from stellwerk.distribution.reference import ReferenceTables

        return ReferenceTables.load(self.params)

    def rulebook(self, reforms: Sequence[str] = (), known_on: dt.date | None = None) -> Rulebook:
        """The law in force, or the law under the named reforms in that order; as it was known on a day, if given."""
        book = self._law_in_force if known_on is None else self._law_in_force.known_on(known_on)
        return book.under(tuple(reforms)) if reforms else book

    def read_register(
        self, path: Path, subject: str = "case", *, mapping: Path | None = None, language: str | None = None
    ) -> RegisterReading:
        """Read and validate a register of a subject with its child tables; bad rows wait in quarantine.

        `mapping` is a file that says what an office calls its tables and columns.
        """
        from stellwerk.register.read import read_register

        called = self.register_mapping(mapping, subject)
        return read_register(
            Path(path), self.vocabulary, self.direct_identifiers, subject, mapping=called, language=language
        )

    def register_mapping(self, path: Path | None, subject: str = "case") -> RegisterMapping:
        """What an office calls its tables and columns; without a file, what the vocabulary calls them."""
        from stellwerk.register.mapping import RegisterMapping, load_mapping

        if path is None:
            return RegisterMapping()
        return load_mapping(Path(path), self.vocabulary, self.direct_identifiers, subject)

    @cached_property
    def direct_identifiers(self) -> DirectIdentifiers:
        """What a register must not say of a person."""
        from stellwerk.register.privacy import load_direct_identifiers

        return load_direct_identifiers(self.root)

    def synthetic_register(self, cases: int | None = None, year: int = 2022, seed: int = 2022) -> pd.DataFrame:
        """A synthetic register of persons drawn from published figures; `cases` scales it."""
        return as_pandas(self.synthetic_cases(cases, year, seed))

    def synthetic_cases(self, cases: int | None = None, year: int = 2022, seed: int = 2022) -> pl.DataFrame:
        """The same as `synthetic_register`, as a polars frame."""
        from stellwerk.register.synthetic import synthesize

        return synthesize(self.params, self.vocabulary, year=year, cases=cases, seed=seed)

    def synthetic_children(self, cases: pl.DataFrame, year: int = 2022, seed: int = 2022) -> dict[str, pl.DataFrame]:
        """The child tables of synthetic cases that were drawn for the same year with the same seed."""
        from stellwerk.register.figures import load_population
        from stellwerk.register.histories import draw_histories

        return draw_histories(cases, load_population(self.params, year), self.vocabulary, seed)

    def apply(
        self,
        cases: Frame,
        *,
        children: Children | None = None,
        on: dt.date | None = None,
        reforms: Sequence[str] = (),
        known_on: dt.date | None = None,
        rules: Sequence[str] | None = None,
        subject: str = "case",
        engine: str = "auto",
    ) -> pd.DataFrame:
        """What the rules say of every case.

        One row a case: its id, then for each rule `<rule>.outcome`, the values it computes (`<rule>.until`,
        `<rule>.amount` ...) and `<rule>.ask_for` (the facts that would settle it). `on` reads every rule as if its
        reading date were that day, `known_on` leaves out law promulgated later. `subject` names what the rows are,
        `children` are its child tables by name; one that is not given is unknown for every case.
        """
        found = self.determinations(
            cases,
            children=children,
            on=on,
            reforms=reforms,
            known_on=known_on,
            rules=rules,
            subject=subject,
            engine=engine,
        )
        return as_pandas(found)

    def determinations(
        self,
        cases: Frame,
        *,
        children: Children | None = None,
        on: dt.date | None = None,
        reforms: Sequence[str] = (),
        known_on: dt.date | None = None,
        rules: Sequence[str] | None = None,
        subject: str = "case",
        engine: str = "auto",
        evidence: bool = False,
        tell: Callable[[str], None] = lambda message: None,
    ) -> pl.DataFrame:
        """The same as `apply`, as a polars frame; with `evidence` also version, met and unknown bits of each rule.

        `tell` takes what a user must know of how the engine fared.
        """
        rulebook = self.rulebook(reforms, known_on)
        question = Question(
            rulebook,
            self.as_cases(cases, subject),
            self.as_children(children, subject),
            tuple(self.rules_of(subject, rules, rulebook)),
            self.id_of(subject),
            on,
            evidence,
            tell,
        )
        return said(question, engine)

    def explain(
        self,
        cases: Frame,
        case_id: str,
        rule: str,
        *,
        children: Children | None = None,
        on: dt.date | None = None,
        reforms: Sequence[str] = (),
        known_on: dt.date | None = None,
    ) -> Determination:
        """What a rule says of one case, with every condition and what it read."""
        book = self.rulebook(reforms, known_on)
        subject = book.rule(rule).subject
        frame, rows = self.as_cases(cases, subject), self.as_children(children, subject)
        case, own = self.one_case(frame, rows, case_id, subject)
        return determine(book, rule, next(cases_with_rows(case, own, self.id_of(subject))), on)

    def one_case(
        self, cases: pl.DataFrame, children: Mapping[str, pl.DataFrame], case_id: str, subject: str = "case"
    ) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
        """The row of one case and its child rows; an unknown id is an error with the nearest."""
        key = self.id_of(subject)
        found = cases.filter(pl.col(key).cast(pl.String) == case_id)
        if found.is_empty():
            known = cases.get_column(key).cast(pl.String).head(_NEAREST_AMONG).to_list()
            raise UnknownCase(name=case_id, near=nearest(case_id, known))
        return found, {name: rows.filter(pl.col(key).cast(pl.String) == case_id) for name, rows in children.items()}

    def session(
        self,
        facts: Mapping[str, object] | None = None,
        *,
        rules: Sequence[str] | None = None,
        on: dt.date | None = None,
        reforms: Sequence[str] = (),
        known_on: dt.date | None = None,
        subject: str = "case",
    ) -> Session:
        """One case, live: tell and retract facts and see what that changes; use it with `with`, or close it."""
        from stellwerk.evaluate.session import Session

        book = self.rulebook(reforms, known_on)
        return Session(book, self.rules_of(subject, rules, book), facts, on)

    def comparison(
        self,
        cases: Frame,
        *,
        children: Children | None = None,
        on: dt.date | None = None,
        base: Sequence[str] = (),
        reforms: Sequence[str] = (),
        changes: Mapping[str, tuple[str, dt.date]] | None = None,
        rules: Sequence[str] | None = None,
        earlier: Comparison | None = None,
    ) -> Comparison:
        """The cases under two rulebooks, to ask for flows and affected cases.

        `reforms` take the place of `base`; `changes` gives parameters another value, as written, from a day on. With
        an `earlier` comparison of the same cases its base is kept and nothing is computed twice.
        """
        before, after = self.rulebook(base), self.rulebook(reforms)
        drafts = [changed_value(after, name, written, first) for name, (written, first) in (changes or {}).items()]
        after = after.with_reforms(drafts)
        run = earlier.base if earlier else ColumnRun(before, self.as_cases(cases), on, self.as_children(children))
        chosen = self.rules_of("case", rules, after)
        run.evaluate(name for name in chosen if name in before.rules)
        return Comparison.of(run, run.under(after), chosen)

    def compare(
        self,
        cases: Frame,
        *,
        children: Children | None = None,
        on: dt.date | None = None,
        base: Sequence[str] = (),
        reforms: Sequence[str],
        rules: Sequence[str] | None = None,
        by: Sequence[str] = (),
    ) -> pd.DataFrame:
        """The flows between outcomes when `reforms` take the place of `base`, by any attributes.

        Columns: rule, the attributes, both outcomes, persons, the sums of the amounts on both sides.
        """
        found = self.comparison(cases, children=children, on=on, base=base, reforms=reforms, rules=rules)
        return as_pandas(found.flows(by))

    def attributes_of(self, names: Sequence[str], cases: pl.DataFrame) -> list[str]:
        """The names of attributes that the cases have; an unknown one is an error with the nearest."""
        for name in names:
            if name not in cases.columns:
                raise UnknownColumn(name=name, near=nearest(name, cases.columns))
        return list(names)

    def with_ids(self, affected: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
        """The affected cases of a comparison with their ids in place of their numbers."""
        ids = cases.get_column(self.id_of("case"))
        number = affected.get_column("case")
        return affected.with_columns(ids.gather(number).alias("case")).rename({"case": ids.name})

    def rules_of(self, subject: str, names: Sequence[str] | None = None, rulebook: Rulebook | None = None) -> list[str]:
        """The rules of a subject in a fixed order, or the named ones; an unknown name is an error."""
        book = rulebook or self._law_in_force
        if names is not None:
            return [book.rule(name).id for name in names]
        return sorted(name for name, rule in book.rules.items() if rule.subject == subject)

    def outcome_label(self, outcome: str, language: str | None = None) -> str:
        """The words for an outcome."""
        return self.vocabulary.outcomes[outcome].label(language or language_in_use())

    def rule_title(self, rule: str, language: str | None = None) -> str:
        """The title of a rule's newest version."""
        version = self._law_in_force.rule(rule).versions[-1]
        return version.label_de if (language or language_in_use()) == "de" else version.label_en

    def id_of(self, subject: str) -> str:
        """The attribute that names a subject's rows: the first one that is required."""
        return self.vocabulary.key(subject)

    def as_cases(self, cases: Frame, subject: str = "case") -> pl.DataFrame:
        """A frame of cases as polars in the vocabulary's exact types; unknown columns are refused."""
        return exact_cases(cases, self.vocabulary, subject)

    def as_children(self, children: Children | None, subject: str = "case") -> dict[str, pl.DataFrame]:
        """Child tables as polars in the vocabulary's exact types; unknown tables and columns are refused."""
        return exact_children(children or {}, self.vocabulary, subject)

    @cached_property
    def _law_in_force(self) -> Rulebook:
        return law_in_force(self.root)
