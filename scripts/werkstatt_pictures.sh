#!/bin/sh
# Takes the pictures of docs/werkstatt.md anew: the browser tests make them, this puts them beside the other pictures.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/pytest -q -m deep tests/test_workbench_in_browser.py
for name in aufnahme_mehr_zugang fallwerkstatt_ein_fall verteilung_plan regelwerkstatt jupyterlab; do
    cp "build/workbench/$name.png" "docs/images/werkstatt_$name.png"
done
