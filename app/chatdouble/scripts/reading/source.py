"""The text of a script file: its value, and the place of each part in the file."""

import json
import re
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any, Final

import yaml

from chatdouble.core.json import is_array
from chatdouble.core.yaml import BoundedLoader, TooManyValuesError
from chatdouble.scripts.reading.json_lines import JsonLines
from chatdouble.scripts.reading.places import FIRST_RULE, Loc, Place, below, first_rule, place_of

_TOO_DEEP: Final = "nested too deeply to read"


class DuplicateKeyError(ValueError):
    """A key that occurs twice in an object."""

    def __init__(self, key: object, mark: yaml.Mark) -> None:
        super().__init__(f"the key {key!r} occurs twice in one object")
        self.mark = mark


class Loader(BoundedLoader):
    """A safe YAML loader for the core schema of YAML 1.2."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Return a dict, unless a key occurs twice or is no text.

        Raises:
            DuplicateKeyError: A key occurs twice.
            SourceError: A key is none that JSON has.
        """
        seen: set[str] = set()
        # With a tag, any node may be taken for a mapping; the base class refuses it.
        pairs: list[tuple[yaml.Node, yaml.Node]] = node.value if node.id == _KEYED.id else []
        for key, _ in pairs:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.tag not in _KEYS:
                raise SourceError("not JSON: a key is not a string; quote it", place_of(key.start_mark))
            if key.value in seen and key.tag != _MERGE:
                raise DuplicateKeyError(key.value, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_integer(self, node: yaml.ScalarNode) -> int:
        """Return an integer: decimal even with leading zeros, octal after `0o`, hexadecimal after `0x`."""
        text = self._checked(node)
        try:
            return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        except ValueError:
            raise yaml.constructor.ConstructorError(problem=_TOO_LARGE, problem_mark=node.start_mark) from None

    def construct_number(self, node: yaml.ScalarNode) -> float:
        """Return a number.

        Raises:
            SourceError: It is none that JSON has.
        """
        self._checked(node)
        number: float = self.construct_yaml_float(node)
        if not isfinite(number):
            raise SourceError(_NOT_FINITE, place_of(node.start_mark))
        return number

    def construct_boolean(self, node: yaml.ScalarNode) -> bool:
        """Return true or false."""
        return self._checked(node).lower() == "true"

    def _checked(self, node: yaml.ScalarNode) -> str:
        """Return the text of a value, whose tag may be one that it was given."""
        text = str(self.construct_scalar(node))
        if _WRITTEN[node.tag].match(text) is None:
            problem = "the tag of a value is another's"
            raise yaml.constructor.ConstructorError(problem=problem, problem_mark=node.start_mark)
        return text


_NOT_FINITE: Final = "not JSON: a number is not finite"
_TOO_LARGE: Final = "an integer has thousands of digits"
_TAG: Final = "tag:yaml.org,2002:"
_MERGE: Final = f"{_TAG}merge"
_KEYS: Final = (f"{_TAG}str", _MERGE)
"""The kinds of keys."""
_KINDS: Final = ("str", "seq", "map", "int", "float", "bool", "null")
"""The kinds of values, which are those of JSON. Others, such as `!!set`, no answer could have."""
_KEYED: Final = yaml.MappingNode
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

_WRITTEN: Final = {f"{_TAG}{kind}": re.compile(rf"(?:{regex})\Z") for kind, regex, _ in _CORE}

Loader.yaml_implicit_resolvers = {
    character: [(f"{_TAG}{kind}", _WRITTEN[f"{_TAG}{kind}"]) for kind, _, first in _CORE if character in first]
    for character in ["", *"~nNtTfF<-+.0123456789"]
}
Loader.yaml_constructors = {
    tag: construct
    for tag, construct in BoundedLoader.yaml_constructors.items()
    if tag is None or tag.removeprefix(_TAG) in _KINDS
}
Loader.add_constructor(f"{_TAG}bool", Loader.construct_boolean)
Loader.add_constructor(f"{_TAG}int", Loader.construct_integer)
Loader.add_constructor(f"{_TAG}float", Loader.construct_number)


class SourceError(ValueError):
    """A file that is neither YAML nor JSON."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.message = message
        self.place = place


@dataclass(frozen=True)
class Source:
    """The text of a script file.

    Attributes:
        name: The name in messages: the path, or another origin.
        text: The text.
        json: Whether it is JSON; otherwise it is YAML 1.2.
        path: The path within the folder of scripts, by which rules are identified.
    """

    name: str
    text: str
    json: bool = False
    path: str = ""

    @cached_property
    def value(self) -> Any:
        """The parsed value.

        Raises:
            SourceError: The text is not YAML or JSON, or a key occurs twice in one object.
        """
        if self.json:
            return self._json()
        lines = JsonLines(self.text)
        if not lines.is_empty:
            # What is wrong has its place in the whole text.
            with suppress(SourceError):
                if (found := lines.restored(_yaml(lines.rest()))) is not None:
                    return found
        return _yaml(self.text)

    @cached_property
    def is_list(self) -> bool:
        """True if the file is a list of rules, and no object."""
        return is_array(self.value)

    def forget_value(self) -> None:
        """Drop the parsed value, which takes ten times the memory of the text, until somebody asks for it again."""
        _ = self.is_list  # which is remembered
        vars(self).pop("value", None)

    def place(self, loc: Loc) -> Place:
        """Return the place of a part of the value; of a key's value, the place of the key.

        Args:
            loc: Keys and indices from the top. Steps that the file does not have are skipped: they belong to the long
                form of a shorthand.
        """
        if tuple(loc) in FIRST_RULE and (first := first_rule(self._written, Loader)):
            return first
        node = found = self._root
        for step in loc:
            inside = below(node, step)
            if inside is not None:
                found, node = inside
        return place_of(found.start_mark) if found is not None else Place(1, 1)

    @cached_property
    def _root(self) -> yaml.Node | None:
        try:
            return yaml.compose(self._written, Loader)
        except yaml.YAMLError:  # JSON that is no YAML: a key of more than 1024 characters, or too many values
            return None

    @property
    def _written(self) -> str:
        return _as_yaml(self.text) if self.json else self.text

    def _json(self) -> Any:
        try:
            return json.loads(
                self.text,
                object_pairs_hook=self._without_duplicates,
                parse_float=self._finite,
                parse_constant=self._finite,
            )
        except json.JSONDecodeError as wrong:
            raise SourceError(f"not JSON: {wrong.msg}", Place(wrong.lineno, wrong.colno)) from None
        except SourceError:
            raise
        except ValueError:
            raise SourceError(f"not JSON: {_TOO_LARGE}", Place(1, 1)) from None
        except RecursionError:
            raise SourceError(_TOO_DEEP, Place(1, 1)) from None

    def _finite(self, written: str) -> float:
        number = float(written)
        if not isfinite(number):
            before = self.text[: self.text.index(written)]
            raise SourceError(_NOT_FINITE, Place(before.count("\n") + 1, len(before) - before.rfind("\n")))
        return number

    def _without_duplicates(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        whole = dict(pairs)
        if len(whole) < len(pairs):
            # The YAML loader raises the error, with the place of the second key.
            _yaml(_as_yaml(self.text))
        return whole


def _yaml(text: str) -> Any:
    loader = Loader(text)
    try:
        return loader.get_single_data()
    except DuplicateKeyError as twice:
        raise SourceError(str(twice), place_of(twice.mark)) from None
    except TooManyValuesError as many:
        raise SourceError(many.message, place_of(many.mark)) from None
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        problem = "; ".join(part for part in (wrong.context, wrong.problem) if part)
        raise SourceError(f"not YAML: {problem}", place_of(mark) if mark else Place(1, 1)) from None
    except yaml.YAMLError as wrong:
        raise SourceError(f"not YAML: {str(wrong).splitlines()[0]}", Place(1, 1)) from None
    except RecursionError:
        raise SourceError(_TOO_DEEP, Place(1, 1)) from None
    finally:
        loader.dispose()


_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def _as_yaml(json_text: str) -> str:
    """Return JSON that YAML can read, with every part in its place: no tabs, no escaped surrogates."""
    return _SURROGATE.sub(r"\\u0020", json_text.replace("\t", " "))
