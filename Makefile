# Everything a newcomer needs: `make run` serves on :8000, `make test` runs the tests. PYTHON chooses the interpreter.
PYTHON ?= python3
export PYTHON
# The tests start hundreds of processes: without compiled modules on disk each would compile the server anew.
unexport PYTHONDONTWRITEBYTECODE

.NOTPARALLEL:
.PHONY: run test coverage check docs ecosystem bench update newest image clean

run:
	scripts/setup run
	.venv/bin/chatdouble serve

# With LONG=1, or CI=1, the long tests too.
# In CI the branch coverage is measured, and it ends with a glance at the speed, which fails nothing.
test:
	scripts/setup dev
	scripts/$(if $(CI),coverage,test)
	$(if $(CI),-scripts/bench --quick --only '1 KB' --only stream --only starts)

# The tests with their branch coverage, which must not fall below the figure in pyproject.toml.
coverage:
	scripts/setup dev
	scripts/coverage

check:
	scripts/setup dev
	scripts/check

# The pages as a site, into build/docs/html; a link that leads nowhere is an error.
docs:
	scripts/setup dev
	scripts/docs

# What people reach the API through (LangChain, openai-agents, pydantic-ai, instructor, LiteLLM), against the server.
ecosystem:
	scripts/setup dev
	scripts/ecosystem

# How fast it is, against the stack's limit and seven peers; takes half an hour and wants the machine for itself.
bench:
	scripts/setup dev
	scripts/bench

# Renews the locks: requirements/, the package-lock.json files and what examples/ ask for.
update:
	scripts/update

# Runs everything against the newest releases, beyond what the lock and the upper bounds allow, and leaves both alone.
newest:
	scripts/newest

image:
	docker build --tag chatdouble .

# The wheels stay in .wheels, so that the next set-up needs no network.
clean:
	rm -rf build dist .tools .venv .venv-update .newest tests/ecosystem/.venv-* tests/node/node_modules examples/java/target examples/rust/target clients/typescript/dist clients/typescript/node_modules bench/.peers bench/.before
