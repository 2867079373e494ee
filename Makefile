# Homage. `make` alone prints this help.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
# What pip is asked for. The plain name brings a small CPU build where the index offers one; elsewhere see README.
TORCH ?= torch==2.13.0
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup up demo dev openapi clients check test test-all bench bench-patchwork bench-chorale bench-attribution bench-platforms corpus sheet sheet-sound browser kills pages portrait clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

setup: ## the virtual environment and the pages, with everything in them (about 2.5 GB on disk)
	@TORCH='$(TORCH)' PYTHON='$(PYTHON)' ./scripts/setup

up: setup ## set up, run the main job once, and serve: http://127.0.0.1:8000 (Ctrl-C ends it)
	@$(BIN)/homage up

demo: setup ## a photograph becomes a licensed work: made, paid, sealed, verified
	@$(BIN)/homage demo

dev: setup ## the pages with reload, on a house that `make up` runs (HOMAGE_URL names another)
	@cd frontend && npm run dev

openapi: setup ## the API's description, and the types that the pages make from it
	@$(BIN)/homage openapi --out frontend/openapi.json
	@cd frontend && npm run --silent types

clients: setup ## the typed clients in clients/, from the API's description
	@$(BIN)/python scripts/clients.py

check: setup clients ## lint, types, house rules (no tests)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@MYPYPATH=clients/python $(BIN)/mypy --strict --follow-imports=silent clients/python/homage_client/*.py
	@$(BIN)/lint-imports --no-logo
	@cd frontend && npm run --silent check
	@frontend/node_modules/.bin/biome ci --config-path=frontend clients/typescript/src clients/typescript/test

browser: setup
	@./scripts/browser

# A file's tests stay in one process: what they share is made once. Files go out in order: the longest come first.
UNIT := -m pytest -n 2 --dist loadfile --no-loadscope-reorder
# Only the files with such tests are read for these parts: reading all of them takes as long as some of the tests.
KILLS = $(shell grep -rl 'mark\.kills' tests)
BROWSER = $(shell grep -rl 'mark\.browser' tests)
# Both wait more than they work, each in a house of its own. What they say comes when they end, where make can hold it.
SIDE_BY_SIDE = --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync)
test test-all: export OMP_NUM_THREADS := 1
test test-all: export OMP_WAIT_POLICY := PASSIVE
# Compiled once, not again in each of the hundreds of processes that tests start.
test test-all: export PYTHONDONTWRITEBYTECODE :=

test: setup clients browser ## house rules and all tests but the slow ones; pictures of the pages go to var/screens
	@cd frontend && npm run --silent test
	@$(BIN)/python $(UNIT) -m 'not slow and not kills and not browser'
	@$(MAKE) $(SIDE_BY_SIDE) kills pages FORM='and not slow'

test-all: setup clients browser ## every test, the long forms too
	@cd frontend && npm run --silent test
	@$(BIN)/python $(UNIT) -m 'not kills and not browser'
	@$(MAKE) $(SIDE_BY_SIDE) kills pages

kills:
	@$(BIN)/python -m pytest -m 'kills $(FORM)' $(KILLS)

pages:
	@$(BIN)/python -m pytest -m 'browser $(FORM)' $(BROWSER)

bench: setup ## measure (see benchmarks/)
	@$(BIN)/python -m benchmarks

# PICTURES=folder names pictures of your own to restyle, in its photos/, and to learn from, in its art/.
bench-patchwork: setup portrait ## measure the house engine for pictures: time, likeness, mixes, previews
	@PICTURES='$(PICTURES)' $(BIN)/python -m benchmarks patchwork

sheet: setup portrait ## contact sheets of contents x styles, to var/sheet (CELLS='--contents x --styles y --size 512')
	@PICTURES='$(PICTURES)' $(BIN)/python -m benchmarks.sheet $(CELLS)

# RECORDINGS=folder names recordings of your own (docs/performance.md says how it is laid out); SENTENCES=n takes fewer.
bench-chorale: setup ## measure the house engines for sound: likeness, words, melody, notes, shares, time
	@RECORDINGS='$(RECORDINGS)' SENTENCES='$(SENTENCES)' $(BIN)/python -m benchmarks chorale

# CORPUS=folder names where it lies (else in your cache); RECORDINGS=folder voices to talk over music; PART=pictures one part.
bench-attribution: setup ## measure how works are found again, beside peers: recall, marks, hard strangers, confidence
	@CORPUS='$(CORPUS)' RECORDINGS='$(RECORDINGS)' $(BIN)/python -m benchmarks.attribution $(if $(PART),--only $(PART)) $(ASKED)

bench-platforms: setup ## measure how platforms are answered at 1,000 and 100,000 works: by hash, in batches, where the time goes
	@$(BIN)/python -m benchmarks platforms

corpus: setup ## what bench-attribution asks: 1,600 pictures and 550 recordings, made of Debian packages (3 GB, an hour)
	@CORPUS='$(CORPUS)' $(BIN)/python -m benchmarks.corpus
	@CORPUS='$(CORPUS)' PICTURES='$(PICTURES)' $(BIN)/python -m benchmarks.hard

sheet-sound: setup ## spectrograms, pitch and provenance of source, result and target, to var/sheet-sound (CELLS='--only x')
	@RECORDINGS='$(RECORDINGS)' $(BIN)/python -m benchmarks.soundsheet $(CELLS)

portrait:
	@$(BIN)/python -c 'import matplotlib' 2>/dev/null || $(BIN)/python -m pip install --progress-bar on --editable '.[bench]'

clean: ## remove what the house made here: database, files, keys, demo (asks nothing; stop workers first)
	@if [ -x $(BIN)/homage ] && [ -d var/postgres ]; then $(BIN)/homage db stop; fi
	rm -rf var
