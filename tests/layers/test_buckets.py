"""The arithmetic of rate limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.core.head import as_texts
from chatdouble.layers.buckets import LimitSpec, OverError, State
from chatdouble.layers.limits import Plan

NOW = 1_753_000_000.0


def told(plan: Plan, state: State) -> dict[str, str]:
    """Return the headers by name."""
    return as_texts(plan.headers(state))


@pytest.mark.parametrize(
    ("limit", "span", "reset"),
    [
        (500, "minute", "120ms"),
        (5000, "minute", "12ms"),
        (10_000, "minute", "6ms"),
        (30_000, "minute", "2ms"),
        (10_000, "day", "8.64s"),
    ],
)
def test_one_request_is_back_after_its_share_of_the_time(limit: int, span: str, reset: str) -> None:
    plan = Plan(LimitSpec.model_validate({f"requests_per_{span}": limit}))
    assert told(plan, plan.take(NOW, 0, None))["x-ratelimit-reset-requests"] == reset


def test_of_what_a_smaller_limit_cannot_hold_nothing_is_left() -> None:
    plan = Plan(LimitSpec(requests_per_minute=3))
    assert told(plan, [NOW, 5.0, 0.0])["x-ratelimit-remaining-requests"] == "0"


def test_the_state_of_an_untouched_plan_is_full() -> None:
    plan = Plan(LimitSpec(requests_per_minute=3, tokens_per_minute=1000))
    assert told(plan, plan.now(None, NOW)) == {
        "x-ratelimit-limit-requests": "3",
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-requests": "3",
        "x-ratelimit-remaining-tokens": "1000",
        "x-ratelimit-reset-requests": "0s",
        "x-ratelimit-reset-tokens": "0s",
    }


def test_what_is_taken_comes_back_evenly() -> None:
    plan = Plan(LimitSpec(requests_per_minute=60, tokens_per_minute=6000))
    state = plan.take(NOW, 600, None)
    assert told(plan, state)["x-ratelimit-remaining-tokens"] == "5400"
    assert told(plan, plan.now(state, NOW + 3))["x-ratelimit-remaining-tokens"] == "5700"
    assert told(plan, plan.now(state, NOW + 6))["x-ratelimit-remaining-tokens"] == "6000"
    assert told(plan, plan.now(state, NOW + 600))["x-ratelimit-reset-tokens"] == "0s"


def test_a_clock_that_goes_back_gives_nothing_back() -> None:
    plan = Plan(LimitSpec(requests_per_minute=1))
    state = plan.take(NOW, 1, None)
    with pytest.raises(OverError):
        plan.take(NOW - 600, 1, state)


def test_the_headers_tell_of_the_day_when_the_day_has_a_limit() -> None:
    plan = Plan(LimitSpec(requests_per_minute=3, requests_per_day=200))
    day = told(plan, plan.take(NOW, 1, None))
    assert day["x-ratelimit-limit-requests"] == "200"
    assert day["x-ratelimit-remaining-requests"] == "199"
    assert day["x-ratelimit-reset-requests"] == "7m12s"


def test_without_limits_everything_is_counted_and_nothing_is_over() -> None:
    plan = Plan(LimitSpec())
    state = None
    for _ in range(10_001):
        state = plan.take(NOW, 5000, state)
    assert state is not None
    assert told(plan, state) == {
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-limit-tokens": "30000000",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-requests": "1m0s",
        "x-ratelimit-reset-tokens": "1m0s",
    }


def test_a_state_of_other_limits_counts_as_untouched() -> None:
    plan = Plan(LimitSpec(requests_per_minute=1, requests_per_day=5))
    assert plan.now([NOW, 1.0, 1.0], NOW) == [NOW, 0.0, 0.0, 0.0]


@given(
    limit=st.integers(1, 100_000),
    steps=st.lists(st.tuples(st.floats(0, 30), st.integers(0, 120_000)), max_size=30),
)
def test_no_more_passes_than_a_full_bucket_and_its_refill(limit: int, steps: list[tuple[float, int]]) -> None:
    plan = Plan(LimitSpec(tokens_per_minute=limit))
    state, at, passed = None, NOW, 0
    for pause, tokens in steps:
        at += pause
        try:
            state, passed = plan.take(at, tokens, state), passed + tokens
        except OverError as over:
            state = over.state
        assert passed <= limit + limit * (at - NOW) / 60 + 1
