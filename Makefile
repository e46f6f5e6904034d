# Everything runs inside this folder. .venv is made at the first need and is quick to pass by afterwards.
# Console scripts of a venv break in paths with spaces: always `python -m`.

PY := .venv/bin/python
PORT ?= 8000

export PYTHONUTF8 := 1
# what libraries cache goes here, not into the home folder
export XDG_CACHE_HOME := $(CURDIR)/.xieshou/cache
# settings of other projects that would change where things are installed or imported from
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE PIP_USER PIP_TARGET PIP_PREFIX

.PHONY: help demo run test lint check bench bench-large screenshots lock bootstrap

help: ## list these commands
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/'

demo: bootstrap ## import, match, review, report: spreadsheets to out/demo (INPUT=folder for your own)
	@$(PY) -m deploy.demo $(if $(INPUT),--input "$(INPUT)")

run: bootstrap ## serve both services on one port (PORT=8000) with the data of the last demo
	@$(PY) -m deploy.embedded serve --port $(PORT)

test: bootstrap ## run the tests, a process for each core, at most four
	@$(PY) -m pytest -q -n auto --maxprocesses 4 --dist loadfile

lint: bootstrap ## style, types, and who may import whom
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -c "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"

check: lint test ## lint and test

bench: bootstrap ## measure beside the rivals, a few minutes; figures in out/bench, table in BENCHMARKS.md
	@$(PY) -m tests.bench $(BENCH); status=$$?; $(PY) -m tests.bench.report && exit $$status

bench-large: bootstrap ## the same on the large instances (BENCH="--only flow --seed 1" narrows both)
	@$(PY) -m tests.bench --large $(BENCH); status=$$?; $(PY) -m tests.bench.report && exit $$status

screenshots: bootstrap ## pictures of the main pages with the data of the last demo, into docs/screens (needs chromium)
	@$(PY) -m tests.browser.screenshots

lock: bootstrap ## write requirements.lock anew from pyproject.toml
	@$(PY) -m uv --cache-dir .xieshou/cache/uv pip compile --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet pyproject.toml --extra dev -o requirements.lock

bootstrap:
	@PYTHON="$(PYTHON)" sh deploy/bootstrap.sh
