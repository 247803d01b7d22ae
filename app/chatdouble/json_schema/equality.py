"""Equality of JSON values, as JSON Schema defines it."""

import json
from typing import Any

from chatdouble.core.json import is_array, is_object


def canonical(value: Any) -> str:
    """Return a text that is the same for values that JSON Schema considers equal."""
    return json.dumps(_with_integers(value), sort_keys=True)


def _with_integers(value: Any) -> Any:
    # JSON Schema considers 1.0 and 1 equal; true and 1 differ in JSON text.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if is_array(value):
        return [_with_integers(item) for item in value]
    if is_object(value):
        return {name: _with_integers(item) for name, item in value.items()}
    return value
