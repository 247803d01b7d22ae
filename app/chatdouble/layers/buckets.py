"""Token buckets: the arithmetic of rate limits, with time as an argument."""

from typing import Final, Literal, NamedTuple

from pydantic import PositiveInt

from chatdouble.core.clock import ALMOST
from chatdouble.core.head import Pairs, duration_of
from chatdouble.scripts.format.base import Spec

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
    """A bucket cannot hold what is asked of it.

    Attributes:
        bucket: The first such bucket.
        used: What is used of it.
        asked: What was asked of it.
        state: The state of all buckets, with nothing taken.
    """

    def __init__(self, bucket: Bucket, used: float, asked: int, state: State) -> None:
        super().__init__(bucket.name)
        self.bucket = bucket
        self.used = used
        self.asked = asked
        self.state = state


class Plan:
    """The buckets of one model: those that are set, and of a kind without any one that only counts.

    Attributes:
        exhausted: Whether the quota is used up, so that the buckets do not matter.
        buckets: Requests before tokens, minutes before days; the first that is over is the one reported.
    """

    def __init__(self, spec: LimitSpec) -> None:
        requests = _buckets("requests", spec.requests_per_minute, spec.requests_per_day)
        tokens = _buckets("tokens", spec.tokens_per_minute, spec.tokens_per_day)
        self.exhausted = spec.quota_exhausted
        self.buckets = (*requests, *tokens)
        self._rates = [bucket.rate for bucket in self.buckets]
        self._requests, self._requests_at = requests[-1], len(requests)
        self._tokens, self._tokens_at = tokens[-1], len(requests) + len(tokens)
        self._sizes: Pairs = [
            (b"x-ratelimit-limit-requests", b"%d" % self._requests.size),
            (b"x-ratelimit-limit-tokens", b"%d" % self._tokens.size),
        ]

    def now(self, held: State | None, at: float) -> State:
        """Return the state as it is at a time, refilled since its last look; None: nothing is used."""
        return self.take(at, 0, held, requests=0)

    def take(self, at: float, tokens: int, held: State | None, requests: int = 1) -> State:
        """Return the state once a request of so many tokens has come at a time.

        Raises:
            OverError: A bucket that refuses cannot hold it; one that only counts is never more than full.
        """
        if held is None or len(held) != len(self.buckets) + 1:
            state = [at] + [0.0] * len(self.buckets)
        elif at <= held[0]:
            state = [*held]
        else:
            elapsed = at - held[0]
            # To check that they are as many takes a third more.
            left = [spent - elapsed * rate for rate, spent in zip(self._rates, held[1:])]  # noqa: B905
            state = [at, *[amount if amount > 0 else 0.0 for amount in left]]
        for place, bucket in enumerate(self.buckets, 1):
            asked = requests if place <= self._requests_at else tokens
            after = state[place] + asked
            if after > bucket.size:
                if bucket.refuses and after > bucket.size + ALMOST:
                    raise OverError(bucket, state[place], asked, self.now(held, at))
                after = bucket.size
            state[place] = after
        return state

    def headers(self, state: State) -> Pairs:
        """Return the six headers; a day's limit goes before a minute's, as in the recorded 429 (limits#headers)."""
        requests, tokens = self._requests, self._tokens
        requests_used, tokens_used = state[self._requests_at], state[self._tokens_at]
        requests_left, tokens_left = requests.size - requests_used + ALMOST, tokens.size - tokens_used + ALMOST
        requests_wait = int(requests_used * requests.seconds / requests.size * 1000 + ALMOST)
        tokens_wait = int(tokens_used * tokens.seconds / tokens.size * 1000 + ALMOST)
        return [
            *self._sizes,
            (b"x-ratelimit-remaining-requests", b"%d" % requests_left if requests_left > 0 else b"0"),
            (b"x-ratelimit-remaining-tokens", b"%d" % tokens_left if tokens_left > 0 else b"0"),
            (b"x-ratelimit-reset-requests", duration_of(requests_wait)),
            (b"x-ratelimit-reset-tokens", duration_of(tokens_wait)),
        ]


def _buckets(kind: Kind, per_minute: int | None, per_day: int | None) -> list[Bucket]:
    letter = kind[0].upper()
    rows = (
        (f"{kind} per min ({letter}PM)", per_minute, MINUTE),
        (f"{kind} per day ({letter}PD)", per_day, DAY),
    )
    found = [Bucket(kind, name, size, seconds) for name, size, seconds in rows if size is not None]
    return found or [Bucket(kind, "", ADVERTISED[kind], MINUTE, refuses=False)]
