# Everything a newcomer needs: `make run` serves on :8000, `make test` runs the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check ecosystem bench image clean

run: $(VENV)/.ready
	$(BIN)/chatdouble serve

test: $(VENV)/.ready-dev
	scripts/check
	scripts/test

check: $(VENV)/.ready-dev
	scripts/check

# What people reach the API through (LangChain, openai-agents, pydantic-ai, instructor, LiteLLM), against the server.
ecosystem: $(VENV)/.ready-dev
	scripts/ecosystem

# How fast it is, against the stack's limit and seven peers; takes a quarter of an hour and wants the machine for itself.
bench: $(VENV)/.ready-dev
	scripts/bench

image:
	docker build --tag chatdouble .

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.ready-dev: $(VENV)/.ready pyproject.toml
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --group dev
	touch $@

clean:
	rm -rf $(VENV)
