"""The verifier's requests, retries and limits."""

import httpx2
import orjson
import pytest

from answered import COMPLETION, REQUEST, answer, chunk, error, stream, text_chunks
from chatdouble.core.chance import Chance
from chatdouble.verify.comparison import Answer
from chatdouble.verify.live_api import Budget, LiveAPI, Throttle, base_url, retry_delay
from chatdouble.verify.reports import Outcome, Verdict, table
from chatdouble.verify.verifier import Case, Verifier, sample, tokens_used

FAILED = {"error": {"message": "The server had an error.", "type": "server_error"}}


class FakeAPI:
    """An API that gives answers in turn, then repeats the last one, and keeps its requests."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = [*answers]
        self.requests: list[httpx2.Request] = []
        self.slept: list[float] = []

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        self.requests.append(request)
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return httpx2.Response(given.status, headers=dict(given.headers), content=given.body)

    def verdicts(self, *answers: Answer, budget: Budget | None = None) -> list[Verdict]:
        """Verify recorded answers to one request."""
        with httpx2.Client(transport=httpx2.MockTransport(self.answer)) as client:
            live = LiveAPI(client, base_url("https://api.example.com/v1/?version=2"), "sk-verify")
            verifier = Verifier(live, Throttle(None, lambda: 0.0, self.slept.append), budget or Budget())
            listed = [Case(f"r{index}", "r.yaml", REQUEST, one) for index, one in enumerate(answers)]
            return [*verifier.verdicts(listed, set(range(len(listed))))]


def test_the_recorded_request_is_sent_with_the_key() -> None:
    api = FakeAPI(answer())
    api.verdicts(answer())
    (request,) = api.requests
    assert str(request.url) == "https://api.example.com/v1/chat/completions?version=2"
    assert (request.headers["authorization"], request.headers["api-key"]) == ("Bearer sk-verify", "sk-verify")
    assert orjson.loads(request.content) == REQUEST


@pytest.mark.parametrize("status", [401, 403, 408, 409, 429, 500, 503])
def test_a_recorded_answer_that_cannot_be_reproduced_is_skipped(status: int) -> None:
    api = FakeAPI(answer())
    (verdict,) = api.verdicts(error(status))
    assert (verdict.outcome, verdict.reason) == (Outcome.SKIPPED, f"a {status} cannot be reproduced")
    assert api.requests == []


def test_after_a_rejected_key_no_more_requests_are_sent() -> None:
    api = FakeAPI(error(401, message="Incorrect API key"))
    verdicts = api.verdicts(answer(), answer())
    assert [verdict.outcome for verdict in verdicts] == [Outcome.UNCHECKED, Outcome.UNCHECKED]
    assert len(api.requests) == 1


def test_a_stream_that_breaks_off_is_unchecked_unless_the_recorded_one_did_too() -> None:
    broken = stream([*text_chunks("Hel")[:-1], FAILED])
    (verdict,) = FakeAPI(broken).verdicts(stream(text_chunks("Hello")))
    reason = "the API's stream broke off: The server had an error."
    assert (verdict.outcome, verdict.reason) == (Outcome.UNCHECKED, reason)
    (same,) = FakeAPI(broken).verdicts(broken)
    assert same.outcome == Outcome.TRUE


def test_retries_wait_as_long_as_the_api_asks() -> None:
    slow = Answer(429, {"retry-after": "20", "retry-after-ms": "1500"}, b"{}")
    api = FakeAPI(slow, error(500), answer())
    (verdict,) = api.verdicts(answer())
    assert verdict.outcome == Outcome.TRUE
    assert api.slept == [1.5, 2.0]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 1.0),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "soon"}, 1.0),
        ({"retry-after": "9999"}, 60.0),
        ({"retry-after": "nan"}, 0.0),
    ],
)
def test_the_delay_before_a_retry_is_limited(headers: dict[str, str], seconds: float) -> None:
    assert retry_delay(Answer(503, headers, b""), 1) == seconds


def test_secrets_that_the_api_repeats_are_redacted_in_verdicts() -> None:
    (drifted,) = FakeAPI(error(400, code="sk-verify")).verdicts(error(400, code="sk-0123456789abcdef"))
    (locked,) = FakeAPI(error(401, message="Not sk-verify!")).verdicts(answer())
    assert [str(drift) for drift in drifted.drifts] == ["error.code: was [secret], now [secret]"]
    assert locked.reason == "the API rejects the key: 401: Not [secret]!"


def test_what_an_api_names_its_fields_is_redacted_and_legible() -> None:
    key = "sk-0123456789abcdef"
    grown = answer(COMPLETION | {f"{key}\n::error::x\x1b[31m": 1})
    (drifted,) = FakeAPI(grown).verdicts(answer())
    assert str(drifted.drifts[0]) == "[secret]\\n::error::x\\x1b[31m: was missing, now number"


def test_a_verdict_lists_a_hundred_differences_and_counts_the_others() -> None:
    grown = answer(COMPLETION | {f"key_{number}_{'x' * 2000}": number for number in range(150)})
    (drifted,) = FakeAPI(grown).verdicts(answer())
    assert len(drifted.drifts) == 100
    assert drifted.reason == "50 further differences are not listed"
    assert all(len(drift.where) <= 1001 for drift in drifted.drifts)
    assert table([drifted]).splitlines()[-2].strip() == drifted.reason


def test_the_reason_of_a_verdict_is_cut() -> None:
    (unchecked,) = FakeAPI(error(401, message="No! " * 100_000)).verdicts(answer())
    assert unchecked.reason.startswith("the API rejects the key: 401: No! No! ")
    assert len(unchecked.reason) == 1001


def test_retries_count_towards_the_budget() -> None:
    budget = Budget(max_requests=2)
    api = FakeAPI(error(500), answer())
    verdicts = api.verdicts(answer(), answer(), budget=budget)
    assert [verdict.outcome for verdict in verdicts] == [Outcome.TRUE, Outcome.SKIPPED]
    assert (budget.requests, budget.tokens) == (2, 13)


def test_a_request_that_would_exceed_the_token_budget_is_not_sent() -> None:
    api = FakeAPI(answer())
    verdicts = api.verdicts(answer(), answer(), budget=Budget(max_tokens=20))
    assert [verdict.outcome for verdict in verdicts] == [Outcome.TRUE, Outcome.SKIPPED]
    assert len(api.requests) == 1


def test_the_tokens_of_a_stream_are_those_of_its_usage_chunk() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
    assert tokens_used(stream([*text_chunks("Hello"), chunk(None, usage=usage)])) == 13
    assert tokens_used(stream(text_chunks("Hello"))) == 0


def test_a_sample_depends_on_its_seed_and_is_never_too_large() -> None:
    recordings = [Case(str(index), "", {}, answer()) for index in range(50)]
    drawn = [sample(recordings, 5, Chance(seed)) for seed in ("1", "1", "2")]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(drawn[0]) == 5
    assert sample(recordings, 80, Chance("1")) == sample(recordings, None, Chance("1")) == set(range(50))
