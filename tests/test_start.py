"""Imports of a start and of a first answer: modules that only some requests need would double the time to start."""

import json
import subprocess
import sys
from typing import Final

RARE: Final = {
    *("ahocorasick_rs", "faker", "fastapi", "httpx2", "jinja2", "jsonpath", "jsonschema", "lark", "prometheus_client"),
    *("difflib", "opentelemetry", "referencing", "typer", "yaml"),
    *("chatdouble.json_schema.generate", "chatdouble.layers.faults.registry", "chatdouble.http.gating"),
    *("chatdouble.server.control.control", "chatdouble.streaming.responses", "chatdouble.schema.moderations"),
    *("chatdouble.apis.responses.api", "chatdouble.apis.embeddings", "chatdouble.apis.moderations"),
    *("chatdouble.schema.responses.request", "chatdouble.answer.responses.compose"),
    *("chatdouble.scripts.format.rule", "chatdouble_backends.scripted", "chatdouble_backends.upstream"),
}

STARTED: Final = """
import sys
from chatdouble import __main__
from chatdouble.cli import flags
from chatdouble.server import serving
from chatdouble.server.application import create_app
app = create_app()
"""

ANSWERED: Final = """
import asyncio, json
async def receive():
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}
    return {"type": "http.request", "body": json.dumps(body).encode()}
async def send(message):
    assert message.get("status", 200) == 200
headers = [(b"content-type", b"application/json"), (b"authorization", b"Bearer sk-test")]
path = {"type": "http", "method": "POST", "path": "/v1/chat/completions", "query_string": b"", "headers": headers}
asyncio.run(app(path, receive, send))
"""


def imported(program: str) -> set[str]:
    """Run a program and return the modules it imported."""
    told = "\nprint(json.dumps([*sys.modules]))"
    run = subprocess.run([sys.executable, "-c", f"import json\n{program}{told}"], capture_output=True, check=True)
    return set(json.loads(run.stdout))


def test_a_start_imports_nothing_that_only_some_requests_need() -> None:
    modules = imported(STARTED)
    assert "chatdouble.server.serving" in modules
    assert modules.isdisjoint({*RARE, "splintr"})


def test_a_plain_answer_needs_the_tokenizer_and_nothing_else() -> None:
    modules = imported(STARTED + ANSWERED)
    assert "splintr" in modules
    assert modules.isdisjoint(RARE)


HELPED: Final = """
import gc, sys
from chatdouble.__main__ import main
looked = []
gc.callbacks.append(lambda phase, _: looked.append(phase))
sys.argv[1:] = ["--help"]
try:
    main()
except SystemExit:
    print(len(looked), len(sys.modules), file=sys.stderr)
"""


def test_a_start_runs_no_garbage_collection() -> None:
    run = subprocess.run([sys.executable, "-c", HELPED], capture_output=True, check=True)
    looked, modules = map(int, run.stderr.split())
    assert looked == 0
    assert modules > 200
