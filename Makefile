# The commands of the project. Everything generated lies in build/ and .venv/.
PYTHON ?=
JOBS ?= 2
BIN := .venv/bin
export PYTHON
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help brief test deep test-spark setup lint format lock bench lab clean
.DEFAULT_GOAL := help

help: ## zeigt diese Liste | shows this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

brief: setup ## rechnet das Lagebild nach build/briefs | computes the situation brief into build/briefs
	@mkdir -p build/briefs
	@$(BIN)/stellwerk brief lage -o build/briefs

test: setup ## richtet ein und prüft alles | sets up and runs the tests
	@scripts/browser.sh
	@$(BIN)/pytest -q -n $(JOBS)

deep: setup ## die Prüfungen, die Minuten dauern | the tests that take minutes
	@$(BIN)/pytest -q -n $(JOBS) -m deep

test-spark: setup ## prüft die Rechnung auf Spark | tests the evaluation on Spark
	@scripts/spark.sh

setup: ## legt .venv nach dem Lock an | makes .venv what the lock says
	@scripts/setup.sh

lint: setup ## Stil und Typen | style and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: setup ## bringt den Quelltext in Form | formats the sources
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

lock: setup ## löst die Versionen neu auf | resolves the versions anew
	@scripts/lock.sh

bench: setup ## misst Einrichtung und Hauptlauf | measures set-up and main job
	@$(BIN)/python benchmarks/run.py

lab: setup ## öffnet die Werkstatt in JupyterLab | opens the workbench in JupyterLab
	@$(BIN)/stellwerk lab

clean: ## räumt build/ weg, die nächste Einrichtung prüft alles neu | removes build/; the next set-up checks all anew
	@rm -rf build .venv/setup.stamp
