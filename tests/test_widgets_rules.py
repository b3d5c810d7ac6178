"""The rule editor without a browser: numbers are the engine's, mistakes are told in German, nothing is lost or lied."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from law_copies import law_copied

from stellwerk.evaluate.examples import load_examples, run_example
from stellwerk.law.rulebook import load_rulebook
from stellwerk.law.types import parse_value
from stellwerk.widgets import EDIT_VARIABLE, RuleEditor
from stellwerk.widgets.debounce import Debounce
from stellwerk.widgets.rule_measure import measure_of
from stellwerk.workbench import Workbench

RULE, YEARS = "stay.sustained_integration", "stay.integration.years_required"
FILE, NUMBERS = "rules/stay/sustained_integration.yaml", "params/law/stay.yaml"
ON, FIRST = dt.date(2026, 8, 1), dt.date(2026, 1, 1)
CASES = 20_000
Register = tuple[pl.DataFrame, dict[str, pl.DataFrame]]


@pytest.fixture(scope="module")
def register(checkout: Path) -> Register:
    bench = Workbench.open(checkout)
    cases = bench.synthetic_cases(CASES)
    return cases, bench.synthetic_children(cases)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return law_copied(tmp_path_factory.mktemp("checkout"))


@pytest.fixture
def root(checkout: Path, copy: Path) -> Iterator[Path]:
    """A checkout that may be changed; afterwards it is what it was, so that it need not be read anew."""
    yield copy
    for path in [*(copy / "rules").rglob("*.*"), *(copy / "params" / "law").glob("*.*")]:
        original = checkout / path.relative_to(copy)
        if not original.exists():
            path.unlink()
        elif path.read_bytes() != original.read_bytes():
            shutil.copy2(original, path)


@pytest.fixture
def editor(root: Path, register: Register, monkeypatch: pytest.MonkeyPatch) -> Iterator[RuleEditor]:
    monkeypatch.setenv(EDIT_VARIABLE, "1")
    made = RuleEditor(Workbench.open(root), *register, rule=RULE, on=ON)
    yield made
    made.close()


def change(editor: RuleEditor, years: float, first: dt.date = FIRST) -> None:
    """What a user does: set the day from which new numbers hold, move the slider."""
    editor.numbers.first.value = first
    editor.numbers.controls[YEARS].value = years


def test_a_changed_number_shows_what_the_engine_computes(
    editor: RuleEditor, checkout: Path, register: Register
) -> None:
    assert "0 von 20.000 Fällen ändern sich" in editor.effects.headline.value
    change(editor, 4)
    bench = Workbench.open(checkout)
    expected = bench.comparison(register[0], children=register[1], on=ON, changes={YEARS: ("4 years", FIRST)})
    assert f"{expected.affected()['case'].n_unique()} von 20.000 Fällen" in editor.effects.headline.value
    shown = {
        (f.before, f.after): f.persons for item in editor.effects.found.rules if item.rule == RULE for f in item.flows
    }
    flows = {(r["outcome_base"], r["outcome_reform"]): r["persons"] for r in expected.flows(rules=[RULE]).to_dicts()}
    assert shown == flows
    assert "sw-figure" in editor.effects.picture.value


def test_small_counts_are_hidden_and_so_are_their_cases(editor: RuleEditor) -> None:
    change(editor, 71 / 12)
    counts = [flow.persons for item in editor.effects.found.rules for flow in item.flows if flow.before != flow.after]
    assert counts
    assert not any(isinstance(count, int) and 0 < count < 3 for count in counts)
    hidden = [f for item in editor.effects.found.rules for f in item.flows if not isinstance(f.persons, int)]
    shown = editor.effects.found.cases_of(editor.effects.found.rules[0].rule, 50)
    assert not {(f.before, f.after) for f in hidden} & set(
        zip(shown["outcome_base"], shown["outcome_reform"], strict=True)
    )


def test_a_saved_number_keeps_the_file_but_for_its_lines(editor: RuleEditor, root: Path) -> None:
    before = (root / NUMBERS).read_text(encoding="utf-8").splitlines()
    change(editor, 4, dt.date(2031, 5, 1))
    editor.save_button.click()
    assert f"Gespeichert: {NUMBERS}." in editor.notice.value
    after = (root / NUMBERS).read_text(encoding="utf-8").splitlines()
    assert len([line for line in before if line not in after]) == 1
    assert len([line for line in after if line not in before]) == 2
    assert load_rulebook(root).parameter_on(YEARS, dt.date(2031, 5, 1)).value.months == 48
    assert "Nichts geändert" in editor.check.value
    assert editor.save_button.disabled


def test_a_broken_rule_is_told_in_german_and_not_saved(editor: RuleEditor, root: Path) -> None:
    before = (root / FILE).read_bytes()
    editor.source.file.value = FILE
    editor.source.text.value = editor.source.text.value.replace("commits_to_constitution", "commits_to_constitutio", 1)
    assert "Zeile 21: - commits_to_constitutio" in editor.check.value
    assert "»commits_to_constitutio« ist weder ein Merkmal noch ein Parameter" in editor.check.value
    assert editor.save_button.disabled
    editor.save()
    assert "Nicht gespeichert" in editor.notice.value
    assert (root / FILE).read_bytes() == before


def test_text_that_is_no_yaml_is_told_and_the_form_waits(editor: RuleEditor) -> None:
    editor.source.file.value = FILE
    whole = editor.source.text.value
    editor.source.text.value = whole.replace("in_force: {from", "in_force: {from", 1).replace("when:", "when: [", 1)
    assert 'role="alert"' in editor.check.value
    assert editor.form.lines.children == ()
    editor.source.text.value = whole
    assert "Nichts geändert" in editor.check.value
    assert editor.form.lines.children


def test_a_file_changed_outside_is_a_conflict_with_the_difference(editor: RuleEditor, root: Path) -> None:
    change(editor, 4, dt.date(2031, 5, 1))
    theirs = (root / NUMBERS).read_text(encoding="utf-8").replace("# Numbers", "# Other numbers")
    (root / NUMBERS).write_text(theirs, encoding="utf-8")
    editor.save_button.click()
    assert "inzwischen von jemand anderem geändert" in editor.notice.value
    assert "-# Other numbers" in editor.notice.value
    assert "+      - {from: 2031-05-01, value: 4 years" in editor.notice.value
    assert (root / NUMBERS).read_text(encoding="utf-8") == theirs
    editor.reload_button.click()
    assert "# Other numbers" in editor.desk.text_of(root / NUMBERS)


def test_changes_against_the_examples_are_saved_only_when_confirmed(editor: RuleEditor, root: Path) -> None:
    change(editor, 4, dt.date(2022, 12, 31))
    assert "Beispiele, die jetzt anders ausgehen" in editor.deviating.value
    editor.save_button.click()
    assert "gehen mit dieser Änderung anders aus" in editor.notice.value
    editor.accept.value = True
    editor.save_button.click()
    assert "Gespeichert" in editor.notice.value
    assert "{from: 2022-12-31, value: 4 years" in (root / NUMBERS).read_text(encoding="utf-8")


def test_where_writing_is_not_allowed_nothing_is_written(
    root: Path, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(EDIT_VARIABLE, raising=False)
    editor = RuleEditor(Workbench.open(root), *register, rule=RULE, on=ON)
    before = (root / NUMBERS).read_bytes()
    change(editor, 4)
    assert "Fällen ändern sich" in editor.effects.headline.value
    assert editor.save_button.disabled
    editor.save()
    assert "nur zum Ansehen" in editor.notice.value
    assert (root / NUMBERS).read_bytes() == before
    editor.close()


def test_form_and_text_are_the_same_document(editor: RuleEditor) -> None:
    line = next(field for field in editor.form.fields if field.value == "german_level_oral >= A2")
    line.value = "german_level_oral >= B1"
    assert editor.desk.unsaved == (FILE,)
    editor.source.file.value = FILE
    assert "- german_level_oral >= B1" in editor.source.text.value
    editor.source.text.value = editor.source.text.value.replace("german_level_oral >= B1", "german_level_oral >= C1")
    assert "german_level_oral >= C1" in [field.value for field in editor.form.fields]
    assert "C1" in editor.words.value


def test_steps_go_back_and_forth(editor: RuleEditor) -> None:
    assert editor.undo_button.disabled
    change(editor, 4)
    changed = editor.effects.headline.value
    editor.undo_button.click()
    assert "0 von 20.000" in editor.effects.headline.value
    assert "Nichts geändert" in editor.check.value
    editor.redo_button.click()
    assert editor.effects.headline.value == changed


def test_versions_exceptions_countries_and_reforms_are_begun_here(editor: RuleEditor, root: Path) -> None:
    fields, actions = editor.actions.fields, editor.actions
    actions.button.click()
    assert "Noch leer" in actions.told.value
    fields["day"].value = dt.date(2030, 1, 1)
    actions.button.click()
    assert len(editor.desk.book.rule(RULE).versions) == 4
    actions.action.value = "exception"
    fields["condition"].value, fields["outcome"].value = "german_level_oral == none", "may_grant"
    fields["basis"].value = "AufenthG § 25b Abs. 5"
    actions.button.click()
    assert len(editor.desk.book.rule(RULE).versions[-1].unless) == 4
    actions.action.value = "enter"
    fields["listing"].value, fields["code"].value, fields["source"].value = "safe_origin.annex_ii", "am", "Übung"
    actions.button.click()
    assert "AM" in editor.desk.book.listings["safe_origin.annex_ii"].codes_on(dt.date(2030, 1, 1))
    actions.action.value = "reform"
    for name, value in (("reform_name", "uebung"), ("title_de", "Übung"), ("title_en", "Practice")):
        fields[name].value = value
    actions.button.click()
    actions.action.value = "reform_number"
    fields["parameter"].value, fields["value"].value, fields["demand"].value = YEARS, "2 years", "Ü 1"
    actions.button.click()
    assert editor.notice.value == ""
    assert editor.desk.book.reform("uebung").patches
    editor.save()
    assert "Gespeichert" in editor.notice.value
    assert load_rulebook(root).reform("uebung").label("de") == "Übung"


def test_a_wrong_entry_is_told(editor: RuleEditor) -> None:
    editor.actions.action.value = "new_version"
    editor.actions.fields["day"].value = dt.date(2020, 1, 1)
    editor.actions.button.click()
    assert "muss nach der neuesten beginnen" in editor.notice.value
    editor.source.file.value = NUMBERS
    editor.source.text.value = editor.source.text.value.replace("value: 6 years", "value: 6 Jahre", 1)
    assert "Der Wert »6 Jahre« passt nicht" in editor.check.value


def test_an_affected_case_becomes_an_invented_example(editor: RuleEditor, root: Path) -> None:
    change(editor, 4, dt.date(2022, 12, 31))
    editor.witnesses.name.value = "vier Jahre genügen"
    editor.witnesses.button.click()
    assert "sustained_integration.cases.yaml" in editor.witnesses.told.value
    editor.accept.value = True
    editor.save_button.click()
    book = load_rulebook(root)
    example = load_examples(root / "rules/stay/sustained_integration.cases.yaml", root, book)[-1]
    assert example.name == "vier Jahre genügen"
    assert run_example(example, book).passes
    assert "case_id" not in example.facts


def test_tables_go_out_and_come_in_through_the_page(editor: RuleEditor) -> None:
    editor.choose("asylum.safe_origin.constitutional")
    assert "rules/listings/safe_origin.csv" in [name for name, _ in editor.sheets.table.options]
    editor.sheets.write.click()
    assert re.search(r'download="\w+\.xlsx" href="data:', editor.sheets.told.value)
    editor.sheets.take_over("x.xlsx", b"no workbook")
    assert 'role="alert"' in editor.sheets.told.value
    assert editor.desk.unsaved == ()


def test_every_control_has_a_label_and_a_class(editor: RuleEditor) -> None:
    import ipywidgets

    pending, seen = [editor.view], []
    while pending:
        widget = pending.pop()
        pending += getattr(widget, "children", ())
        if isinstance(widget, ipywidgets.ValueWidget | ipywidgets.Button) and not isinstance(widget, ipywidgets.HTML):
            seen.append(widget)
    assert len(seen) > 30
    assert not [type(widget) for widget in seen if not widget.description]
    assert not [type(widget) for widget in seen if not any(name.startswith("sw-") for name in widget._dom_classes)]


def test_typing_is_waited_for_in_the_loop_and_nothing_typed_is_lost(editor: RuleEditor) -> None:
    async def type_and_save_at_once() -> None:
        editor.source.file.value = FILE
        editor.source.text.value = editor.source.text.value.replace("# Right to stay", "# Right of stay")
        assert editor.desk.unsaved == ()
        editor.save()

    asyncio.run(type_and_save_at_once())
    assert "Gespeichert" in editor.notice.value


def test_only_the_last_of_several_wishes_is_done() -> None:
    done: list[int] = []

    async def ask() -> None:
        debounce = Debounce()
        for number in range(3):
            debounce.after(0.01, lambda number=number: done.append(number))
        await asyncio.sleep(0.05)
        debounce.after(0.01, lambda: done.append(9))
        debounce.cancel()
        await asyncio.sleep(0.05)

    asyncio.run(ask())
    assert done == [2]


def test_a_new_number_holds_from_the_day_on_which_the_cases_are_read(editor: RuleEditor) -> None:
    assert editor.numbers.first.value == ON


def test_a_slider_led_back_leaves_no_trace_and_its_way_is_one_step(editor: RuleEditor) -> None:
    for years in (5, 4, 3):
        change(editor, years, ON)
    assert len(editor.desk.history.before) == 1
    change(editor, 6, ON)
    assert "Nichts geändert" in editor.check.value
    assert editor.undo_button.disabled
    assert not editor.numbers.controls[YEARS].changed


def test_a_new_number_carries_its_source_and_its_grade(editor: RuleEditor) -> None:
    change(editor, 4, dt.date(2031, 5, 1))
    editor.numbers.basis.value = "Gesetzentwurf, Artikel 3"
    entry = next(line for line in editor.desk.text_of(editor.desk.root / NUMBERS).splitlines() if "2031-05-01" in line)
    assert 'basis: "Gesetzentwurf, Artikel 3", evidence: modelling_choice' in entry


def test_the_tree_marks_what_a_draft_changes(editor: RuleEditor) -> None:
    change(editor, 4)
    assert RULE in editor.tree.changed
    editor.tree.chosen = "asylum.safe_origin.constitutional"
    assert "Sicherer Herkunftsstaat" in editor.title.value or "Herkunft" in editor.title.value


@pytest.mark.parametrize(
    ("name", "shown", "unit", "typed", "written"),
    [
        (YEARS, 6, "Jahre", 5.5, "66 months"),
        ("detention.forecast.convicted", 6, "Monate", 1, "1 month"),
        ("solidarity.offset.floor", 30_000, "Personen", 25_000, "25000"),
        ("support.sgb_xii.standard_need.level_6", 357, "€ im Monat", 400, "400"),
    ],
)
def test_a_number_is_shown_in_its_unit_and_written_as_a_file_says_it(
    editor: RuleEditor, name: str, shown: float, unit: str, typed: float, written: str
) -> None:
    parameter = editor.desk.base.parameters[name]
    measure = measure_of(parameter, parameter.versions[-1].value, "de")
    assert measure is not None
    assert (measure.shown, measure.unit) == (shown, unit)
    assert measure.most >= 2 * shown
    assert measure.written(typed) == written


def test_every_number_of_the_law_on_a_slider_is_read_back_as_it_is(editor: RuleEditor) -> None:
    for parameter in editor.desk.base.parameters.values():
        for dated in parameter.versions:
            measure = measure_of(parameter, dated.value, "de")
            if measure is not None:
                assert parse_value(measure.written(measure.shown), parameter.type) == dated.value, parameter.id


def test_a_rule_without_amounts_says_so_instead_of_summing_nothing(editor: RuleEditor) -> None:
    change(editor, 4)
    assert "rechnet keine Beträge" in editor.effects.flows.value
    assert editor.effects.shown is not None
    assert editor.effects.shown.amount_before is None
