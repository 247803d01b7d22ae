"""The verifier: sends recorded requests to the real API, within limits, and compares the answers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from chatdouble.core.chance import Chance
from chatdouble.core.json import as_object, is_object
from chatdouble.core.legible import escaped
from chatdouble.recordings.redaction import Scrubber
from chatdouble.scripts.format.recorded import RecordedSpec
from chatdouble.scripts.reading.load import Placed, load
from chatdouble.verify.comparison import CHAT, COMPARED, Answer, compare
from chatdouble.verify.drift import Drift, without
from chatdouble.verify.live_api import (
    REJECTED_KEY,
    Budget,
    LiveAPI,
    NoAnswerError,
    RejectedKeyError,
    Throttle,
    is_circumstance,
    retry_delay,
    summary,
)
from chatdouble.verify.reports import Outcome, Verdict

MOST_DRIFTS: Final = 100
"""The most differences of a recording that reports list; the others are counted."""

LONGEST: Final = 1000
"""The longest place of a difference and the longest reason in reports, in characters."""

_NOT_FOUND: Final = frozenset({400, 404})
"""Statuses of requests that refer to what the API does not have."""

ATTEMPTS: Final = 3
"""Attempts before a request counts as unanswered."""


@dataclass(frozen=True, slots=True)
class Case:
    """A recording to verify.

    Attributes:
        name: The recording's name.
        file: Its file.
        request: The request's body.
        answer: The recorded answer.
        endpoint: The method and path of the request.
    """

    name: str
    file: str
    request: dict[str, Any]
    answer: Answer
    endpoint: str = f"POST {CHAT}"

    @property
    def path(self) -> str | None:
        """The request's path; None: answers of this endpoint are not compared."""
        method, _, path = self.endpoint.partition(" ")
        return path if method == "POST" and path in COMPARED else None

    @property
    def continues(self) -> bool:
        """Tell whether the request refers to what the API stored when it was recorded."""
        return any(self.request.get(name) for name in ("previous_response_id", "conversation"))


def cases_in(folder: Path) -> list[Case]:
    """Return a folder's recordings in the order of their files; rules that are not recordings are left out.

    Args:
        folder: The folder, or one file.

    Raises:
        ScriptError: A file does not load.
    """
    return [case for placed in load([folder]).rules for case in _cases(placed)]


def _cases(placed: Placed) -> Iterator[Case]:
    asked, endpoint = placed.rule.when.request, placed.rule.when.endpoint
    named = f"POST {CHAT}" if endpoint is None else str(endpoint.plain)
    body: Any = asked.body if asked is not None else {}
    if not is_object(body) or (asked is None and endpoint is None):
        return
    for reply in placed.rule.replies():
        if reply.recorded is not None:
            yield Case(placed.id, placed.source.name, body, _answer(reply.recorded), named)


def _answer(spec: RecordedSpec) -> Answer:
    headers = {
        name.lower(): given if isinstance(given, str) else ", ".join(given) for name, given in spec.headers.items()
    }
    return Answer(spec.status, headers, b"".join(data for _, data in spec.pieces()))


def sample(cases: Sequence[Case], size: int | None, chance: Chance) -> set[int]:
    """Return the positions of the recordings to verify: a random sample of a size, or all if it is None."""
    if size is None or size >= len(cases):
        return set(range(len(cases)))
    return set(chance.random().sample(range(len(cases)), size))


