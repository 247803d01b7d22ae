"""Jinja templates in a sandbox. They fill values, never JSON text."""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import orjson
from jinja2 import TemplateSyntaxError, Undefined, nodes
from jinja2.meta import find_undeclared_variables

from chatdouble.core.json import is_array, is_object
from chatdouble.scripts.format.base import is_template
from chatdouble.scripts.format.sandbox import LONGEST, Sandbox, TooMuchError, bounded
from chatdouble.scripts.format.template_texts import NAME, shortened

VARIABLES: Final = (
    "request",
    "match",
    "user",
    "tool",
    "tools",
    "counter",
    "random",
    "now",
    "session",
    "turn",
    "headers",
)
"""The variables of templates, besides Jinja's own globals."""

_SHOWN: Final = 500
_MOST_TAGS: Final = 100
"""The tags of a template: Jinja compiles it where it is first used, in 0.1 to 0.5 ms for each."""
_MOST_CODE: Final = 10_000
"""The characters in its tags."""
_LONGEST_EXPRESSION: Final = 2 * _MOST_CODE
"""The characters of a template that may be a single expression, blanks around it included."""
_OPENING: Final = re.compile(r"\{[{%]")
_CLOSING: Final = re.compile(r"[}%]\}")
_EXPRESSION: Final = re.compile(r"\s*\{\{(?P<code>(?:(?!\}\}|\{\{).)*)\}\}\s*", re.DOTALL)


class TemplateFailedError(ValueError):
    """A template that cannot be rendered; the message says which and why."""


_SANDBOX: Final = Sandbox()


def fill(value: Any, variables: Callable[[], Mapping[str, Any]]) -> Any:
    """Return a value with all its templates rendered.

    A string that is a single expression, such as `{{ tool.json.temp }}`, becomes the expression's value, which may be
    a number or an object; any other string stays a string.

    Args:
        value: A JSON value.
        variables: Returns the variables; called only if there is a template.

    Raises:
        TemplateFailedError: A template cannot be rendered.
    """
    if is_object(value):
        return {fill_text(key, variables): fill(inner, variables) for key, inner in value.items()}
    if is_array(value):
        return [fill(inner, variables) for inner in value]
    if not isinstance(value, str) or not is_template(value):
        return value
    whole = _EXPRESSION.fullmatch(value) if len(value) <= _LONGEST_EXPRESSION else None
    if whole is None:
        return fill_text(value, variables)
    return _filled(value, lambda: _value(whole["code"], variables()))


def fill_text(text: str, variables: Callable[[], Mapping[str, Any]]) -> str:
    """Return a text with its template rendered; the result is always a text.

    Args:
        text: The template, or a plain text.
        variables: Returns the variables; called only if there is a template.

    Raises:
        TemplateFailedError: The template cannot be rendered.
    """
    if not is_template(text):
        return text
    if len(text) > _LONGEST_EXPRESSION and (found := _literal_text(text)) is not None:
        return found
    return str(_filled(text, lambda: _rendered(text, variables())))


def literal(value: Any) -> Any:
    """Return a value with texts that stay as they are when its templates are rendered."""
    if is_object(value):
        return {literal(key): literal(inner) for key, inner in value.items()}
    if is_array(value):
        return [literal(inner) for inner in value]
    if not isinstance(value, str) or not is_template(value):
        return value
    return f"{{{{ {json.dumps(value, ensure_ascii=False)} }}}}"


def _filled(text: str, render: Callable[[], Any]) -> Any:
    try:
        return render()
    except Exception as wrong:  # A template's expressions may raise any exception.
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
        raise TemplateFailedError(f"the template {shown!r} cannot be rendered: {str(wrong)[:_SHOWN]}") from wrong


def _rendered(text: str, variables: Mapping[str, Any]) -> str:
    pieces: list[str] = []
    left = LONGEST
    template, texts = _template(text)
    for piece in template.generate({**bounded(variables), NAME: texts}):
        pieces.append(piece)
        left -= len(piece)
        if left < 0:
            raise TooMuchError(f"its output has more than {LONGEST} characters")
    return "".join(pieces)


def _value(code: str, variables: Mapping[str, Any]) -> Any:
    found = _expression(code)(bounded(variables))
    if isinstance(found, Undefined):
        str(found)  # raises, with Jinja's message
    return orjson.loads(orjson.dumps(found, default=str))


@lru_cache(maxsize=4096)
def _template(text: str) -> tuple[Any, list[str]]:
    _check_size(text)
    source, texts = shortened(text)
    return _SANDBOX.from_string(source), texts


@lru_cache(maxsize=4096)
def _expression(code: str) -> Callable[..., Any]:
    _check_size(f"{{{{{code}}}}}")
    return _SANDBOX.compile_expression(code, undefined_to_none=False)


def _check_size(text: str) -> None:
    """Check what compiling a template takes.

    Raises:
        TooMuchError: It has too many tags, or too much in them.
    """
    # Split, and not matched as a whole: tags without an end would be searched from each.
    tags = [len(_CLOSING.split(piece, 1)[0]) for piece in _OPENING.split(text)[1:]]
    if (len(tags) > _MOST_TAGS or sum(tags) > _MOST_CODE) and _literal_text(text) is None:
        raise TooMuchError(f"it has more than {_MOST_TAGS} tags, or more than {_MOST_CODE} characters in them")


def _literal_text(text: str) -> str | None:
    """Return the text that a template is alone, in quotes, as `literal` writes it; it may be long."""
    try:
        found = json.loads(text.strip().removeprefix("{{").removesuffix("}}"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def syntax_error(text: str) -> str | None:
    """Return the syntax error in a template, if any."""
    try:
        _SANDBOX.parse(text)
    except TemplateSyntaxError as wrong:
        return wrong.message or "it does not parse"
    return None


def variables_used(text: str) -> set[str]:
    """Return the variables that a template uses and does not set itself."""
    return find_undeclared_variables(_SANDBOX.parse(text))


def unknown_variables(text: str) -> list[str]:
    """Return the variables that a template uses and that do not exist, sorted."""
    return sorted(variables_used(text).difference(VARIABLES, _SANDBOX.globals))


def captures_used(text: str) -> set[str]:
    """Return the names that a template reads from `match`; `*` if it uses `match` as a whole."""
    tree = _SANDBOX.parse(text)
    attributes = [found.attr for found in tree.find_all(nodes.Getattr) if _is_match(found.node)]
    items = [
        str(found.arg.value) if isinstance(found.arg, nodes.Const) else "*"
        for found in tree.find_all(nodes.Getitem)
        if _is_match(found.node)
    ]
    uses = sum(map(_is_match, tree.find_all(nodes.Name)))
    return {*attributes, *items, *(["*"] if uses > len(attributes) + len(items) else ())}


def _is_match(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name == "match"
