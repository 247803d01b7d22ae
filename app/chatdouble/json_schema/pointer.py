"""Where a `$ref` leads."""

from typing import Any, Final
from urllib.parse import unquote

from chatdouble.core.json import is_array, is_object

MISSING: Final = object()
"""What is not there, since null is a JSON value."""


def find(root: Any, reference: str) -> Any:
    """Return the schema that a local reference names, or `MISSING`.

    Args:
        root: The whole schema.
        reference: `#`, `#/json/pointer` or `#anchor`; nothing is ever fetched.
    """
    if not reference.startswith("#"):
        return MISSING
    fragment = unquote(reference[1:])
    found = _walk(root, fragment) if not fragment or fragment.startswith("/") else _anchor(root, fragment)
    return found if is_object(found) or isinstance(found, bool) else MISSING


def _walk(root: Any, pointer: str) -> Any:
    node = root
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if is_object(node) and name in node:
            node = node[name]
        elif is_array(node) and name.isdecimal() and int(name) < len(node):
            node = node[int(name)]
        else:
            return MISSING
    return node


def _anchor(node: Any, name: str) -> Any:
    if is_object(node):
        if name in (node.get("$anchor"), node.get("$dynamicAnchor")):
            return node
        node = [*node.values()]
    if is_array(node):
        for item in node:
            found = _anchor(item, name)
            if found is not MISSING:
                return found
    return MISSING
