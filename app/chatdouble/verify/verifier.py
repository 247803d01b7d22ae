"""Recordings checked one after the other, within limits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from chatdouble.core.chance import Chance
from chatdouble.core.json import as_object, is_object
from chatdouble.recordings.redaction import Scrubber
from chatdouble.scripts.format.raw_reply import RecordedSpec
from chatdouble.scripts.reading.load import Placed, load
from chatdouble.verify.asking import (
    LOCKED_OUT,
    Budget,
    LockedOutError,
    Rate,
    UnansweredError,
    Upstream,
    is_circumstance,
    pause,
    told,
)
from chatdouble.verify.comparing import EVENT_STREAM, Answer, compare
from chatdouble.verify.drift import Drift, without
from chatdouble.verify.reports import Outcome, Verdict
from chatdouble.verify.streams import read

ATTEMPTS: Final = 3
"""How often an upstream in trouble is asked."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording, as far as it can be checked.

    Attributes:
        name: Its name.
        file: The file it is in.
        request: The request's body.
        answer: What was answered to it.
    """

    name: str
    file: str
    request: dict[str, Any]
    answer: Answer


def sample(recordings: Sequence[Recorded], size: int | None, chance: Chance) -> set[int]:
    """Return the places of the recordings to check: all of them, or so many, drawn at random."""
    if size is None or size >= len(recordings):
        return set(range(len(recordings)))
    return set(chance.random().sample(range(len(recordings)), size))


@dataclass(slots=True)
class Verifier:
    """Checks recordings.

    Attributes:
        upstream: What is asked.
        rate: How fast.
        budget: How much.
        ignored: Which drifts do not count, as patterns of where they are.
    """

    upstream: Upstream
    rate: Rate
    budget: Budget = field(default_factory=Budget)
    ignored: tuple[str, ...] = ()

    def verdicts(self, recordings: Iterable[Recorded], chosen: set[int]) -> Iterator[Verdict]:
        """Check recordings in order, and say what became of each as soon as it is known.

        Args:
            recordings: The recordings.
            chosen: The places of those to check; the others are skipped.
        """
        scrubber = Scrubber(known=[self.upstream.key])
        return (_without_secrets(verdict, scrubber) for verdict in self._verdicts(recordings, chosen))

    def _verdicts(self, recordings: Iterable[Recorded], chosen: set[int]) -> Iterator[Verdict]:
        locked: LockedOutError | None = None
        for place, recorded in enumerate(recordings):
            skipped = "not in the sample" if place not in chosen else self._obstacle(recorded)
            if skipped:
                yield Verdict(recorded.name, recorded.file, Outcome.SKIPPED, reason=skipped)
            elif locked:
                yield Verdict(recorded.name, recorded.file, Outcome.UNCHECKED, reason=str(locked))
            else:
                try:
                    yield self._check(recorded)
                except UnansweredError as trouble:
                    locked = trouble if isinstance(trouble, LockedOutError) else None
                    yield Verdict(recorded.name, recorded.file, Outcome.UNCHECKED, reason=str(trouble))

    def _obstacle(self, recorded: Recorded) -> str | None:
        """Return why a recording is not sent, if there is a reason."""
        if is_circumstance(recorded.answer.status):
            return f"no request brings a {recorded.answer.status} about"
        return self.budget.exceeded(tokens_used(recorded.answer))

    def _check(self, recorded: Recorded) -> Verdict:
        """Ask the upstream and compare.

        Raises:
            UnansweredError: There was nothing to compare with.
        """
        began = self.rate.monotonic()
        live = self._ask(recorded.request)
        trouble = _broke_off(live)
        if trouble and not _broke_off(recorded.answer):
            raise UnansweredError(f"the upstream's stream broke off: {trouble}")
        drifts = without(compare(recorded.request, recorded.answer, live), self.ignored)
        outcome = Outcome.DRIFT if drifts else Outcome.TRUE
        return Verdict(recorded.name, recorded.file, outcome, drifts, seconds=self.rate.monotonic() - began)

    def _ask(self, request: Mapping[str, Any]) -> Answer:
        """Return the upstream's answer, asking again while there is trouble that may pass.

        Raises:
            LockedOutError: The key is not taken.
            UnansweredError: There was no answer, or only trouble.
        """
        answer = self._once(request)
        for attempt in range(1, ATTEMPTS):
            if answer.status in LOCKED_OUT:
                raise LockedOutError(f"the upstream does not take the key: {told(answer)}")
            if not is_circumstance(answer.status):
                return answer
            self.rate.sleep(pause(answer, attempt))
            answer = self._once(request)
        if is_circumstance(answer.status):
            raise UnansweredError(f"after {ATTEMPTS} attempts still {told(answer)}")
        return answer

    def _once(self, request: Mapping[str, Any]) -> Answer:
        self.rate.wait()
        answer = self.upstream.ask(request)
        self.budget.requests += 1
        self.budget.tokens += tokens_used(answer)
        return answer


def _without_secrets(verdict: Verdict, scrubber: Scrubber) -> Verdict:
    """Return a verdict without what an upstream may have repeated; reports are files that others read."""
    drifts = (Drift(drift.where, scrubber.text(drift.recorded), scrubber.text(drift.live)) for drift in verdict.drifts)
    return replace(verdict, drifts=tuple(drifts), reason=scrubber.text(verdict.reason))


def _broke_off(answer: Answer) -> str | None:
    """Return what the error says that ended a stream, if one did."""
    error = read(answer.body).error if answer.content_type == EVENT_STREAM else None
    return str(error.get("message")) if error else None


def tokens_used(answer: Answer) -> int:
    """Return the tokens that an answer says it took; 0 where it does not say."""
    if answer.content_type == EVENT_STREAM:
        usage = [chunk["usage"] for chunk in read(answer.body).chunks if chunk.get("usage")]
        return _total(usage[-1]) if usage else 0
    return _total((answer.json() or {}).get("usage"))


def _total(usage: Any) -> int:
    total = as_object(usage).get("total_tokens")
    return total if isinstance(total, int) else 0


def recordings_of(folder: Path) -> list[Recorded]:
    """Return a folder's recordings in the order of their files; other rules are none.

    Args:
        folder: The folder, or one file.

    Raises:
        ScriptError: Files cannot be read.
    """
    return [recorded for placed in load([folder]).rules for recorded in _recorded(placed)]


def _recorded(placed: Placed) -> Iterator[Recorded]:
    rule = placed.rule
    asked = rule.when.request
    if asked is None or not is_object(asked.body):
        return
    for reply in rule.replies():
        if reply.recorded is not None:
            yield Recorded(placed.id, placed.source.name, asked.body, _answer(reply.recorded))


def _answer(spec: RecordedSpec) -> Answer:
    headers = {
        name.lower(): given if isinstance(given, str) else ", ".join(given) for name, given in spec.headers.items()
    }
    return Answer(spec.status, headers, b"".join(data for _, data in spec.pieces()))
