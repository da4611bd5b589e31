# One command for each thing one does here; `make` alone lists them.

VENV ?= .venv
BIN := $(VENV)/bin
unexport PYTHONDONTWRITEBYTECODE # every run would compile every test again
FAST = EXAMPLES=few $(BIN)/pytest -q -m "not (hapi or redis or postgres or worker or slow or packaging)"
SERVICES := bulk cli delivery intake ledger queue release review sandbox server
ROOMS := clinical documents fhir hl7v2 inbound letter outbound pathways publication
STATIC := static-pages static-types static-rules
# Three processes for two cores: each of them waits an eighth of its time, for workers, for servers and for leases to end.
WHOLE = $(BIN)/pytest --numprocesses=3 --dist=loadfile --no-loadscope-reorder --durations=40 $(HANGS)
HANGS := -o faulthandler_timeout=960 # shows where a test hangs; longer than the first build of the HAPI server may take

# The first Python on the PATH that really runs (a pyenv shim may not) and is new enough.
find-python = for p in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; p=; done

.DEFAULT_GOAL := help
.PHONY: help demo test test-unmeasured test-measured drills check static $(STATIC) check-rooms check-services check-rest docs format bench mutants wheel clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

demo: $(VENV)/.runtime ## the whole job on bundled patients: needs Python only
	@$(BIN)/osteo-handover demo

test: $(VENV)/.dev ## every test, on every server that this machine can run
	@$(MAKE) --no-print-directory --keep-going --jobs=1 test-unmeasured test-measured # both, whatever the first one finds

test-unmeasured: # tests/conftest.py says which these are
	$(WHOLE) -m "not measured"

test-measured:
	$(WHOLE) -m measured --cov --cov-report=term
	$(BIN)/coverage report --include='adapter/clinical/*' --fail-under=100
	$(BIN)/coverage report --include='adapter/fhir/*' --fail-under=99
	$(BIN)/coverage report --include='adapter/letter/*' --fail-under=99
	$(BIN)/coverage report --include='mappings/inbound/*' --fail-under=98
	$(BIN)/coverage report --include='mappings/outbound/*,mappings/documents/*,mappings/publication/*' --fail-under=99
	$(BIN)/coverage report --include='mappings/handover/*' --fail-under=100
	$(BIN)/coverage report --include='mappings/hl7v2/*' --fail-under=99
	$(BIN)/coverage report --include='workers/*' --fail-under=94

drills: $(VENV)/.dev ## the drills at their full size, one after the other on a quiet machine: half an hour
	EXAMPLES=many $(BIN)/pytest -q -s -m drill --durations=0 $(HANGS)

check: $(VENV)/.dev ## static, and the fast tests: under a minute on two cores
	@$(MAKE) --no-print-directory --jobs=4 check-rest check-rooms check-services $(STATIC) # three processes as long as each other; more than two cores, since tests wait too and the last shall not end alone

static: $(VENV)/.dev ## all that is no test: format, lint, imports, deployment files, types, figures, pages
	@$(MAKE) --no-print-directory --jobs=2 $(STATIC)

static-types:
	$(BIN)/mypy

static-pages:
	$(BIN)/osteo-handover pathway docs --check

static-rules:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	@.ci/compose-config
	@$(BIN)/python -m tests.structure

check-rooms:
	$(FAST) $(addprefix tests/unit/,$(ROOMS))

check-services:
	$(FAST) $(addprefix tests/unit/,$(SERVICES))

check-rest: # all that reads the source is in this one process, which parses it once
	$(FAST) tests/property tests/spec tests/unit $(addprefix --ignore=tests/unit/,$(ROOMS) $(SERVICES))

docs: $(VENV)/.dev ## make docs/pathways, the guideline items, the classes of the glossary, docs/schemas and the table of docs/cli.md again, after a change of what they are made of
	$(BIN)/osteo-handover pathway docs
	$(BIN)/python -m tests.glossary
	$(BIN)/python -m tests.command_page
	$(BIN)/python -m tests.codes_page
	$(BIN)/python -m tests.guideline_items_page
	$(BIN)/python -m tests.settings_page

format: $(VENV)/.dev ## rewrite the files as `check` wants them
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## measure time and memory beside others, and make docs/performance.md of it; NODE_MODULES=a folder for CQL
	$(BIN)/osteo-handover bench --write docs/performance.md $(if $(NODE_MODULES),--node-modules $(NODE_MODULES))

mutants: $(VENV)/.dev ## small changes of the clinical core that no test notices; ONLY="study terms.dxa" for some modules
	$(BIN)/python -m bench.mutants $(ONLY)

wheel: $(VENV)/.dev ## build dist/*.whl
	$(BIN)/python -m build

clean: ## forget everything that was installed or built here
	rm -rf $(VENV) dist build

# The stamps are what makes a second `make` start at once; a change of pyproject.toml installs again.
$(VENV)/.python:
	@$(find-python); \
	if [ -z "$$p" ]; then echo "Python 3.11 or newer is needed and none was found; name it: make PYTHON=/path/to/python3.11" >&2; exit 1; fi; \
	$$p -m venv $(VENV) || { echo "venv is missing: on Debian and Ubuntu, apt-get install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.runtime: $(VENV)/.python pyproject.toml
	@echo "Installing into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[demo]'
	@touch $@

$(VENV)/.dev: $(VENV)/.python pyproject.toml
	@echo "Installing with development tools into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.runtime
