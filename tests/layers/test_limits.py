"""The layer of rate limits: headers on every answer, the API's 429s, a clock that tests move."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from calls import NOW, call, services
from chatdouble.backend import Call, Relay, Reply, Services
from chatdouble.core.clock import Clock
from chatdouble.core.errors import APIError
from chatdouble.core.head import as_texts
from chatdouble.layers.buckets import LimitSpec
from chatdouble.layers.limits import Limits, set_limits, weighed
from chatdouble.state.memory_store import MemoryStore
from chatdouble.state.sessions import Sessions
from corpora import REFERENCE, full_corpora

EXCHANGES = REFERENCE / "exchanges.jsonl"


class Hands:
    """A clock's hands, which the test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def clock(self) -> Clock:
        """Return the clock that shows what they say."""
        return Clock(lambda: self.at, lambda: self.at)


class Says:
    """A backend that gives what it was made with."""

    def __init__(self, answer: Reply | APIError) -> None:
        self._answer = answer

    async def reply(self, call: Call) -> Reply:
        """Return the answer, or raise it."""
        call.notes.rule = "says"
        if isinstance(self._answer, APIError):
            raise self._answer
        return self._answer


async def chunks() -> AsyncIterator[Any]:
    yield {}


async def nothing() -> AsyncIterator[bytes]:
    yield b""


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def shared(hands: Hands) -> Services:
    return replace(services(), clock=hands.clock())


def limits(answer: Reply | APIError | None = None, models: dict[str, LimitSpec] | None = None, **spec: Any) -> Limits:
    return Limits(Says(chunks() if answer is None else answer), LimitSpec(**spec), "org-test", models)


async def refused(layer: Limits, asked: Call) -> APIError:
    with pytest.raises(APIError) as caught:
        await layer.reply(asked)
    return caught.value


def told_of(asked: Call) -> dict[str, str]:
    """Return the headers with what is left of the limits."""
    return as_texts(asked.delivery.rate_limits)


async def test_every_answer_tells_what_is_left_of_the_limits() -> None:
    asked = call(messages="Tell me a joke about pigs please")
    await limits().reply(asked)
    assert told_of(asked) == {
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-limit-tokens": "30000000",
        "x-ratelimit-remaining-requests": "9999",
        "x-ratelimit-remaining-tokens": "29999990",
        "x-ratelimit-reset-requests": "6ms",
        "x-ratelimit-reset-tokens": "0s",
    }


@pytest.mark.parametrize(("shown", "left", "back"), [(1, "49999", "1ms"), (2, "49998", "2ms")])
async def test_a_request_that_shows_images_is_told_what_is_left_of_theirs(shown: int, left: str, back: str) -> None:
    image = {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}}
    asked = call(messages=[{"role": "user", "content": [image] * shown}])
    await limits().reply(asked)
    told = told_of(asked)
    assert [*told][:3] == [f"x-ratelimit-{part}-input-images" for part in ("limit", "remaining", "reset")]
    assert [*told.values()][:3] == ["50000", left, back]


async def test_an_error_of_the_backend_carries_the_headers_too() -> None:
    error = APIError("down", status=500).with_headers({"x-own": "1"})
    raised = await refused(limits(error), asked := call())
    assert (raised.status, raised.headers["x-own"]) == (500, "1")
    assert told_of(asked)["x-ratelimit-remaining-requests"] == "9999"


async def test_an_upstreams_answer_keeps_its_own_headers() -> None:
    asked = call()
    await limits(Relay(200, [], nothing())).reply(asked)
    assert asked.delivery.rate_limits == ()


async def test_too_many_requests_get_the_429_of_the_recordings(shared: Services) -> None:
    layer = limits(requests_per_minute=3, requests_per_day=200, tokens_per_minute=40_000)
    asked = call(shared=shared, model="gpt-3.5-turbo", messages="Tell me a short joke about pigs")
    for _ in range(3):
        await layer.reply(asked)
    error = await refused(layer, asked)
    assert error.status == 429
    assert error.envelope() == {
        "error": {
            "message": (
                "Rate limit reached for gpt-3.5-turbo in organization org-test on requests per min (RPM): "
                "Limit 3, Used 3, Requested 1. Please try again in 20s. "
                "Visit https://platform.openai.com/account/rate-limits to learn more."
            ),
            "type": "requests",
            "param": None,
            "code": "rate_limit_exceeded",
        }
    }
    assert (error.headers["retry-after"], error.headers["retry-after-ms"]) == ("20", "20000")
    assert told_of(asked)["x-ratelimit-remaining-requests"] == "197"


