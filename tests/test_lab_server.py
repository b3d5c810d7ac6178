"""How the workbench is opened: on which port, with which surroundings, and what is refused."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stellwerk.cli.app import app
from stellwerk.lab.server import LAB, LOOPBACK, PAGES, PortTaken, asked_port, environment, free_port
from stellwerk.widgets import EDIT_VARIABLE, may_write


@pytest.fixture
def taken():
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        yield other.getsockname()[1]


def test_the_next_free_port_is_taken_where_none_was_asked_for(taken):
    assert taken < free_port(taken) < taken + 20


def test_a_port_that_was_asked_for_and_is_taken_is_refused(taken):
    with pytest.raises(PortTaken) as refused:
        asked_port(taken)
    assert f"Auf Port {taken} antwortet schon ein anderes Programm" in refused.value.message("de")


def test_a_taken_port_ends_the_command_with_a_sentence(taken):
    done = CliRunner().invoke(app, ["serve", "--no-browser", "--port", str(taken)])
    assert isinstance(done.exception, PortTaken)


@pytest.mark.parametrize("port", ["80", "70000", "acht"])
def test_a_port_that_is_none_is_wrong_use(port):
    assert CliRunner().invoke(app, ["lab", "--port", port]).exit_code == 2


def test_kernels_may_write_only_where_the_server_was_started_to_edit(monkeypatch):
    inherited = {EDIT_VARIABLE: "1", "PATH": "/bin"}
    assert EDIT_VARIABLE not in environment(inherited, "t", editing=False)
    assert environment({}, "t", editing=True)[EDIT_VARIABLE] == "1"
    monkeypatch.delenv(EDIT_VARIABLE, raising=False)
    assert not may_write()
    monkeypatch.setenv(EDIT_VARIABLE, "1")
    assert may_write()


def test_the_token_travels_in_the_environment_and_not_in_the_list_of_processes():
    assert environment({}, "geheim", editing=False)["JUPYTER_TOKEN"] == "geheim"
    assert not any("{token}" in option for program in (LAB, PAGES) for option in program.options)


def test_our_configuration_comes_before_the_users_own():
    path = environment({"JUPYTER_CONFIG_PATH": "/eigene"}, "t", editing=False)["JUPYTER_CONFIG_PATH"]
    *ours, theirs = path.split(":")
    assert [Path(folder).name for folder in ours] == ["config_de", "config"] and theirs == "/eigene"


def test_jupyterlab_speaks_the_readers_language(monkeypatch):
    monkeypatch.setenv("STELLWERK_LANG", "en")
    assert "config_de" not in environment({}, "t", editing=False)["JUPYTER_CONFIG_PATH"]


@pytest.mark.deep
def test_an_interrupt_ends_the_server_and_nothing_else_is_said():
    order = [sys.executable, "-c", "from stellwerk.cli import main; main()", "serve", "--no-browser"]
    with subprocess.Popen(order, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as served:
        assert "127.0.0.1" in served.stdout.readline() and "Strg-C" in served.stdout.readline()
        served.send_signal(signal.SIGINT)
        said = served.communicate(timeout=60)[0]
    assert said.splitlines() == ["Wird beendet …"] and served.returncode == 0
