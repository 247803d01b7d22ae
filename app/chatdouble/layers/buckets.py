"""Token buckets: the sizes that limits set, and the errors of a bucket that has no room."""

from math import ceil
from typing import Final, Literal, NamedTuple

from pydantic import PositiveInt

from chatdouble.core.clock import ALMOST
from chatdouble.core.errors import APIError
from chatdouble.scripts.format.base import Spec
from chatdouble.validation.wording import refusals

MINUTE: Final = 60
DAY: Final = 86_400

ADVERTISED: Final = {"requests": 10_000, "tokens": 30_000_000}
"""The limits a minute that headers show when none is set, as in many recordings (limits#headers)."""

IMAGES: Final = 50_000
"""The images a minute that every account may show, as most recordings have it (headers#responses)."""

Kind = Literal["requests", "tokens"]


class LimitSpec(Spec):
    """Rate limits of one session and model. A limit that is not set never refuses.

    Attributes:
        requests_per_minute: Requests a minute.
        tokens_per_minute: Tokens a minute.
        requests_per_day: Requests a day.
        tokens_per_day: Tokens a day.
        quota_exhausted: Whether the account has no credit left, so that every request is refused.
    """

    requests_per_minute: PositiveInt | None = None
    tokens_per_minute: PositiveInt | None = None
    requests_per_day: PositiveInt | None = None
    tokens_per_day: PositiveInt | None = None
    quota_exhausted: bool = False


class Bucket(NamedTuple):
    """One limit, which refills evenly within `seconds`.

    Attributes:
        kind: The unit, also the `type` of its error.
        name: Its name in errors.
        size: Its capacity.
        seconds: The time in which it refills.
        refuses: Whether it refuses requests, or only counts them.
    """

    kind: Kind
    name: str
    size: int
    seconds: int
    refuses: bool = True

    @property
    def rate(self) -> float:
        """The amount that refills in a second."""
        return self.size / self.seconds

    def refill(self, used: float) -> float:
        """Return the seconds until an amount has refilled."""
        return used * self.seconds / self.size


State = list[float]
"""When the buckets were last counted, in seconds since 1970, then the used amount of each."""


class OverError(Exception):
    """A bucket cannot hold the amount that a request takes.

    Attributes:
        bucket: The first such bucket.
        used: What is used of it.
        asked: The amount.
        state: The state of all buckets, with nothing taken.
    """

    def __init__(self, bucket: Bucket, used: float, asked: int, state: State) -> None:
        super().__init__(bucket.name)
        self.bucket = bucket
        self.used = used
        self.asked = asked
        self.state = state


def limit_reached(over: OverError, where: str) -> APIError:
    """Return the API's error for a request that a bucket has no room for now (limits#refusals).

    The wait is computed from whole numbers: the share (used + requested - limit) / limit of the refill time.
    """
    bucket, used = over.bucket, ceil(over.used - ALMOST)
    wait = bucket.refill(used + over.asked - bucket.size)
    return refusals.limit_reached(_over(over, where), wait).with_headers(
        {"retry-after": str(max(1, ceil(wait - ALMOST))), "retry-after-ms": str(ceil(wait * 1000 - ALMOST))}
    )


def request_too_large(over: OverError, where: str) -> APIError:
    """Return the API's error for a request that exceeds a whole bucket; it names no wait (limits#refusals)."""
    return refusals.request_too_large(_over(over, where))


def _over(over: OverError, where: str) -> refusals.OverLimit:
    bucket = over.bucket
    return refusals.OverLimit(where, bucket.kind, bucket.size, ceil(over.used - ALMOST), over.asked)
