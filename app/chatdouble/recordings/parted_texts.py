"""Texts in parts, as the content of a message may be: a secret may begin in one part and end in a later one."""

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any, Final

from chatdouble.core.json import is_object
from chatdouble.recordings.encoded_texts import Span
from chatdouble.recordings.secret_kinds import REDACTED

_TEXT: Final = '"text":"'
"""The beginning of a part's text in compact JSON."""
_FIELD: Final = r'"(?!text")\w{1,32}":(?:"[^"\\]{0,64}"|null|\[\]|\{[^{}\[\]]{0,64}\})'
_BORDER: Final = rf'"(?:,{_FIELD}){{0,3}}\}},\{{(?:{_FIELD},){{0,3}}{_TEXT}'
"""What stands between two texts that follow each other in compact JSON."""


def joined_parts(text: str) -> str:
    """Return compact JSON in which texts that follow each other are joined; empty if none do."""
    if text.count(_TEXT) < 2:  # noqa: PLR2004 - two parts
        return ""
    joined = re.sub(_BORDER, "", text)
    return joined if len(joined) < len(text) else ""


def without_split(items: list[Any], spans_in: Callable[[str], list[Span]]) -> list[Any]:
    """Return an array without the secrets that are split over its parts; the same array if it has none.

    Args:
        items: The array.
        spans_in: Returns the secrets in a text.
    """
    made = items
    for start, texts in _runs(items):
        ends = [*accumulate(map(len, texts))]
        whole = "".join(texts)
        split = [span for span in spans_in(whole) if _is_split(whole, span, ends)]
        if not split:
            continue
        if made is items:
            made = [*items]
        for at, text in enumerate(without(texts, split), start):
            made[at] = {**items[at], "text": text}
    return made


def _runs(items: list[Any]) -> Iterator[tuple[int, list[str]]]:
    """Yield the texts of parts that follow each other, two at least, with the place of the first part."""
    texts: list[str] = []
    for at, item in enumerate([*items, None]):
        text = item.get("text") if is_object(item) and str(item.get("type")).endswith("text") else None
        if isinstance(text, str):
            texts.append(text)
            continue
        if len(texts) > 1:
            yield at - len(texts), texts
        texts = []


def _is_split(whole: str, span: Span, ends: Sequence[int]) -> bool:
    """Tell whether a secret goes on in a later part. A word without a digit is no rest of a key but the next text."""
    border = next((end for end in ends if span[0] < end), span[1])
    return re.search("[0-9]", whole[border : span[1]]) is not None


def without(texts: Sequence[str], spans: Sequence[Span]) -> Iterator[str]:
    """Yield texts without the secrets in them: one that is split has its placeholder where it begins.

    Args:
        texts: The texts.
        spans: The positions of the secrets in all of the texts, joined.
    """
    left, start = deque(spans), 0
    for text in texts:
        yield _without(text, start, left)
        start += len(text)


def _without(text: str, start: int, spans: deque[Span]) -> str:
    """Return a text without its part of the secrets.

    Args:
        text: The text.
        start: Its position in the whole.
        spans: The positions in the whole of the secrets that end in this text or later; those that end here are
            removed, so that each text looks at its own only.
    """
    kept = ""
    at = 0
    while spans and spans[0][0] < start + len(text):
        begin, end = spans[0]
        kept += text[at : max(begin - start, 0)] + (REDACTED if begin >= start else "")
        at = min(end - start, len(text))
        if end > start + len(text):
            break
        spans.popleft()
    return kept + text[at:]
