"""The application on a server that gives no access to its connections: plain uvicorn, as `uvicorn app.main:app`."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import openai
import pytest
from openai import OpenAI

from held import elsewhere
from processes import environment
from raw import ask

ROOT: Final = Path(__file__).parents[2]
KEY: Final = "sk-test-other"
HELLO: Final[Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}


def _text(client: OpenAI) -> str | None:
    completion = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}])
    return completion.choices[0].message.content


@pytest.fixture(scope="module")
def origin() -> Iterator[tuple[str, list[str]]]:
    """Return the origin of a plain uvicorn, and the lines it logged until it served."""
    command = [sys.executable, "-m", "uvicorn", "app.main:app", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        lines: list[str] = []
        for line in process.stdout or ():
            lines.append(line)
            if found := re.search(r"running on (http://\S+)", line):
                yield found[1], lines
                break
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def client(origin: tuple[str, list[str]]) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{origin[0]}/v1", api_key=KEY, max_retries=0) as made:
        yield made


def test_the_start_says_what_cannot_be_done(origin: tuple[str, list[str]]) -> None:
    (warning,) = [line for line in origin[1] if "gives no access to its connections" in line]
    assert "`chatdouble serve`" in warning


def test_answers_are_served_whole_and_as_streams(client: OpenAI) -> None:
    assert _text(client) == "Hello"
    stream = client.chat.completions.create(**HELLO, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices) == "Hello"


def test_a_reset_that_cannot_be_done_is_a_500_in_the_envelope_and_in_the_journal(
    origin: tuple[str, list[str]], client: OpenAI
) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    assert ask(origin[0], "PUT", "/_double/faults", b'"reset"', headers).status == 200
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(**HELLO)
    assert caught.value.type == "server_error"
    entry = json.loads(ask(origin[0], "GET", "/_double/requests", headers=headers).body)["data"][-1]
    assert (entry["status"], entry["faults"]) == (500, ["reset"])
    assert "gives no access to it" in entry["warnings"][0]


def test_an_answer_stops_at_a_gate_and_the_client_that_leaves_it_is_seen(
    origin: tuple[str, list[str]], client: OpenAI
) -> None:
    headers = {"Authorization": f"Bearer {KEY}-gates"}

    def gate(method: str, path: str, **body: Any) -> Any:
        return json.loads(ask(origin[0], method, f"/_double/gates/{path}", json.dumps(body).encode(), headers).body)

    gate("PUT", "g", after_chunks=1)
    mine = client.with_options(api_key=f"{KEY}-gates")
    for leaves in (False, True):
        stream = mine.chat.completions.create(**HELLO, stream=True)
        next(stream)
        gate("POST", "g/wait", timeout=25)
        if leaves:
            stream.close()
            left = gate("POST", "g/wait", timeout=25, client_left=True)
            assert [one["client_left"] for one in left["waiting"]] == [True]
        else:
            gate("POST", "g/release")
            assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "Hello"


def test_a_cut_at_a_gate_that_cannot_be_made_is_a_500(origin: tuple[str, list[str]], client: OpenAI) -> None:
    headers = {"Authorization": f"Bearer {KEY}-cut", "x-double-gate": '{"name": "g"}'}

    def abort() -> None:
        while not json.loads(ask(origin[0], "GET", "/_double/gates", headers=headers).body)["data"]:
            pass
        ask(origin[0], "POST", "/_double/gates/g/wait", b'{"timeout": 25}', headers)
        ask(origin[0], "POST", "/_double/gates/g/abort", b'{"how": "reset"}', headers)

    mine = client.with_options(api_key=f"{KEY}-cut", default_headers={"x-double-gate": '{"name": "g"}'})
    with elsewhere(abort) as aborting:
        with pytest.raises(openai.InternalServerError):
            mine.chat.completions.create(**HELLO)
        aborting.result()
