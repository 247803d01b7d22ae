"""The layers around every backend, in one ordered list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from chatdouble.backend import Backend
from chatdouble.layers.buckets import LimitSpec
from chatdouble.layers.faults.layer import Faulty
from chatdouble.layers.limits import Limits
from chatdouble.layers.pace import Paced
from chatdouble.layers.queue import Queued
from chatdouble.layers.rules import Ruled
from chatdouble.layers.turns import Conversing
from chatdouble.scripts.format.delivery import PaceSpec


@dataclass(frozen=True, slots=True)
class Defaults:
    """The server's own pace and limits, for sessions that set none.

    Attributes:
        pace: The pace of every model; None: everything at once.
        paces: The paces of single models.
        limits: The limits of every model.
        limits_by_model: The limits of single models.
        organization: The organization that errors name.
    """

    pace: PaceSpec | None = None
    paces: Mapping[str, PaceSpec] = field(default_factory=dict[str, PaceSpec])
    limits: LimitSpec = field(default_factory=LimitSpec)
    limits_by_model: Mapping[str, LimitSpec] = field(default_factory=dict[str, LimitSpec])
    organization: str = "org-chatdouble"


def wrap(backend: Backend, defaults: Defaults, other: Callable[[str], Backend]) -> Limits:
    """Return a backend with its layers around it, the limits outermost.

    Args:
        backend: The backend.
        defaults: The server's own pace and limits.
        other: Returns another backend by its name, for turns and queued replies that name one.
    """
    # From the inside out. Added rules are part of any backend. Queued replies answer before it, and turns before those.
    # Pace is nearest to what it times. Faults that stand in place of an answer come before the backend is asked. Limits
    # are outermost: what is over a limit reaches nothing, and an injected error still tells what is left.
    layers: tuple[Callable[[Backend], Backend], ...] = (
        lambda inner: Ruled(inner, other),
        lambda inner: Queued(inner, other),
        lambda inner: Conversing(inner, other),
        lambda inner: Paced(inner, defaults.pace, defaults.paces),
        Faulty,
    )
    inner = reduce(lambda inner, layer: layer(inner), layers, backend)
    return Limits(inner, defaults.limits, defaults.organization, defaults.limits_by_model)
