#!/usr/bin/env bash
# Makes .venv-spark, the project's environment with pyspark in it, and runs the tests marked `spark` on a local Spark.
# Brings Java where it is root on Debian or Ubuntu, else says how to get it. Called by `make test-spark`.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { # GERMAN ENGLISH
    case "${STELLWERK_LANG:-de}" in en*) printf '%s\n' "$2" ;; *) printf '%s\n' "$1" ;; esac
}

if ! command -v java >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Java fehlt und wird mit apt eingespielt." "Java is missing and is installed with apt."
    mkdir -p build
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends default-jre-headless; } \
        >build/spark.log 2>&1 </dev/null || true
fi
command -v java >/dev/null || {
    say "Spark braucht Java 17 oder neuer. Debian, Ubuntu: sudo apt install default-jre-headless" \
        "Spark needs Java 17 or newer. Debian, Ubuntu: sudo apt install default-jre-headless" >&2
    exit 1
}

locks=(requirements.lock requirements-spark.lock)
stamp=.venv-spark/setup.stamp
key=$(cat "${locks[@]}" pyproject.toml | sha256sum)
if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$key" ]; then
    say "Umgebung mit Spark anlegen (.venv-spark, rund 400 MB)" "Making the environment with Spark (.venv-spark, about 400 MB)"
    .venv/bin/python -m venv --clear .venv-spark
    .venv/bin/uv pip install --quiet --python .venv-spark/bin/python -r "${locks[0]}" -r "${locks[1]}"
    .venv/bin/uv pip install --quiet --python .venv-spark/bin/python --no-deps --editable .
    printf '%s' "$key" >"$stamp"
fi
.venv-spark/bin/pytest -q -m spark "$@"
