"""The texts that the writes of an answer carried."""

from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from chatdouble.core.json import is_object
from chatdouble.core.sse import DONE, read_frames
from chatdouble.recordings.redaction import Scrubber
from chatdouble.recordings.split_secrets import redact_split_secrets


def texts_of(beginning: bytes, sizes: Sequence[int], scrubber: Scrubber) -> list[str | None]:
    """Return the text of each write, as far as it was kept.

    Args:
        beginning: The first bytes of the answer.
        sizes: The bytes of each write.
        scrubber: Finds secrets. If there are any, also in the parts of several chunks, no text is returned.
    """
    decode = getincrementaldecoder("utf-8")().decode
    texts: list[str | None] = []
    at = 0
    try:
        for size in sizes:
            texts.append(decode(beginning[at : at + size]) if at < len(beginning) else None)
            at += size
    except UnicodeDecodeError:  # compressed, for example
        return [None] * len(sizes)
    return [None] * len(sizes) if _has_secrets(beginning, "".join(filter(None, texts)), scrubber) else texts


def _has_secrets(beginning: bytes, text: str, scrubber: Scrubber) -> bool:
    values = [*_values(beginning)]
    return bool(scrubber.spans(text)) or scrubber.value(values) != values or redact_split_secrets(values, scrubber)


def _values(beginning: bytes) -> Iterator[dict[str, Any]]:
    """Yield the objects in a body or in the frames of a stream."""
    for data in (beginning, *(frame.data for frame in read_frames(beginning))):
        try:
            value: Any = orjson.loads(data) if data and data != DONE else None
        except orjson.JSONDecodeError:
            continue
        if is_object(value):
            yield value
