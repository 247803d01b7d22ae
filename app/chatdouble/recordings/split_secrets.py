"""Secrets that are split: over the parts of a message, the chunks of a stream or the tokens of log probabilities."""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from chatdouble.core.json import is_array, is_object, objects_in
from chatdouble.recordings.encoded_texts import Span
from chatdouble.recordings.secret_kinds import REDACTED

if TYPE_CHECKING:
    from chatdouble.recordings.redaction import Scrubber

_TEXT: Final = '"text":"'
"""The beginning of a part's text in compact JSON."""
_FIELD: Final = r'"(?!text")\w{1,32}":(?:"[^"\\]{0,64}"|null|\[\]|\{[^{}\[\]]{0,64}\})'
_BORDER: Final = rf'"(?:,{_FIELD}){{0,3}}\}},\{{(?:{_FIELD},){{0,3}}{_TEXT}'
"""The characters between two texts that follow each other in compact JSON."""
_Path = tuple[str | int, ...]
_PIECE: Final = "token"
"""The key of a token in log probabilities."""
_WITH_PIECES: Final = frozenset({"response", "output", "item", "part", "content"})
"""The keys in responses and their events of what may have log probabilities."""


class _Text(NamedTuple):
    """A text in a chunk, which may continue in later chunks.

    Attributes:
        holder: The object that has the text.
        key: Its key there.
    """

    holder: dict[str, Any]
    key: str

    @property
    def text(self) -> str:
        return str(self.holder[self.key])


def redact_split_secrets(values: Sequence[Any], scrubber: "Scrubber") -> bool:
    """Redact, in place, the secrets that no single text contains whole; tell whether there were any.

    A text continues the earlier one at the same path of the same choice: the content of its deltas, the arguments of
    each of its calls, its tokens. In an answer that is no stream only tokens follow each other. The first text with a
    part of the secret gets the placeholder; the others lose their part.

    Args:
        values: The parsed chunks in order; a single value for an answer that is not a stream.
        scrubber: Finds the secrets.
    """
    threads: defaultdict[_Path, list[_Text]] = defaultdict(list)
    for value in filter(is_object, values):
        for choice in objects_in(value.get("choices")):
            for path, text in _texts(choice, (choice.get("index", 0),)):
                threads[path].append(text)
        if "choices" not in value:  # of the Responses API
            event = str(value.get("type")), str(value.get("item_id"))
            if isinstance(value.get("delta"), str):
                threads["delta", *event].append(_Text(value, "delta"))
            for path, tokens in _token_lists(value, event):
                threads[path] += tokens
    in_parts = [texts for path, texts in threads.items() if len(values) > 1 or path[-1] == _PIECE]
    redacted = [_redact(texts, scrubber) for texts in in_parts]
    return any(redacted)


def _token_lists(value: dict[str, Any], path: _Path) -> Iterator[tuple[_Path, list[_Text]]]:
    """Yield the tokens of each text of a response or an event; those of deltas follow each other."""
    if tokens := objects_in(value.get("logprobs")):
        yield (*path, _PIECE), [_Text(token, _PIECE) for token in tokens if isinstance(token.get(_PIECE), str)]
    for key in _WITH_PIECES & value.keys():
        inner = value[key]
        for position, item in enumerate([inner] if is_object(inner) else objects_in(inner)):
            yield from _token_lists(item, (*path, key, position))


def _texts(value: dict[str, Any], path: _Path) -> Iterator[tuple[_Path, _Text]]:
    for key, inner in value.items():
        here = (*path, key)
        if isinstance(inner, str):
            yield here, _Text(value, key)
        elif is_object(inner):
            yield from _texts(inner, here)
        elif is_array(inner) and key != "top_logprobs":
            for item in objects_in(inner):
                # Calls have an index of their own; tokens follow each other.
                yield from _texts(item, (*here, item.get("index", -1)))


def _redact(texts: list[_Text], scrubber: "Scrubber") -> bool:
    if len(texts) == 1:
        return False
    originals = [text.text for text in texts]
    spans = scrubber.spans("".join(originals))
    if not spans:
        return False
    for text, original, kept in zip(texts, originals, without(originals, spans), strict=True):
        if kept != original:
            text.holder[text.key] = kept
            _update_token(text)
    return True


def _update_token(text: _Text) -> None:
    """Remove what a redacted token's bytes and alternatives would still reveal."""
    entry = text.holder
    if text.key == _PIECE:
        entry["bytes"] = list(text.text.encode())
        if "top_logprobs" in entry:
            entry["top_logprobs"] = []


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
