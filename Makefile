# Everything is done with make; `make help` lists what there is.
# Variables: PYTHON=python3.12 (the Python to use), ARGS="…" (passed on), UPGRADE=1 (newest versions, for make lock).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Where this is set, every start compiles the program anew: a third of a second, and tests start it hundreds of times.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --require-hashes
VENDOR := src/meiqia_search/web/static/vendor
PYTHON ?=
ARGS ?=
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3.11 python3.12 python3.13 python3)
PYTEST = $(VENV)/bin/pytest --numprocesses auto --maxprocesses 4 --dist loadgroup --no-loadscope-reorder
COVERING = $(wildcard $(addprefix tests/unit/test_,$(addsuffix .py,abilities anomalies catalogue chain corners detect \
	detect_independent doors fingerprint look_up numbers passage preview_scope reveal roles role_form rules scope trail))) \
	tests/property/test_masking.py
COMPILE = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

.PHONY: help run test prove cover opensearch compose-env bench check format setup lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/run.stamp node_modules/.meiqia-assets ## start the application with the demo company on 127.0.0.1:8000
	@exec $(VENV)/bin/meiqia-search serve --demo $(ARGS)

test: setup ## set up, check and run all tests
	@$(PY) tools/machine.py ensure
	@$(MAKE) --no-print-directory check
	@$(PYTEST) $(ARGS)

prove: setup ## run all tests with the long proofs in full
	@$(PY) tools/machine.py ensure
	@$(MAKE) --no-print-directory cover
	@MEIQIA_PROVE=1 $(PYTEST) $(ARGS)
	@$(PY) -m benchmarks.figures

cover: setup ## check that tests take every branch of rights, personal values and audit
	@$(VENV)/bin/coverage run --rcfile=tests/cover.toml -m pytest --quiet --hypothesis-seed=0 \
		-m "not postgres and not opensearch" $(COVERING)
	@$(VENV)/bin/coverage report --rcfile=tests/cover.toml

opensearch: setup ## start an OpenSearch server for development (needs a JDK 21 or newer with javac, and Maven)
	@$(PY) tools/opensearch_server.py start $(ARGS)

compose-env: $(VENV)/bin/pip ## write the passwords and choices that docker-compose.yml reads, to .env
	@$(PY) tools/compose_env.py $(ARGS)

bench: setup ## run the benchmarks
	@PYTHONPATH=tools $(PY) -m benchmarks $(ARGS)

check: $(VENV)/dev.stamp ## check format, lint, types and imports
	@$(VENV)/bin/ruff format --check --quiet
	@$(VENV)/bin/ruff check --quiet
	@$(VENV)/bin/mypy --no-error-summary
	@$(VENV)/bin/lint-imports --no-logo

format: $(VENV)/dev.stamp ## format the code and repair what lint can repair
	@$(VENV)/bin/ruff check --fix-only --quiet
	@$(VENV)/bin/ruff format

setup: $(VENV)/dev.stamp node_modules/.meiqia-assets ## prepare for development, start nothing

lock: $(VENV)/dev.stamp ## write the locks anew from what pyproject.toml, requirements*.in and package.json ask for
	@$(COMPILE) requirements-build.in -o requirements-build.txt
	@$(COMPILE) -c requirements-build.txt pyproject.toml requirements-build.in requirements.in -o requirements.txt
	@$(COMPILE) -c requirements.txt --extra postgres --extra opensearch pyproject.toml -o requirements-servers.txt
	@$(COMPILE) -c requirements.txt -c requirements-servers.txt --extra postgres --extra opensearch pyproject.toml \
		requirements-build.in requirements.in requirements-dev.in -o requirements-dev.txt
	@$(PY) tools/assets.py lock

clean: ## remove everything that was built; data/ stays
	@rm -rf $(VENV) node_modules $(VENDOR) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache \
		.hypothesis .coverage htmlcov
	@find src tests tools benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

$(VENV)/bin/pip:
	@for python in $(CANDIDATES); do \
		if "$$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "正在建立 Python 环境（$$("$$python" -V)）……"; \
			exec "$$python" -m venv --clear $(VENV); \
		fi; \
	done; \
	echo "找不到带 venv 的 Python 3.11 或更新版本（已试：$(CANDIDATES)）。" >&2; \
	echo "请安装后重试：Debian / Ubuntu 运行 sudo apt-get install python3 python3-venv；macOS 运行 brew install python@3.12。" >&2; \
	echo "如已安装在别处，请指明：make run PYTHON=/路径/python3.11" >&2; \
	exit 1

$(VENV)/run.stamp: requirements-build.txt requirements.txt pyproject.toml | $(VENV)/bin/pip
	@echo "正在安装依赖（首次约需一分钟）……"
	@$(INSTALL) -r requirements-build.txt && $(INSTALL) --no-build-isolation --use-pep517 -r requirements.txt \
		|| { echo "依赖安装失败。请检查网络；如需使用镜像，请设置环境变量 PIP_INDEX_URL，然后重试。" >&2; exit 1; }
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	@echo "正在安装开发工具……"
	@$(INSTALL) --no-build-isolation --use-pep517 -r requirements-dev.txt \
		|| { echo "开发工具安装失败。请检查网络；如需使用镜像，请设置环境变量 PIP_INDEX_URL，然后重试。" >&2; exit 1; }
	@touch $@

node_modules/.meiqia-assets: package.json package-lock.json tools/assets.py $(VENDOR)/icons.svg | $(VENV)/run.stamp
	@echo "正在准备浏览器组件……"
	@$(PY) tools/assets.py build
	@touch $@

$(VENDOR)/icons.svg: ; @:
