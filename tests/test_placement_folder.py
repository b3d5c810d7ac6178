"""Anybody can write a task as tables and check a plan; what cannot be read is named, and no falsified plan passes."""

import json
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from small_placements import drawn_task
from typer.testing import CliRunner

from stellwerk.cli.app import app
from stellwerk.distribution.placement import FREE, NOT_ELIGIBLE, Plan, SolverSettings, solve
from stellwerk.distribution.placement.cells import NotAWholeNumber, TableColumnMissing, TableUnreadable
from stellwerk.distribution.placement.folder import (
    ResourceWithoutCapacity,
    UnknownLocality,
    read_instance,
    write_instance,
)
from stellwerk.distribution.placement.instance import NegativeCapacity, RepeatedFamily, RepeatedLocality
from stellwerk.distribution.placement.plan_folder import PlanOfAnotherInstance, read_plan, write_plan
from stellwerk.distribution.placement.score_file import (
    RepeatedScore,
    ScoreNotANumber,
    UnknownFamilyInScores,
    UnknownLocalityInScores,
)
from stellwerk.distribution.placement.verify import verify
from stellwerk.documents import FileMissing
from stellwerk.errors import StellwerkError

FAMILIES = "id,size,school\nöztürk,3,1\nb,1,0\nc,9,0\n"
LOCALITIES = "id,cap_persons,cap_school,min_persons\nMünster,3,1,1\nAachen,2,0,0\n"
LONG = "family,locality,score\nöztürk,Münster,1.5\nb,Münster,0.4\nb,Aachen,0.25\nc,Aachen,9\n"
WIDE = "id,Aachen,Münster\nb,0.25,0.4\nc,9,\nöztürk,,1.5\n"
QUICK = SolverSettings(target_gap=Decimal("0.01"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    there = tmp_path / "aufgabe"
    there.mkdir()
    (there / "families.csv").write_text(FAMILIES, encoding="utf-8")
    (there / "localities.csv").write_text(LOCALITIES, encoding="utf-8")
    (there / "scores.csv").write_text(LONG, encoding="utf-8")
    return there


@pytest.fixture(scope="module")
def solved() -> Plan:
    task = drawn_task(80, 6, seed=11)
    locks = np.full(80, FREE, dtype=np.int32)
    locks[5], locks[6] = 2, task.staying
    return solve(task.with_locks(locks).with_vetoes(np.array([[0, 1]], dtype=np.int32)), QUICK)


@pytest.fixture
def written(solved: Plan, tmp_path: Path) -> Path:
    write_plan(solved, tmp_path, {"Ort 0": "Köln"}, None)
    return tmp_path


# --- reading -------------------------------------------------------------------------------------------------------


def test_a_folder_is_read_by_name_and_a_missing_pair_is_not_eligible(folder: Path) -> None:
    task = read_instance(folder)
    assert task.families == ("b", "c", "öztürk")
    assert task.localities == ("Aachen", "Münster")
    assert task.resources == ("persons", "school")
    assert task.scores.tolist() == [[2_500, 4_000], [90_000, NOT_ELIGIBLE], [NOT_ELIGIBLE, 15_000]]
    assert task.floor.tolist() == [0, 1]
    assert task.stay.tolist() == [-10_000, -90_000, -30_000]


def test_long_and_wide_tables_parquet_and_another_order_of_lines_are_the_same_task(folder: Path) -> None:
    long = read_instance(folder).input_hash
    (folder / "scores.csv").write_text(WIDE, encoding="utf-8")
    assert read_instance(folder).input_hash == long
    pl.read_csv(folder / "scores.csv").write_parquet(folder / "scores.parquet")
    assert read_instance(folder).input_hash == long
    (folder / "scores.csv").unlink()
    lines = FAMILIES.splitlines()
    (folder / "families.csv").write_text("\n".join([lines[0], *lines[:0:-1]]), encoding="utf-8")
    assert read_instance(folder).input_hash == long


def test_a_german_spreadsheet_with_semicolons_and_decimal_commas_is_understood(folder: Path) -> None:
    plain = read_instance(folder).input_hash
    for name, text in (("families.csv", FAMILIES), ("localities.csv", LOCALITIES)):
        (folder / name).write_bytes(b"\xef\xbb\xbf" + text.replace(",", ";").replace("\n", "\r\n").encode())
    (folder / "scores.csv").write_text(LONG.replace(",", ";").replace(".", ","), encoding="utf-8")
    assert read_instance(folder).input_hash == plain


@pytest.mark.parametrize(
    ("file", "text", "error", "named"),
    [
        ("families.csv", FAMILIES + "b,2,0\n", RepeatedFamily, "»b«"),
        ("families.csv", FAMILIES.replace("school", "schule"), ResourceWithoutCapacity, "cap_schule.*cap_school"),
        ("families.csv", FAMILIES.replace("b,1,0", "b,eins,0"), NotAWholeNumber, "»eins«"),
        ("families.csv", FAMILIES.replace("size", "sise"), TableColumnMissing, "size.*sise"),
        ("families.csv", "", TableUnreadable, "families.csv"),
        ("families.csv", "id,size,school\na,1,0,7,7\n", TableUnreadable, "families.csv"),
        ("families.csv", "id,size,school,tie\nöztürk,3,1,Achen\nb,1,0,\nc,9,0,\n", UnknownLocality, "Achen.*Aachen"),
        ("localities.csv", LOCALITIES + "Aachen,1,1,0\n", RepeatedLocality, "Aachen"),
        ("localities.csv", LOCALITIES.replace("Aachen,2", "Aachen,-2"), NegativeCapacity, "Aachen.*-2"),
        ("localities.csv", LOCALITIES.replace("cap_persons", "cap_person"), TableColumnMissing, "cap_persons"),
        ("scores.csv", LONG.replace("0.25", "NaN"), ScoreNotANumber, "»b«.*»Aachen«"),
        ("scores.csv", LONG.replace("0.25", "inf"), ScoreNotANumber, "»b«.*»Aachen«"),
        ("scores.csv", LONG.replace("c,Aachen", "c,Achen"), UnknownLocalityInScores, "Achen.*Aachen"),
        ("scores.csv", LONG.replace("öztürk,", "özturk,"), UnknownFamilyInScores, "özturk.*öztürk"),
        ("scores.csv", LONG + "b,Aachen,0.3\n", RepeatedScore, "»b«.*»Aachen«"),
        ("scores.csv", WIDE + "b,0.1,0.2\n", RepeatedScore, "»b«"),
        ("scores.csv", LONG.replace("0.25", "gut"), TableUnreadable, "scores.csv"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(
    folder: Path, file: str, text: str, error: type[StellwerkError], named: str
) -> None:
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(error, match=named):
        read_instance(folder)


def test_a_missing_table_is_named(folder: Path) -> None:
    (folder / "scores.csv").unlink()
    with pytest.raises(FileMissing, match=r"scores.csv"):
        read_instance(folder)


def test_minus_infinity_means_not_eligible_as_an_empty_cell_does(folder: Path) -> None:
    (folder / "scores.csv").write_text(WIDE.replace("c,9,", "c,9,-inf"), encoding="utf-8")
    assert read_instance(folder).scores[1, 1] == NOT_ELIGIBLE


def test_the_folder_may_say_what_staying_and_missing_persons_cost(folder: Path) -> None:
    (folder / "instance.yaml").write_text("stay_penalty: 2\nmissing_penalty: 0.75\nseed: 9\n", encoding="utf-8")
    task = read_instance(folder)
    assert (task.stay.tolist(), task.missing, task.seed) == ([-20_000, -180_000, -60_000], 7_500, 9)


def test_a_task_is_read_back_as_it_was_written(solved: Plan, tmp_path: Path) -> None:
    write_instance(solved.instance, {}, tmp_path)
    assert read_instance(tmp_path).input_hash == solved.instance.input_hash


# --- plans ---------------------------------------------------------------------------------------------------------


def test_a_plan_is_read_back_as_it_was_written(solved: Plan, written: Path) -> None:
    plan, names = read_plan(written)
    assert (plan.where == solved.where).all()
    assert (plan.prices.capacity == solved.prices.capacity).all()
    assert (plan.prices.floor == solved.prices.floor).all()
    assert plan.certificate == solved.certificate
    assert names["Ort 0"] == "Köln"


def test_the_same_plan_is_written_in_the_same_bytes(solved: Plan, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_plan(solved, tmp_path / name, {}, None)
    for file in ("placements.csv", "unplaced.csv", "localities.csv", "prices.csv", "certificate.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_plan_beside_another_task_is_refused(written: Path) -> None:
    settings = written / "instance" / "instance.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("seed: 1", "seed: 2"), encoding="utf-8")
    with pytest.raises(PlanOfAnotherInstance):
        read_plan(written)


# --- the independent check -----------------------------------------------------------------------------------------


def test_a_plan_that_was_handed_out_holds(solved: Plan, written: Path) -> None:
    verdict = verify(written)
    assert verdict.findings == ()
    assert verdict.objective == solved.certificate.objective
    assert verdict.price_bound == solved.certificate.price_bound


def test_the_checker_shares_no_code_with_the_solver() -> None:
    source = (Path(__file__).parents[1] / "engine/stellwerk/distribution/placement/verify.py").read_text("utf-8")
    imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert not [line for line in imports if "distribution" in line or "workbench" in line]


def edited(folder: Path, file: str, change: tuple[str, str]) -> list[str]:
    path = folder / file
    before = path.read_text(encoding="utf-8")
    after = before.replace(*change, 1)
    assert after != before
    path.write_text(after, encoding="utf-8")
    return [finding.key for finding in verify(folder).findings]


def test_a_family_that_vanished_is_found(solved: Plan, written: Path) -> None:
    line = next(line for line in (written / "placements.csv").read_text().splitlines()[1:] if line.startswith("f010,"))
    assert "verify_not_once" in edited(written, "placements.csv", (line + "\n", ""))


def test_a_family_in_two_places_is_found(written: Path) -> None:
    assert "verify_not_once" in edited(written, "placements.csv", ("f010,", "f011,"))


def test_a_family_somewhere_else_is_found(solved: Plan, written: Path) -> None:
    here = solved.instance.localities[solved.where[10]]
    there = solved.instance.localities[(solved.where[10] + 1) % 6]
    assert {"verify_wrong_row", "verify_objective"} <= set(
        edited(written, "placements.csv", (f"f010,{here}", f"f010,{there}"))
    )


def test_a_broken_decision_is_found(solved: Plan, written: Path) -> None:
    assert "verify_lock_broken" in edited(written, "placements.csv", ("f005,Ort 2", "f005,Ort 3"))


def test_an_exceeded_capacity_is_found(solved: Plan, written: Path) -> None:
    crowd = [line.split(",") for line in (written / "placements.csv").read_text().splitlines()]
    lines = [",".join([row[0], "Ort 0", *row[2:]]) if row[0] != "family" else ",".join(row) for row in crowd]
    (written / "placements.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert "verify_capacity_exceeded" in [finding.key for finding in verify(written).findings]


@pytest.mark.parametrize(
    ("name", "change", "found"),
    [
        ("objective", 10_000, "verify_objective"),
        ("price_bound", -10_000, "verify_bound"),
        ("missing_persons", 1, "verify_counts"),
        ("bound", -1_000_000, "verify_bound_without_proof"),
    ],
)
def test_a_certificate_that_says_more_than_is_proven_is_found(
    written: Path, name: str, change: int, found: str
) -> None:
    path = written / "certificate.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(said | {name: said[name] + change}), encoding="utf-8")
    assert found in [finding.key for finding in verify(written).findings]


def test_another_price_proves_another_bound(written: Path) -> None:
    lines = (written / "prices.csv").read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    cells[1] = str(Decimal(cells[1]) + 1)
    found = edited(written, "prices.csv", (lines[1], ",".join(cells)))
    assert found == ["verify_bound"]


def test_a_task_that_was_changed_afterwards_is_found(written: Path) -> None:
    lines = (written / "instance" / "localities.csv").read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    cells[2] = str(int(cells[2]) + 5)  # persons
    assert "verify_other_input" in edited(written, "instance/localities.csv", (lines[1], ",".join(cells)))


# --- the command ---------------------------------------------------------------------------------------------------


def test_a_folder_is_placed_and_verified_by_command(folder: Path, tmp_path: Path) -> None:
    run = CliRunner()
    placed = run.invoke(app, ["place", "--instance", str(folder), "-o", str(tmp_path / "plan"), "--json"])
    assert placed.exit_code == 0, placed.output
    told = json.loads(placed.stdout)
    assert (told["persons"], told["unplaced_persons"], told["violations"]) == (4, 9, 0)
    assert "c,9,larger_than_any_quota," in (tmp_path / "plan" / "unplaced.csv").read_text(encoding="utf-8")
    assert run.invoke(app, ["place", "verify", str(tmp_path / "plan")]).exit_code == 0


def test_a_falsified_plan_is_a_finding_of_the_command(folder: Path, tmp_path: Path) -> None:
    run = CliRunner()
    plan = tmp_path / "plan"
    run.invoke(app, ["place", "--instance", str(folder), "-o", str(plan)])
    (plan / "placements.csv").write_text("family,locality,persons,score\n", encoding="utf-8")
    found = run.invoke(app, ["place", "verify", str(plan)])
    assert found.exit_code == 1
    assert "öztürk" in found.output


def test_register_and_instance_at_once_or_neither_are_refused(folder: Path, tmp_path: Path) -> None:
    run = CliRunner()
    both = run.invoke(app, ["place", "cases.csv", "--instance", str(folder), "-o", str(tmp_path)])
    neither = run.invoke(app, ["place", "-o", str(tmp_path)])
    assert isinstance(both.exception, StellwerkError)
    assert isinstance(neither.exception, StellwerkError)


def test_a_plan_whose_task_moved_away_is_told_so(folder: Path, tmp_path: Path) -> None:
    run = CliRunner()
    run.invoke(app, ["place", "--instance", str(folder), "-o", str(tmp_path / "plan")])
    shutil.rmtree(folder)
    assert isinstance(run.invoke(app, ["place", "verify", str(tmp_path / "plan")]).exception, FileMissing)


def test_a_task_whose_rows_stand_in_any_order_is_the_same_task_in_its_folder(tmp_path):
    task = drawn_task(40, 5, seed=3)
    locks = np.full(40, FREE, dtype=np.int32)
    locks[4], locks[9] = 1, task.staying
    rows, columns = np.random.default_rng(1).permutation(40), np.random.default_rng(2).permutation(5)
    new = np.append(np.argsort(columns), [task.staying, FREE]).astype(np.int32)  # the last two stay what they are
    mixed = replace(
        task, families=tuple(task.families[row] for row in rows), stay=task.stay[rows], demand=task.demand[rows],
        localities=tuple(task.localities[column] for column in columns), capacity=task.capacity[columns],
        floor=task.floor[columns], scores=np.ascontiguousarray(task.scores[np.ix_(rows, columns)]),
        locks=new[locks[rows]], ties=new[task.ties[rows]],
    )  # fmt: skip
    assert mixed.input_hash == task.with_locks(locks).input_hash
    write_plan(solve(mixed, QUICK), tmp_path, {}, None)
    assert verify(tmp_path).holds
    assert read_plan(tmp_path)[0].certificate.input_hash == mixed.input_hash


def test_decisions_are_kept_by_command_and_priced_one_by_one(written: Path, tmp_path: Path) -> None:
    placed = pl.read_csv(written / "placements.csv", infer_schema=False)
    family, goes_to = placed.row(0)[:2]
    elsewhere = next(place for place in placed["locality"] if place != goes_to)
    decisions, decided = tmp_path / "decisions.csv", tmp_path / "decided"
    decisions.write_text(
        "family,decision,locality,officer,reason,decided_on\n"
        f"{family},veto,{goes_to},SB-17,Bedrohung,2023-05-31\n"
        f"{placed.row(1)[0]},lock,{elsewhere},SB-4,Schwester am Ort,2023-05-30\n",
        encoding="utf-8",
    )
    done = CliRunner().invoke(app, ["place", "decide", str(written), str(decisions), "-o", str(decided)])
    assert done.exit_code == 0, done.output
    assert "Entscheidungen: 2." in done.output
    where = dict(pl.read_csv(decided / "placements.csv", infer_schema=False).select("family", "locality").iter_rows())
    assert where.get(family) != goes_to and where[placed.row(1)[0]] == elsewhere
    assert pl.read_csv(decided / "decisions.csv")["decision"].to_list() == ["lock", "veto"]
    assert verify(decided).holds


def test_a_decision_on_an_unknown_family_is_refused_and_nothing_is_written(written: Path, tmp_path: Path) -> None:
    decisions = tmp_path / "decisions.csv"
    decisions.write_text(
        "family,decision,locality,officer,reason,decided_on\nf9999,lock,,SB-1,Grund,2023-05-31\n", encoding="utf-8"
    )
    done = CliRunner().invoke(app, ["place", "decide", str(written), str(decisions), "-o", str(tmp_path / "out")])
    assert isinstance(done.exception, StellwerkError) and "f9999" in str(done.exception)
    assert not (tmp_path / "out" / "placements.csv").exists()
