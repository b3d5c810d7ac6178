"""The verbs that open the workbench in a browser: JupyterLab to work in, or its notebooks as pages.

Both listen on this machine only, ask for a token, and run until Ctrl-C or a signal to end.
"""

from __future__ import annotations

import signal
import webbrowser
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from stellwerk.cli import console
from stellwerk.cli.console import DONE
from stellwerk.errors import StellwerkError
from stellwerk.texts import text

if TYPE_CHECKING:
    from stellwerk.lab.server import Server

Port = Annotated[int | None, typer.Option("--port", metavar="PORT", min=1024, max=65535, help=text("help_port"))]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help=text("help_no_browser"))]
FOLDER = Path("notebooks") / "workbench"


class NotebooksMissing(StellwerkError):
    """The checkout has no notebooks of the workbench."""


def lab(port: Port = None, no_browser: NoBrowser = False) -> None:
    """Open JupyterLab on the notebooks of the workbench."""
    from stellwerk.lab.server import LAB, start

    _run(lambda: start(LAB, _folder(), port=port, editing=True), "lab_listens", no_browser)


def serve(
    port: Port = None,
    edit: Annotated[bool, typer.Option("--edit", help=text("help_serve_edit"))] = False,
    no_browser: NoBrowser = False,
) -> None:
    """Show the notebooks of the workbench as pages without code."""
    from stellwerk.lab.server import PAGES, start

    listens = "serve_listens_editing" if edit else "serve_listens"
    _run(lambda: start(PAGES, _folder(), port=port, editing=edit), listens, no_browser)


def _folder() -> Path:
    folder = console.workbench().root / FOLDER
    if not folder.is_dir():
        raise NotebooksMissing(folder=FOLDER.as_posix())
    return folder


def _run(started: Callable[[], Server], listens: str, no_browser: bool) -> None:
    """Start, say where, wait, end in order."""
    signal.signal(signal.SIGTERM, _as_if_by_keyboard)
    server = None
    try:
        server = started()
        signal.signal(signal.SIGINT, _as_if_by_keyboard)  # anew: under the handler that polars sets, waiting goes on
        typer.echo(text(listens, address=server.address))
        if not no_browser:
            webbrowser.open(server.address)
        server.wait()
    except KeyboardInterrupt:
        typer.echo(text("server_ends"))
    finally:
        if server is not None:
            server.stop()
    raise typer.Exit(DONE)


def _as_if_by_keyboard(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
