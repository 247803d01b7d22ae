"""Pace: the due times of an answer's pieces, with seeded variation."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count, repeat
from typing import Final

from chatdouble.backend import Backend, Call, Reply
from chatdouble.backend.delivery import Pace
from chatdouble.core.chance import Chance
from chatdouble.layers.overrides import EVERY, of_model, overridden, override_models
from chatdouble.scripts.format.delivery import Distribution, PaceSpec
from chatdouble.state.session import Session


def _uniform(chance: Chance, share: float) -> Iterator[float]:
    drawn = chance.random()
    while True:
        yield max(0.0, drawn.uniform(1 - share, 1 + share))


def _log_normal(chance: Chance, sigma: float) -> Iterator[float]:
    drawn = chance.random()
    while True:
        yield drawn.lognormvariate(-sigma * sigma / 2, sigma)


VARIATIONS: Final[dict[Distribution, Callable[[Chance, float], Iterator[float]]]] = {
    "fixed": lambda _, __: repeat(1.0),
    "uniform": _uniform,
    "log_normal": _log_normal,
}
"""Factors by which delays are multiplied, for each distribution; their mean is 1 (uniform: up to a share of 1)."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Steady(Pace):
    """A time to the first token, then tokens at a rate.

    The chunk that opens a stream and the one with the first token are due together; each later chunk is one gap
    after the one before it.

    Attributes:
        spec: The pace; its offsets are not used.
        chance: Randomness of the delays.
    """

    spec: PaceSpec
    chance: Chance

    def offsets(self) -> Iterator[float]:
        """Yield the due time of each chunk, in seconds after the request, without end."""
        spec, jitter = self.spec, self.spec.jitter
        gap = spec.chunk_tokens / spec.tokens_per_second if spec.tokens_per_second else 0.0
        if not jitter.share:
            return chain((spec.ttft,), count(spec.ttft, gap))
        return self._varied(gap, VARIATIONS[jitter.distribution](self.chance, jitter.share))

    def _varied(self, gap: float, factors: Iterator[float]) -> Iterator[float]:
        due = self.spec.ttft * next(factors)
        yield due
        for factor in factors:
            yield due
            due += gap * factor


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Recorded(Pace):
    """The due times of a recording, played at a speed.

    Attributes:
        times: Seconds after the request for each chunk in turn.
        speed: How many times faster than recorded.
    """

    times: tuple[float, ...]
    speed: float

    def offsets(self) -> Iterator[float]:
        """Return the recorded due times divided by the speed."""
        return (time / self.speed for time in self.times)


class Paced:
    """A layer that sets the pace of answers: the reply's own, else the session's, the model's, the server's.

    Pace settings are not merged: the most specific one replaces the others, and omitted fields use defaults.

    Args:
        inner: The backend; a pace that it sets itself stays.
        default: The server's pace; None: everything at once.
        models: The pace of single models, by name or dated name.

    Attributes:
        is_set: Whether there is a pace for sessions and replies that set none.
    """

    def __init__(
        self, inner: Backend, default: PaceSpec | None = None, models: Mapping[str, PaceSpec] | None = None
    ) -> None:
        self._inner = inner
        self._default = default
        self._models = dict(models or {})
        self.is_set: Final = default is not None or bool(models)

    async def reply(self, call: Call) -> Reply:
        """Answer a call and set the pace of the answer."""
        reply = await self._inner.reply(call)
        self.choose(call)
        return reply

    def choose(self, call: Call) -> None:
        """Set the pace of a call's answer."""
        delivery = call.delivery
        if delivery.pace is None:
            spec = delivery.wanted_pace or self._default
            if delivery.wanted_pace is None and (call.overrides.pace or self._models):
                spec = self._nearest(call)
            if spec is not None:
                delivery.pace = made(spec, call.chance.at("pace"))
                delivery.chunk_tokens = spec.chunk_tokens

    def _nearest(self, call: Call) -> PaceSpec | None:
        if call.overrides.pace and (kept := overridden(call.overrides.pace, call.model)) is not None:
            return PaceSpec.model_validate(kept)
        return (of_model(self._models, call.model) if self._models else None) or self._default


def made(spec: PaceSpec, chance: Chance) -> Pace:
    """Return the pace of a spec."""
    if spec.offsets is not None:
        return Recorded(spec.offsets, spec.speed)
    return Steady(spec, chance)


async def set_pace(session: Session, spec: PaceSpec | None, model: str = EVERY) -> None:
    """Set a session's pace, for one model or for every one; None clears it, or those of every model."""
    await override_models(session, "pace", spec, model)
