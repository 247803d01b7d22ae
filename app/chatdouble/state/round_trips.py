"""Round trips to a store that is not in this process."""

from dataclasses import dataclass, field

from chatdouble.core.histogram import DELAY_SECONDS, Histogram


@dataclass(slots=True, eq=False, repr=False)
class RoundTrips:
    """The round trips that this process made.

    Attributes:
        seconds: How long those took that succeeded.
        failures: The number of those that failed.
    """

    seconds: Histogram = field(default_factory=lambda: Histogram(DELAY_SECONDS))
    failures: int = 0
