"""How a script, a queued reply or a control request words pace and faults: data, made real by the layers."""

import re
from collections.abc import Sequence
from typing import Any, ClassVar, Final, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from chatdouble.backend.delivery import Delivery
from chatdouble.scripts.format.base import INTEGER, STRING, Spec

Distribution = Literal["fixed", "uniform", "log_normal"]

FaultName = Literal[
    "error",
    "reset",
    "disconnect",
    "stall",
    "slow_body",
    "malformed_json",
    "broken_frame",
    "merged_frames",
    "split_frames",
    "missing_done",
    "error_event",
    "wrong_content_type",
    "empty_body",
    "duplicate_chunk",
    "out_of_order_chunks",
    "corrupt_tool_arguments",
    "wrong_ids",
]

POSITION: Final = frozenset({"after_chunks", "after_seconds"})
"""The options that say where in a stream a fault happens."""

OPTIONS: Final[dict[str, frozenset[str]]] = {
    "error": frozenset({"status", "message", "type", "code", "retry_after"}),
    "reset": frozenset(),
    "disconnect": POSITION,
    "stall": POSITION,
    "slow_body": frozenset({"bytes_per_second"}),
    "malformed_json": frozenset({"after_chunks"}),
    "broken_frame": frozenset({"after_chunks"}),
    "merged_frames": frozenset(),
    "split_frames": frozenset(),
    "missing_done": frozenset(),
    "error_event": POSITION | {"message", "type", "code"},
    "wrong_content_type": frozenset({"content_type"}),
    "empty_body": frozenset(),
    "duplicate_chunk": frozenset({"after_chunks"}),
    "out_of_order_chunks": frozenset({"after_chunks"}),
    "corrupt_tool_arguments": frozenset(),
    "wrong_ids": frozenset(),
}
"""Which options each fault takes; `share` and `first` go with all of them."""


_WRITTEN: Final = re.compile(r"fixed|((?P<name>uniform|lognormal):)?(?P<share>\d+(\.\d+)?|\.\d+)")
_NAMES: Final[dict[str, Distribution]] = {"uniform": "uniform", "lognormal": "log_normal"}


class JitterSpec(Spec):
    """How much delays vary; a number is the share of a uniform spread, as in `uniform:0.2`, or `lognormal:0.5`.

    Attributes:
        share: The spread as a share of the delay: half the width of a uniform one, sigma of a log-normal.
        distribution: How delays are spread; `fixed` has none.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "number", "minimum": 0}, STRING)

    share: NonNegativeFloat = 0.0
    distribution: Distribution = "uniform"

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take a number as the share, and the words of settings: `fixed`, `uniform:0.2`, `lognormal:0.5`."""
        if isinstance(given, str):
            return _jitter_of(given)
        return {"share": given} if isinstance(given, int | float) else given


def _jitter_of(text: str) -> dict[str, Any]:
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"{text!r} is no jitter; give fixed, uniform:SHARE or lognormal:SIGMA, for example uniform:0.2"
        )
    if found["share"] is None:
        return {"distribution": "fixed"}
    return {"share": float(found["share"]), "distribution": _NAMES[found["name"] or "uniform"]}


class PaceSpec(Spec):
    """When the pieces of an answer are due, for streams and whole answers alike.

    Attributes:
        ttft: Seconds from the request to the first token.
        tokens_per_second: Tokens a second after the first; None: all at once.
        jitter: How much both vary.
        chunk_tokens: Tokens in one chunk.
        offsets: Seconds after the request for each chunk in turn, as recorded; set alone or with `speed`.
        speed: How many times faster than `offsets` says.
    """

    ttft: NonNegativeFloat = 0.0
    tokens_per_second: PositiveFloat | None = None
    jitter: JitterSpec = JitterSpec()
    chunk_tokens: PositiveInt = 1
    offsets: tuple[NonNegativeFloat, ...] | None = None
    speed: PositiveFloat = 1.0


class FaultSpec(Spec):
    """Something that goes wrong with an answer: a name and the options that go with it.

    A plain string is a fault's name without options. Options that the fault does not take are errors.

    Attributes:
        name: Which fault; `OPTIONS` lists what each takes.
        after_chunks: It happens after this many chunks; None: the fault's own default.
        after_seconds: It happens this many seconds after the request.
        bytes_per_second: How slowly a body is sent.
        status: The HTTP status of an error.
        message: The error's words.
        type: The error's `type`.
        code: The error's `code`.
        retry_after: Seconds for `retry-after` and `retry-after-ms`.
        content_type: The content type sent instead of the right one.
        share: The share of answers it happens to, drawn from the seed; None: all.
        first: It happens to the first so many answers of a session only; None: to all.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = ({"enum": [*OPTIONS]},)
    ALWAYS: ClassVar[frozenset[str]] = frozenset({"name", "share", "first"})

    name: FaultName
    after_chunks: NonNegativeInt | None = None
    after_seconds: NonNegativeFloat | None = None
    bytes_per_second: PositiveFloat | None = None
    status: int | None = Field(default=None, ge=400, le=599)
    message: str | None = None
    type: str | None = None
    code: str | None = None
    retry_after: NonNegativeFloat | None = None
    content_type: str | None = None
    share: float | None = Field(default=None, ge=0, le=1)
    first: PositiveInt | None = None

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take a plain string as the fault's name."""
        return {"name": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _options_fit(self) -> "FaultSpec":
        """Refuse options that this fault has no use for."""
        extra = sorted(self.model_fields_set - self.ALWAYS - OPTIONS[self.name])
        if extra:
            takes = ", ".join(sorted(OPTIONS[self.name])) or "no options"
            raise ValueError(f"the fault {self.name!r} does not take {', '.join(extra)}; it takes {takes}")
        return self


def ask(delivery: Delivery, pace: PaceSpec | None, faults: Sequence[FaultSpec], occasion: str) -> None:
    """Say how an answer should travel; the pace and fault layers read it once the backend has answered.

    Args:
        delivery: The answer's delivery.
        pace: Its pace; None leaves what was asked before.
        faults: What goes wrong, in order.
        occasion: What the faults belong to (a rule, a queued reply): `share` and `first` count per occasion.
    """
    if pace is not None:
        delivery.wanted_pace = pace
    if faults:
        delivery.wanted_faults, delivery.wanted_by = tuple(faults), occasion


class ErrorSpec(Spec):
    """An error in the API's envelope. A number is its status.

    Attributes:
        status: The HTTP status.
        message: Its words, a template; None: what the API says with this status.
        type: The envelope's `type`; None: the API's with this status.
        param: The envelope's `param`.
        code: The envelope's `code`; None: the API's with this status, unless the type was set.
        headers: Further response headers; templates.
        retry_after: Seconds for `retry-after` (whole, rounded up) and `retry-after-ms`.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = (INTEGER,)

    status: int = Field(default=500, ge=400, le=599)
    message: str | None = None
    type: str | None = None
    param: str | None = None
    code: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    retry_after: NonNegativeFloat | None = None

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take a number as the status."""
        return {"status": given} if isinstance(given, int) else given
