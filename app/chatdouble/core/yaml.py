"""YAML from anywhere: its aliases may stand for a bounded number of values."""

from itertools import chain
from typing import Any, Final

import yaml

_MOST: Final = 1_000_000
"""The values of a file, counted as often as aliases repeat them."""


class TooManyValuesError(yaml.MarkedYAMLError):
    """A file whose aliases stand for too many values, or for what they are a part of.

    Attributes:
        message: Its words.
        mark: The place in the file.
    """

    def __init__(self, message: str, mark: yaml.Mark) -> None:
        super().__init__(problem=message, problem_mark=mark)
        self.message = message
        self.mark = mark


class BoundedLoader(yaml.CSafeLoader):
    """A safe loader. Ten lines of aliases of aliases could stand for more than any memory holds."""

    def get_single_node(self) -> Any:
        """Return the only document.

        Raises:
            TooManyValuesError: Its aliases stand for more than a million values, or an alias is a part of itself.
            YAMLError: The text is not YAML, or has several documents.
        """
        root = super().get_single_node()
        if root is not None:
            _count(root, {})
        return root


def _count(node: yaml.Node, counted: dict[int, int]) -> int:
    """Return how many values a node stands for."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    held = counted.get(id(node))
    if held == 0:
        raise TooManyValuesError("an alias stands for what it is a part of", node.start_mark)
    if held is None:
        counted[id(node)] = 0
        parts: list[yaml.Node] = [*chain(*node.value)] if isinstance(node, yaml.MappingNode) else node.value
        held = counted[id(node)] = 1 + sum([_count(part, counted) for part in parts])
    if held > _MOST:
        raise TooManyValuesError(f"its aliases stand for more than {_MOST:,} values", node.start_mark)
    return held


def parsed(data: bytes) -> Any:
    """Return the value of a file.

    Raises:
        ValueError: It is not YAML, or its aliases stand for too many values.
    """
    try:
        return yaml.load(data, Loader=BoundedLoader)  # noqa: S506 - it is a safe loader
    except TooManyValuesError as wrong:
        raise ValueError(wrong.message) from None
    except RecursionError:
        raise ValueError("it is nested too deeply to read") from None
    except (yaml.YAMLError, ValueError) as wrong:
        raise ValueError(f"not YAML: {' '.join(str(wrong).split())}") from None
    except (LookupError, TypeError, AttributeError):  # of PyYAML's own constructors
        raise ValueError("not YAML: the tag of a value is another's") from None
