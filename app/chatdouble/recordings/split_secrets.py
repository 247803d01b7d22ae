"""Secrets that are split: over the chunks of a stream, over the tokens of log probabilities."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chatdouble.core.json import as_array, is_array, is_object
from chatdouble.recordings.redaction import HIDDEN, Scrubber

_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A text that goes on in later ones: where it stands."""

    holder: dict[str, Any]
    key: str

    @property
    def text(self) -> str:
        return str(self.holder[self.key])


def gather(values: Sequence[Any], scrubber: Scrubber) -> bool:
    """Hide the secrets in chunks, or in one answer, that are in no single text of theirs; say whether there were any.

    Texts that continue each other are those at the same place of the same choice: the content of its deltas, the
    arguments of each of its calls, its tokens. The secret's first piece gets what stands in its place, the others
    lose their share.

    Args:
        values: The parsed chunks in order, which are changed; one value for an answer that is no stream.
        scrubber: What knows secrets.
    """
    threads: defaultdict[_Path, list[_Piece]] = defaultdict(list)
    for value in values:
        if is_object(value):
            for choice in filter(is_object, as_array(value.get("choices"))):
                for path, piece in _pieces(choice, (choice.get("index", 0),)):
                    threads[path].append(piece)
    hidden = [_hide(pieces, scrubber) for pieces in threads.values()]
    return any(hidden)


def _pieces(value: dict[str, Any], path: _Path) -> Iterator[tuple[_Path, _Piece]]:
    for key, inner in value.items():
        here = (*path, key)
        if isinstance(inner, str):
            yield here, _Piece(value, key)
        elif is_object(inner):
            yield from _pieces(inner, here)
        elif is_array(inner) and key != "top_logprobs":
            for item in filter(is_object, inner):
                # Calls have an index of their own; tokens follow each other.
                yield from _pieces(item, (*here, item.get("index", -1)))


def _hide(pieces: list[_Piece], scrubber: Scrubber) -> bool:
    if len(pieces) == 1:
        return False
    texts = [piece.text for piece in pieces]
    spans = scrubber.spans("".join(texts))
    start = 0
    found = False
    for piece, text in zip(pieces, texts, strict=True):
        kept = _without(text, start, spans)
        start += len(text)
        if kept != text:
            piece.holder[piece.key] = kept
            _forget_token(piece)
            found = True
    return found


def _without(text: str, start: int, spans: list[tuple[int, int]]) -> str:
    """Return a text without its share of secrets; `start` is where it stands in the whole."""
    kept = ""
    at = 0
    for begin, end in ((begin - start, end - start) for begin, end in spans):
        if end <= 0 or begin >= len(text):
            continue
        kept += text[at : max(begin, 0)] + (HIDDEN if begin >= 0 else "")
        at = min(end, len(text))
    return kept + text[at:]


def _forget_token(piece: _Piece) -> None:
    """Let a token's bytes and its alternatives tell nothing that the token no longer tells."""
    entry = piece.holder
    if piece.key == "token":
        entry["bytes"] = list(piece.text.encode())
        if "top_logprobs" in entry:
            entry["top_logprobs"] = []
