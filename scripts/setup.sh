#!/usr/bin/env bash
# Makes .venv what the locks say: a virtual environment, the exact packages, Stellwerk itself as editable, and
# durable-rules where it can be built. Does nothing when nothing changed. PYTHON=... chooses the interpreter,
# STELLWERK_LANG=en the language. Everything the tools say goes to build/setup.log.
set -u
cd "$(dirname "$0")/.."

LOG=build/setup.log
STAMP=.venv/setup.stamp
STEPS=4
DOT_EVERY=25 # polls of 0.2 s: a sign of life every five seconds
# uv compiles to bytecode only when told so, and an uncompiled pandas takes two seconds longer to import
export UV_COMPILE_BYTECODE=1 UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-120}" PIP_DISABLE_PIP_VERSION_CHECK=1
unset PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME VIRTUAL_ENV

say() { # GERMAN ENGLISH
    case "${STELLWERK_LANG:-de}" in en*) printf '%s\n' "$2" ;; *) printf '%s\n' "$1" ;; esac
}

stop() { # GERMAN ENGLISH
    say "$@" >&2
    exit 1
}

step() { # NUMBER GERMAN ENGLISH COMMAND...: runs it quietly with a sign of life, hands on its exit code
    local label start=$SECONDS polls=0 pid code
    label="[$1/$STEPS] $(say "$2" "$3")"
    shift 3
    printf '%s ' "$label"
    printf '\n== %s\n' "$label" >>"$LOG"
    set -m # a process group of its own, so that an interruption reaches what the command has started
    "$@" >>"$LOG" 2>&1 </dev/null &
    pid=$!
    set +m
    trap 'kill -TERM -- "-$pid" 2>/dev/null; exit 130' INT TERM
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
        polls=$((polls + 1))
        [ $((polls % DOT_EVERY)) -ne 0 ] || printf '.'
    done
    wait "$pid"
    code=$?
    trap - INT TERM
    printf ' %d s\n' "$((SECONDS - start))"
    return "$code"
}

fail() { # GERMAN ENGLISH: the last lines of the log, then what to do
    tail -n 15 "$LOG" >&2
    stop "$1 Das ganze Protokoll: $LOG" "$2 The whole log: $LOG"
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

choose_python() { # prints the interpreter to use, or nothing
    local candidate
    if [ -n "${PYTHON:-}" ]; then
        new_enough "$PYTHON" && printf '%s' "$PYTHON"
        return
    fi
    if [ -x .venv/bin/pip ] && new_enough .venv/bin/python; then # an environment of ours stays as it is
        printf '.venv/bin/python'
        return
    fi
    for candidate in python3 python3.12 python3.11 python3.13; do
        new_enough "$candidate" && printf '%s' "$candidate" && return
    done
}

version_of() { "$1" -c 'import platform; print(platform.python_version())' 2>/dev/null; }

fingerprint() { # of all that decides what .venv must hold
    .venv/bin/python - <<'PY' 2>/dev/null
import hashlib, os, platform
from pathlib import Path

files = ("requirements.lock", "requirements-durable.lock", "pyproject.toml", "scripts/setup.sh")
parts = [Path(name).read_bytes() for name in files]
parts += [platform.python_version().encode(), os.getcwd().encode()]
print(hashlib.sha256(b"\0".join(parts)).hexdigest())
PY
}

ensure_venv_module() { # Debian ships python3 without ensurepip
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    local package
    package="python$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "      $package fehlt und wird mit apt eingespielt." "      $package is missing and is installed with apt."
        { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package"; } \
            >>"$LOG" 2>&1 </dev/null
    fi
    "$1" -c 'import ensurepip, venv' 2>/dev/null ||
        stop "Diesem Python fehlt venv. Bitte einspielen (Debian, Ubuntu: sudo apt install $package) und »make setup« wiederholen." \
            "This Python lacks venv. Please install it (Debian, Ubuntu: sudo apt install $package) and run “make setup” again."
}

create_venv() { "$1" -m venv --clear .venv; }

install_packages() { # with uv, which is fast; with pip where uv cannot
    .venv/bin/python -m pip install "$(grep '^uv==' requirements.lock)" &&
        .venv/bin/uv pip install --python .venv/bin/python -r requirements.lock && return
    echo "uv could not install; trying pip"
    .venv/bin/python -m pip install -r requirements.lock
}

install_project() {
    { [ -x .venv/bin/uv ] && .venv/bin/uv pip install --python .venv/bin/python --no-deps --editable .; } ||
        .venv/bin/python -m pip install --no-deps --editable .
}

install_durable() {
    .venv/bin/python -m pip install --no-deps -r requirements-durable.lock && .venv/bin/python -c 'import durable.lang'
}

python=$(choose_python)
if [ -z "$python" ]; then
    found=$(version_of "${PYTHON:-python3}")
    stop "Stellwerk braucht Python 3.11 oder neuer${found:+, gefunden wurde $found}. Ein anderes wählt: make setup PYTHON=/pfad/zu/python3.12" \
        "Stellwerk needs Python 3.11 or newer${found:+, found was $found}. To choose another: make setup PYTHON=/path/to/python3.12"
fi
version=$(version_of "$python")

key=$(fingerprint)
if [ -n "$key" ] && [ -f "$STAMP" ] && [ "$(cat "$STAMP")" = "$key" ] && [ "$(version_of .venv/bin/python)" = "$version" ]; then
    exit 0
fi

mkdir -p build
: >"$LOG"
rm -f "$STAMP"

if [ ! -x .venv/bin/pip ] || [ "$(version_of .venv/bin/python)" != "$version" ]; then
    ensure_venv_module "$python"
    step 1 "Umgebung anlegen (Python $version)" "Create the environment (Python $version)" create_venv "$python" ||
        fail "Die Umgebung .venv ließ sich nicht anlegen." "The environment .venv could not be created."
else
    say "[1/$STEPS] Umgebung besteht (Python $version)" "[1/$STEPS] The environment exists (Python $version)"
fi

count=$(wc -l <requirements.lock | tr -d ' ')
step 2 "Pakete einspielen (rund $count, meist unter zwei Minuten)" "Install packages (about $count, mostly under two minutes)" install_packages ||
    fail "Die Pakete ließen sich nicht einspielen. Meist fehlt die Verbindung zum Paketserver (Netz, Proxy, Zertifikat); danach »make setup« wiederholen." \
        "The packages could not be installed. Mostly the connection to the package server is missing (network, proxy, certificate); then run “make setup” again."
step 3 "Stellwerk einhängen" "Link Stellwerk" install_project ||
    fail "Stellwerk selbst ließ sich nicht einhängen." "Stellwerk itself could not be linked."

if .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 13))'; then
    say "[4/$STEPS] durable-rules läuft nicht ab Python 3.13 und bleibt weg; alles andere geht ohne." \
        "[4/$STEPS] durable-rules does not run on Python 3.13 or newer and is left out; all else works without it."
elif ! step 4 "durable-rules bauen" "Build durable-rules" install_durable; then
    .venv/bin/python -m pip uninstall -y durable-rules >>"$LOG" 2>&1
    say "      durable-rules ließ sich nicht bauen und bleibt weg (meist fehlen C-Compiler oder Python-Header; Debian: gcc python3-dev, dann »make clean setup«); alles andere geht ohne." \
        "      durable-rules could not be built and is left out (mostly a C compiler or Python headers are missing; Debian: gcc python3-dev, then “make clean setup”); all else works without it."
fi

fingerprint >"$STAMP"
say "Fertig nach $SECONDS s. Protokoll: $LOG" "Done after $SECONDS s. Log: $LOG"
