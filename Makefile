# The commands that README, CI and a developer's shell share.
#   make run        set up, ingest corpus/, open the page    make test   set up, run every test
#   make test-fast  the tests that start no program          make lint   ruff, mypy, oxlint
#   make bench      the measurements in bench/               make setup  only install

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
PORT   ?= 7860
# Test files at once: as many as there are processors, within what a small machine's memory holds.
JOBS   ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); [ $$n -le 4 ] && echo $$n || echo 4)

.PHONY: run test test-fast lint bench setup clean
.DEFAULT_GOAL := run

run: setup
	@$(BIN)/kb ingest corpus
	@$(BIN)/kb serve --open --port $(PORT)

test: $(VENV)/.test-installed
	@sh .ci/debian
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(ARGS)

test-fast: $(VENV)/.test-installed
	@$(BIN)/python -m pytest -n $(JOBS) --fast $(ARGS)

lint: $(VENV)/.test-installed
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/oxlint --deny-warnings kb/web/static

bench: setup
	@for name in startup questions; do echo "== python -m bench.$$name"; $(BIN)/python -m bench.$$name || exit 1; done

setup: $(VENV)/.installed

# A stamp is older than what it was made from when something has to be installed anew.
$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing the packages (a few minutes, about 3.5 GB; once) ..."
	@$(PIP) -e .
	@touch $@

$(VENV)/.test-installed: $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(PIP) -e '.[test,lint]'
	@touch $@

$(VENV)/bin/python:
	@sh .ci/python "$(PYTHON)" "$(VENV)"

clean:
	rm -rf $(VENV) build dist *.egg-info
