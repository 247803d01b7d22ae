"""Parsing of a request's bytes: the JSON object, tools that clients send again and again, and the model's name."""

import json
from typing import Any, Final

import orjson

from chatdouble.core.json import TooManyValuesError, brackets_in, is_array, is_nested, loads
from chatdouble.core.releasing import release
from chatdouble.schema.tools import LARGEST, toolbox_of
from chatdouble.validation.wording import models, requests

_DEEPEST: Final = 192
"""Deepest nesting of objects and arrays. Requests are also written, to journals and upstreams."""


def parse(raw: bytes) -> dict[str, Any]:
    """Return a request's JSON object; an integer of more than 64 bits becomes a float.

    Raises:
        APIError: It is not JSON, not an object, or nested too deeply.
    """
    try:
        body: dict[str, Any] = loads(raw)
    except TooManyValuesError as error:
        raise requests.too_many_values(error.msg) from error
    except orjson.JSONDecodeError as error:
        raise requests.unreadable() from error
    # Most bodies have too few brackets to be too deep, and need no walk.
    if body.__class__ is not dict or (
        len(raw) > 2 * _DEEPEST and brackets_in(raw, _DEEPEST) > _DEEPEST and is_nested(body, _DEEPEST)
    ):
        held = [body]
        del body
        release(held)  # it may be large
        raise requests.unreadable()
    return body


def model_name(body: dict[str, Any], deployment: str | None) -> str:
    """Return the name of a request's model, and put it in the body if only the path has it (Azure).

    Args:
        body: The request's body.
        deployment: The model that the path names, if it names one.

    Raises:
        APIError: There is no name, or it is not a text.
    """
    name = body.get("model") or deployment
    if not name:
        raise models.unnamed()
    if not isinstance(name, str):
        raise requests.unreadable()
    body["model"] = name
    return name


TOOLS: Final = b'"tools":'
"""The bytes without which a request has no tools."""
LONGEST: Final = 1024 * 1024
"""The bytes of a request in which known tools are looked for: to search longer ones keeps others waiting."""
_MOST: Final = 32
"""The toolboxes that are recognised, those learnt last."""
_IN_PLACE: Final = "\0the tools are known\0"
_WRITTEN: Final = orjson.dumps(_IN_PLACE)
"""The stand-in for known tools while the rest of a request is parsed."""
_NUL: Final = b"\\u0000"
"""The only spelling of the character in JSON: where the stand-in's two are all, nothing else is the stand-in."""


class KnownTools:
    """The bytes of the `tools` of earlier requests, with their values: they are neither parsed nor validated again.

    Requests share them; do not modify them.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, list[Any]] = {}
        # The mark of a toolbox whose bytes were looked for: servers of a process share toolboxes, and each learns them.
        self._learnt: Final = object()

    def parse(self, raw: bytes) -> dict[str, Any]:
        """Return a request's JSON object, as `parse` does.

        Raises:
            APIError: It is not JSON, not an object, or nested too deeply.
        """
        # The value of the first key `tools`, whatever object has it.
        start = raw.find(TOOLS) + len(TOOLS)
        if start < len(TOOLS):
            return parse(raw)
        start += raw.startswith(b" ", start)
        for written, tools in self._known.items():
            if raw.startswith(written, start):
                body = _parse_around(raw, start, start + len(written))
                if body is not None:
                    body["tools"] = tools
                    return body
        body = parse(raw)
        if is_array(body.get("tools")):
            self._learn(raw, start, body["tools"])
        return body

    def _learn(self, raw: bytes, start: int, tools: list[Any]) -> None:
        """Remember the bytes of tools that come for the second time."""
        toolbox = toolbox_of({"tools": tools})
        if not toolbox.passed or self._learnt in toolbox.passed:
            return
        toolbox.passed.add(self._learnt)
        try:
            text = raw[start:].decode()
            value, end = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):  # the bytes are of something within another value
            return
        written = text[:end].encode()
        if value == tools and len(written) <= LARGEST:
            self._known[written] = toolbox.fields["tools"]
            if len(self._known) > _MOST:
                del self._known[next(iter(self._known))]


def _parse_around(raw: bytes, start: int, end: int) -> dict[str, Any] | None:
    """Return a request's JSON object with a stand-in for its tools; None: what stands there may not be its tools."""
    rest = raw[:start] + _WRITTEN + raw[end:]
    if rest.count(_NUL) > 2:  # noqa: PLR2004 - one at each end of the stand-in
        return None
    body = parse(rest)
    return body if body.get("tools") == _IN_PLACE else None
