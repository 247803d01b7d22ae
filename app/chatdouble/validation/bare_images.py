"""The oldest form of an image part: a bare URL where newer models require an object."""

from collections.abc import Iterator
from typing import Any

from chatdouble.core.json import as_array, as_object


def with_objects(body: dict[str, Any]) -> dict[str, Any]:
    """Return a request with `{"url": ...}` for each bare URL; gpt-4-vision-preview took both (requests#parts)."""
    if not any(_bare(part) for message in as_array(body.get("messages")) for part in _parts(message)):
        return body
    return {**body, "messages": [_message(message) for message in body["messages"]]}


def _parts(message: object) -> Iterator[object]:
    yield from as_array(as_object(message).get("content"))


def _bare(part: object) -> bool:
    return isinstance(as_object(part).get("image_url"), str)


def _message(message: Any) -> Any:
    if not any(map(_bare, _parts(message))):
        return message
    return {**message, "content": [_part(part) for part in _parts(message)]}


def _part(part: Any) -> Any:
    return {**part, "image_url": {"url": part["image_url"]}} if _bare(part) else part
