"""One brief of a batch in a Jupyter kernel of its own, in a process of its own: for where nothing can be forked.

In comes an order as JSON on standard input, out goes its outcome on standard output.
"""

from __future__ import annotations

import json
import os
import sys

from stellwerk.briefs.kernel import execute_in_kernel
from stellwerk.briefs.work import order_from_json, outcome_of


def main() -> None:
    """Carry out one order."""
    answer = os.dup(1)
    os.dup2(2, 1)  # what kernels print on their way is no answer
    number, data = json.load(sys.stdin)
    outcome = outcome_of(number, order_from_json(data), execute_in_kernel)
    with os.fdopen(answer, "w", encoding="utf-8") as end:
        json.dump(outcome.as_json(), end)


if __name__ == "__main__":
    main()
