"""Imports of a start and of a first answer: modules that only some requests need would double the time to start."""

import json
import subprocess
import sys
from typing import Final

RARE: Final = {
    *(
        "ahocorasick_rs",
        "anyio",
        "encodings.idna",
        "faker",
        "fastapi",
        "httpx2",
        "jinja2",
        "jsonpath",
        "jsonschema",
        "lark",
        "prometheus_client",
    ),
    *("difflib", "lark", "opentelemetry", "prometheus_client", "referencing", "typer", "yaml"),
    *("chatdouble.json_schema.generate", "chatdouble.layers.faults.registry", "chatdouble.http.gating"),
    *("chatdouble.server.control.control", "chatdouble.streaming.responses", "chatdouble.schema.moderations"),
    *("chatdouble.apis.responses.api", "chatdouble.apis.embeddings", "chatdouble.apis.moderations"),
    *("chatdouble.schema.responses.request", "chatdouble.answer.responses.compose"),
    *("chatdouble.scripts.format.rule", "chatdouble_backends.scripted", "chatdouble_backends.upstream"),
    *("chatdouble.scripts.format.faults", "chatdouble.layers.faults.base", "chatdouble.core.config_file"),
    *("chatdouble.verdict.kind", "chatdouble.server.supervisor", "chatdouble.server.written"),
    *("chatdouble.http.relaying", "chatdouble.streaming.frames", "chatdouble.streaming.fold"),
    *("chatdouble.validation.expectation", "chatdouble.validation.forgiving", "chatdouble.validation.media"),
    *("chatdouble.answer.generation", "chatdouble.answer.sound", "chatdouble_backends.echo.tool_selection"),
    *("chatdouble.tokens.documents", "chatdouble_backends.echo.generated"),
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


COMPILING: Final = """
import re, sys
compiled = []
compile = re.compile
def noting(*given, **named):
    compiled.append(sys._getframe(1).f_globals["__name__"])
    return compile(*given, **named)
re.compile = noting
"""
TOLD: Final = """
ours = [name for name in sys.modules if name.startswith("chatdouble")]
print(json.dumps([len(ours), sum(name in ours for name in compiled)]))
"""


def test_a_start_reads_few_modules_and_compiles_few_patterns() -> None:
    program = f"import json\n{COMPILING}{STARTED}{TOLD}"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    modules, patterns = json.loads(run.stdout)
    assert 100 < modules <= 160
    assert 0 < patterns <= 2


LISTED: Final = """
import contextlib, sys
from chatdouble.__main__ import main
sys.argv[1:] = ["--help"]
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(sys.stderr):
    main()
"""


def test_a_command_that_serves_nothing_imports_no_settings() -> None:
    modules = imported(LISTED)
    assert "chatdouble.cli.gates" in modules
    assert modules.isdisjoint({*RARE, "asyncio", "pydantic", "chatdouble.settings"} - {"typer", "difflib"})


HELPED: Final = """
import gc, sys
from chatdouble.__main__ import main
looked = []
gc.callbacks.append(lambda phase, _: looked.append(phase))
sys.argv[1:] = ["serve", "--help"]
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
