# Every chore of the project, one command each: `make help` lists them.
# A fresh machine needs Python 3.11 or later and make; everything else is installed into .venv from the lock.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

DATA ?= ./var
PORT ?= 8000
PACKAGES := api auth cli sla tenants
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed-from-lock
READY := $(BIN)/slaportal
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1 $(BIN)/python -m pip
# Databases of tests outlive no test: where memory has room for them, they need not wait for a disk.
ROOM := $(shell df -Pk /dev/shm 2> /dev/null | awk 'NR == 2 && $$4 > 4000000 { print "/dev/shm" }')
PYTEST := $(if $(ROOM),TMPDIR=$(ROOM)) $(BIN)/python -m pytest
UV ?= $(or $(wildcard $(BIN)/uv),uv)

.PHONY: help setup run demo-reset test isolation test-long test-mutants check bench clauses clauses-mutate schema format lock clean

help: ## list the chores
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(READY) ## make .venv from requirements.lock (does nothing when it is up to date)

run: $(READY) ## serve the portal with its demo (DATA=./var PORT=8000)
	@exec $(BIN)/slaportal run --demo --data "$(DATA)" --port "$(PORT)"

demo-reset: $(READY) ## throw the demo's data away and make it anew (DATA=./var)
	@$(BIN)/slaportal demo reset --data "$(DATA)"

test: $(READY) ## run the tests on SQLite and PostgreSQL (ARGS="-k words" picks some)
	@$(PYTEST) -n 2 -m "not long" $(ARGS)

isolation: $(READY) ## prove that nothing reaches across customers, with counts
	@$(PYTEST) tests/isolation -s $(ARGS)

test-long: $(READY) ## run the long proofs
	@$(PYTEST) -n 2 -m long $(ARGS)

test-mutants: $(READY) ## take each protection out, one at a time: exactly its tests must fail (ARGS="--only token")
	@$(if $(ROOM),TMPDIR=$(ROOM)) $(BIN)/python -m tests.security_mutants $(ARGS)

check: $(READY) ## format, lint, types, direction of imports, architecture
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(PACKAGES) alembic bench tests
	$(BIN)/lint-imports --no-logo
	$(PYTEST) tests/architecture

bench: $(READY) ## measure against the bare baseline
	@$(BIN)/python -W "ignore:XDG_RUNTIME_DIR is not set" -m bench $(ARGS)

clauses: $(READY) ## which clause is carried out and tested where
	@$(BIN)/python -m tests.clauses

clauses-mutate: $(READY) ## change each figure and flag of the agreements once: a clause test must notice
	@$(BIN)/python -m tests.clause_mutants $(ARGS)

schema: $(READY) ## write what the code prints: schema.graphql, docs/permissions.md, what is missing
	@mkdir -p $(VENV)/printed
	@$(BIN)/python -c "from api.schema import schema_text; print(schema_text(), end='')" > $(VENV)/printed/schema
	@$(BIN)/python -c "import api.schema; from api.access import permissions_markdown as p; print(p(), end='')" \
	  > $(VENV)/printed/permissions
	@mv $(VENV)/printed/schema schema.graphql
	@mv $(VENV)/printed/permissions docs/permissions.md
	@$(BIN)/python -m tests.architecture.outline
	@$(BIN)/python -m tests.security_lines

format: $(READY) ## format the code and mend what ruff can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(READY) ## resolve pyproject.toml into requirements.lock again (needs uv)
	@command -v $(UV) > /dev/null || { echo "make lock needs uv: install it and try again" >&2; exit 1; }
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --all-extras --output-file requirements.lock pyproject.toml

clean: ## remove caches; .venv and the data stay
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build ./*.egg-info
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock
	@for candidate in "$${PYTHON:-python3.11}" python3 python3.14 python3.13 python3.12 python; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then break; fi; \
	  candidate=; \
	done; \
	if [ -z "$$candidate" ]; then echo "Python 3.11 or later is needed" >&2; exit 1; fi; \
	echo "Making $(VENV) with $$("$$candidate" --version), about a minute"; \
	"$$candidate" -m venv $(VENV)
	@$(PIP) install --require-hashes --progress-bar off -r requirements.lock 2>&1 | awk \
	  -v total="$$(grep -c '^[a-z0-9]' requirements.lock)" ' \
	  /^ERROR/ { failed = 1 } \
	  failed { print; next } \
	  /^(Collecting|Processing|Requirement already|Ignoring) / { \
	    if (++seen % 10 == 0) { printf "  %d of %d packages\n", seen, total; fflush() } } \
	  /^Installing/ { print "  installing"; fflush() }'
	@touch $(INSTALLED)

# The project is not installed as a package: one line in the environment's search path and a launcher do,
# and need neither setuptools nor a network.
$(READY): $(INSTALLED) Makefile
	@printf '%s\n' "$(CURDIR)" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/slaportal.pth"
	@printf '%s\n' '#!/bin/sh' "'''exec' \"\$$(dirname \"\$$0\")/python\" \"\$$0\" \"\$$@\"" "' '''" \
	  'import sys' '' 'from cli.main import main' '' 'if __name__ == "__main__":  # worker processes import this file' \
	  '    sys.exit(main())' > $(BIN)/slaportal
	@chmod +x $(BIN)/slaportal
