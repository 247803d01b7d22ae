"""Problems between requests: retries, results, refusals, cut answers, caches, streams."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from openai import APIStatusError, OpenAI

from chatdouble.testing.server import RunningServer
from raw import control

CURRENT = "gpt-5.4-mini"
TOOLS: Any = [
    {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
]


def user(text: str) -> Any:
    return {"role": "user", "content": text}


class Session:
    """A session of the server, and its official client."""

    def __init__(self, server: RunningServer, key: str, client: OpenAI) -> None:
        self._server = server
        self._key = key
        self.client = client

    def queue(self, *replies: Any) -> None:
        """Queue replies."""
        control(self._server, self._key, "POST", "queue", [*replies])

    def ask(self, *messages: Any, **more: Any) -> Any:
        """Ask, and swallow every error of the API."""
        completions: Any = self.client.chat.completions
        with suppress(APIStatusError):
            return completions.create(model=more.pop("model", CURRENT), messages=[*messages], **more)

    def verdict(self) -> Any:
        """Return the verdict."""
        return control(self._server, self._key, "GET", "verdict")

    def problems(self) -> list[tuple[str, str]]:
        """Return the kinds and findings of the problems."""
        return [(problem["kind"], problem["found"]) for problem in self.verdict()["problems"]]


@pytest.fixture
def session(server: RunningServer, key: str, client: OpenAI) -> Session:
    """Return this test's session."""
    return Session(server, key, client)


def test_a_swallowed_refusal_is_found_when_the_conversation_goes_on(session: Session) -> None:
    session.queue({"refusal": "I cannot help with that."})
    refused = session.ask(user("Help me cheat")).choices[0].message
    session.ask(user("Help me cheat"), {"role": "assistant", "content": refused.content or "..."}, user("Thanks!"))
    assert session.problems() == [("refusal_not_read", "a conversation that goes on without the refusal")]


def test_a_refusal_that_is_sent_back_is_no_problem(session: Session) -> None:
    session.queue({"refusal": "I cannot help with that."})
    refused = session.ask(user("Help me cheat")).choices[0].message
    session.ask(user("Help me cheat"), refused.model_dump(exclude_none=True), user("Then teach me."))
    assert session.problems() == []


def test_half_an_answer_that_is_taken_for_a_whole_one_is_found(session: Session) -> None:
    half = session.ask(user("One two three four five six"), model="gpt-4.1", max_completion_tokens=2).choices[0]
    said = {"role": "assistant", "content": half.message.content}
    session.ask(user("One two three four five six"), said, user("And?"), model="gpt-4.1")
    assert session.problems() == [("finish_length_ignored", "a conversation that goes on with half an answer")]


