"""Numbers within bounds, of a size that suits the name of the property."""

import math
import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from typing import Final

from chatdouble.json_schema.generate.intersection import Keywords
from chatdouble.json_schema.generate.strings import words_of

_TRIES: Final = 64
_DIGITS: Final = (1, 2, 4, 8, 16)

# The usual range of a quantity, by the last word of its name.
_USUAL_RANGES: Final[dict[str, tuple[float, float]]] = {
    "age": (18, 80),
    "year": (1990, 2030),
    "month": (1, 12),
    "day": (1, 28),
    "hour": (0, 23),
    "hours": (1, 24),
    "minute": (0, 59),
    "minutes": (1, 60),
    "second": (0, 59),
    "seconds": (1, 60),
    "rating": (1, 5),
    "stars": (1, 5),
    "score": (1, 10),
    "price": (5, 200),
    "amount": (5, 500),
    "cost": (5, 500),
    "total": (10, 1000),
    "quantity": (1, 10),
    "count": (1, 20),
    "temperature": (-5, 35),
    "temp": (-5, 35),
    "humidity": (20, 90),
    "percentage": (0, 100),
    "percent": (0, 100),
    "latitude": (-60, 60),
    "lat": (-60, 60),
    "longitude": (-180, 180),
    "lng": (-180, 180),
    "lon": (-180, 180),
    "population": (10_000, 5_000_000),
    "salary": (30_000, 150_000),
    "weight": (50, 100),
    "height": (150, 200),
    "port": (1024, 49_151),
    "id": (1, 9999),
    "timestamp": (1_600_000_000, 1_800_000_000),
}
_FRACTIONS: Final = frozenset({"confidence", "probability", "likelihood", "ratio", "similarity"})


def integer(keywords: Keywords, name: str, rng: random.Random) -> int:
    """Return an integer within the bounds, or the nearest one if there is none.

    Args:
        keywords: The schema's `minimum`, `exclusiveMaximum`, `multipleOf` and so on.
        name: The property's name.
        rng: The source of randomness.
    """
    low, high = _bounds(keywords)
    whole_low = None if low is None else _inside(low, keywords.get("exclusiveMinimum"), up=True)
    whole_high = None if high is None else _inside(high, keywords.get("exclusiveMaximum"), up=False)
    step = Fraction(str(keywords.get("multipleOf", 1)))
    step = Fraction(step.numerator)  # the integers among the multiples of p/q are the multiples of p
    drawn = (step * _steps(whole_low, whole_high, step, name, rng) for _ in range(_TRIES))
    return int(_first_multiple((int(one) for one in drawn), keywords))


def number(keywords: Keywords, name: str, rng: random.Random) -> float:
    """Return a number within the bounds, or the nearest one if there is none.

    Args:
        keywords: The schema's `minimum`, `exclusiveMaximum`, `multipleOf` and so on.
        name: The property's name.
        rng: The source of randomness.
    """
    low, high = _bounds(keywords)
    if "multipleOf" in keywords:
        step = Fraction(str(keywords["multipleOf"]))
        drawn = (step * _steps(low, high, step, name, rng) for _ in range(_TRIES))
        return _first_multiple((_as_number(one) for one in drawn), keywords)
    lowest, highest = _range(low, high, name)
    share = Fraction(rng.randint(1, 99), 100)
    # As few digits as the bounds allow.
    exact = lowest + (highest - lowest) * share
    for digits in _DIGITS:
        rounded = float(round(exact, digits))
        if is_within(rounded, keywords):
            return rounded
    return float(exact)


def _bounds(keywords: Keywords) -> tuple[Fraction | None, Fraction | None]:
    lows = [_exact(keywords[name]) for name in ("minimum", "exclusiveMinimum") if name in keywords]
    highs = [_exact(keywords[name]) for name in ("maximum", "exclusiveMaximum") if name in keywords]
    return max(lows, default=None), min(highs, default=None)


def _exact(number: float) -> Fraction:
    """Return a number as it is written: 0.1 is exactly a tenth."""
    return Fraction(number) if isinstance(number, int) else Fraction(str(number))


def _inside(bound: Fraction, exclusive: float | None, *, up: bool) -> Fraction:
    """Return the whole number nearest to a bound, on its inner side."""
    whole = math.ceil(bound) if up else math.floor(bound)
    if exclusive is not None and whole == bound == _exact(exclusive):
        whole += 1 if up else -1
    return Fraction(whole)


def _range(low: Fraction | None, high: Fraction | None, name: str) -> tuple[Fraction, Fraction]:
    """Return the range to draw from: the usual one within the bounds, or else one next to a bound."""
    last = words_of(name)[-1:]
    usual_low, usual_high = _USUAL_RANGES.get(last[0], (1, 100)) if last else (1, 100)
    if last and last[0] in _FRACTIONS:
        usual_low, usual_high = 0, 1
    width = Fraction(usual_high) - Fraction(usual_low)
    lowest = Fraction(usual_low) if low is None else max(low, Fraction(usual_low))
    highest = Fraction(usual_high) if high is None else min(high, Fraction(usual_high))
    if lowest < highest or (lowest == highest and low == high):
        return lowest, highest
    if low is not None and high is not None:
        return low, max(low, high)
    if low is not None:
        return low, low + width
    return (high - width, high) if high is not None else (lowest, highest)


def _steps(low: Fraction | None, high: Fraction | None, step: Fraction, name: str, rng: random.Random) -> int:
    """Draw a number of steps from zero whose sum lies within two bounds."""
    for lowest, highest in (_range(low, high, name), (low, high)):
        least = 0 if lowest is None else math.ceil(lowest / step)
        most = least + 100 if highest is None else math.floor(highest / step)
        if least <= most:
            return rng.randint(least, most)
    return math.ceil((low or high or 0) / step)


def _first_multiple(drawn: Iterator[float], keywords: Keywords) -> float:
    """Return the first multiple of `multipleOf` by floating-point division, which is how validators decide."""
    divisor = keywords.get("multipleOf", 1)
    first = next(drawn)
    near: float | None = None
    for value in chain((first,), drawn):
        steps = value / divisor
        if is_within(value, keywords):
            if math.isfinite(steps) and steps == int(steps):
                return value
            near = value if near is None else near
    return first if near is None else near


def is_within(value: float, keywords: Keywords) -> bool:
    """Return whether a number is within the bounds."""
    low, high = keywords.get("minimum", -math.inf), keywords.get("maximum", math.inf)
    above, below = keywords.get("exclusiveMinimum", -math.inf), keywords.get("exclusiveMaximum", math.inf)
    return bool(low <= value <= high and above < value < below)


def _as_number(value: Fraction) -> float:
    return int(value) if value.denominator == 1 else float(value)
