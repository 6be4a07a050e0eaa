# Vitrine's commands. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PORT VITRINE_HOME

.DEFAULT_GOAL := help

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

$(VENV)/.run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Vitrine needs Python 3.11 or newer; this is %d.%d. Try: make run PYTHON=python3.11" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "python3-venv is missing: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }
	@echo "Installing the pinned packages …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "Installing the developers' tools …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

run: $(VENV)/.run ## start Vitrine with the demo catalog (PORT, VITRINE_HOME)
	@exec $(BIN)/python -m config.supervisor

stack: $(VENV)/.run ## the same on a real Redis and a real OpenSearch
	@exec $(BIN)/python -m config.supervisor --stack

test: $(VENV)/.dev ## set up and run all tests
	@$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.dev ## format, types, imports, templates, security
	@bash config/lint.sh

bench: $(VENV)/.dev ## measure side by side, into bench/results.json and docs/performance.md
	@$(BIN)/python -m bench

demo-data: $(VENV)/.run ## make the demo catalog's file anew from RECORDS=…/models.jsonl.gz
	@SECRET_KEY=unused $(BIN)/python manage.py demo convert $(RECORDS)

shell: $(VENV)/.run ## a Django shell on the database of `make run` (which must be running)
	@SECRET_KEY=$$(cat $${VITRINE_HOME:-var}/secret_key) DATABASE_URL=$$(cat $${VITRINE_HOME:-var}/database_url) $(BIN)/python manage.py shell

screenshot: $(VENV)/.dev ## make the pictures of docs/ anew (Vitrine must be running)
	@$(BIN)/python docs/screenshots.py

docs: $(VENV)/.dev ## check that every link in the documentation leads somewhere
	@$(BIN)/python -m pytest -q tests/docs

lock: $(VENV)/.dev ## compile requirements*.in into pinned files with hashes
	@$(BIN)/uv pip compile --quiet --generate-hashes requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --generate-hashes requirements-dev.in -c requirements.txt -o requirements-dev.txt

.PHONY: help run stack test lint bench demo-data shell screenshot docs lock
