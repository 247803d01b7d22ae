"""Replies that functions of the test make."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from openai import InternalServerError, OpenAI

from chatdouble.testing import ControlError, Double, Request, double, transport, turn

MODEL = "gpt-5.4-mini"


@pytest.fixture
def d(key: str) -> Iterator[Double]:
    with double(key=key) as made:
        yield made


def say(d: Double, text: str, retries: int = 0) -> Any:
    with OpenAI(base_url=d.base_url, api_key=d.key, max_retries=retries) as client:
        return client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": text}])


def content(d: Double, text: str) -> str | None:
    found: str | None = say(d, text).choices[0].message.content
    return found


def test_a_function_of_the_request_makes_the_reply(d: Double) -> None:
    d.reply(lambda request: f"{request.model} was asked {request.user!r}", times=2)
    assert content(d, "Hello") == "gpt-5.4-mini was asked 'Hello'"
    assert content(d, "Bye") == "gpt-5.4-mini was asked 'Bye'"
    assert d.verdict().problems == []


def test_a_function_may_return_any_reply_and_be_a_coroutine(d: Double) -> None:
    async def calls(request: Request) -> dict[str, Any]:
        return {"text": request.user, "finish_reason": "length"}

    d.script(turn(user="*Paris*").replies(calls), turn().replies(lambda _: {"error": {"status": 500}}))
    assert say(d, "Paris?").choices[0].finish_reason == "length"
    with pytest.raises(InternalServerError):
        say(d, "Rome?")


def test_the_text_of_a_function_is_no_template(d: Double) -> None:
    d.reply(lambda request: request.user or "")
    assert content(d, '{{ user }} {% raw %} "\\n" ü') == '{{ user }} {% raw %} "\\n" ü'


def test_a_function_may_read_the_requests_before_it(d: Double) -> None:
    say(d, "First")
    d.reply(lambda _: f"before: {d.requests[0].user}")
    assert content(d, "Second") == "before: First"


def test_a_function_that_raises_is_named_with_its_line(d: Double) -> None:
    def broken(request: Request) -> str:
        raise KeyError(request.user)

    d.reply(broken)
    with pytest.raises(
        InternalServerError, match=r"queued reply 1: broken raised KeyError at test_functions\.py:\d+"
    ) as no:
        say(d, "Hello", retries=2)
    assert no.value.code == "script_error"
    assert [request.status for request in d.requests] == [500]  # `x-should-retry: false` stops the client
    assert d.verdict().kinds == ["script_error"]


@pytest.mark.parametrize(
    ("returned", "mistake"),
    [
        (None, "reply: "),
        ({"txt": "a"}, "reply.txt: "),
        ({"function": "other"}, "reply.function: a function cannot leave its reply to another one"),
    ],
)
def test_a_function_that_returns_no_reply_is_explained(d: Double, returned: Any, mistake: str) -> None:
    d.reply(lambda _: returned)
    with pytest.raises(InternalServerError) as no:
        say(d, "Hello")
    assert "<lambda> did not return a reply:" in no.value.message
    assert mistake in no.value.message


def test_functions_end_with_their_session(d: Double) -> None:
    d.reply(lambda _: "never")
    d.reset()
    d.reply({"function": "<lambda>"})
    with pytest.raises(InternalServerError, match="there is no function '<lambda>' in the server's process"):
        say(d, "Hello")


def test_a_server_elsewhere_takes_no_functions(d: Double) -> None:
    elsewhere = Double(d.url, d.key)
    with pytest.raises(ValueError, match="needs a server in the test's process, and this one is at http://127"):
        elsewhere.reply(lambda _: "Hi")
    with pytest.raises(ControlError):
        elsewhere.reply({"function": 1})
    elsewhere.close()


def test_a_server_without_a_socket_takes_functions() -> None:
    with transport() as served, httpx2.Client(transport=served) as http:
        session = Double("http://double", "sk-test", http, served.app)
        session.reply(lambda request: f"{request.user}!")
        client = OpenAI(api_key="sk-test", base_url="http://double/v1", http_client=http)
        answer = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hi"}])
        assert answer.choices[0].message.content == "Hi!"
