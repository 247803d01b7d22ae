"""YAML as its version 1.2 means it: `on`, `yes` and `12:30` are text, and a key stands once."""

import re
from collections.abc import Hashable
from typing import Any, Final

import yaml


class DuplicateKeyError(ValueError):
    """A key that stands twice in one mapping."""

    def __init__(self, key: object, mark: yaml.Mark) -> None:
        super().__init__(f"the key {key!r} stands twice in one object")
        self.mark = mark


class Loader(yaml.CSafeLoader):
    """A safe loader for the core schema of YAML 1.2, with positions."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Make a dict, refusing keys that stand twice.

        Raises:
            DuplicateKeyError: A key stands twice.
        """
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen and key.tag != _MERGE:
                raise DuplicateKeyError(key.value, key.start_mark)
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_integer(self, node: yaml.ScalarNode) -> int:
        """Make a number: decimal even with leading zeros, octal after `0o`, hexadecimal after `0x`."""
        text = str(self.construct_scalar(node))
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


_TAG: Final = "tag:yaml.org,2002:"
_MERGE: Final = f"{_TAG}merge"
_CORE: Final = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["", *"~nN"]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
    ("merge", r"<<", "<"),
)

Loader.yaml_implicit_resolvers = {
    character: [(f"{_TAG}{kind}", re.compile(rf"(?:{regex})\Z")) for kind, regex, first in _CORE if character in first]
    for character in ["", *"~nNtTfF<-+.0123456789"]
}
Loader.add_constructor(f"{_TAG}int", Loader.construct_integer)
