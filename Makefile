# `make` or `make help` explains the targets. The work of setting up is in scripts/setup.
.DEFAULT_GOAL := help
.PHONY: help run test train chat lint format bench nlu-report requirements clean

# More words for the command that a target ends in: make run ARGS="--port 9000"
ARGS ?=
# More words for pytest: make test TEST_ARGS="-x tests/unit", or TEST_ARGS="-n 2" on two cores
TEST_ARGS ?=
# A Python of 3.11 or newer that is not found by itself
export PYTHON

SETUP := @sh scripts/setup.sh
BIN := .venv/bin

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo '  make run ARGS="…" and make test TEST_ARGS="…" hand words on; PYTHON=… names a Python.'

run: ## set everything up, then serve: chat page, staff page and messengers
	$(SETUP) app rasa model
	@exec $(BIN)/caunoi serve --with-samples $(ARGS)

chat: ## set everything up, then chat in this terminal
	$(SETUP) app rasa model
	@exec $(BIN)/caunoi chat $(ARGS)

train: ## train the model anew, with Rasa where it can be installed
	$(SETUP) train

test: ## run all tests on both Pythons; fails under 90 % coverage
	$(SETUP) app dev rasa model
	@sh scripts/test.sh $(TEST_ARGS)

lint: ## check style, types, which room imports which, and the training examples
	$(SETUP) app dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check --diff .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m scripts.check_examples

format: ## put imports and layout in order
	$(SETUP) app dev
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

bench: ## measure speed and memory beside a stock Rasa bot; prints JSON
	$(SETUP) app dev rasa model
	@exec $(BIN)/python -m tests.bench $(ARGS)

nlu-report: ## measure how well messages are understood; writes docs/nlu-report
	$(SETUP) app dev rasa model
	@exec $(BIN)/python -m scripts.nlu_report $(ARGS)

requirements: ## renew the pinned requirements; KEEP=1 keeps every version that still fits
	$(SETUP) app
	@sh scripts/requirements.sh $(if $(KEEP),,--upgrade)

clean: ## remove environments, models and caches; what the server wrote (var/) stays
	@rm -rf .venv .venv-rasa .setup models build .coverage .coverage.* htmlcov caunoi.egg-info
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .rasa results
	@find . -type d -name __pycache__ -prune -exec rm -rf {} +
