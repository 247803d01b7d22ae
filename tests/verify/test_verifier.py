"""What is asked, how often, and what is left alone."""

import httpx2
import orjson
import pytest

from answered import REQUEST, answer, chunk, error, stream, text_chunks
from chatdouble.core.chance import Chance
from chatdouble.verify.comparison import Answer
from chatdouble.verify.live_api import Budget, LiveAPI, Throttle, endpoint, retry_delay
from chatdouble.verify.reports import Outcome, Verdict
from chatdouble.verify.verifier import Case, Verifier, sample, tokens_used

FAILED = {"error": {"message": "The server had an error.", "type": "server_error"}}


class Api:
    """An upstream that gives answers in turn, the last one for ever, and remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = [*answers]
        self.asked: list[httpx2.Request] = []
        self.slept: list[float] = []

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        self.asked.append(request)
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return httpx2.Response(given.status, headers=dict(given.headers), content=given.body)

    def verdicts(self, *recorded: Answer, budget: Budget | None = None) -> list[Verdict]:
        """Verify recorded answers to one request."""
        with httpx2.Client(transport=httpx2.MockTransport(self.answer)) as client:
            upstream = LiveAPI(client, endpoint("https://api.example.com/v1/?version=2"), "sk-verify")
            verifier = Verifier(upstream, Throttle(None, lambda: 0.0, self.slept.append), budget or Budget())
            listed = [Case(f"r{index}", "r.yaml", REQUEST, one) for index, one in enumerate(recorded)]
            return [*verifier.verdicts(listed, set(range(len(listed))))]


def test_the_recorded_request_is_sent_with_the_key() -> None:
    api = Api(answer())
    api.verdicts(answer())
    (request,) = api.asked
    assert str(request.url) == "https://api.example.com/v1/chat/completions?version=2"
    assert (request.headers["authorization"], request.headers["api-key"]) == ("Bearer sk-verify", "sk-verify")
    assert orjson.loads(request.content) == REQUEST


@pytest.mark.parametrize("status", [401, 403, 408, 409, 429, 500, 503])
def test_a_recorded_answer_that_no_request_brings_about_is_skipped(status: int) -> None:
    api = Api(answer())
    (verdict,) = api.verdicts(error(status))
    assert (verdict.outcome, verdict.reason) == (Outcome.SKIPPED, f"a {status} cannot be reproduced")
    assert api.asked == []


def test_after_a_key_that_is_not_taken_nothing_more_is_asked() -> None:
    api = Api(error(401, message="Incorrect API key"))
    verdicts = api.verdicts(answer(), answer())
    assert [verdict.outcome for verdict in verdicts] == [Outcome.UNCHECKED, Outcome.UNCHECKED]
    assert len(api.asked) == 1


def test_a_stream_that_broke_off_is_unchecked_unless_it_was_recorded_so() -> None:
    broken = stream([*text_chunks("Hel")[:-1], FAILED])
    (verdict,) = Api(broken).verdicts(stream(text_chunks("Hello")))
    told = "the API's stream broke off: The server had an error."
    assert (verdict.outcome, verdict.reason) == (Outcome.UNCHECKED, told)
    (same,) = Api(broken).verdicts(broken)
    assert same.outcome == Outcome.TRUE


def test_an_upstream_that_asks_for_time_gets_it() -> None:
    slow = Answer(429, {"retry-after": "20", "retry-after-ms": "1500"}, b"{}")
    api = Api(slow, error(500), answer())
    (verdict,) = api.verdicts(answer())
    assert verdict.outcome == Outcome.TRUE
    assert api.slept == [1.5, 2.0]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({}, 1.0), ({"retry-after": "7"}, 7.0), ({"retry-after": "soon"}, 1.0), ({"retry-after": "9999"}, 60.0)],
)
def test_the_wait_has_a_limit(headers: dict[str, str], seconds: float) -> None:
    assert retry_delay(Answer(503, headers, b""), 1) == seconds


def test_no_secret_that_the_upstream_repeats_is_told() -> None:
    (drifted,) = Api(error(400, code="sk-verify")).verdicts(error(400, code="sk-0123456789abcdef"))
    (locked,) = Api(error(401, message="Not sk-verify!")).verdicts(answer())
    assert [str(drift) for drift in drifted.drifts] == ["error.code: was [secret], now [secret]"]
    assert locked.reason == "the API rejects the key: 401: Not [secret]!"


def test_retries_count_into_the_budget() -> None:
    budget = Budget(max_requests=2)
    api = Api(error(500), answer())
    verdicts = api.verdicts(answer(), answer(), budget=budget)
    assert [verdict.outcome for verdict in verdicts] == [Outcome.TRUE, Outcome.SKIPPED]
    assert (budget.requests, budget.tokens) == (2, 13)


def test_what_would_take_too_many_tokens_is_not_sent() -> None:
    api = Api(answer())
    verdicts = api.verdicts(answer(), answer(), budget=Budget(max_tokens=20))
    assert [verdict.outcome for verdict in verdicts] == [Outcome.TRUE, Outcome.SKIPPED]
    assert len(api.asked) == 1


def test_the_tokens_of_a_stream_are_those_of_its_usage_chunk() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
    assert tokens_used(stream([*text_chunks("Hello"), chunk(None, usage=usage)])) == 13
    assert tokens_used(stream(text_chunks("Hello"))) == 0


def test_a_sample_is_drawn_by_its_chance_and_never_too_large() -> None:
    recordings = [Case(str(index), "", {}, answer()) for index in range(50)]
    drawn = [sample(recordings, 5, Chance(seed)) for seed in ("1", "1", "2")]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(drawn[0]) == 5
    assert sample(recordings, 80, Chance("1")) == sample(recordings, None, Chance("1")) == set(range(50))
