# Vitrine's commands. `make help` lists them.
PYTHON ?= python3
ENVIRONMENT := $(PYTHON) config/supervisor/environment.py
SUPERVISOR := -m config.supervisor
export PORT VITRINE_HOME

.DEFAULT_GOAL := help

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | while IFS='|' read -r name words; do printf '  make %-11s %s\n' "$$name" "$$words"; done

run: ## start Vitrine with the demo catalog (PORT, VITRINE_HOME)
	@exec $(ENVIRONMENT) $(SUPERVISOR) --follow-parent run

stack: ## the same on a real Redis and a real OpenSearch
	@exec $(ENVIRONMENT) $(SUPERVISOR) --follow-parent stack

test: ## set up and run all tests on all cores (ARGS="tests/search -k rank", WORKERS=0 for one process)
	@exec $(ENVIRONMENT) --dev -m pytest -n $(or $(WORKERS),auto) --dist loadgroup $(ARGS)

lint: ## format, types, imports, templates, security
	@$(ENVIRONMENT) --dev
	@exec bash config/lint.sh

bench: ## measure Vitrine, into docs/performance.md
	@exec $(ENVIRONMENT) --dev -m bench

bench-large: ## measure search at a million models (an hour; says what it needs)
	@exec $(ENVIRONMENT) --dev -m bench --only large

demo-data: ## make the demo catalog's file anew from RECORDS=…/models.jsonl.gz
	@exec $(ENVIRONMENT) $(SUPERVISOR) manage demo convert $(RECORDS)

manage: ## a command of Django on the data of `make run`: make manage ARGS="search check"
	@exec $(ENVIRONMENT) $(SUPERVISOR) manage $(ARGS)

shell: ## a Python shell on the data of `make run`
	@exec $(ENVIRONMENT) $(SUPERVISOR) manage shell

psql: ## psql on the data of `make run`
	@exec $(ENVIRONMENT) $(SUPERVISOR) psql $(ARGS)

backup: ## write everything in Postgres to FILE=vitrine.dump
	@exec $(ENVIRONMENT) $(SUPERVISOR) pg_dump --format=custom --file=$(or $(FILE),vitrine.dump)

restore: ## replace everything in Postgres by what FILE=vitrine.dump holds
	@exec $(ENVIRONMENT) $(SUPERVISOR) pg_restore --clean --if-exists --no-owner --single-transaction $(or $(FILE),vitrine.dump)

screenshot: ## make the pictures of docs/ anew (while `make run` runs)
	@exec $(ENVIRONMENT) --dev docs/screenshots.py $(ARGS)

architecture: ## draw docs/images/architecture.svg anew from the imports
	@exec $(ENVIRONMENT) --dev docs/architecture_picture.py

docs: ## check that every link and file named in the documentation is there
	@exec $(ENVIRONMENT) --dev -m pytest -q tests/docs

lock: ## compile requirements*.in into pinned files with hashes
	@$(ENVIRONMENT) --dev
	@.venv/bin/uv pip compile --quiet --generate-hashes --python-version 3.11 --universal requirements.in -o requirements.txt
	@.venv/bin/uv pip compile --quiet --generate-hashes --python-version 3.11 --universal requirements-dev.in -c requirements.txt -o requirements-dev.txt

.PHONY: help architecture run stack test lint bench bench-large demo-data manage shell psql backup restore screenshot docs lock
