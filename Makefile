# The work is done by dev/workbench (Python, standard library only).

PYTHON ?= python3
WORKBENCH = $(PYTHON) dev/workbench
export ARGS DB HOST ODOO_SRC PORT RESET SCALE

.DEFAULT_GOAL := help
.PHONY: help demo test retest lint format bench shell setup stop clean compare translations

help: ## show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

demo: ## run the application with demo data on http://localhost:8069 (PORT=, HOST=, RESET=1)
	@$(WORKBENCH) demo

test: ## run all tests on fresh databases (ARGS="tests/test_x.py -k foo" for some)
	@$(WORKBENCH) test

retest: ## the same on the databases of the last time, changed addons updated (ARGS=)
	@$(WORKBENCH) retest

lint: ## check style and Odoo conventions
	@$(WORKBENCH) lint

format: ## let ruff and prettier rewrite what they can
	@$(WORKBENCH) format

bench: ## run the benchmark (SCALE=)
	@$(WORKBENCH) bench

shell: ## Odoo's Python shell on the demo database
	@$(WORKBENCH) shell

setup: ## only download and prepare, start nothing
	@$(WORKBENCH) setup

stop: ## stop the private PostgreSQL, should it still run
	@$(WORKBENCH) stop

clean: ## forget all databases and other state (downloads stay)
	@$(WORKBENCH) clean

compare: ## run Odoo's own tests with and without the addon, print the difference (ARGS="mail")
	@$(WORKBENCH) compare

translations: ## export the terms and merge them into the languages (ARGS=nl for a new one)
	@$(WORKBENCH) translations
