"""Objects on one line of YAML, as PyYAML's dumper writes them, in a tenth of its time.

A recorded stream has thousands of frames that differ in a few words, and its client waits for the recording.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import yaml

from chatdouble.core.json import is_array, is_object

ONE_LINE: Final = 2**31 - 1
"""The width of a file whose lines are not broken."""

_LONGEST_KEY: Final = 32
"""The characters of a key. YAML has another form for those of more than 128 bytes, and for those of several lines."""
_WORD: Final = re.compile("[A-Za-z0-9]+")


class FlowWriter:
    """Writes objects on one line.

    Args:
        dumper: The class of the dumper, whose texts these are.
    """

    def __init__(self, dumper: type[yaml.CSafeDumper]) -> None:
        self._dumper = dumper
        self._resolvers: Mapping[str, Sequence[tuple[str, re.Pattern[str]]]] = dumper.yaml_implicit_resolvers
        self._known = lru_cache(maxsize=4096)(self._dumped)

    def text(self, value: dict[str, Any]) -> str | None:
        """Return the line of an object, without an end; None if a key is very long or has control characters."""
        try:
            return self._text(value)
        except _OddKeyError:
            return None

    def _text(self, value: Any) -> str:
        if isinstance(value, str):
            return self._scalar(value)
        if is_object(value):
            fields = ", ".join([f"{self._key(key)}: {self._text(inner)}" for key, inner in value.items()])
            return f"{{{fields}}}"
        if is_array(value):
            return f"[{', '.join(map(self._text, value))}]"
        if isinstance(value, float):
            return _number(value)
        return "null" if value is None else str(value).lower()

    def _key(self, key: str) -> str:
        if len(key) > _LONGEST_KEY or not key.isprintable():
            raise _OddKeyError
        return self._scalar(key)

    def _scalar(self, text: str) -> str:
        if _WORD.fullmatch(text) and not any(form.match(text) for _, form in self._resolvers.get(text[0], ())):
            return text
        return self._known(text)

    def _dumped(self, text: str) -> str:
        dumped: str = yaml.dump(
            [text], Dumper=self._dumper, default_flow_style=True, allow_unicode=True, width=ONE_LINE
        )
        return dumped[len("[") : -len("]\n")]


class _OddKeyError(Exception):
    """A key that has another form."""


def _number(value: float) -> str:
    text = repr(value)
    # Without a point it would be read as a text.
    return text if "." in text else text.replace("e", ".0e", 1)
