"""The form of a case: every fact has its place, numbers mean what people write, boxes are ticked without Ctrl."""

import pytest

from stellwerk.law.resolver import UnknownName
from stellwerk.law.vocabulary import load_vocabulary
from stellwerk.widgets.case_fields import field_of, load_groups, number_typed, shown, unit_in_words
from stellwerk.widgets.checks import checks_of

NO_FACTS = {"case_id", "family_id"}  # what names a case says nothing of it


@pytest.fixture(scope="module")
def vocabulary(checkout):
    return load_vocabulary(checkout)


def test_every_fact_and_child_table_has_one_place_in_the_form(checkout, vocabulary):
    names = [name for group in load_groups(checkout, vocabulary, "case", "de") for name in group.names]
    assert len(names) == len(set(names))
    assert {*vocabulary.attributes("case"), *vocabulary.child_tables("case")} - set(names) == NO_FACTS


def test_a_group_with_a_fact_that_does_not_exist_is_told_with_the_nearest(tmp_path, vocabulary):
    (tmp_path / "params").mkdir()
    groups = "groups:\n  - {key: a, label: {de: A, en: A}, facts: [birth_dat]}\n"
    (tmp_path / "params" / "case_form.yaml").write_text(groups, encoding="utf-8")
    with pytest.raises(UnknownName) as error:
        load_groups(tmp_path, vocabulary, "case", "de")
    assert "birth_date" in str(error.value) and "case_form.yaml:2" in str(error.value)


@pytest.mark.parametrize(
    ("entered", "language", "meant"),
    [
        ("1.000", "de", "1000"),
        ("1.234.567,5", "de", "1234567.5"),
        ("0.125", "de", "0.125"),
        ("12.5", "de", "12.5"),
        ("1,000", "de", "1.000"),
        ("1,000", "en", "1000"),
        ("1.000", "en", "1.000"),
        ("\u22125", "de", "-5"),
        ("1 000", "de", "1000"),
        ("12a", "de", "12a"),
        ("1,2,3", "de", "1,2,3"),
    ],
)
def test_a_number_means_what_its_readers_write(entered, language, meant):
    assert number_typed(entered, language) == meant


def test_percent_are_a_share_only_where_a_share_is_asked_for(vocabulary):
    assert number_typed("60 %", "de", "share") == "0.6"
    assert number_typed("60 %", "de", "percent") == "60"
    assert shown(True, "de") == "yes" and shown(None, "de") == "" and shown(0, "de") == "0"


def test_no_unit_is_left_in_english(vocabulary):
    units = {attribute.unit for attribute in vocabulary.attributes("case").values()} - {""}
    tables = vocabulary.child_tables("case").values()
    units |= {cell.unit for table in tables for cell in table.attributes.values()} - {""}
    assert not [unit for unit in units if unit_in_words(unit, "de") == unit]


def test_long_lists_of_codes_are_in_the_order_of_their_words_and_ranks_in_their_own(vocabulary):
    attributes = vocabulary.attributes("case")
    countries = [words for _, words in field_of(attributes["nationality"], "de")["options"]]
    assert countries.index("Äthiopien") < countries.index("Belgien")
    levels = [code for code, _ in field_of(attributes["german_level_oral"], "de")["options"]]
    assert levels == list(attributes["german_level_oral"].type.code_list.codes)


def test_boxes_keep_what_is_ticked_in_the_order_of_what_is_offered():
    boxes = checks_of("Regeln", {"a": "A", "b": "B"}, ["b", "x", "a"], "de")
    assert boxes.chosen == ["a", "b"] and boxes.options == [["a", "A"], ["b", "B"]]
