"""All layers together, as settings ask for them."""

from itertools import islice
from typing import Any, cast

import pytest

from calls import call, services
from chatdouble.backend import Backend, Call, Reply
from chatdouble.core.errors import APIError
from chatdouble.layers.faults.layer import set_faults
from chatdouble.layers.stack import wrap
from chatdouble.schema.completion import Completion
from chatdouble.scripts.format.faults import ErrorFault
from chatdouble.server.application import layer_defaults
from chatdouble.settings import Settings


class Plain:
    """A backend that answers nothing in particular."""

    async def reply(self, call: Call) -> Reply:
        """Answer, and note it."""
        call.notes.rule = "plain"
        return cast("Completion", {})


def settings(**given: Any) -> Settings:
    return Settings(**given)


def wrapped(chosen: Settings) -> Backend:
    return wrap(Plain(), layer_defaults(chosen), lambda _name: Plain())


async def test_default_settings_add_headers_and_nothing_else() -> None:
    asked = call()
    await wrapped(settings()).reply(asked)
    assert asked.delivery.pace is None
    assert asked.delivery.faults == ()
    assert (b"x-ratelimit-limit-requests", b"10000") in asked.delivery.rate_limits


async def test_the_servers_pace_is_as_its_settings_say() -> None:
    asked = call()
    await wrapped(settings(ttft=1, tokens_per_second=4, jitter="fixed")).reply(asked)
    assert asked.delivery.pace is not None
    assert [*islice(asked.delivery.pace.offsets(), 4)] == [1, 1, 1.25, 1.5]


async def test_a_models_own_pace_and_limits_are_as_the_settings_say() -> None:
    chosen = settings(ttft=1, pace={"gpt-4.1": {"ttft": 2}}, limits={"gpt-4.1": {"quota_exhausted": True}})
    asked = call(model="gpt-4.1")
    with pytest.raises(APIError, match="You exceeded your current quota"):
        await wrapped(chosen).reply(asked)
    free = chosen.model_copy(update={"limits": {}})
    await wrapped(free).reply(asked)
    assert asked.delivery.pace is not None
    assert next(asked.delivery.pace.offsets()) == 2


async def test_an_account_without_money_is_as_the_settings_say() -> None:
    with pytest.raises(APIError, match="You exceeded your current quota"):
        await wrapped(settings(quota_exhausted=True)).reply(call())


async def test_the_limits_are_as_the_settings_say() -> None:
    shared = services()
    layer = wrapped(settings(requests_per_day=1, organization="org-own"))
    answered, refused = call(shared=shared), call(shared=shared)
    await layer.reply(answered)
    assert answered.notes.rule == "plain"
    with pytest.raises(APIError, match="in organization org-own on requests per day"):
        await layer.reply(refused)
    assert refused.notes.rule is None


async def test_an_injected_error_tells_what_is_left_of_the_limits() -> None:
    shared = services()
    await set_faults(shared.sessions.named("sk-test"), [ErrorFault(name="error")])
    asked = call(shared=shared)
    with pytest.raises(APIError, match="server had an error"):
        await wrapped(settings()).reply(asked)
    assert (b"x-ratelimit-remaining-requests", b"9999") in asked.delivery.rate_limits
