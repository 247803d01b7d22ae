"""The layers around every backend, in one ordered list."""

from chatdouble.backend import Backend
from chatdouble.layers.buckets import LimitSpec
from chatdouble.layers.limits import Limits
from chatdouble.settings import Settings


def wrap(backend: Backend, settings: Settings) -> Backend:
    """Provisional: limits only."""
    return Limits(backend, LimitSpec(), settings.organization)
