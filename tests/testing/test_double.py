"""The double as tests hold it, with the official client over a socket."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from openai import APIStatusError, BadRequestError, OpenAI, RateLimitError

from chatdouble.testing import ControlError, Double, double, turn

MODEL = "gpt-5.4-mini"
TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]


@pytest.fixture
def d(key: str) -> Iterator[Double]:
    with double(key=key) as made:
        yield made


@pytest.fixture
def client(d: Double) -> Iterator[OpenAI]:
    with OpenAI(base_url=d.base_url, api_key=d.key, max_retries=0) as made:
        yield made


def say(client: OpenAI, *messages: Any, **more: Any) -> Any:
    given: Any = [{"role": "user", "content": one} if isinstance(one, str) else one for one in messages]
    completions: Any = client.chat.completions
    return completions.create(model=MODEL, messages=given, **more).choices[0].message


def test_a_scripted_agent_loop_with_an_error_in_the_middle(d: Double, client: OpenAI) -> None:
    d.script(
        turn(user="*Paris*", tools=["get_weather"]).calls("get_weather", city="Paris"),
        turn(tool_result={"name": "get_weather", "json": {"temp": 18}}).fails(429, retry_after=0),
        turn(tool_result=True).says("18 degrees."),
    )
    question: Any = {"role": "user", "content": "Weather in Paris?"}
    called = say(client, question, tools=TOOLS)
    result = {"role": "tool", "tool_call_id": called.tool_calls[0].id, "content": '{"temp": 18}'}
    patient = client.with_options(max_retries=2)
    assert say(patient, question, called.model_dump(exclude_none=True), result, tools=TOOLS).content == "18 degrees."
    assert [request.status for request in d.requests] == [200, 429, 200]
    assert d.requests[0].tools == ["get_weather"]
    assert d.requests.last.tool_results == ['{"temp": 18}']
    assert d.verdict().problems == []


def test_a_turn_that_does_not_fit_stops_the_agent_and_is_in_the_verdict(d: Double, client: OpenAI) -> None:
    d.script(turn(user="*Paris*").says("18 degrees."))
    with pytest.raises(APIStatusError, match="does not fit turn 1 of 1"):
        say(client.with_options(max_retries=2), "Weather in Rome?")
    assert len(d.requests) == 1
    assert d.verdict().kinds == ["turn_mismatch", "turn_not_reached"]


def test_replies_calls_refusals_and_errors_are_queued(d: Double, client: OpenAI) -> None:
    d.reply("One", {"text": "Two"})
    d.call("get_weather", city="Oslo")
    d.refuse("No.")
    d.fail(429, message="Slow down.", retry_after=1)
    assert [say(client, "a").content, say(client, "b").content] == ["One", "Two"]
    assert say(client, "c", tools=TOOLS).tool_calls[0].function.arguments == '{"city":"Oslo"}'
    assert say(client, "d").refusal == "No."
    with pytest.raises(RateLimitError, match=r"Slow down\."):
        say(client, "e")


def test_a_reply_for_some_requests_waits_for_them(d: Double, client: OpenAI) -> None:
    d.reply("For Rome", when={"user": "*Rome*"}, times=2)
    assert say(client, "Paris?").content == "Paris?"
    assert [say(client, "Rome?").content, say(client, "Rome!").content] == ["For Rome", "For Rome"]
    assert say(client, "Rome.").content == "Rome."


def test_rules_come_from_files_and_objects(d: Double, client: OpenAI, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("- {name: from a file, when: {user: file}, reply: a}\n")
    d.rules(file, {"name": "from an object", "when": {"user": "object"}, "reply": "b"})
    assert [say(client, "file").content, say(client, "object").content] == ["a", "b"]
    assert [request.rule for request in d.requests] == ["from a file", "from an object"]


def test_a_held_stream_shows_that_its_client_left(d: Double, client: OpenAI) -> None:
    d.reply("Once upon a time there was a double")
    with d.hold(after_chunks=2) as gate:
        stream = client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "Tell"}], stream=True
        )
        gate.wait()
        assert not gate.client_left
        stream.close()
        assert gate.client_left
    assert "answer_not_read" not in d.verdict().kinds


def test_a_released_stream_goes_on(d: Double, client: OpenAI) -> None:
    texts: list[str] = []

    def read() -> None:
        stream = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "a b"}], stream=True)
        texts.append("".join(chunk.choices[0].delta.content or "" for chunk in stream))

    with d.hold(before="first_byte") as gate:
        reader = Thread(target=read)
        reader.start()
        gate.wait()
        assert texts == []
        gate.release()
        reader.join()
    assert texts == ["a b"]


def test_a_gate_that_nothing_reaches_says_so(d: Double) -> None:
    with d.hold() as gate, pytest.raises(ControlError, match="gate-1"):
        gate.wait(timeout=0)


def test_limits_pace_faults_and_the_clock_are_the_sessions(d: Double, client: OpenAI) -> None:
    d.limits(requests_per_minute=1)
    say(client, "a")
    with pytest.raises(RateLimitError):
        say(client, "b")
    d.clock.advance(60)
    say(client, "c")
    d.reset()
    d.fault("error", status=400, times=1)
    with pytest.raises(BadRequestError):
        say(client, "d")
    d.pace(ttft=0)
    assert say(client, "e").content == "e"


def test_requests_are_found_by_conditions(d: Double, client: OpenAI) -> None:
    for text in ("Paris", "Rome", "Paris again"):
        say(client, {"role": "system", "content": "Be brief."}, text)
    assert [request.user for request in d.requests.where(user="*Paris*")] == ["Paris", "Paris again"]
    only = d.requests.one(user="Rome")
    assert (only.system, only.text, only.usage["completion_tokens"] > 0) == ("Be brief.", "Rome", True)
    with pytest.raises(AssertionError, match="2 requests meet"):
        d.requests.one(user="*Paris*")
    with pytest.raises(IndexError, match="the session has 3 requests"):
        d.requests[3]


def test_the_chunks_of_a_paced_stream_are_read_back(d: Double, client: OpenAI) -> None:
    d.pace(ttft=0.05, tokens_per_second=5)
    completions: Any = client.chat.completions
    received = list(completions.create(model=MODEL, messages=[{"role": "user", "content": "one two"}], stream=True))
    chunks = d.requests.last.chunks
    assert 1 < len(chunks) <= len(received) + 1
    assert all(chunk["at"] >= 0 and chunk["bytes"] > 0 for chunk in chunks)


def test_a_snapshot_is_the_same_in_every_run(d: Double, client: OpenAI) -> None:
    d.call("get_weather", city="Oslo")
    d.call("get_weather", city="Oslo")
    say(client, "Weather?", tools=TOOLS)
    say(client, "Weather?", tools=TOOLS)
    first, second = (request.snapshot() for request in d.requests)
    assert first == second
    assert first["response"]["choices"][0]["message"]["tool_calls"][0]["id"] == "call_1"


def test_wait_for_returns_when_requests_have_arrived(d: Double, client: OpenAI) -> None:
    asking = Thread(target=say, args=(client, "Hello"))
    asking.start()
    d.wait_for(1, user="Hello")
    asking.join()
    with pytest.raises(ControlError):
        d.wait_for(1, timeout=0, user="Nobody")


def test_a_turn_without_a_reply_is_refused(d: Double) -> None:
    with pytest.raises(ValueError, match="a turn needs a reply"):
        d.script(turn(user="a"))
