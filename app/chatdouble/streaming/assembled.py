"""Answers read back from their bytes: a body, or a stream of any API."""

from typing import Any, cast

from chatdouble.core.json import as_object, is_object, json_body
from chatdouble.core.sse import DONE, read_frames
from chatdouble.schema.chunk import Chunk
from chatdouble.streaming.fold import fold


def assembled(data: bytes) -> dict[str, Any] | None:
    """Return the answer in a body or an event stream, as far as it came; None: there is none that can be read.

    Chunks are folded, and of the Responses API's events the last response counts.

    Args:
        data: The bytes, without a content encoding.
    """
    whole = json_body(data)
    if whole:
        return whole
    found = (frame.data for frame in read_frames(data))
    events = [json_body(one) for one in found if one is not None and one != DONE]
    responses = [as_object(one["response"]) for one in events if is_object(one.get("response"))]
    if responses:
        return responses[-1]
    if not events or not all("choices" in one for one in events):
        return None
    try:
        return cast("dict[str, Any]", fold(cast("list[Chunk]", events)))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None  # an upstream may send anything
