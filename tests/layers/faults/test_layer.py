"""The layer that chooses the faults of an answer."""

from collections.abc import AsyncGenerator
from typing import Any, cast

import pytest

from calls import call, services
from chatdouble.backend import Call, Relay, Reply
from chatdouble.core.errors import APIError
from chatdouble.layers.faults.layer import Faulty, set_faults
from chatdouble.schema.completion import Completion
from chatdouble.scripts.format.delivery import ask
from chatdouble.scripts.format.faults import FaultSpec


class Scripted:
    """A backend whose reply asks for faults."""

    def __init__(self, *faults: FaultSpec, relays: bool = False) -> None:
        self._faults = faults
        self._relays = relays
        self.answered = 0
        self.closed = 0

    async def reply(self, call: Call) -> Reply:
        """Answer with a stream that tells when it is closed."""
        self.answered += 1
        ask(call.delivery, None, self._faults, "rule greeting")
        pieces = self._pieces()
        await anext(pieces)
        return Relay(200, [], pieces) if self._relays else pieces

    async def _pieces(self) -> AsyncGenerator[Any]:
        try:
            yield b""
            yield b""
        finally:
            self.closed += 1


def named(*names: str, **options: Any) -> list[FaultSpec]:
    return [FaultSpec.model_validate({"name": name, **options}) for name in names]


async def happened(layer: Faulty, asked: Call) -> list[str]:
    await layer.reply(asked)
    return [fault.name for fault in asked.delivery.faults]


async def test_an_answer_without_faults_travels_untouched() -> None:
    asked = call()
    assert await happened(Faulty(Scripted()), asked) == []
    assert asked.notes.noted() == {}


async def test_a_rules_faults_are_applied_before_its_sessions() -> None:
    shared = services()
    await set_faults(shared.sessions.named("sk-test"), named("slow_body"))
    asked = call(shared=shared)
    layer = Faulty(Scripted(*named("stall", "wrong_ids")))
    assert await happened(layer, asked) == ["stall", "wrong_ids", "slow_body"]
    assert asked.notes.faults == ("slow_body", "stall", "wrong_ids")


async def test_a_sessions_faults_do_not_affect_other_sessions() -> None:
    shared = services()
    await set_faults(shared.sessions.named("sk-a"), named("stall"))
    layer = Faulty(Scripted())
    assert await happened(layer, call(shared=shared, session="sk-a")) == ["stall"]
    assert await happened(layer, call(shared=shared, session="sk-b")) == []


async def test_times_limits_a_fault_to_the_first_answers_of_a_session() -> None:
    shared = services()
    layer = Faulty(Scripted(*named("stall", times=2)))
    seen = [await happened(layer, call(shared=shared, ordinal=at)) for at in range(4)]
    assert seen == [["stall"], ["stall"], [], []]
    assert await happened(layer, call(shared=shared, session="sk-other")) == ["stall"]


async def test_probability_draws_the_same_answers_in_every_run() -> None:
    shared = services()
    layer = Faulty(Scripted(*named("stall", probability=0.3)))
    seen = [bool(await happened(layer, call(shared=shared, ordinal=at))) for at in range(400)]
    again = [bool(await happened(layer, call(shared=shared, ordinal=at))) for at in range(400)]
    assert seen == again
    assert 80 < sum(seen) < 160


async def test_times_counts_only_answers_that_probability_has_drawn() -> None:
    shared = services()
    layer = Faulty(Scripted(*named("stall", probability=0.5, times=3)))
    seen = [bool(await happened(layer, call(shared=shared, ordinal=at))) for at in range(100)]
    assert sum(seen) == 3
    assert seen[:3] != [True] * 3


async def test_setting_a_sessions_faults_again_restarts_the_count() -> None:
    shared = services()
    layer = Faulty(Scripted())
    for _ in range(2):
        await set_faults(shared.sessions.named("sk-test"), named("stall", times=1))
        assert await happened(layer, call(shared=shared)) == ["stall"]
        assert await happened(layer, call(shared=shared)) == []


async def test_a_sessions_faults_can_be_read_and_removed() -> None:
    session = services().sessions.named("sk-test")
    wanted = named("disconnect", after_chunks=3, probability=0.5)
    await set_faults(session, wanted)
    assert [FaultSpec.model_validate(fault) for fault in (await session.overrides()).faults] == wanted
    await set_faults(session, [])
    assert (await session.overrides()).faults == ()


async def test_an_error_of_the_session_uses_up_no_reply() -> None:
    shared, backend = services(), Scripted()
    await set_faults(shared.sessions.named("sk-test"), named("error", status=503))
    asked = call(shared=shared)
    with pytest.raises(APIError) as caught:
        await Faulty(backend).reply(asked)
    assert caught.value.status == 503
    assert backend.answered == 0
    assert asked.notes.faults == ("error",)


@pytest.mark.parametrize("relays", [False, True])
async def test_an_error_of_the_rule_closes_the_answer(relays: bool) -> None:
    backend = Scripted(*named("error"), relays=relays)
    with pytest.raises(APIError):
        await Faulty(backend).reply(call())
    assert backend.closed == 1


async def test_an_error_of_the_rule_replaces_a_whole_answer() -> None:
    class Whole:
        """A backend that answers whole and asks for an error."""

        async def reply(self, call: Call) -> Reply:
            """Answer."""
            ask(call.delivery, None, named("error", status=503), "rule greeting")
            return cast("Completion", {})

    with pytest.raises(APIError) as caught:
        await Faulty(Whole()).reply(call())
    assert caught.value.status == 503
