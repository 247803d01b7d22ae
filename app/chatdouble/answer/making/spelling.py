"""Arguments that the user's text spells out, such as `add(1, b=2)`."""

import ast
import re
from collections.abc import Mapping
from typing import Any, Final

from chatdouble.answer.shapes import is_object

_LONGEST: Final = 2000
_JSON_NAMES: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None}


def spelled_out(name: str, parameters: list[str], text: str) -> dict[str, Any]:
    """Return the arguments of the first call of a function that a text spells out; none if it does not.

    Args:
        name: The function's name.
        parameters: Its parameters' names, in order, for arguments without a name.
        text: What the user says: values are JSON's or Python's, a lone object holds all arguments.
    """
    found = re.search(rf"(?<!\w){re.escape(name)}\(([^()]{{1,{_LONGEST}}})\)", text)
    if found is None:
        return {}
    try:
        call = ast.parse(f"f({found[1].strip()})", mode="eval").body
        return _arguments(call, parameters) if isinstance(call, ast.Call) else {}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


def _arguments(call: ast.Call, parameters: list[str]) -> dict[str, Any]:
    values = [_value(one) for one in call.args]
    if len(values) == 1 and is_object(values[0]) and not call.keywords:
        return values[0]
    named = {one.arg: _value(one.value) for one in call.keywords if one.arg is not None}
    return dict(zip(parameters, values, strict=False)) | named


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Name):
        if node.id not in _JSON_NAMES:
            raise ValueError(node.id)
        return _JSON_NAMES[node.id]
    return ast.literal_eval(node)
