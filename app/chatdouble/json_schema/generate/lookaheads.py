"""Texts for expressions with lookaheads, put together from what each of these asks for."""

from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any, Final, NamedTuple

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate.text_writer import Alphabet, NoTextError, TextWriter, parts_of
from chatdouble.json_schema.steps import Steps

_TRIES: Final = 12
_MOST_LETTERS: Final = 3
"""The different letters that fill a text up: of one, some expressions forbid to have two in a row."""
_WITHOUT_END: Final = 1 << 30


class _Asked(NamedTuple):
    """The demands of lookaheads on a text.

    Attributes:
        contents: The parsed contents of those that ask for more than a length.
        low: The least number of characters.
        high: The greatest number of characters.
        body: The expression without them.
    """

    contents: list[Any]
    low: int
    high: int
    body: Any


def assembled_texts(
    tree: Any, alphabet: Alphabet, chance: Chance, bounds: tuple[int, int], steps: Steps
) -> Iterator[str]:
    """Yield texts that may match; none if the expression does not begin with lookaheads.

    Args:
        tree: The parsed expression.
        alphabet: The characters to draw from.
        chance: The source of randomness.
        bounds: The least and the greatest number of characters.
        steps: The budget.

    Raises:
        OutOfStepsError: The budget is used up.
    """
    asked = _asked(tree, bounds)
    for attempt in range(_TRIES if asked else 0):
        rng = chance.at("lookaheads", attempt).random()
        writer = TextWriter(rng, alphabet, steps)
        try:
            pieces = [writer.sequence(one, 0, one.getwidth()[0]) for one in asked.contents]
            rng.shuffle(pieces)
            needed = "".join(pieces)
            missing = max(asked.low, asked.body.getwidth()[0]) - len(needed)
            steps.spend(2 + max(missing, 0) // 100)
            letters = [*_letters(asked.body, writer), *needed] or ["a"]
            some = cycle([rng.choice(letters) for _ in range(1 + attempt % _MOST_LETTERS)])
            filler = "".join(islice(some, max(missing, 0)))
            yield needed + filler
            yield filler + needed
            yield writer.sequence(asked.body, asked.low, asked.high)
        except NoTextError:
            return


def _asked(tree: Any, bounds: tuple[int, int]) -> Any:
    """Return what the lookaheads at the start of an expression ask for; None: there are none."""
    contents: list[Any] = []
    (low, high), at = bounds, 0
    for operation, value in tree:
        if str(operation) == "ASSERT" and value[0] > 0:
            length = _length(value[1])
            if length is None:
                contents.append(value[1])
            else:
                low, high = max(low, length[0]), min(high, length[1])
        elif not (str(operation) == "ASSERT_NOT" and value[0] > 0) and str(operation) != "AT":
            break
        at += 1
    has_lookaheads = any(str(operation).startswith("ASSERT") for operation, _ in tree[:at])
    return _Asked(contents, low, high, tree[at:]) if has_lookaheads else None


def _length(content: Any) -> tuple[int, int] | None:
    """Return the numbers of characters that a lookahead such as `(?=.{8,20}$)` asks for; None: it asks for more."""
    if len(content) != 2 or str(content[1][0]) != "AT" or not str(content[0][0]).endswith("_REPEAT"):  # noqa: PLR2004
        return None
    least, most, inner = content[0][1]
    if len(inner) != 1 or str(inner[0][0]) != "ANY":
        return None
    return int(least), min(int(most), _WITHOUT_END)


def _letters(tree: Any, writer: TextWriter) -> Iterator[str]:
    """Yield characters that the sets of an expression allow."""
    for operation, value in tree:
        if str(operation) in ("IN", "ANY", "NOT_LITERAL"):
            yield from writer.members(str(operation), value)
        else:
            for part in parts_of(value):
                yield from _letters(part, writer)
