"""How fast does a live session answer, with durable-rules concluding and the reference checking?

    .venv/bin/python benchmarks/session.py

Prints one row a measurement: opening a session (the rule engine's process starts, its rulesets are registered), then
every fact of a case taken back and told again, under one rule and under all rules of a case; the reference alone does
the same for comparison. At the end what the engine's process holds in memory after many runs: it must forget cases.
"""

from __future__ import annotations

import importlib.metadata
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from stellwerk.evaluate.caged import DurableWorker
from stellwerk.evaluate.checked import checked_determinations
from stellwerk.evaluate.examples import load_examples
from stellwerk.evaluate.reference import Case, CaseReading
from stellwerk.evaluate.session import Session
from stellwerk.law.rulebook import Rulebook
from stellwerk.workbench import Workbench

ROOT = Path(__file__).resolve().parents[1]
RULE, EXAMPLES = "stay.sustained_integration", Path("rules/stay/sustained_integration.cases.yaml")
ROUNDS = 5  # each fact is taken back and told again so often
LONG_RUN = 400  # rounds of one rule, for the memory


def main() -> None:
    """Measure and print."""
    bench = Workbench.open(ROOT)
    law = bench.rulebook()
    examples = [example.facts for example in load_examples(ROOT / EXAMPLES, ROOT, law) if example.rule == RULE]
    facts = max(examples, key=len)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("durable-rules",))
    print(f"Python {platform.python_version()}, {versions}; a case of {len(facts)} facts")
    for rules in ([RULE], bench.rules_of("case")):
        measured(law, rules, facts)
    seconds = timed(lambda: checked_determinations(law, examples, [RULE]))
    print(f"{len(examples)} cases under one rule, process started anew: {seconds:.2f} s")
    with DurableWorker() as worker:
        session = Session(law, [RULE], facts, worker=worker)
        before = resident(worker)
        toggled(session, facts, LONG_RUN)
        print(f"The engine's process after {LONG_RUN * 2 * len(facts):,} changes: {before} -> {resident(worker)} kB")


def measured(law: Rulebook, rules: Sequence[str], facts: Case) -> None:
    """One session on some rules."""
    start = time.perf_counter()
    with Session(law, rules, facts) as session:
        opening = time.perf_counter() - start
        assert not session.opening.notices, "both engines must agree"
        changes = toggled(session, facts, ROUNDS)
        concluded = len(session.by_durable)
    alone = statistics.median(timed(lambda: by_reference(law, rules, facts)) for _ in range(ROUNDS))
    worst = statistics.quantiles(changes, n=20)[-1]
    print(
        f"{len(rules)} rules ({concluded} in force and concluded): opening {opening * 1000:.0f} ms, a changed fact "
        f"{statistics.median(changes) * 1000:.1f} ms (median of {len(changes)}), 95 % within {worst * 1000:.1f} ms; "
        f"all rules by the reference alone {alone * 1000:.2f} ms"
    )


def by_reference(law: Rulebook, rules: Sequence[str], facts: Case) -> None:
    """All rules once, without the rule engine."""
    reading = CaseReading(law, facts)
    for rule in rules:
        reading.determination(rule)


def toggled(session: Session, facts: Case, rounds: int) -> list[float]:
    """The seconds of each change while every fact is taken back and told again."""
    seconds = []
    for name, value in [*facts.items()] * rounds:
        for told in (None, value):
            start = time.perf_counter()
            change = session.tell({name: told})
            seconds.append(time.perf_counter() - start)
            assert not change.notices, "both engines must agree"
    return seconds


def timed(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def resident(worker: DurableWorker) -> int | None:
    """Kilobytes that the engine's process holds, where the system tells (Linux)."""
    status = Path(f"/proc/{worker.process_id}/status")
    if not status.is_file():
        return None
    lines = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
    return int(lines["VmRSS"].split()[0])


if __name__ == "__main__":
    main()
