"""Places in a script file."""

from collections.abc import Hashable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

import yaml

Loc = Sequence[str | int]
"""Keys and indices from the top of a file."""

_RULES: Final = "rules"
FIRST_RULE: Final = ((0,), (_RULES, 0))
"""The keys and indices of a file's first rule, in the short form and in the long one."""

_BEGINNING: Final = 65_536
"""The characters in which the first rule is looked for."""
_KEYED: Final = yaml.MappingNode
_LISTED: Final = yaml.SequenceNode


class Place(NamedTuple):
    """A place in a file; lines and columns count from 1."""

    line: int
    column: int


def place_of(mark: yaml.Mark) -> Place:
    """Return the place of a mark."""
    return Place(mark.line + 1, mark.column + 1)


def below(node: yaml.Node | None, step: Hashable) -> tuple[yaml.Node, yaml.Node] | None:
    """Return the node to point at and the node to continue from, one step down."""
    if isinstance(node, _KEYED):
        for key, value in node.value:
            if key.value == step:
                return key, value
    if isinstance(node, _LISTED) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def first_rule(text: str, loader: type[yaml.CSafeLoader]) -> Place | None:
    """Return the place of a file's first rule; None if it is not near the beginning.

    A recording has one rule. The rest of its text, which may have megabytes, is not read.

    Args:
        text: The text of the file.
        loader: The class of the loader.
    """
    events = yaml.parse(text[:_BEGINNING], loader)
    try:
        *_, top = islice(events, 3)  # after the beginnings of the stream and of the document
        is_list = isinstance(top, yaml.SequenceStartEvent)
        if not is_list and not (isinstance(top, yaml.MappingStartEvent) and _reaches_rules(events)):
            return None
        first = next(events)
        mark: Any = first.start_mark  # every event of a text has one
        return None if isinstance(first, yaml.SequenceEndEvent | yaml.AliasEvent) else place_of(mark)
    except (yaml.YAMLError, StopIteration, ValueError):
        return None


def _reaches_rules(events: Iterator[yaml.Event]) -> bool:
    """Read the events of a file's keys up to the beginning of its list of rules; return whether it has one."""
    for key in events:
        if not isinstance(key, yaml.ScalarEvent):  # the end of the file's object, or a key that no script has
            return False
        value = next(events)
        if key.value == _RULES:
            return isinstance(value, yaml.SequenceStartEvent)
        depth = _step(value)
        while depth:
            depth += _step(next(events))
    return False


def _step(event: yaml.Event) -> int:
    """Return by how much an event changes the depth."""
    return isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
