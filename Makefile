# Every target does its own set-up: a Python 3.11 or newer and make are enough.
#
#   make run     the whole house in this terminal: site, worker, clock, sandbox
#   make demo    one broadcast to 2,000 fictional subscribers, and its table
#   make test    every test; says at the end which ones could not run here
#   make check   lint, types, layers, migrations, translations, deployment settings
#   make faults  break everything on purpose, in full doses, and write a dated table
#   make bench   measure, and write a dated table
#   make clean   remove the environment and caches; var/ with its data stays

PY := .venv/bin/python
SOURCES := analytics benchmarks campaigns cms config locales messaging tests manage.py

.NOTPARALLEL:
.PHONY: help run demo test faults check bench lint format types layers settings clean environment environment-dev translations

help:
	@sed -n 's/^#   //p' Makefile

run: environment translations
	@$(PY) manage.py run

demo: environment translations
	@$(PY) manage.py demo

test: environment-dev translations
	@$(PY) -m tests.run $(TESTS)

faults: environment-dev translations
	@$(PY) -m tests.faults.run $(TESTS)

bench: environment-dev translations
	@$(PY) -m benchmarks.run

# Types take as long as all the others and one core: these run beside them.
check: environment-dev translations
	@$(MAKE) --no-print-directory types & types=$$!; \
	$(MAKE) --no-print-directory lint layers settings; others=$$?; \
	wait $$types && exit $$others

lint:
	$(PY) -m ruff check $(wildcard $(SOURCES))
	$(PY) -m ruff format --check $(wildcard $(SOURCES))

format: environment-dev
	$(PY) -m ruff check --fix $(wildcard $(SOURCES))
	$(PY) -m ruff format $(wildcard $(SOURCES))

types:
	$(PY) -m mypy

layers:
	.venv/bin/lint-imports

settings:
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py translations check
	sh .ci/check-deployment

# One .mo for every content language, also where there is no .po: make itself cannot know which.
translations:
	@$(PY) -m locales.compiled || $(PY) manage.py translations compile

environment:
	@sh requirements/install run

environment-dev:
	@sh requirements/install dev

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache static-collected
