# Praxispost: `make demo` to try it, `make run` for a practice, `make test` for the tests.
PYTHON ?= python3
PORT ?= 8000
export PORT

VENV := .venv
BENCH_VENV := .venv-bench
FLASK := $(VENV)/bin/python -m flask --app app
PIP := -m pip install --quiet --disable-pip-version-check --require-hashes

PACKAGES := $(VENV)/.packages
FRONT_END := static/vendor/.complete
YARDSTICKS := $(BENCH_VENV)/.packages

.DEFAULT_GOAL := help
.PHONY: help setup demo run test bench lint format lock

help:
	@echo 'make demo    Praxispost mit Beispielpraxis und Testausgang starten'
	@echo 'make run     Praxispost mit den eigenen Daten starten'
	@echo 'make test    alle Tests'
	@echo 'make bench   Messungen neben ihren Vergleichswerten'
	@echo 'make lint    Stil prüfen          make format   Stil herstellen'
	@echo 'make setup   nur einrichten       make lock     Versionen neu festschreiben'

setup: $(PACKAGES) $(FRONT_END)
	@:

demo: setup
	@exec $(FLASK) demo

run: setup
	@exec $(FLASK) run-practice

test: setup
	$(VENV)/bin/python -m pytest $(TESTS)

bench: setup $(YARDSTICKS)
	$(VENV)/bin/python tests/benchmarks/run.py

lint: $(PACKAGES)
	$(VENV)/bin/python -m ruff check .
	$(VENV)/bin/python -m ruff format --check .

format: $(PACKAGES)
	$(VENV)/bin/python -m ruff check --fix .
	$(VENV)/bin/python -m ruff format .

lock: $(PACKAGES)
	$(VENV)/bin/python -m tools.lock $(LOCK)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Praxispost braucht Python 3.11 oder neuer: make setup PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

# Order-only: the interpreter's own date says nothing about the packages.
$(PACKAGES): requirements/base.txt requirements/dev.txt tools/redis_server.py | $(VENV)/bin/python
	@echo 'Python-Pakete werden eingerichtet …'
	@$(VENV)/bin/python $(PIP) -r requirements/base.txt -r requirements/dev.txt
	@$(VENV)/bin/python -m tools.redis_server
	@touch $@

$(FRONT_END): package.json package-lock.json requirements/node.txt tools/frontend.py tools/node.py tools/icons.txt | $(PACKAGES)
	@echo 'Browser-Dateien werden eingerichtet …'
	@$(VENV)/bin/python -m tools.frontend

$(YARDSTICKS): requirements/bench.txt tests/benchmarks/package-lock.json tools/node.py | $(PACKAGES)
	@echo 'Vergleichsprogramme werden eingerichtet …'
	@test -x $(BENCH_VENV)/bin/python || $(VENV)/bin/python -m venv $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python $(PIP) -r requirements/bench.txt
	@$(VENV)/bin/python -m tools.node ci --prefix tests/benchmarks
	@touch $@
