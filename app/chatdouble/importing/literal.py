"""Values that are no templates, written so that scripts do not take them for any."""

import re
from typing import Any, Final

from chatdouble.schema.json_values import is_array, is_object

_OPENING: Final = re.compile(r"\{(?=[{%#])")


def literal(value: Any) -> Any:
    """Return a JSON value as a script has it where templates are filled: what fills it gives the value again."""
    if isinstance(value, str):
        return _OPENING.sub("{{ '{' }}", value)
    if is_object(value):
        return {literal(key): literal(inner) for key, inner in value.items()}
    return [literal(inner) for inner in value] if is_array(value) else value
