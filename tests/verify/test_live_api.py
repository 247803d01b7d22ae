"""The throttle and the budget."""

from chatdouble.verify.live_api import Budget, Throttle


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
