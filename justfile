# The menu: `uv run just` lists it, `uv run just check` is what CI runs.

[private]
default:
    @just --list --unsorted

# Lint, types, layers and all tests.
check: lint test

# ruff, mypy --strict and the layer contracts.
lint:
    ruff check .
    ruff format --check .
    mypy
    lint-imports

# All tests, in parallel; extra words go to pytest: just test -k dedup
test *args:
    pytest -n auto {{args}}

# Format and lint, mending what can be mended.
fix:
    ruff check --fix .
    ruff format .

# The quality gate of the extractor.
gate:
    python eval/gate.py

# Screenshots of every page (needs Chromium) into docs/images.
screenshots:
    python docs/screenshots.py
