"""A Jupyter kernel that says which files of the checkout it reads; started by `kernel`, never by hand.

In go two environment variables, the checkout and a file to write to; beside recording it is the usual IPython kernel.
"""

from __future__ import annotations

import os
from pathlib import Path

from stellwerk.briefs.reads import READS, ROOT, record_reads


def main() -> None:
    """Record, then be a kernel."""
    with Path(os.environ[READS]).open("a", encoding="utf-8", buffering=1) as found:
        record_reads(Path(os.environ[ROOT]), lambda name: print(name, file=found))
        from ipykernel.kernelapp import IPKernelApp

        IPKernelApp.launch_instance()


if __name__ == "__main__":
    main()
