"""Control from a test: the journal, queued replies, reset; by HTTP, from the shell and in process."""

import asyncio
import json
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI

from chatdouble.testing.server import RunningServer
from commands import run
from conftest import Serve
from raw import chat, control

ASKED: Any = [{"role": "user", "content": "Hello!"}]


def test_queued_replies_answer_in_order_before_the_backend(server: RunningServer, client: OpenAI, key: str) -> None:
    replies = ["First.", {"error": {"status": 429, "retry_after": 1}}, {"tool_calls": [{"f": {"x": 1}}]}]
    assert control(server, key, "POST", "queue", replies) == {"waiting": 3}
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


def test_the_queue_can_be_read_and_cleared(server: RunningServer, client: OpenAI, key: str) -> None:
    replies = ["First.", {"reply": "Second.", "when": {"user": "Two"}, "model": "gpt-4o*", "times": 2}]
    assert control(server, key, "POST", "queue", replies) == {"waiting": 3}
    second = {"reply": "Second.", "when": {"user": "Two"}, "model": "gpt-4o*"}
    assert control(server, key, "GET", "queue") == {"object": "list", "data": ["First.", second, second]}
    assert control(server, key, "DELETE", "queue") == {"waiting": 0}
    assert control(server, key, "GET", "queue")["data"] == []
    assert client.chat.completions.create(model="gpt-4o", messages=ASKED).choices[0].message.content == "Hello!"


def test_another_sessions_queue_is_not_touched(server: RunningServer, client: OpenAI) -> None:
    control(server, "sk-the-other", "POST", "queue", "Not for you.")
    assert client.chat.completions.create(model="gpt-4o", messages=ASKED).choices[0].message.content == "Hello!"
    control(server, "sk-the-other", "POST", "reset")


def test_a_reply_that_is_none_is_refused_and_nothing_is_queued(server: RunningServer, key: str) -> None:
    refused = control(server, key, "POST", "queue", ["fine", {"txt": "typo"}])
    assert refused["error"]["code"] == "invalid_reply"
    assert "queue[1].txt" in refused["error"]["message"]
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
    control(server, key, "POST", "queue", "Never said.")
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
            await asyncio.to_thread(control, server, key, "POST", "queue", [f"{number}:{turn}" for turn in range(3)])
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
    assert run("queue", '{"text": "From the shell."}', *where).stdout == f"1 waiting in session {key}\n"
    assert run("queue", "Plain text.", *where).stdout == f"2 waiting in session {key}\n"
    assert json.loads(chat(server.origin, key).body)["choices"][0]["message"]["content"] == "From the shell."
    (line,) = run("requests", *where).stdout.splitlines()
    assert json.loads(line)["rule"] == "queue"
    assert run("reset", *where).returncode == 0
    assert run("requests", *where).stdout == ""
    wrong = run("queue", '{"txt": 1}', *where)
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)


def test_the_shell_says_so_when_nobody_answers() -> None:
    done = run("requests", "--url", "http://127.0.0.1:9")
    assert done.returncode == 2
    assert done.stderr.startswith("chatdouble: no answer from http://127.0.0.1:9: ")


async def test_a_test_in_the_same_process_controls_directly(serve: Serve) -> None:
    with serve() as served:
        await served.app.control.queue("sk-mine", ["Directly."])
        answer = await asyncio.to_thread(chat, served.origin, "sk-mine")
        assert json.loads(answer.body)["choices"][0]["message"]["content"] == "Directly."
        (entry,) = await served.app.control.requests("sk-mine")
        assert entry.get("rule") == "queue"
        await served.app.control.reset("sk-mine")
        assert await served.app.control.requests("sk-mine") == []


def test_a_session_has_faults_of_its_own_until_they_are_taken_away(
    server: RunningServer, client: OpenAI, key: str
) -> None:
    assert control(server, key, "PUT", "faults", ["reset"]) == {"faults": ["reset"]}
    with pytest.raises(openai.APIConnectionError):
        client.chat.completions.create(model="gpt-4o", messages=ASKED)
    assert chat(server.origin, "sk-of-nobody-else").status == 200
    assert control(server, key, "PUT", "faults", {"name": "error", "status": 503, "times": 1})
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="gpt-4o", messages=ASKED)
    assert client.chat.completions.create(model="gpt-4o", messages=ASKED)
    assert control(server, key, "PUT", "faults", "empty_body")
    assert control(server, key, "DELETE", "faults") == {"faults": None}
    assert client.chat.completions.create(model="gpt-4o", messages=ASKED).choices


