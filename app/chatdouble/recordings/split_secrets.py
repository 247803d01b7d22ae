"""Secrets that are split over the chunks of a stream or the tokens of log probabilities."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from chatdouble.core.json import is_array, is_object, objects_in
from chatdouble.recordings.parted_texts import without
from chatdouble.recordings.redaction import Scrubber

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


def redact_split_secrets(values: Sequence[Any], scrubber: Scrubber) -> bool:
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


def _redact(texts: list[_Text], scrubber: Scrubber) -> bool:
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