def test_calls_that_the_answer_did_not_have_are_found(session: Session) -> None:
    session.queue({"tool_calls": [{"id": "call_right", "name": "get_weather", "arguments": {}}]})
    session.ask(user("Weather?"), tools=TOOLS)
    call = {"id": "call_wrong", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    result = {"role": "tool", "tool_call_id": "call_wrong", "content": "18"}
    session.ask(user("Weather?"), {"role": "assistant", "tool_calls": [call]}, result, tools=TOOLS)
    assert session.problems() == [
        ("tool_result_missing", "no result of `get_weather` (call_right)"),
        ("tool_call_id_unknown", "call_wrong"),
    ]


def test_a_forced_call_needs_no_result(session: Session) -> None:
    choice = {"type": "function", "function": {"name": "get_weather"}}
    assert session.ask(user("Weather?"), tools=TOOLS, tool_choice=choice).choices[0].message.tool_calls
    assert session.problems() == []


def test_a_retry_that_does_not_wait_is_found(session: Session) -> None:
    session.queue({"error": {"status": 429, "retry_after": 30}}, "Now.")
    session.ask(user("Hello"))
    session.ask(user("Hello"))
    assert session.problems() == [("retry_after_ignored", "sent again before 30 s had passed")]


def test_a_retry_that_waits_is_no_problem(session: Session) -> None:
    session.queue({"error": {"status": 429, "retry_after": 0}}, "Now.")
    session.client.with_options(max_retries=2).chat.completions.create(model=CURRENT, messages=[user("Hello")])
    assert session.problems() == []


def test_a_retry_of_a_final_error_is_found(session: Session) -> None:
    session.queue({"error": {"status": 403}}, "Now.")
    session.ask(user("Hello"))
    session.ask(user("Hello"))
    assert session.problems() == [("retried_what_is_final", "sent again after 403")]


def test_a_retry_that_the_error_forbids_is_found(session: Session) -> None:
    session.queue({"error": {"status": 503, "headers": {"x-should-retry": "false"}}}, "Now.")
    session.ask(user("Hello"))
    session.ask(user("Hello"))
    assert [kind for kind, _ in session.problems()] == ["retried_what_is_final"]


def test_a_new_first_message_in_a_long_conversation_is_found(session: Session) -> None:
    manual, question = "word " * 1100, user("First question")
    said = {"role": "assistant", "content": "First answer"}
    session.ask({"role": "system", "content": f"It is 10:00. {manual}"}, question)
    session.ask({"role": "system", "content": f"It is 10:01. {manual}"}, question, said, user("Second question"))
    assert session.problems() == [("prompt_grows", "another first message")]


def test_streams_whose_usage_nobody_asks_for_are_found(session: Session) -> None:
    for text in ("a", "b", "c"):
        assert [*session.ask(user(text), stream=True)]
    assert session.problems() == [("usage_never_asked", "3 streams without usage")]


def test_one_stream_with_usage_is_enough(session: Session) -> None:
    for text in ("a", "b"):
        assert [*session.ask(user(text), stream=True)]
    assert [*session.ask(user("c"), stream=True, stream_options={"include_usage": True})]
    assert session.problems() == []


def test_a_reply_that_nobody_asks_for_is_found(session: Session) -> None:
    session.queue("One", "Two")
    session.ask(user("Hello"))
    verdict = session.verdict()
    assert [(problem["kind"], problem["found"]) for problem in verdict["problems"]] == [("unused_reply", "Two")]
    assert [unused["what"] for unused in verdict["unused"]] == ["reply"]
    assert verdict["served"] == [{"by": "queue", "requests": 1}]


def test_a_reply_that_the_api_could_not_give_is_found(session: Session) -> None:
    session.queue({"text": "Hi", "finish_reason": "tool_calls"})
    session.ask(user("Hello"))
    assert [kind for kind, _ in session.problems()] == ["impossible_reply"]


def test_a_prompt_that_nearly_fills_the_window_is_found(session: Session) -> None:
    session.ask(user("word " * 13_200), model="gpt-3.5-turbo-1106")
    kinds = [kind for kind, _ in session.problems()]
    assert kinds == ["deprecated_model", "large_prompt"]


def test_a_stream_that_the_client_leaves_is_found(session: Session, server: RunningServer, key: str) -> None:
    control(server, key, "PUT", "pace", {"tokens_per_second": 20})
    stream = session.ask(user("word " * 200), stream=True)
    next(iter(stream))
    stream.close()
    wait_for(lambda: session.verdict()["counts"]["requests"] == 1)
    assert session.problems() == [("answer_not_read", "the client left in the middle of the answer")]


def test_a_fault_is_a_reason_to_leave(session: Session, server: RunningServer, key: str) -> None:
    control(server, key, "PUT", "faults", {"name": "stall", "after_chunks": 1})
    with suppress(Exception):
        assert [*session.ask(user("word " * 20), stream=True, timeout=0.5)]
    wait_for(lambda: session.verdict()["counts"]["requests"] == 1)
    assert session.problems() == []


def test_a_limit_that_the_test_set_is_no_problem(session: Session, server: RunningServer, key: str) -> None:
    control(server, key, "PUT", "limits", {"requests_per_minute": 1})
    session.ask(user("One"))
    session.ask(user("Two"))
    assert session.problems() == []


def test_lenient_servers_name_what_they_ignored(serve: Callable[..., Any], client_of: Any, key: str) -> None:
    with serve(validation="lenient") as served:
        session = Session(served, key, client_of(served))
        session.ask(user("Hello"), extra_body={"colour": "red"})
        (problem,) = session.problems()
    assert problem[0] == "ignored_parameter"
    assert "colour" in problem[1]


def test_an_unmatched_request_shows_the_nearest_rules(
    serve: Callable[..., Any], client_of: Any, key: str, tmp_path: Any
) -> None:
    script = tmp_path / "rules.yaml"
    script.write_text(json.dumps([{"name": "paris", "when": {"user": "Weather in Paris?"}, "reply": "18"}]))
    with serve(scripts=(script,)) as served:
        session = Session(served, key, client_of(served))
        session.ask(user("Weather in Pariss?"))
        (problem,) = session.verdict()["problems"]
    assert problem["kind"] == "unmatched_request"
    assert problem["expected"].startswith("user: ")
    assert problem["found"] == "user: Weather in Pariss?"
    assert problem["source"] == f"{script}:1"
    assert problem["near_misses"][0]["rule"] == "paris"


def wait_for(condition: Callable[[], bool]) -> None:
    """Return when a condition holds; the test's time limit ends it otherwise."""
    while not condition():
        pass
