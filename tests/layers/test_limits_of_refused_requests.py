"""Requests that validation refuses: they count toward the limits of their model, and their 400 has the headers."""

from typing import Any, Final

import openai
import pytest
from openai import OpenAI

from calls import call, services
from chatdouble.backend import Call, Reply
from chatdouble.core.errors import APIError
from chatdouble.core.head import as_texts
from chatdouble.layers.buckets import LimitSpec
from chatdouble.layers.limits import Limits
from chatdouble.testing.server import RunningServer
from raw import chat, control

ASKED: Final[Any] = [{"role": "user", "content": "Hello!"}]


class Nobody:
    """A backend that is not to be asked."""

    async def reply(self, call: Call) -> Reply:
        """Fail."""
        raise AssertionError(call)


async def test_a_refused_request_counts_as_far_as_there_is_room() -> None:
    limits, shared = Limits(Nobody(), LimitSpec(requests_per_minute=2, tokens_per_minute=1000), "org-test"), services()
    refused = call(shared=shared, messages="x" * 40)
    left = [as_texts(await limits.count_refused(refused)) for _ in range(3)]
    assert [headers["x-ratelimit-remaining-requests"] for headers in left] == ["1", "0", "0"]
    assert [headers["x-ratelimit-remaining-tokens"] for headers in left] == ["988", "976", "976"]
    with pytest.raises(APIError) as caught:
        await limits.reply(call(shared=shared))
    assert caught.value.code == "rate_limit_exceeded"


@pytest.mark.parametrize("messages", [None, "Hello", 7, [None, {"content": 7}, {}], {"role": "user"}])
async def test_messages_of_any_shape_are_counted(messages: Any) -> None:
    refused = call()
    refused.body["messages"] = messages
    headers = as_texts(await Limits(Nobody(), LimitSpec(), "org-test").count_refused(refused))
    assert headers["x-ratelimit-remaining-requests"] == "9999"


async def test_an_account_without_quota_has_no_headers() -> None:
    assert await Limits(Nobody(), LimitSpec(quota_exhausted=True), "org-test").count_refused(call()) == []


def test_the_official_client_sees_them(server: RunningServer, client: OpenAI, key: str) -> None:
    control(server, key, "PUT", "limits", {"requests_per_minute": 500})
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="gpt-4o", messages=ASKED, temperature=3)
    headers = caught.value.response.headers
    assert headers["x-ratelimit-limit-requests"] == "500"
    assert headers["x-ratelimit-remaining-requests"] == "499"
    assert headers["x-ratelimit-reset-requests"] == "120ms"
    answered = client.chat.completions.with_raw_response.create(model="gpt-4o", messages=ASKED)
    assert answered.headers["x-ratelimit-remaining-requests"] == "498"


@pytest.mark.parametrize(("model", "status", "counts"), [("", 400, False), (7, 400, False), ("gpt-image-1", 404, True)])
def test_a_request_counts_once_its_model_is_known(
    server: RunningServer, key: str, model: Any, status: int, *, counts: bool
) -> None:
    answer = chat(server.origin, key, model=model)
    assert (answer.status, "x-ratelimit-remaining-requests" in answer.headers) == (status, counts)
