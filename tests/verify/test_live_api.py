"""How fast and how much an upstream is asked."""

from chatdouble.verify.live_api import Budget, Throttle


class Watch:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let time go by."""
        self.slept.append(seconds)
        self.now += seconds


def test_requests_leave_evenly() -> None:
    watch = Watch()
    rate = Throttle(30, lambda: watch.now, watch.sleep)
    for _ in range(3):
        rate.wait()
    assert watch.slept == [2.0, 2.0]


def test_time_that_went_by_meanwhile_counts() -> None:
    watch = Watch()
    rate = Throttle(30, lambda: watch.now, watch.sleep)
    rate.wait()
    watch.now += 1.5
    rate.wait()
    watch.now += 60
    rate.wait()
    rate.wait()
    assert watch.slept == [0.5, 2.0]


def test_without_a_rate_nothing_waits() -> None:
    watch = Watch()
    rate = Throttle(None, lambda: watch.now, watch.sleep)
    rate.wait()
    rate.wait()
    assert watch.slept == []


def test_a_budget_of_requests_ends() -> None:
    budget = Budget(max_requests=2, requests=1)
    assert budget.refusal(0) is None
    budget.requests += 1
    assert budget.refusal(0) == "the budget of 2 requests is used up"


def test_a_budget_of_tokens_takes_what_fits() -> None:
    budget = Budget(max_tokens=100, tokens=80)
    assert budget.refusal(20) is None
    assert budget.refusal(21) == "over the budget of 100 tokens: 80 are used, and this request needs 21"
