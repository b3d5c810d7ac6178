#!/usr/bin/env bash
# Makes .venv-peers what benchmarks/peers.lock says: the engines that Stellwerk is measured against and that must not
# enter its own environment. Called by hand before `python -m benchmarks.evaluate.run`. `scripts/peers.sh --lock` takes
# the newest versions and writes the lock: exact versions for Python 3.11, no addresses, no hashes.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1:-}" = --lock ]; then
    printf '%s\n' openfisca-core zen-engine durable-rules |
        .venv/bin/uv pip compile --quiet --python-version 3.11 --no-emit-index-url --no-emit-find-links \
            --no-annotate --no-header --output-file benchmarks/peers.lock -
fi
[ -x .venv-peers/bin/python ] || .venv/bin/python -m venv .venv-peers
.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers.lock
