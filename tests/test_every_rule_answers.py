"""Every rule of the rulebook answers on every day from 2015 to 2027, whatever is known of the case: it never fails."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from stellwerk.evaluate.columns import ColumnRun
from stellwerk.law.rulebook import Rulebook, load_rulebook

DAYS = pl.date_range(dt.date(2015, 1, 1), dt.date(2027, 12, 31), eager=True)


@pytest.fixture(scope="module")
def law(checkout: Path) -> Rulebook:
    return load_rulebook(checkout)


def test_every_rule_answers_on_every_day_and_says_where_its_text_was_not_seen(law: Rulebook) -> None:
    for subject in law.vocabulary.subjects:
        rules = [rule for rule in law.rules.values() if rule.subject == subject]
        run = ColumnRun(law, pl.DataFrame({name: DAYS for name in {rule.read_at for rule in rules}}))
        for rule in rules:
            results = run.results(rule.id).with_columns(DAYS.alias("day"))
            assert results.get_column("outcome").null_count() == 0, rule.id
            newest = rule.versions[-1]
            if newest.interval.last is None and newest.verified_until is not None:
                of_newest = pl.col("version") == len(rule.versions) - 1
                later = results.filter(pl.col("day") > newest.verified_until, of_newest)
                assert later.get_column("stale").all(), rule.id


def test_the_rulebook_holds_the_provisions_of_the_mission(law: Rulebook) -> None:
    fields = {name.split(".")[0] for name in law.rules}
    assert {"asylum", "reception", "return", "detention", "stay", "labour", "solidarity", "support"} <= fields
    assert sum(len(rule.versions) for rule in law.rules.values()) >= 90
