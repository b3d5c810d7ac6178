#!/usr/bin/env bash
# Writes requirements.lock and requirements-durable.lock from pyproject.toml: exact versions for Python 3.11 to 3.13,
# no addresses, no hashes. Called by `make lock`; needs the network and the uv of .venv.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
        --no-annotate --no-header "${@}"
}

compile pyproject.toml --extra dev --output-file requirements.lock
.venv/bin/python - <<'PY' | compile - --output-file requirements-durable.lock
import tomllib

with open("pyproject.toml", "rb") as file:
    print(*tomllib.load(file)["project"]["optional-dependencies"]["durable"], sep="\n")
PY
