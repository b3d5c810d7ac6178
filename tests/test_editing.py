"""Files of the law as drafts: what a change leaves alone, what is refused, what is saved."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stellwerk.documents import documents_in
from stellwerk.editing import Draft, Drafts, History, Trial, save
from stellwerk.editing.draft import FileThereAlready, NoLawFile
from stellwerk.editing.layout import NotEditable, documents_of, with_value_at, words
from stellwerk.editing.listings import ListedAlready, NewEntry, NoSuchListing, NotListed, with_entry, without_entry
from stellwerk.editing.parameters import NewValue, NoSuchParameter, with_value
from stellwerk.editing.reforms import Beginning, begun, with_codes, with_number, without_rule
from stellwerk.editing.rules import NewException, VersionTooEarly, lines_of, rules_in, with_exception, with_version
from stellwerk.editing.saving import DraftHasErrors, ExamplesDeviate, FileChangedUnderneath
from stellwerk.errors import StellwerkError
from stellwerk.law.fingerprint import Fingerprints
from stellwerk.law.rulebook import Rulebook, load_rulebook

ROOT = Path(__file__).resolve().parents[1]
LAW = sorted([*(ROOT / "rules").rglob("*.yaml"), *(ROOT / "params").rglob("*.yaml"), *(ROOT / "rules").rglob("*.csv")])
PARAMETERS = sorted((ROOT / "params" / "law").glob("*.yaml"))
YEARS = "stay.integration.years_required"
RULE = "stay.sustained_integration"
FILE = Path("rules/stay/sustained_integration.yaml")
LATER = dt.date(2031, 5, 1)
FOUR_YEARS = NewValue("4 years", LATER, "AufenthG § 25b Abs. 1")


@pytest.mark.parametrize("path", LAW, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_saved_unchanged_is_what_it_was(path: Path) -> None:
    assert Draft.open(path, ROOT).content == path.read_bytes()


@given(st.lists(st.sampled_from(["a: 1", "# ä", "", "b: »x«", "\t", "\ufeff"])), st.sampled_from(["\n", "\r\n"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_marks_and_line_breaks_of_other_systems_stay(tmp_path: Path, lines: list[str], line_break: str) -> None:
    (tmp_path / "rules").mkdir(exist_ok=True)
    path = tmp_path / "rules" / "x.yaml"
    content = line_break.join(lines).encode()
    path.write_bytes(content)
    assert Draft.open(path, tmp_path).content == content


@given(st.data())
def test_a_changed_number_keeps_every_other_line(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(PARAMETERS))
    text = path.read_text(encoding="utf-8")
    name = data.draw(st.sampled_from(list(documents_of(text)[0].at("parameters").keys or {})))
    first = data.draw(st.dates(dt.date(1980, 1, 1), dt.date(2040, 12, 31)))
    new = NewValue("7 months", first, data.draw(st.sampled_from(["§ 1", "A: b # c", "[x]", "1"])), note='»ü«, "x"')
    after = with_value(text, name, new)
    comments = [line for line in text.splitlines() if "#" in line]
    assert [line for line in after.splitlines() if "#" in line and line in comments] == comments
    before, read = (documents_in(source, "x.yaml")[0]["parameters"] for source in (text, after))
    assert {key: value for key, value in read.items() if key != name} == {
        key: value for key, value in before.items() if key != name
    }
    (entry,) = [value for value in read[name]["values"] if value["from"] == first.isoformat()]
    assert entry["value"] == "7 months"
    assert entry["basis"] == new.basis
    assert entry["note"] == new.note
    starts = [value["from"] for value in read[name]["values"]]
    assert starts == sorted(starts)
    for value, following in zip(read[name]["values"], read[name]["values"][1:], strict=False):
        assert value["to"] < following["from"]


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_words_are_read_back_as_they_were_written(text: str) -> None:
    (read,) = documents_in(f"a: {{b: {words(text)}, c: 1}}\n", "x.yaml")
    assert read["a"] == {"b": text, "c": 1}


def test_the_version_in_force_ends_the_day_before_the_new_one() -> None:
    text = (ROOT / "params/law/stay.yaml").read_text(encoding="utf-8")
    after = with_value(text, YEARS, FOUR_YEARS)
    changed = [line for line in after.splitlines() if line not in text.splitlines()]
    assert changed == [
        "      - {from: 2022-12-31, to: 2031-04-30, value: 6 years, basis: AufenthG § 25b Abs. 1 Satz 2 Nr. 1, "
        "evidence: verified}",
        "      - {from: 2031-05-01, value: 4 years, basis: AufenthG § 25b Abs. 1, evidence: modelling_choice}",
    ]


def test_a_value_of_the_same_day_is_corrected_in_place() -> None:
    text = (ROOT / "params/law/stay.yaml").read_text(encoding="utf-8")
    twice = with_value(with_value(text, YEARS, FOUR_YEARS), YEARS, NewValue("3 years", LATER, "Plan", note="neu"))
    assert "{from: 2031-05-01, value: 3 years, basis: Plan, evidence: modelling_choice, note: neu}" in twice


def test_an_unknown_number_names_the_nearest() -> None:
    text = (ROOT / "params/law/stay.yaml").read_text(encoding="utf-8")
    with pytest.raises(NoSuchParameter, match=re.escape(f"Gemeint ist wohl »{YEARS}«")):
        with_value(text, "stay.integration.year_required", FOUR_YEARS)


def test_a_new_version_is_a_copy_that_claims_no_more_than_its_author() -> None:
    text = (ROOT / FILE).read_text(encoding="utf-8")
    after = with_version(text, RULE, LATER)
    documents = documents_in(after, "x.yaml")
    assert documents[-2]["in_force"] == {"from": "2027-07-01", "to": "2031-04-30"}
    assert documents[-1]["in_force"] == {"from": "2031-05-01"}
    assert documents[-1]["evidence"] == "modelling_choice"
    assert "verified_until" not in documents[-1]
    assert documents[-1]["when"] == documents[-2]["when"]
    assert after.count("# the stay as such first") == 4


def test_a_new_version_must_begin_after_the_newest() -> None:
    text = (ROOT / FILE).read_text(encoding="utf-8")
    with pytest.raises(VersionTooEarly):
        with_version(text, RULE, dt.date(2027, 7, 1))


@pytest.mark.parametrize(
    "path", [p for p in LAW if p.suffix == ".yaml" and p.parents[1].name == "rules" and ".cases" not in p.name][::9],
    ids=lambda path: path.stem,
)  # fmt: skip
def test_a_rule_with_one_more_version_still_reads(path: Path, root: Path, trial: Trial, base: Rulebook) -> None:
    draft = Draft.open(root / path.relative_to(ROOT), root)
    if not rules_in(draft.text):
        return
    rule = base.rule(rules_in(draft.text)[0])
    if rule.versions[-1].interval.last is not None:
        return
    reading = trial.read([draft.with_text(with_version(draft.text, rule.id, dt.date(2090, 1, 1)))], base)
    assert reading.errors == ()
    assert reading.rulebook is not None
    assert len(reading.rulebook.rule(rule.id).versions) == len(rule.versions) + 1


def test_an_exception_stands_behind_the_others() -> None:
    text = (ROOT / FILE).read_text(encoding="utf-8")
    after = with_exception(text, RULE, 2, NewException("removal_interest_grave, too", "not_met", key="x"))
    assert documents_in(after, "x.yaml")[2]["unless"][-1] == {
        "key": "x",
        "if": "removal_interest_grave, too",
        "decide": "not_met",
    }


def test_a_rule_without_exceptions_gets_its_first() -> None:
    text = "rule: a.b\nin_force: {from: 2020-01-01}\nwhen:\n  - c  # why\ndecide: d\n"
    after = with_exception(text, "a.b", 0, NewException("e == [1]", "f"))
    assert after == text.replace("# why\n", '# why\nunless:\n  - {if: "e == [1]", decide: f}\n')


def test_a_line_of_a_rule_is_changed_and_its_comment_stays() -> None:
    text = (ROOT / FILE).read_text(encoding="utf-8")
    (line,) = [x for x in lines_of(text, RULE) if x.document == 0 and x.value == "stayed_long and counted_long"]
    after = with_value_at(text, line.document, line.path, "stayed_long")
    assert after == text.replace("      - stayed_long and counted_long\n", "      - stayed_long\n", 1)


def test_text_that_is_no_yaml_cannot_be_changed_by_name() -> None:
    with pytest.raises(NotEditable, match="Zeile 2"):
        documents_of("a: [1\nb: 2\n")


def test_a_country_enters_a_listing_behind_its_last_row() -> None:
    text = (ROOT / "rules/listings/safe_origin.csv").read_text(encoding="utf-8")
    after = with_entry(text, "safe_origin.annex_ii", NewEntry("AM", LATER, "Plan, erfunden"))
    added = [line for line in after.splitlines() if line not in text.splitlines()]
    assert added == ['safe_origin.annex_ii,AM,2031-05-01,,modelling_choice,"Plan, erfunden",']
    assert after.replace(added[0] + "\n", "") == text
    with pytest.raises(ListedAlready):
        with_entry(after, "safe_origin.annex_ii", NewEntry("AM", dt.date(2032, 1, 1), "Plan"))
    with pytest.raises(NoSuchListing, match="Gemeint ist wohl"):
        with_entry(text, "safe_origin.anex_ii", NewEntry("AM", LATER, "Plan"))


def test_a_country_leaves_a_listing_and_its_row_stays() -> None:
    text = (ROOT / "rules/listings/safe_origin.csv").read_text(encoding="utf-8")
    after = without_entry(text, "safe_origin.annex_ii", "GH", LATER)
    assert after.count("\n") == text.count("\n")
    assert "safe_origin.annex_ii,GH,1993-07-01,2031-05-01,memory_high" in after
    with pytest.raises(NotListed):
        without_entry(after, "safe_origin.annex_ii", "GH", dt.date(2032, 1, 1))


def test_a_reform_is_begun_and_filled(root: Path, trial: Trial, base: Rulebook) -> None:
    text = begun(Beginning("versuch", "Ein Versuch: kurz", "A trial", "erfunden", LATER))
    draft = Draft.new(root / "rules/reforms/versuch.yaml", root, text)
    assert trial.read([draft], base).errors == ()
    text = with_number(text, YEARS, "4 years", "V 1")
    text = with_codes(text, "safe_origin.annex_ii", ["NO", "AM"], "V 2", dt.date(2032, 1, 1))
    reading = trial.read([draft.with_text(without_rule(text, RULE, "V 3", dt.date(2033, 1, 1)))], base)
    assert reading.errors == ()
    assert reading.rulebook is not None
    assert len(reading.rulebook.reform("versuch").patches) == 3
    assert reading.changed_reforms == ("versuch",)
    assert reading.changed_rules == ()


def test_only_files_of_the_law_can_be_opened(root: Path) -> None:
    for path in ("../secret.yaml", "/etc/passwd", "rules/x.py"):
        with pytest.raises(NoLawFile):
            Draft.open(Path(path), root)
    with pytest.raises(FileThereAlready):
        Draft.new(FILE, root, "")


def test_the_draft_reads_as_the_checkout_would_with_the_file_saved(root: Path, trial: Trial, base: Rulebook) -> None:
    draft = Draft.open(root / "params/law/stay.yaml", root)
    changed = draft.with_text(with_value(draft.text, YEARS, FOUR_YEARS))
    reading = trial.read([changed], base)
    assert reading.rulebook is not None
    assert RULE in reading.changed_rules
    saved = save(reading, trial.examples(reading))
    assert saved.changed == ()
    assert reading.rulebook.hash == load_rulebook(root).hash
    assert (root / "params/law/stay.yaml").read_bytes() == changed.content


def test_reading_again_and_again_reads_what_a_fresh_reading_reads(root: Path, trial: Trial, base: Rulebook) -> None:
    numbers, listing = (Draft.open(Path(p), root) for p in ("params/law/stay.yaml", "rules/listings/safe_origin.csv"))
    rule, calendar = Draft.open(FILE, root), Draft.open(Path("params/holidays_nw.csv"), root)
    steps = [
        [numbers.with_text(with_value(numbers.text, YEARS, FOUR_YEARS))],
        [listing.with_text(with_entry(listing.text, "safe_origin.annex_ii", NewEntry("AM", LATER, "Plan")))],
        [rule.with_text(rule.text.replace("german_level_oral >= A2", "german_level_oral >= B1"))],
        [calendar.with_text(calendar.text.replace("2024-01-01", "2024-01-02"))],
        [numbers.with_text(numbers.text.replace("type: period", "type: integer", 1))],
        [],
    ]
    for drafts in steps:
        reading = trial.read(drafts, base)
        for draft in drafts:
            draft.path.write_bytes(draft.content)
        if reading.rulebook is None:
            with pytest.raises(StellwerkError, match=re.escape(reading.errors[0].message())):
                load_rulebook(root)
        else:
            fresh, again = Fingerprints(load_rulebook(root)), Fingerprints(reading.rulebook)
            assert {name: again.of(name) for name in base.rules} == {name: fresh.of(name) for name in base.rules}
        for draft in drafts:
            draft.path.write_bytes(draft.form.content_of(draft.original))


def test_a_broken_rule_is_told_with_its_line_and_not_saved(root: Path, trial: Trial, base: Rulebook) -> None:
    draft = Draft.open(FILE, root)
    before = draft.path.read_bytes()
    broken = draft.with_text(draft.text.replace("commits_to_constitution", "commits_to_constitutio", 1))
    reading = trial.read([broken], base)
    assert "sustained_integration.yaml:21: »commits_to_constitutio« ist weder" in reading.errors[0].message("de")
    with pytest.raises(DraftHasErrors, match="Nicht gespeichert"):
        save(reading, trial.examples(reading))
    assert draft.path.read_bytes() == before
    assert trial.read([draft], base).errors == ()


def test_a_change_against_the_examples_must_be_confirmed(root: Path, trial: Trial, base: Rulebook) -> None:
    draft = Draft.open(root / "params/law/stay.yaml", root)
    retroactive = NewValue("4 years", dt.date(2022, 12, 31), "AufenthG § 25b Abs. 1")
    reading = trial.read([draft.with_text(with_value(draft.text, YEARS, retroactive))], base)
    examples = trial.examples(reading)
    assert examples.deviating
    with pytest.raises(ExamplesDeviate, match="gehen mit dieser Änderung anders aus"):
        save(reading, examples)
    names = [result.example.name for result in examples.deviating]
    assert save(reading, examples, accepted=names).files[0].content == draft.path.read_bytes()


def test_a_file_changed_underneath_is_not_overwritten(root: Path, trial: Trial, base: Rulebook) -> None:
    draft = Draft.open(root / "params/law/stay.yaml", root)
    theirs = draft.text.replace("# Numbers", "# Somebody else's numbers")
    draft.path.write_text(theirs, encoding="utf-8")
    reading = trial.read([draft.with_text(with_value(draft.text, YEARS, FOUR_YEARS))], base)
    with pytest.raises(FileChangedUnderneath) as refused:
        save(reading, trial.examples(reading))
    message = refused.value.message("de")
    assert "-# Somebody else's numbers" in message
    assert "+      - {from: 2031-05-01, value: 4 years" in message
    assert draft.path.read_text(encoding="utf-8") == theirs


def test_two_files_are_tried_and_saved_together(root: Path, trial: Trial, base: Rulebook) -> None:
    rule, numbers = Draft.open(FILE, root), Draft.open(root / "params/law/stay.yaml", root)
    new = '  stay.integration.extra:\n    title: {de: "Zuschlag", en: "Extra"}\n    type: period\n    values:\n'
    new += "      - {from: 2000-01-01, value: 1 month, basis: AufenthG § 25b Abs. 1, evidence: modelling_choice}\n"
    reads = rule.text.replace("years_required", "years_required + stay.integration.extra")
    changed = Drafts((rule.with_text(reads), numbers.with_text(numbers.text.rstrip() + "\n" + new)))
    assert trial.read(changed.files[:1], base).errors
    reading = trial.read(changed.files, base)
    assert reading.errors == ()
    names = [result.example.name for result in trial.examples(reading).deviating]
    assert save(reading, trial.examples(reading), accepted=names).changed == ()
    assert reading.rulebook is not None
    assert load_rulebook(root).hash == reading.rulebook.hash


def test_steps_go_back_and_forth() -> None:
    first = Draft.open(ROOT / FILE, ROOT)
    start = Drafts((first,))
    a, b, c = (start.having(first.with_text(text)) for text in "abc")
    history = History(start).then(a).then(b).then(b)
    assert [history.now, history.undo().now, history.undo().undo().now] == [b, a, start]
    assert history.undo().redo() == history
    assert history.undo().then(c).redo().now == c
    assert History(start).undo() == History(start)
