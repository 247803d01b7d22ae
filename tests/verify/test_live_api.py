"""The API that is asked, the throttle and the budget."""

from itertools import count

import httpx2
import pytest

from chatdouble.verify.live_api import Budget, LiveAPI, NoAnswerError, Throttle, base_url
from upstreams import Responder, upstream


async def endless(answer: Responder) -> None:
    """Answer without an end."""
    await answer.head(200)
    await answer.piece(b" " * 2000)
    await answer.left()


@pytest.mark.parametrize(
    ("largest", "hours", "why"),
    [
        (1000, count(0, 0), "no answer: it has more than 1,000 bytes"),
        (10**9, count(0, 1), "no answer: it has not ended after 600 seconds"),
    ],
)
def test_an_answer_without_an_end_is_none(
    monkeypatch: pytest.MonkeyPatch, largest: int, hours: "count[int]", why: str
) -> None:
    monkeypatch.setattr("chatdouble.verify.live_api.LARGEST_ANSWER", largest)
    with upstream(endless) as above, httpx2.Client() as client:
        api = LiveAPI(client, base_url(above.base_url), "sk-verify", lambda: next(hours) * 3600.0)
        with pytest.raises(NoAnswerError, match=f"^{why}$"):
            api.send("/chat/completions", {})


class FakeClock:
    """A clock that sleeping moves on."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Move the clock on."""
        self.slept.append(seconds)
        self.now += seconds


def test_requests_are_spaced_evenly() -> None:
    clock = FakeClock()
    throttle = Throttle(30, lambda: clock.now, clock.sleep)
    for _ in range(3):
        throttle.wait()
    assert clock.slept == [2.0, 2.0]


def test_time_spent_elsewhere_counts_towards_the_spacing() -> None:
    clock = FakeClock()
    throttle = Throttle(30, lambda: clock.now, clock.sleep)
    throttle.wait()
    clock.now += 1.5
    throttle.wait()
    clock.now += 60
    throttle.wait()
    throttle.wait()
    assert clock.slept == [0.5, 2.0]


def test_without_a_rate_no_request_waits() -> None:
    clock = FakeClock()
    throttle = Throttle(None, lambda: clock.now, clock.sleep)
    throttle.wait()
    throttle.wait()
    assert clock.slept == []


def test_a_budget_of_requests_runs_out() -> None:
    budget = Budget(max_requests=2, requests=1)
    assert budget.refusal(0) is None
    budget.requests += 1
    assert budget.refusal(0) == "the budget of 2 requests is used up"


def test_a_budget_of_tokens_allows_requests_that_fit() -> None:
    budget = Budget(max_tokens=100, tokens=80)
    assert budget.refusal(20) is None
    assert budget.refusal(21) == "over the budget of 100 tokens: 80 are used, and this request needs 21"
