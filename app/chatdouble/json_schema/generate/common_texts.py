"""Texts that several regular expressions allow together, found by a search.

It finds what drawing at random does not: a text with all that lookaheads ask for, or that follows two patterns.
"""

import random
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Final

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate.dialect import parsed
from chatdouble.json_schema.generate.languages import NOTHING, Here, Languages, State, UnsupportedError
from chatdouble.json_schema.patterns import contains_match
from chatdouble.json_schema.steps import OutOfStepsError, Steps

_MOST_STEPS: Final = 12_000
"""The steps of one search."""


def common_text(patterns: Sequence[str], low: int, high: int, chance: Chance, steps: Steps) -> str | None:
    """Return a text of `low` to `high` characters in which every pattern has a match; None: none is found.

    Args:
        patterns: The expressions, in Python's syntax.
        low: The least number of characters.
        high: The greatest number of characters.
        chance: The source of randomness.
        steps: The budget, of which a bounded part is spent.

    Raises:
        OutOfStepsError: The budget is used up.
    """
    wanted = (*patterns, low, high)
    if wanted in steps.failed:
        return None
    text: str | None = None
    try:
        with steps.at_most(_MOST_STEPS):
            languages = Languages([parsed(pattern) for pattern in patterns], steps)
            text = _shortest(languages, low, high, chance.at("language").random(), steps)
    except (UnsupportedError, RecursionError):
        pass
    except OutOfStepsError:
        if steps.spent:
            raise
    # The engine has the last word, about flags above all.
    if text is not None and all(contains_match(pattern, text, steps) for pattern in patterns):
        return text
    steps.failed.add(wanted)
    return None


def _shortest(languages: Languages, low: int, high: int, rng: random.Random, steps: Steps) -> str | None:
    """Return one of the shortest texts of `low` to `high` characters; None: there is none.

    Raises:
        OutOfStepsError: The budget is used up.
    """
    waiting: list[tuple[int, int, int, str, State]] = [(low, 0, 0, "", languages.start)]
    kinds = languages.kinds()
    known: set[tuple[State, object, int]] = set()
    while waiting:
        *_, text, state = heappop(waiting)
        if low <= len(text) and NOTHING in languages.after(state, Here(text, "")):
            return text
        for letters in kinds if len(text) < high else ():
            longer = text + rng.choice(letters)
            steps.spend(1 + len(text) // 200)
            for then in languages.after(state, Here(text, longer[-1])):
                reached = then, languages.remembered(longer), min(len(longer), low)
                if reached not in known:
                    known.add(reached)
                    # Long enough texts first: fewer characters leave fewer ways to look at.
                    size = len(longer)
                    heappush(waiting, (max(low - size, 0), size, len(known), longer, then))
    return None