def test_a_session_has_a_pace_of_its_own_for_one_model_or_every_one(serve: Serve, key: str) -> None:
    with serve() as served:
        spec = {"tokens_per_second": 10_000, "chunk_tokens": 3}
        control(served, key, "PUT", "pace?model=gpt-4o", spec)
        counted = [len(list(stream(served, key, model))) for model in ("gpt-4o", "gpt-4.1")]
        assert counted[0] < counted[1]
        control(served, key, "PUT", "pace", spec)
        assert len(list(stream(served, key, "gpt-4.1"))) == counted[0]
        control(served, key, "DELETE", "pace")
        control(served, key, "DELETE", "pace?model=gpt-4o")
        assert len(list(stream(served, key, "gpt-4o"))) == counted[1]


def stream(served: RunningServer, key: str, model: str) -> Any:
    with OpenAI(base_url=served.base_url, api_key=key, max_retries=0) as client:
        asked: Any = [{"role": "user", "content": "one two three four five six seven eight nine"}]
        yield from client.chat.completions.create(model=model, messages=asked, stream=True)


@pytest.mark.parametrize("clock", ["real", "fixed:2026-01-02T03:04:05Z"])
def test_a_test_of_rate_limits_moves_its_sessions_clock(serve: Serve, key: str, clock: str) -> None:
    with serve(clock=clock) as served, OpenAI(base_url=served.base_url, api_key=key, max_retries=0) as client:
        control(served, key, "PUT", "limits", {"requests_per_day": 2})
        made = [client.chat.completions.create(model="gpt-4o", messages=ASKED) for _ in range(2)]
        with pytest.raises(openai.RateLimitError) as over:
            client.chat.completions.create(model="gpt-4o", messages=ASKED)
        assert chat(served.origin, "sk-of-nobody-else").status == 200
        wait = float(over.value.response.headers["retry-after"])
        assert control(served, key, "POST", "clock", {"advance": wait})["ahead"] == wait
        later = client.chat.completions.create(model="gpt-4o", messages=ASKED)
        assert later.created - made[0].created >= int(wait)
        with pytest.raises(openai.RateLimitError):
            client.chat.completions.create(model="gpt-4o", messages=ASKED)
        control(served, key, "DELETE", "limits")
        assert client.chat.completions.create(model="gpt-4o", messages=ASKED)


def test_a_clock_that_was_moved_dates_templates_and_is_set_right_by_a_reset(serve: Serve, key: str) -> None:
    with serve(clock="fixed:2026-01-02T03:04:05Z") as served:
        for seconds in (86_400, 0.5):
            control(served, key, "POST", "clock", {"advance": seconds})
        control(served, key, "POST", "queue", "{{ now.isoformat() }}")
        assert json.loads(chat(served.origin, key).body)["choices"][0]["message"]["content"] == (
            "2026-01-03T03:04:05.500000+00:00"
        )
        control(served, key, "POST", "reset")
        assert control(served, key, "POST", "clock", {"advance": 0})["ahead"] == 0


def test_a_clock_stays_within_the_years_that_dates_have(serve: Serve, key: str) -> None:
    with serve(clock="fixed:8995-01-02T03:04:05Z") as served:
        refused = [control(served, key, "POST", "clock", {"advance": 94_000_000}) for _ in range(2)][1]
        assert refused["error"]["code"] == "invalid_clock"
        assert refused["error"]["message"] == "clock.advance: the year would be after 9000"
        chat(served.origin, key)
        assert control(served, key, "GET", "verdict")["ok"]


