PYTHON := $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-input
VENDOR := sigap/console/static/vendor/htmx.min.js
VENDOR_DEV := tests/vendor/axe.min.js
MESSAGES = $(patsubst %.po,%.mo,$(wildcard sigap/locale/*/LC_MESSAGES/*.po))
LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
EXTRAS := --extra telephony --extra classify --extra insight --extra warehouse

step = @echo "$(if $(filter run,$(MAKECMDGOALS)),[$(1)/4] )$(2)"

.PHONY: help run install dev test check bench docs lock messages clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

run: install ## install what is missing and start the drill
	@exec $(BIN)/sigap drill

install: $(VENV)/.run $(VENDOR) $(MESSAGES) ## install what is missing and start nothing

dev: $(VENV)/.dev $(VENDOR_DEV) $(MESSAGES) ## install what is needed to change Sigap

test: ## run every test, on SQLite and on PostgreSQL
	@tools/prepare-tests
	@$(MAKE) --no-print-directory dev
	@$(BIN)/python tools/run-tests

check: dev ## check style, types, layers, migrations and translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy sigap tools $(wildcard sim bench)
	$(BIN)/lint-imports --no-logo
	$(BIN)/sigap manage makemigrations --check --dry-run
	$(BIN)/python tools/messages.py --check
	@! find sigap -path '*/static/*' -name '*.js' -not -path '*/vendor/*' | grep -q . || \
		{ echo tsc; $(BIN)/python tools/vendor.py node node_modules/typescript/bin/tsc; }

bench: dev ## measure against the published targets
	@$(BIN)/python -m bench

docs: dev ## regenerate the documents that are made from the code
	@$(BIN)/sigap docs

lock: $(VENV)/.dev ## pin the dependencies again; LOCK_FLAGS=--upgrade for newer versions
	$(LOCK) $(LOCK_FLAGS) --output-file requirements/run.txt $(EXTRAS) \
		pyproject.toml requirements/build.in
	$(LOCK) $(LOCK_FLAGS) --output-file requirements/voice.txt --no-deps requirements/voice.in
	$(LOCK) $(LOCK_FLAGS) --output-file requirements/dev.txt $(EXTRAS) --extra dev \
		--constraint requirements/run.txt pyproject.toml requirements/build.in
	$(LOCK) $(LOCK_FLAGS) --output-file requirements/node.txt requirements/node.in

messages: $(VENV)/.dev ## bring the translation files up to date with the code
	@$(BIN)/python tools/messages.py

clean: ## remove everything that was installed or built
	rm -rf $(VENV) node_modules build dist *.egg-info sigap/console/static/vendor tests/vendor
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
	rm -f $(MESSAGES)

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Sigap needs Python 3.11 or newer: install python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot create environments: install python3-venv" >&2; exit 1; }
	$(call step,1,Creating the Python environment in $(VENV))
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# The build tools come with the locked packages, so building in isolation would
# only fetch them once more, unpinned. The lock files name everything that is needed; of the
# voice model's package only its data is, so pip must not look for what its code would want.
$(VENV)/.run: $(VENV)/.made requirements/run.txt requirements/voice.txt pyproject.toml
	$(call step,2,Installing the locked Python packages)
	@$(PIP) --require-hashes --no-deps -r requirements/run.txt -r requirements/voice.txt
	@$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@echo "Installing the locked development packages"
	@$(PIP) --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

$(VENDOR): package-lock.json tools/vendor.py | $(VENV)/.run
	$(call step,3,Fetching the front-end libraries)
	@$(BIN)/python tools/vendor.py run

$(VENDOR_DEV): package-lock.json tools/vendor.py | $(VENV)/.dev
	@echo "Fetching the front-end libraries and their tools"
	@$(BIN)/python tools/vendor.py dev

%.mo: %.po | $(VENV)/.run
	$(call step,4,Compiling $<)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --locale id