async def test_too_many_tokens_get_a_429_that_says_when_to_try_again(shared: Services) -> None:
    layer = limits(tokens_per_minute=30_000)
    await layer.reply(call(shared=shared, model="gpt-4.1", messages="x" * (28_037 * 4)))
    asked = call(shared=shared, model="gpt-4.1", messages="x" * (3904 * 4))
    error = await refused(layer, asked)
    assert error.message == (
        "Rate limit reached for gpt-4.1 in organization org-test on tokens per min (TPM): "
        "Limit 30000, Used 28039, Requested 3906. Please try again in 3.89s. "
        "Visit https://platform.openai.com/account/rate-limits to learn more."
    )
    assert (error.type, error.code) == ("tokens", "rate_limit_exceeded")
    assert (error.headers["retry-after"], error.headers["retry-after-ms"]) == ("4", "3890")
    assert told_of(asked)["x-ratelimit-remaining-tokens"] == "1961"


async def test_a_request_larger_than_the_limit_is_told_no_time(shared: Services) -> None:
    error = await refused(limits(tokens_per_minute=100), asked := call(shared=shared, messages="x" * 400))
    assert error.message == (
        "Request too large for gpt-4o in organization org-test on tokens per min (TPM): "
        "Limit 100, Requested 102. The input or output tokens must be reduced in order to run successfully. "
        "Visit https://platform.openai.com/account/rate-limits to learn more."
    )
    assert (error.type, error.code) == ("tokens", "rate_limit_exceeded")
    assert "retry-after" not in error.headers
    assert "x-ratelimit-limit-tokens" in told_of(asked)


async def test_a_day_has_its_own_limits(shared: Services) -> None:
    layer = limits(requests_per_day=1)
    await layer.reply(call(shared=shared))
    error = await refused(layer, call(shared=shared))
    assert "on requests per day (RPD): Limit 1, Used 1, Requested 1. Please try again in 24h0m0s." in error.message
    assert error.headers["retry-after"] == "86400"


async def test_the_wait_that_is_told_is_long_enough(shared: Services, hands: Hands) -> None:
    layer = limits(requests_per_minute=7)
    asked = call(shared=shared)
    for _ in range(7):
        await layer.reply(asked)
        hands.at += 0.1
    error = await refused(layer, asked)
    hands.at += int(error.headers["retry-after-ms"]) / 1000
    await layer.reply(asked)


async def test_what_was_refused_takes_nothing_and_reaches_no_backend(shared: Services, hands: Hands) -> None:
    layer = limits(requests_per_minute=1)
    asked = call(shared=shared)
    await layer.reply(asked)
    assert asked.notes.rule == "says"
    for _ in range(5):
        refused_call = call(shared=shared)
        await refused(layer, refused_call)
        assert refused_call.notes.rule is None
    hands.at += 60
    await layer.reply(asked)


async def test_sessions_and_models_have_buckets_of_their_own(shared: Services) -> None:
    layer = limits(requests_per_minute=1)
    await layer.reply(call(shared=shared, session="sk-a"))
    await layer.reply(call(shared=shared, session="sk-b"))
    await layer.reply(call(shared=shared, session="sk-a", model="gpt-4.1"))
    await refused(layer, call(shared=shared, session="sk-a"))


async def test_a_name_and_its_dated_name_share_a_bucket(shared: Services) -> None:
    layer = limits(requests_per_minute=1)
    await layer.reply(call(shared=shared, model="gpt-4.1"))
    await refused(layer, call(shared=shared, model="gpt-4.1-2025-04-14"))


