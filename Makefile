# The commands that README, CI and a developer's shell share.
#   make run        set up, ingest corpus/, open the page    make test   set up, run every test
#   make test-fast  the tests that start no program          make lint   ruff, mypy, oxlint
#   make bench      the measurements in bench/               make setup  only install
#   make soak       faults, until nothing was lost           make sbom   packages and licences of what is installed
#   make phrases    the pages' phrases, for translators
#   make lock       requirements.lock, anew                  make install-locked   install what it names, by hash

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
PORT   ?= 7860
# What makes lists of packages is kept apart, so that it is on none of them.
TOOLS  := .venv-tools/bin
# Test files at once: as many as there are processors, within what a small machine's memory holds.
JOBS   ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); [ $$n -le 4 ] && echo $$n || echo 4)

.PHONY: run test test-fast lint bench soak phrases sbom lock install-locked setup clean
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

soak: $(VENV)/.test-installed
	@$(BIN)/python -m tests.soak $(ARGS)

phrases: $(VENV)/.test-installed
	@$(BIN)/python -m tests.phrases

sbom: $(VENV)/.installed $(TOOLS)/cyclonedx-py
	@mkdir -p build
	@$(TOOLS)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible -o build/sbom.json $(BIN)/python
	@$(BIN)/python .ci/licences.py build/sbom.json
	@echo "build/sbom.json is the same in CycloneDX's format."

# Of the public index alone, for every platform; hashes of a house's own wheels would be nobody else's.
lock: $(TOOLS)/uv
	@$(TOOLS)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" -c constraints.txt \
		-o requirements.lock pyproject.toml

install-locked: $(VENV)/bin/python
	@$(BIN)/python -m pip install --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --no-deps -e .

$(TOOLS)/%:
	@$(PYTHON) -m venv .venv-tools
	@.venv-tools/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9 cyclonedx-bom==7.5.0

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
	rm -rf $(VENV) .venv-tools build dist *.egg-info
