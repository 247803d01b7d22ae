"""The names of tools, and the places of texts that name them, in linear time."""

import re
from bisect import bisect_right
from itertools import accumulate
from typing import Final, NamedTuple

_SEPARATORS: Final = "[_ -]+"
_MANY: Final = "[_ -]{2,}"


class ToolName(NamedTuple):
    """The name of a tool.

    Attributes:
        word: Its longest word, which is fast to search for.
        plain: The name in lower case with `-` between its words.
        expression: The expression of a whole word that is this name. It is compiled where it is needed, since a request
            may have very many tools.
    """

    word: str
    plain: str
    expression: str


def tool_name(name: str) -> ToolName:
    """Return a name with what finds it."""
    words = re.split(r"[_-]+", name.lower())
    pattern = _SEPARATORS.join(map(re.escape, words))
    return ToolName(max(words, key=len), "-".join(words), rf"(?<![\w-]){pattern}(?![\w-])")


class SearchedText:
    """A text in lower case that is searched for names.

    A name of many short words begins nearly everywhere in a text of such words. Its pattern is therefore only tried
    where the name stands in the same text with `-` for all that may separate words.

    Args:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._plain = re.sub(_SEPARATORS, "-", text)
        runs = [found.span() for found in re.finditer(_MANY, text)] if len(self._plain) < len(text) else []
        # The characters that all runs up to each of them have more than one, and the places after these in `_plain`.
        self._removed = [*accumulate((end - start - 1 for start, end in runs), initial=0)]
        self._ends = [end - removed for (_, end), removed in zip(runs, self._removed[1:], strict=True)]

    def place(self, name: ToolName) -> int | None:
        """Return the first place of a name; None: the text does not name it."""
        at = self._plain.find(name.plain)
        if at < 0:
            return None
        pattern = re.compile(name.expression)
        if name.plain.startswith("-"):  # it may begin at any character of a run
            found = pattern.search(self._text)
            return found and found.start()
        while at >= 0:
            place = at + self._removed[bisect_right(self._ends, at)]
            if pattern.match(self._text, place):
                return place
            at = self._plain.find(name.plain, at + 1)
        return None