@pytest.mark.parametrize("name", ["gpt-4.1", "gpt-4.1-2025-04-14"])
async def test_a_models_own_limits_go_before_the_rest(shared: Services, name: str) -> None:
    layer = limits(requests_per_minute=1, models={name: LimitSpec(requests_per_minute=2)})
    for _ in range(2):
        await layer.reply(call(shared=shared, model="gpt-4.1"))
    await refused(layer, call(shared=shared, model="gpt-4.1"))
    await layer.reply(call(shared=shared))
    await refused(layer, call(shared=shared))


async def test_a_sessions_own_limits_go_before_the_servers_and_count_anew(shared: Services) -> None:
    layer = limits(requests_per_minute=1, models={"gpt-4.1": LimitSpec(requests_per_minute=1)})
    for _ in range(2):
        await set_limits(shared.sessions.named("sk-test"), LimitSpec(requests_per_minute=2))
        for model in ("gpt-4o", "gpt-4.1"):
            await layer.reply(call(shared=shared, model=model))
            await layer.reply(call(shared=shared, model=model))
            await refused(layer, call(shared=shared, model=model))
    await layer.reply(call(shared=shared, session="sk-b"))
    await refused(layer, call(shared=shared, session="sk-b"))


async def test_a_sessions_own_limits_may_be_of_one_model_and_be_taken_away(shared: Services) -> None:
    layer = limits()
    await set_limits(shared.sessions.named("sk-test"), LimitSpec(quota_exhausted=True), "gpt-4.1")
    await layer.reply(call(shared=shared))
    await refused(layer, call(shared=shared, model="gpt-4.1"))
    await set_limits(shared.sessions.named("sk-test"), None, "gpt-4.1")
    await layer.reply(call(shared=shared, model="gpt-4.1"))


async def test_an_exhausted_quota_refuses_everything(shared: Services) -> None:
    error = await refused(limits(quota_exhausted=True), asked := call(shared=shared))
    assert error.status == 429
    assert (error.type, error.param, error.code) == ("insufficient_quota", None, "insufficient_quota")
    assert error.message.startswith("You exceeded your current quota, please check your plan and billing details.")
    assert (error.headers, told_of(asked)) == ({}, {})


async def test_requests_at_the_same_time_never_pass_a_limit_together(shared: Services) -> None:
    layer = limits(requests_per_minute=10)
    answers = await asyncio.gather(*(layer.reply(call(shared=shared)) for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(answer, APIError) for answer in answers) == 40


class Raced(MemoryStore):
    """A store in which another server's request comes between the first look and what is made of it."""

    async def update(self, session: str, name: str, change: Callable[[Any], Any]) -> Any:
        """Make what is wanted of what there was, let the other request in, and make it of what there is now."""
        change(await self.get(session, name))
        await self.put(session, name, [NOW, 1.0, 0.0])
        return await super().update(session, name, change)


async def test_a_request_of_another_server_in_between_is_counted(shared: Services) -> None:
    asked = call(shared=replace(shared, sessions=Sessions(Raced())))
    await limits(requests_per_minute=3).reply(asked)
    assert (b"x-ratelimit-remaining-requests", b"1") in asked.delivery.rate_limits


@pytest.mark.parametrize(
    ("messages", "tokens"),
    [
        ([{"role": "user", "content": "four"}], 3),
        ([{"role": "user", "content": "fives"}], 4),
        ([{"role": "user", "content": [{"type": "text", "text": "four"}, {"type": "image_url"}]}], 3),
        ([{"role": "assistant", "content": None}, {"role": "user", "content": ""}], 3),
        ([], 1),
    ],
)
def test_tokens_are_estimated_from_the_texts_characters(messages: Any, tokens: int) -> None:
    assert weighed(messages)[0] == tokens


@full_corpora
def test_the_estimate_is_what_most_recordings_of_short_texts_were_counted_with() -> None:
    told: list[tuple[dict[str, Any], int]] = []
    for line in EXCHANGES.read_text().splitlines():
        row: dict[str, Any] = json.loads(line)
        headers = row["response_headers"]
        if "/chat/completions" in row["path"] and "x-ratelimit-remaining-tokens" in headers:
            limit, left = (int(headers[f"x-ratelimit-{word}-tokens"]) for word in ("limit", "remaining"))
            told.append((row["request_body"], limit - left))
    exact = sum(weighed(body["messages"])[0] == counted for body, counted in told)
    assert exact > len(told) / 2
