#!/usr/bin/env bash
# Writes requirements.lock, requirements-durable.lock and requirements-spark.lock from pyproject.toml: exact versions for Python 3.11 to 3.13,
# no addresses, no hashes. Called by `make lock`; needs the network and the uv of .venv.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
        --no-annotate --no-header "${@}"
}

compile pyproject.toml --extra dev --output-file requirements.lock

extra() { # NAME: the lines of an extra alone
    .venv/bin/python - "$1" <<'PY'
import sys
import tomllib

with open("pyproject.toml", "rb") as file:
    print(*tomllib.load(file)["project"]["optional-dependencies"][sys.argv[1]], sep="\n")
PY
}

extra durable | compile - --output-file requirements-durable.lock
extra spark | compile - --output-file requirements-spark.lock
