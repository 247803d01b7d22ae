"""Control from a test: the journal, queued replies, reset; by HTTP, from the shell and in process."""

import asyncio
import json
from typing import Any

import openai
import pytest
from openai import OpenAI

from chatdouble.testing.server import RunningServer
from conftest import Serve
from processes import run
from raw import ask, chat

ASKED: Any = [{"role": "user", "content": "Hello!"}]


def control(server: RunningServer, key: str, method: str, path: str, body: object = None) -> Any:
    """Ask the control and return what it says."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return json.loads(ask(server.origin, method, f"/_double/{path}", json.dumps(body).encode(), headers).body)


def test_queued_replies_answer_in_order_before_the_backend(server: RunningServer, client: OpenAI, key: str) -> None:
    replies = ["First.", {"error": {"status": 429, "retry_after": 1}}, {"tool_calls": [{"f": {"x": 1}}]}]
    assert control(server, key, "POST", "replies", replies) == {"queued": 3}
    said = client.chat.completions.create(model="gpt-4o", messages=ASKED)
    assert said.choices[0].message.content == "First."
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model="gpt-4o", messages=ASKED)
    tools: Any = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]
    called = client.chat.completions.create(model="gpt-4o", messages=ASKED, tools=tools)
    assert [call.to_dict()["function"] for call in called.choices[0].message.tool_calls or []] == [
        {"name": "f", "arguments": '{"x":1}'}
    ]
    echoed = client.chat.completions.create(model="gpt-4o", messages=ASKED)
    assert echoed.choices[0].message.content == "Hello!"


def test_another_sessions_queue_is_not_touched(server: RunningServer, client: OpenAI) -> None:
    control(server, "sk-the-other", "POST", "replies", "Not for you.")
    assert client.chat.completions.create(model="gpt-4o", messages=ASKED).choices[0].message.content == "Hello!"
    control(server, "sk-the-other", "POST", "reset")


def test_a_reply_that_is_none_is_refused_and_nothing_is_queued(server: RunningServer, key: str) -> None:
    refused = control(server, key, "POST", "replies", ["fine", {"txt": "typo"}])
    assert refused["error"]["code"] == "invalid_reply"
    assert "replies[1].txt" in refused["error"]["message"]
    assert json.loads(chat(server.origin, key).body)["choices"][0]["message"]["content"] == "Hello!"


def test_the_journal_has_what_was_asked_and_answered_refused_requests_too(
    server: RunningServer, client: OpenAI, key: str
) -> None:
    client.chat.completions.create(model="gpt-4o", messages=ASKED)
    list(client.chat.completions.create(model="gpt-4o", messages=ASKED, stream=True))
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="gpt-4o", messages=ASKED, temperature=3)
    whole, streamed, refused = control(server, key, "GET", "requests")["data"]
    assert whole["request"]["messages"] == ASKED
    assert [one["ordinal"] for one in (whole, streamed, refused)] == [1, 2, 3]
    assert whole["response"]["choices"][0]["message"]["content"] == "Hello!"
    assert streamed["response"]["choices"] == whole["response"]["choices"]
    assert (refused["status"], refused["response"]["error"]["param"]) == (400, "temperature")


def test_no_key_is_in_the_journal(serve: Serve) -> None:
    secret = "sk-proj-" + "Ab1" * 16
    with serve(log_level="error") as served:
        chat(served.origin, secret)
        chat(served.origin, "")
        entries = control(served, secret, "GET", "requests")
        assert len(entries["data"]) == 1
        assert secret not in json.dumps(entries)


def test_reset_forgets_the_session(server: RunningServer, client: OpenAI, key: str) -> None:
    client.chat.completions.create(model="gpt-4o", messages=ASKED, store=True)
    control(server, key, "POST", "replies", "Never said.")
    assert control(server, key, "POST", "reset") == {"reset": True}
    assert control(server, key, "GET", "requests")["data"] == []
    assert list(client.chat.completions.list()) == []
    assert client.chat.completions.create(model="gpt-4o", messages=ASKED).choices[0].message.content == "Hello!"


def test_another_session_needs_the_control_key(serve: Serve) -> None:
    with serve(control_key="sk-control", api_keys=["sk-a", "sk-b"]) as served:
        chat(served.origin, "sk-a")
        chat(served.origin, "sk-b")
        refused = control(served, "sk-a", "GET", "requests?session=sk-b")
        assert refused["error"]["code"] == "control_key_required"
        found = control(served, "sk-control", "GET", "requests?session=sk-b")["data"]
        assert [one["session"] for one in found] == ["sk-b"]
        every = control(served, "sk-control", "GET", "requests?session=*")["data"]
        assert [one["session"] for one in every] == ["sk-a", "sk-b"]
        control(served, "sk-control", "POST", "reset?session=*")
        assert control(served, "sk-control", "GET", "requests?session=*")["data"] == []


def test_a_hundred_sessions_at_once_do_not_mix(server: RunningServer) -> None:
    async def one(number: int) -> tuple[str, list[str]]:
        key = f"sk-parallel-{number}"
        async with openai.AsyncOpenAI(base_url=server.base_url, api_key=key, max_retries=0) as client:
            await asyncio.to_thread(control, server, key, "POST", "replies", [f"{number}:{turn}" for turn in range(3)])
            answers = await asyncio.gather(
                *(client.chat.completions.create(model="gpt-4o", messages=ASKED) for _ in range(3))
            )
        return key, sorted(answer.choices[0].message.content or "" for answer in answers)

    async def every() -> list[tuple[str, list[str]]]:
        return await asyncio.gather(*(one(number) for number in range(100)))

    for number, (_, said) in enumerate(asyncio.run(every())):
        assert said == [f"{number}:{turn}" for turn in range(3)]


def test_the_shell_controls_a_running_server(server: RunningServer, key: str) -> None:
    where = ("--url", server.origin, "--key", key)
    assert run("say", '{"text": "From the shell."}', *where).stdout == "1 waiting\n"
    assert run("say", "Plain text.", *where).stdout == "2 waiting\n"
    assert json.loads(chat(server.origin, key).body)["choices"][0]["message"]["content"] == "From the shell."
    (line,) = run("requests", *where).stdout.splitlines()
    assert json.loads(line)["rule"] == "queued"
    assert run("reset", *where).returncode == 0
    assert run("requests", *where).stdout == ""
    wrong = run("say", '{"txt": 1}', *where)
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)


def test_the_shell_says_so_when_nobody_answers() -> None:
    done = run("requests", "--url", "http://127.0.0.1:9")
    assert done.returncode == 2
    assert done.stderr.startswith("chatdouble: no answer from http://127.0.0.1:9: ")


async def test_a_test_in_the_same_process_controls_directly(serve: Serve) -> None:
    with serve() as served:
        await served.app.control.say("sk-mine", ["Directly."])
        answer = await asyncio.to_thread(chat, served.origin, "sk-mine")
        assert json.loads(answer.body)["choices"][0]["message"]["content"] == "Directly."
        (entry,) = await served.app.control.requests("sk-mine")
        assert entry["rule"] == "queued"
        await served.app.control.reset("sk-mine")
        assert await served.app.control.requests("sk-mine") == []
