"""Tools that clients send again and again, recognised by their bytes: they are neither parsed nor validated again."""

import json
from typing import Any, Final

import orjson

from chatdouble.core.json import is_array
from chatdouble.schema.toolbox import LARGEST, toolbox_of
from chatdouble.validation.parsing import parse

_KEY: Final = b'"tools":'
_MOST: Final = 32
"""The toolboxes that are recognised, those learnt last."""
_IN_PLACE: Final = "\0the tools are known\0"
_WRITTEN: Final = orjson.dumps(_IN_PLACE)
"""The stand-in for known tools while the rest of a request is parsed."""
_NUL: Final = b"\\u0000"
"""The only spelling of the character in JSON: where the stand-in's two are all, nothing else is the stand-in."""

_LEARNT: Final = "learnt"
"""The mark of a toolbox whose bytes were looked for."""


class KnownTools:
    """The bytes of the `tools` of earlier requests, with their values, which requests share; do not modify them."""

    def __init__(self) -> None:
        self._known: dict[bytes, list[Any]] = {}

    def parse(self, raw: bytes) -> dict[str, Any]:
        """Return a request's JSON object, as `parsing.parse` does.

        Raises:
            APIError: It is not JSON, not an object, or nested too deeply.
        """
        # The value of the first key `tools`, whatever object has it.
        start = raw.find(_KEY) + len(_KEY)
        if start < len(_KEY):
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
        if not toolbox.passed or _LEARNT in toolbox.passed:
            return
        toolbox.passed.add(_LEARNT)
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
