"""The long texts outside a template's tags: Jinja would take 90 ms to read a megabyte of them, in one step."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

NAME: Final = "long_texts_of_this_template_"
"""The variable that has the texts which were taken out of a template."""

_SHORTEST: Final = 2000
_KEPT: Final = 100
"""The characters at both ends of a text that stay."""
_MANY: Final = 1000
_DELIMITER: Final = re.compile(r"\{[{%]|[}%]\}")


class Shortened(NamedTuple):
    """A template without its long texts.

    Attributes:
        source: The template, with an expression in the place of each text that was taken out.
        texts: These texts.
    """

    source: str
    texts: list[str]


def shortened(source: str) -> Shortened:
    """Return a template with its long texts taken out; one whose texts are hard to tell from code is unchanged.

    Args:
        source: The template, of a bounded number of tags.
    """
    if len(source) <= _SHORTEST or "{#" in source or "raw" in source or source.count("}") > _MANY:
        return Shortened(source, [])
    pieces: list[str] = []
    texts: list[str] = []
    kept = 0
    for start, end in _stretches(source):
        first, last = start + _KEPT, end - _KEPT
        while first < last and source[first - 1] == "{":
            first += 1  # with the expression behind it, it would begin another
        # A tag beside it may remove all blanks up to the next other character, which has to stay.
        if last - first > _SHORTEST and source[start:first].strip() and source[last:end].strip():
            pieces += source[kept:first], f"{{{{ {NAME}[{len(texts)}] }}}}"
            texts.append(source[first:last])
            kept = last
    return Shortened("".join((*pieces, source[kept:])), texts)


def _stretches(source: str) -> Iterator[tuple[int, int]]:
    """Yield the starts and ends of texts that certainly stand outside of tags."""
    start: int | None = 0
    opened = 0
    for found in _DELIMITER.finditer(source):
        at, end = found.span()
        if source[at] == "{":
            if start is not None:
                yield start, at
            start, opened = None, end
        elif start is None:
            code = source[opened:at]
            # A quotation mark that is open may quote what looks like the end of a tag.
            if not code.count('"') % 2 and not code.count("'") % 2:
                start = end
    if start is not None:
        yield start, len(source)
