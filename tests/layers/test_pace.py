"""When the pieces of an answer are due."""

from itertools import islice, pairwise
from statistics import fmean
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import call, services
from chatdouble.backend import Backend, Call, Reply
from chatdouble.backend.delivery import Pace
from chatdouble.core.chance import Chance
from chatdouble.layers.pace import Paced, Recorded, made, set_pace
from chatdouble.schema.completion import Completion
from chatdouble.scripts.format.delivery import PaceSpec, ask


class Scripted:
    """A backend whose reply has a pace of its own, or none."""

    def __init__(self, spec: PaceSpec | None = None, pace: Pace | None = None) -> None:
        self._spec = spec
        self._pace = pace

    async def reply(self, call: Call) -> Reply:
        """Return the reply's delivery; its text does not matter here."""
        ask(call.delivery, self._spec, (), "rule greeting")
        call.delivery.pace = self._pace
        return cast("Completion", {})


def times(spec: PaceSpec, count: int = 5, seed: str = "0") -> list[float]:
    return [*islice(made(spec, Chance(seed)).offsets(), count)]


async def paced(layer: Backend, asked: Call) -> list[float] | None:
    await layer.reply(asked)
    pace = asked.delivery.pace
    return None if pace is None else [*islice(pace.offsets(), 3)]


def test_the_first_token_comes_with_the_role_and_the_rest_at_the_rate() -> None:
    assert times(PaceSpec(ttft=0.5, tokens_per_second=10)) == pytest.approx([0.5, 0.5, 0.6, 0.7, 0.8])


def test_chunks_of_several_tokens_come_as_many_times_slower() -> None:
    spec = PaceSpec(tokens_per_second=10, chunk_tokens=4)
    assert times(spec) == pytest.approx([0, 0, 0.4, 0.8, 1.2])


def test_without_a_rate_everything_comes_with_the_first_token() -> None:
    assert times(PaceSpec(ttft=0.5)) == [0.5] * 5


def test_a_recording_keeps_its_times_at_its_speed() -> None:
    assert times(PaceSpec(offsets=(0.5, 1.0, 3.0), speed=2)) == [0.25, 0.5, 1.5]


@pytest.mark.parametrize("distribution", ["fixed", "uniform", "log_normal"])
def test_delays_vary_around_the_rate_and_the_same_seed_varies_them_alike(distribution: str) -> None:
    jitter = {"distribution": distribution, "share": 0.3}
    spec = PaceSpec.model_validate({"ttft": 1, "tokens_per_second": 10, "jitter": jitter})
    dues = times(spec, 2000)
    gaps = [later - earlier for earlier, later in pairwise(dues[1:])]
    assert fmean(gaps) == pytest.approx(0.1, rel=0.05)
    assert dues == times(spec, 2000)
    assert (dues == times(spec, 2000, seed="1")) == (distribution == "fixed")


@given(share=st.floats(0, 1), seed=st.text())
def test_a_uniform_spread_stays_within_its_share(share: float, seed: str) -> None:
    spec = PaceSpec.model_validate({"ttft": 2, "jitter": share})
    first = times(spec, 1, seed)[0]
    assert 2 * (1 - share) <= first <= 2 * (1 + share)


@given(
    spec=st.fixed_dictionaries({"ttft": st.floats(0, 5), "tokens_per_second": st.floats(0.1, 1000)}),
    share=st.floats(0, 3),
    distribution=st.sampled_from(["fixed", "uniform", "log_normal"]),
)
def test_no_chunk_is_due_before_the_one_before_it(spec: dict[str, float], share: float, distribution: str) -> None:
    jitter = {"share": share, "distribution": distribution}
    dues = times(PaceSpec.model_validate({**spec, "jitter": jitter}), 20)
    assert dues == sorted(dues)
    assert dues[0] >= 0


async def test_without_a_pace_everything_comes_at_once() -> None:
    asked = call()
    assert await paced(Paced(Scripted()), asked) is None
    assert asked.delivery.chunk_tokens == 1


async def test_the_pace_that_is_nearest_to_the_reply_wins() -> None:
    shared = services()
    models = {"gpt-4.1": PaceSpec(ttft=3), "gpt-4o-2024-08-06": PaceSpec(ttft=4)}
    layer = Paced(Scripted(), PaceSpec(ttft=5), models)
    assert await paced(layer, call(shared=shared, model="gpt-4")) == [5, 5, 5]
    assert await paced(layer, call(shared=shared, model="gpt-4.1")) == [3, 3, 3]
    assert await paced(layer, call(shared=shared, model="gpt-4o")) == [4, 4, 4]
    await set_pace(shared.sessions.named("sk-test"), PaceSpec(ttft=2))
    assert await paced(layer, call(shared=shared, model="gpt-4.1")) == [2, 2, 2]
    assert await paced(layer, call(shared=shared, session="sk-other")) == [4, 4, 4]
    await set_pace(shared.sessions.named("sk-test"), PaceSpec(ttft=1), "gpt-4.1")
    assert await paced(layer, call(shared=shared, model="gpt-4.1")) == [1, 1, 1]
    scripted = Paced(Scripted(PaceSpec(ttft=0.5)), PaceSpec(ttft=5), models)
    assert await paced(scripted, call(shared=shared, model="gpt-4.1")) == [0.5, 0.5, 0.5]


async def test_a_sessions_pace_can_be_taken_away() -> None:
    shared = services()
    await set_pace(shared.sessions.named("sk-test"), PaceSpec(ttft=2, tokens_per_second=1))
    await set_pace(shared.sessions.named("sk-test"), None)
    assert await paced(Paced(Scripted()), call(shared=shared)) is None
    assert await shared.sessions.names() == []


async def test_a_pace_that_the_backend_made_itself_stays() -> None:
    own = Recorded((1.0, 2.0), 1)
    asked = call()
    await Paced(Scripted(pace=own), PaceSpec(ttft=5)).reply(asked)
    assert asked.delivery.pace is own


async def test_an_answer_is_sliced_as_its_pace_counts() -> None:
    asked = call()
    await Paced(Scripted(PaceSpec(tokens_per_second=10, chunk_tokens=4))).reply(asked)
    assert asked.delivery.chunk_tokens == 4
