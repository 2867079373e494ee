# Homage. `make` alone prints this help.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
# What pip is asked for. The plain name brings a small CPU build where the index offers one; elsewhere see README.
TORCH ?= torch==2.13.0
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup up demo check test test-all bench clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: ## the virtual environment with everything in it (about 1.7 GB on disk)
	@TORCH='$(TORCH)' PYTHON='$(PYTHON)' ./scripts/setup

up: setup ## set up, run the main job once, and (with the next release) serve it
	@$(BIN)/homage up

demo: setup ## a photograph becomes a licensed work: made, paid, sealed, verified
	@$(BIN)/homage demo

check: setup ## lint, types, house rules (no tests)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

test: setup ## house rules and all tests but the slow ones
	@$(BIN)/python -m pytest -n 2 -m 'not slow and not kills'
	@$(BIN)/python -m pytest -m 'kills and not slow'

test-all: setup ## every test, the long forms too
	@$(BIN)/python -m pytest -n 2 -m 'not kills'
	@$(BIN)/python -m pytest -m kills

bench: setup ## measure (see benchmarks/)
	@$(BIN)/python -m benchmarks

clean: ## remove what the house made here: database, files, keys, demo (asks nothing; stop workers first)
	@if [ -x $(BIN)/homage ] && [ -d var/postgres ]; then $(BIN)/homage db stop; fi
	rm -rf var
