"""Fresh containers for fields of what is made with every request: a lambda would take several times as long."""

from collections.abc import Callable
from typing import Any, Final

FRESH_LIST: Final[Callable[[], list[Any]]] = list
FRESH_DICT: Final[Callable[[], dict[str, Any]]] = dict
