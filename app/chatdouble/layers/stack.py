"""The layers around every backend, in one ordered list."""

from collections.abc import Callable
from functools import reduce

from chatdouble.backend import Backend
from chatdouble.layers.buckets import LimitSpec
from chatdouble.layers.faults.layer import Faulty
from chatdouble.layers.limits import Limits
from chatdouble.layers.pace import Paced
from chatdouble.layers.queue import Queued
from chatdouble.scripts.format.delivery import JitterSpec, PaceSpec
from chatdouble.settings import Settings


def wrap(backend: Backend, settings: Settings, other: Callable[[str], Backend]) -> Backend:
    """Return a backend with its layers around it.

    Args:
        backend: What answers.
        settings: The server's settings.
        other: Makes another backend by its name, for queued replies that name one.
    """
    # From the inside out. Queued replies stand before the backend, whatever it is. Pace is nearest to what it times.
    # Faults come before the backend is asked where they stand in place of an answer. Limits are outermost: what is
    # over a limit reaches nothing, and an error that was injected still tells what is left.
    layers: tuple[Callable[[Backend], Backend], ...] = (
        lambda inner: Queued(inner, other),
        lambda inner: Paced(inner, _pace(settings), settings.pace),
        Faulty,
        lambda inner: Limits(inner, _limits(settings), settings.organization, settings.limits),
    )
    return reduce(lambda inner, layer: layer(inner), layers, backend)


def _pace(settings: Settings) -> PaceSpec | None:
    if settings.ttft is None and settings.tokens_per_second is None:
        return None
    return PaceSpec(
        ttft=settings.ttft or 0.0,
        tokens_per_second=settings.tokens_per_second,
        jitter=settings.jitter or JitterSpec(),
    )


def _limits(settings: Settings) -> LimitSpec:
    return LimitSpec(
        requests_per_minute=settings.requests_per_minute,
        tokens_per_minute=settings.tokens_per_minute,
        requests_per_day=settings.requests_per_day,
        tokens_per_day=settings.tokens_per_day,
        quota_exhausted=settings.quota_exhausted,
    )
