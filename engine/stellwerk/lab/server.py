"""A Jupyter server of our own on the loopback address: how it is started, when it answers, how it ends.

In go which program shows the notebooks (`LAB` or `PAGES`), the folder and a port; out comes a `Server` with the address
to open. What each program may do (addresses, origins, no code, nothing from outside) stands in `config/`, as files that
Jupyter reads; the token goes through the environment, so that no list of processes shows it.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stellwerk.errors import StellwerkError
from stellwerk.texts import language_in_use
from stellwerk.widgets.writing import ALLOWED, EDIT_VARIABLE

LOOPBACK = "127.0.0.1"
PORTS_TRIED = 20  # ports looked through from the usual one, where none was asked for
START_SECONDS = 120.0  # the very first start translates packages; a warm one takes 3 s
STOP_SECONDS = 20.0  # a server first ends its kernels
_POLL_SECONDS = 0.1
_ROOM = Path(__file__).parent


class PortTaken(StellwerkError):
    """Something else listens on the port that was asked for."""


class ServerDidNotStart(StellwerkError):
    """The program ended, or gave no answer in time."""


@dataclass(frozen=True)
class Program:
    """What shows notebooks: its module, the port it usually has, its options, the page to begin with."""

    module: str
    usual_port: int
    options: tuple[str, ...]
    first_page: str


LAB = Program(
    "jupyterlab",
    8888,
    ("--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port={port}", "--ServerApp.port_retries=0", "{folder}"),
    "lab/tree/start.ipynb",
)
PAGES = Program(
    "voila",
    8866,
    ("--no-browser", "--token", "--port={port}", "--VoilaExporter.language_code={language}", "{folder}"),
    "",
)


class Server:
    """A running server; `address` is what a browser opens, token included."""

    def __init__(self, process: subprocess.Popen[bytes], base: str, first_page: str, token: str) -> None:
        self._process = process
        self.base = base
        self.token = token
        self.address = f"{base}{first_page}?token={token}"

    @property
    def pid(self) -> int:
        """The number of the server's process."""
        return self._process.pid

    def wait(self) -> None:
        """Come back when the server has ended."""
        self._process.wait()

    def stop(self) -> None:
        """End the server with its kernels."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def start(program: Program, folder: Path, *, port: int | None, editing: bool) -> Server:
    """Start a program on a folder of notebooks; comes back once it answers.

    `editing` lets what stands in the notebooks write into the checkout.
    """
    chosen = free_port(program.usual_port) if port is None else asked_port(port)
    trust(folder)
    token = secrets.token_urlsafe(24)
    places = {"port": str(chosen), "folder": str(folder), "language": language_in_use()}
    options = [option.format(**places) for option in program.options]
    process = subprocess.Popen(
        [sys.executable, "-m", program.module, *options],
        env=environment(os.environ, token, editing),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches us alone, and we end it in order
    )
    server = Server(process, f"http://{LOOPBACK}:{chosen}/", program.first_page, token)
    try:
        _until_it_answers(process, chosen, program.module)
    except BaseException:
        server.stop()
        raise
    return server


def environment(inherited: Mapping[str, str], token: str, editing: bool) -> dict[str, str]:
    """The surroundings of a server and its kernels: our configuration first, then the user's own."""
    own = {name: value for name, value in inherited.items() if name != EDIT_VARIABLE}
    own["JUPYTER_TOKEN"] = token
    configuration = _in_front(_ROOM / "config", inherited.get("JUPYTER_CONFIG_PATH"))
    spoken = _ROOM / f"config_{language_in_use()}"  # JupyterLab's own menus; where there is no such folder, English
    own["JUPYTER_CONFIG_PATH"] = _in_front(spoken, configuration) if spoken.is_dir() else configuration
    own["JUPYTER_PATH"] = _in_front(_ROOM / "data", inherited.get("JUPYTER_PATH"))
    own["PYTHONPATH"] = _in_front(_ROOM.parents[1], inherited.get("PYTHONPATH"))
    if editing:
        own[EDIT_VARIABLE] = ALLOWED
    return own


def trust(folder: Path) -> None:
    """Sign the notebooks, the user's own, as he would with `jupyter trust`; else Jupyter warns of each on opening."""
    from nbformat import read  # here, because opening a browser is one verb of many
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()  # type: ignore[no-untyped-call]
    for path in sorted(folder.glob("*.ipynb")):
        notary.sign(read(path, as_version=4))  # type: ignore[no-untyped-call]


def free_port(first: int) -> int:
    """The first port from `first` on that nothing listens on."""
    for port in range(first, first + PORTS_TRIED):
        if not _answers(port):
            return port
    raise PortTaken(port=first)


def asked_port(port: int) -> int:
    """The port that the user asked for, refused where something listens on it."""
    if _answers(port):
        raise PortTaken(port=port)
    return port


def _answers(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def _until_it_answers(process: subprocess.Popen[bytes], port: int, program: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise ServerDidNotStart(program=program)
        time.sleep(_POLL_SECONDS)


def _in_front(folder: Path, others: str | None) -> str:
    return str(folder) if not others else f"{folder}{os.pathsep}{others}"
