"""Pace in script files, and the way replies pass their pace and faults on to the layers."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from chatdouble.backend.delivery import Delivery
from chatdouble.scripts.format.base import STRING, Spec

if TYPE_CHECKING:
    from chatdouble.scripts.format.faults import FaultSpec

Distribution = Literal["fixed", "uniform", "log_normal"]

_JITTER: Final = r"fixed|((?P<name>uniform|lognormal):)?(?P<share>\d+(\.\d+)?|\.\d+)"
_DISTRIBUTIONS: Final[dict[str, Distribution]] = {"uniform": "uniform", "lognormal": "log_normal"}


class JitterSpec(Spec):
    """Random variation of delays. A number is the share of a uniform one; `uniform:0.2`, `lognormal:0.5` also work.

    Attributes:
        share: The variation as a share of the delay: half the width if uniform, sigma if log-normal.
        distribution: The distribution of the delays; `fixed` has no variation.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "number", "minimum": 0}, STRING)

    share: Annotated[NonNegativeFloat, Field(le=1000)] = 0.0
    distribution: Distribution = "uniform"

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a number as the share, and the strings of settings: `fixed`, `uniform:0.2`, `lognormal:0.5`."""
        if isinstance(given, str):
            return _parsed_jitter(given)
        return {"share": given} if isinstance(given, int | float) else given


def _parsed_jitter(text: str) -> dict[str, Any]:
    found = re.fullmatch(_JITTER, text.strip())
    if found is None:
        raise ValueError(
            f"{text!r} is not a jitter; use fixed, uniform:SHARE or lognormal:SIGMA, for example uniform:0.2"
        )
    if found["share"] is None:
        return {"distribution": "fixed"}
    return {"share": float(found["share"]), "distribution": _DISTRIBUTIONS[found["name"] or "uniform"]}


class PaceSpec(Spec):
    """The times at which the pieces of an answer are sent, for streams and whole answers alike.

    Attributes:
        ttft: Seconds from the request to the first token.
        tokens_per_second: Tokens per second after the first; None: all at once.
        jitter: Random variation of both.
        chunk_tokens: Tokens per chunk.
        offsets: Seconds after the request for each chunk, as recorded; used alone or with `speed`.
        speed: The factor by which playback of `offsets` is faster than recorded.
    """

    ttft: NonNegativeFloat = 0.0
    tokens_per_second: PositiveFloat | None = None
    jitter: JitterSpec = JitterSpec.model_construct()
    chunk_tokens: Annotated[PositiveInt, Field(le=1_000_000_000)] = 1
    offsets: tuple[NonNegativeFloat, ...] | None = None
    speed: PositiveFloat = 1.0


def ask(delivery: Delivery, pace: PaceSpec | None, faults: "Sequence[FaultSpec]", occasion: str) -> None:
    """Request a pace and faults for an answer; the layers read them once the backend has answered.

    Args:
        delivery: The answer's delivery.
        pace: The pace; None keeps an earlier one.
        faults: The faults in order; none keeps earlier ones.
        occasion: The source of the faults, such as a rule; `probability` and `times` count for each one separately.
    """
    if pace is not None:
        delivery.wanted_pace = pace
    if faults:
        delivery.wanted_faults, delivery.wanted_by = tuple(faults), occasion
