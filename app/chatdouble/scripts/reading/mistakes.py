"""Messages for pydantic's validation errors, worded for the author of the script."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from chatdouble.core.did_you_mean import did_you_mean
from chatdouble.core.json import has_more_values
from chatdouble.scripts.format.base import Spec
from chatdouble.validation.patient import patient_validator

Loc = tuple[str | int, ...]

_MANY: Final = 2000
"""The number of values in a large value."""

_QUOTED: Final = re.compile("'([^']*)'")


def mistakes(model: type[Spec], wrong: ValidationError) -> Iterator[tuple[Loc, str]]:
    """Yield the location and message of each mistake.

    Args:
        model: The model that the value was validated as.
        wrong: The validation error.
    """
    for error in wrong.errors(include_url=False):
        loc = tuple(step for step in error["loc"] if step != "[key]")
        yield loc, _MESSAGES.get(error["type"], _own_message)(error, model, loc)


def mistake_lines(model: type[Spec], given: Any, *where: str | int) -> Iterator[str]:
    """Yield one line for each mistake in a value; none if the value is valid.

    Of a list in a large value, the first item with a mistake is described alone.

    Args:
        model: The model to validate the value as.
        given: The value.
        where: The location of the value, which each line begins with.
    """
    try:
        if has_more_values(given, _MANY):
            patient_validator(model).validate_python(given)
        else:
            model.model_validate(given)
    except ValidationError as wrong:
        for loc, message in mistakes(model, wrong):
            yield f"{dotted((*where, *loc)) or 'the body'}: {message}"


def dotted(loc: Loc) -> str:
    """Return a location as text: `rules[0].when.user`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc).removeprefix(".")


def near(word: str, known: list[str]) -> str:
    """Return "; did you mean 'x'?" if a known word is similar, else an empty string."""
    meant = did_you_mean(word, known)
    return f"; did you mean {meant!r}?" if meant else ""


def _own_message(error: ErrorDetails, _model: type[Spec], _loc: Loc) -> str:
    message = error["msg"].removeprefix("Value error, ")
    return message.replace("Input should be", "must be", 1)


def _unknown(_error: ErrorDetails, model: type[Spec], loc: Loc) -> str:
    known = _model_at(model, loc[:-1]).keys()
    return f"unknown key{near(str(loc[-1]), known) or '; known keys: ' + ', '.join(known)}"


def _one_of(error: ErrorDetails, _model: type[Spec], _loc: Loc) -> str:
    expected = error.get("ctx", {})["expected"]
    return f"must be {expected}{near(str(error['input']), _QUOTED.findall(expected))}"


def _object(_error: ErrorDetails, model: type[Spec], loc: Loc) -> str:
    found = _model_at(model, loc)
    kinds = [str(form["type"]) for form in found.SHORTHANDS if isinstance(form.get("type"), str)]
    return f"must be {' or '.join(dict.fromkeys(['an object', *map(_article, kinds)]))}"


def _string(_error: ErrorDetails, _model: type[Spec], _loc: Loc) -> str:
    return "must be a string; put it in quotes"


def _article(kind: str) -> str:
    return "a list" if kind == "array" else f"{'an' if kind[0] in 'aio' else 'a'} {kind}"


_MESSAGES: Final[Mapping[str, Callable[[ErrorDetails, type[Spec], Loc], str]]] = {
    "extra_forbidden": _unknown,
    "literal_error": _one_of,
    "model_type": _object,
    "string_type": _string,
}


def _model_at(model: type[Spec], loc: Loc) -> type[Spec]:
    """Return the model of the object at a location: the last one on the way there."""
    for step in loc:
        named = (field for name, field in model.model_fields.items() if step in (name, field.alias))
        model = next((found for field in named for found in _specs(field.annotation)), model)
    return model


def _specs(annotation: Any) -> Iterator[type[Spec]]:
    """Yield the models in a field's type."""
    parts: tuple[Any, ...] = (*get_args(annotation), *getattr(annotation, "PARTS", ()))
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        yield annotation
    for part in parts:
        yield from _specs(part)