@dataclass(slots=True)
class Verifier:
    """Verifies recordings.

    Attributes:
        api: The real API.
        throttle: The pace of requests.
        budget: The limits on requests and tokens.
        ignored: Patterns of drifts that do not count, by their `where`.
    """

    api: LiveAPI
    throttle: Throttle
    budget: Budget = field(default_factory=Budget)
    ignored: tuple[str, ...] = ()

    def verdicts(self, cases: Iterable[Case], chosen: set[int]) -> Iterator[Verdict]:
        """Verify recordings in order, and return each verdict as soon as it is known.

        Args:
            cases: The recordings.
            chosen: The positions of those to verify; the others are skipped.
        """
        scrubber = Scrubber(known=[self.api.key])
        return (_for_reports(verdict, scrubber) for verdict in self._verdicts(cases, chosen))

    def _verdicts(self, cases: Iterable[Case], chosen: set[int]) -> Iterator[Verdict]:
        rejected: RejectedKeyError | None = None
        for place, case in enumerate(cases):
            skipped = "not in the sample" if place not in chosen else self._obstacle(case)
            if skipped:
                yield Verdict(case.name, case.file, Outcome.SKIPPED, reason=skipped)
            elif rejected:
                yield Verdict(case.name, case.file, Outcome.UNCHECKED, reason=str(rejected))
            else:
                try:
                    yield self._verify(case)
                except NoAnswerError as failed:
                    rejected = failed if isinstance(failed, RejectedKeyError) else None
                    yield Verdict(case.name, case.file, Outcome.UNCHECKED, reason=str(failed))

    def _obstacle(self, case: Case) -> str | None:
        """Return the reason to skip a recording, if there is one."""
        if case.path is None:
            return f"only answers of models are compared, not those of {case.endpoint}"
        if is_circumstance(case.answer.status):
            return f"a {case.answer.status} cannot be reproduced"
        return self.budget.refusal(tokens_used(case.answer))

    def _verify(self, case: Case) -> Verdict:
        """Send a recording's request and compare the answers.

        Raises:
            NoAnswerError: The API gave no answer to compare with.
        """
        began = self.throttle.monotonic()
        path = case.path or CHAT
        live = self._send(path, case.request)
        if case.continues and live.status in _NOT_FOUND and case.answer.status not in _NOT_FOUND:
            raise NoAnswerError(f"the API no longer has what the request continues: {summary(live)}")
        error = _stream_error(live)
        if error and not _stream_error(case.answer):
            raise NoAnswerError(f"the API's stream broke off: {error}")
        drifts = without(_compared(case, live, path), self.ignored)
        outcome = Outcome.DRIFT if drifts else Outcome.TRUE
        return Verdict(case.name, case.file, outcome, drifts, seconds=self.throttle.monotonic() - began)

    def _send(self, path: str, request: Mapping[str, Any]) -> Answer:
        """Send a request, and retry it as long as the answer depends on the moment.

        Raises:
            RejectedKeyError: The API does not accept the key.
            NoAnswerError: No attempt brought an answer.
        """
        answer = self._send_once(path, request)
        for attempt in range(1, ATTEMPTS):
            if answer.status in REJECTED_KEY:
                raise RejectedKeyError(f"the API rejects the key: {summary(answer)}")
            if not is_circumstance(answer.status):
                return answer
            self.throttle.sleep(retry_delay(answer, attempt))
            answer = self._send_once(path, request)
        if is_circumstance(answer.status):
            raise NoAnswerError(f"still failing after {ATTEMPTS} attempts: {summary(answer)}")
        return answer

    def _send_once(self, path: str, request: Mapping[str, Any]) -> Answer:
        self.throttle.wait()
        answer = self.api.send(path, request)
        self.budget.requests += 1
        self.budget.tokens += tokens_used(answer)
        return answer


def _compared(case: Case, live: Answer, path: str) -> Iterator[Drift]:
    """Yield the drift of an answer, which may be anything."""
    try:
        yield from compare(case.request, case.answer, live, path)
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError):
        yield Drift("body", "an answer of this API", "something else")


def _for_reports(verdict: Verdict, scrubber: Scrubber) -> Verdict:
    """Return a verdict of bounded size, without secrets that the API repeated; reports are files that others read."""

    def clean(text: str) -> str:
        cut = text if len(text) <= LONGEST else f"{scrubber.text(text[: 2 * LONGEST])[:LONGEST]}\u2026"
        return escaped(scrubber.text(cut))

    drifts = tuple(
        Drift(clean(drift.where), clean(drift.recorded), clean(drift.live)) for drift in verdict.drifts[:MOST_DRIFTS]
    )
    reason = clean(verdict.reason)
    if more := len(verdict.drifts) - len(drifts):
        reason = f"{more} further differences are not listed"
    name, file = escaped(verdict.name), escaped(verdict.file)
    return replace(verdict, name=name, file=file, drifts=drifts, reason=reason)


def _stream_error(answer: Answer) -> str | None:
    """Return the message of the error that ended a stream, if one did."""
    stream = answer.stream()
    return str(stream.error.get("message")) if stream and stream.error else None


def tokens_used(answer: Answer) -> int:
    """Return the number of tokens that an answer reports; 0 if it reports none."""
    stream = answer.stream()
    if stream is None:
        return _total((answer.json() or {}).get("usage"))
    held = (as_object(chunk.get("response")) or chunk for chunk in stream.chunks)
    usage = [one["usage"] for one in held if one.get("usage")]
    return _total(usage[-1]) if usage else 0


def _total(usage: Any) -> int:
    total = as_object(usage).get("total_tokens")
    return total if isinstance(total, int) else 0