@pytest.mark.parametrize(
    ("path", "given", "code", "said"),
    [
        ("pace", {"ttf": 1}, "invalid_pace", "pace.ttf: unknown key; did you mean 'ttft'?"),
        ("pace", "slow", "invalid_pace", "pace: must be an object"),
        ("faults", ["reset", "rest"], "invalid_faults", "faults[1].name: must be"),
        ("faults", {"name": "reset", "status": 500}, "invalid_faults", "does not take status"),
        ("limits", {"requests_per_minute": 0}, "invalid_limits", "limits.requests_per_minute: must be greater than 0"),
        ("clock", {"advance": -1}, "invalid_clock", "clock.advance: must be greater than or equal to 0"),
        ("clock", None, "invalid_clock", "clock.advance: Field required"),
    ],
)
def test_what_cannot_be_set_is_told_why(
    server: RunningServer, key: str, path: str, given: object, code: str, said: str
) -> None:
    refused = control(server, key, "POST" if path == "clock" else "PUT", path, given)
    assert refused["error"]["code"] == code
    assert said in refused["error"]["message"]


def test_what_a_session_has_of_its_own_is_nobody_elses_and_never_everybodys(serve: Serve) -> None:
    with serve(control_key="sk-control") as served:
        mine = control(served, "sk-a", "PUT", "faults?session=sk-b", "reset")
        assert mine["error"]["code"] == "control_key_required"
        every = control(served, "sk-control", "PUT", "faults?session=*", "reset")
        assert every["error"]["code"] == "one_session_only"
        said = control(served, "sk-control", "POST", "queue?session=*", "For nobody.")
        assert said["error"]["code"] == "one_session_only"
        assert control(served, "sk-control", "PUT", "faults?session=sk-b", "error") == {"faults": "error"}
        assert [chat(served.origin, key).status for key in ("sk-a", "sk-b")] == [200, 500]


def test_the_shell_sets_what_a_session_has_of_its_own(serve: Serve, key: str) -> None:
    with serve() as served:
        where = ("--url", served.origin, "--key", key)
        assert run("faults", "error", *where).returncode == 0
        assert chat(served.origin, key).status == 500
        assert run("faults", "--clear", *where).returncode == 0
        assert run("limits", '{"requests_per_minute": 1}', "--model", "gpt-4o", *where).returncode == 0
        assert [chat(served.origin, key).status for _ in range(2)] == [200, 429]
        assert run("clock", "advance", "60", *where).stdout == "60 seconds ahead\n"
        assert chat(served.origin, key).status == 200
        assert run("pace", '{"ttft": 0.001}', *where).returncode == 0
        wrong = run("pace", '{"ttf": 1}', *where)
        assert (wrong.returncode, wrong.stderr) == (2, "chatdouble: pace.ttf: unknown key; did you mean 'ttft'?\n")


def test_a_session_chooses_how_it_uses_recordings(
    serve: Serve, server: RunningServer, key: str, tmp_path: Path
) -> None:
    with serve(upstream=server.base_url, mode="passthrough", recordings=tmp_path, log_level="error") as served:
        where = ("--url", served.origin, "--key", key)
        assert chat(served.origin, key).status == 200
        assert control(served, key, "PUT", "mode", "replay") == {"mode": "replay"}
        assert chat(served.origin, key).error["code"] == "no_rule_matched"
        assert run("mode", "record", *where).returncode == 0
        assert chat(served.origin, key).status == 200
        assert len([*tmp_path.glob("*.yaml")]) == 1
        assert control(served, key, "DELETE", "mode") == {"mode": None}
        wrong = run("mode", "rewind", *where)
        assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)


async def test_a_test_in_the_same_process_sets_all_of_it(serve: Serve) -> None:
    with serve() as served:
        mine = served.app.control
        await mine.limits("sk-mine", {"requests_per_minute": 1})
        assert [(await asyncio.to_thread(chat, served.origin, "sk-mine")).status for _ in range(2)] == [200, 429]
        assert (await mine.advance("sk-mine", {"advance": 60}))["ahead"] == 60
        await mine.faults("sk-mine", {"name": "error", "status": 503})
        await mine.pace("sk-mine", {"ttft": 0.001})
        assert (await asyncio.to_thread(chat, served.origin, "sk-mine")).status == 503
