"""The process in which durable-rules runs: rulesets and facts in, the names of the rules that fired out.

It speaks JSON, one line a message, on standard input and output, and knows nothing of law. The first line out says
whether the package can be used here. It is started as a file of its own and imports nothing of this project, so that
a crash, a hang or an odd import harms nobody else.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Fired = list[str]


class Cage:
    """A durable-rules host that forgets each case as soon as its rules have fired."""

    def __init__(self, host: Any) -> None:
        self._host = host
        self._registered: set[str] = set()
        self._sessions = itertools.count(1)
        self._fired: Fired = []

    def define(self, name: str, definition: Mapping[str, Mapping[str, object]]) -> None:
        """Register a ruleset; one that is registered stays, since its name says what is in it."""
        if name in self._registered:
            return
        self._host.set_rulesets({name: {key: {**rule, "run": self._action(key)} for key, rule in definition.items()}})
        self._registered.add(name)

    def run(self, name: str, fact: Mapping[str, object]) -> tuple[Fired, object]:
        """The rules that fire on a fact, in their order, and what the engine's state tells of an error."""
        self._fired.clear()
        session = str(next(self._sessions))
        try:
            self._host.assert_fact(name, {**fact, "sid": session})
            trouble = self._host.get_state(name, session).get("exception")
        finally:
            self._host.delete_state(name, session)
        return list(self._fired), trouble

    def _action(self, key: str) -> Callable[[object], None]:
        def note(context: object) -> None:  # the engine counts the parameters: exactly one
            self._fired.append(key)

        return note


def open_host() -> Any:
    """A host without its two timer threads, which would run actions beside the caller."""
    # By name: `from durable.lang import *` would replace the builtins `any` and `all`.
    from durable.engine import Host

    return type("Untimed", (Host,), {"_run": lambda host: None})()


def answers(lines: Iterator[str], cage: Cage) -> Iterator[dict[str, object]]:
    """One answer a request: `define` names rulesets, `runs` lists (ruleset, fact)."""
    for line in lines:
        request = json.loads(line)
        try:
            for name, definition in request["define"].items():
                cage.define(name, definition)
            yield {"runs": [cage.run(name, fact) for name, fact in request["runs"]]}
        except BaseException as error:
            yield {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Serve until standard input ends."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing that a library prints may look like an answer
    try:
        cage = Cage(open_host())
    except BaseException as error:
        print(json.dumps({"unavailable": f"{type(error).__name__}: {error}"}), file=out)
        return
    print(json.dumps({"ready": True}), file=out)
    for answer in answers(iter(sys.stdin), cage):
        print(json.dumps(answer), file=out)


if __name__ == "__main__":
    main()
