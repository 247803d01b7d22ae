"""What pydantic finds wrong with a script's models, said to the one who wrote it."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from chatdouble.core.did_you_mean import OWN_CUTOFF, did_you_mean
from chatdouble.scripts.format.base import Spec

Loc = tuple[str | int, ...]

_QUOTED: Final = re.compile("'([^']*)'")


def mistakes(model: type[Spec], wrong: ValidationError) -> Iterator[tuple[Loc, str]]:
    """Return each mistake: where it is from the top down, and what is wrong.

    Args:
        model: The model that the value was read as.
        wrong: What pydantic said.
    """
    for error in wrong.errors(include_url=False):
        loc = tuple(step for step in error["loc"] if step != "[key]")
        yield loc, _WORDS.get(error["type"], _as_is)(error, model, loc)


def said(model: type[Spec], given: Any, *where: str | int) -> Iterator[str]:
    """Return what is wrong with a value, one sentence a mistake; none: it can be read as the model.

    Args:
        model: The model that it is read as.
        given: The value.
        where: What it is called, from the top down.
    """
    try:
        model.model_validate(given)
    except ValidationError as wrong:
        for loc, message in mistakes(model, wrong):
            yield f"{dotted((*where, *loc))}: {message}"


def dotted(loc: Loc) -> str:
    """Return a location as it is said: `rules[0].when.user`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc).removeprefix(".")


def near(word: str, known: list[str]) -> str:
    """Return "; did you mean 'x'?" for a word that is close to a known one, else nothing."""
    meant = did_you_mean(word, known, cutoff=OWN_CUTOFF)
    return f"; did you mean {meant!r}?" if meant else ""


def _as_is(error: ErrorDetails, _model: type[Spec], _loc: Loc) -> str:
    said = error["msg"].removeprefix("Value error, ")
    return said.replace("Input should be", "must be", 1)


def _unknown(_error: ErrorDetails, model: type[Spec], loc: Loc) -> str:
    known = _model_at(model, loc[:-1]).keys()
    return f"unknown key{near(str(loc[-1]), known) or '; known here: ' + ', '.join(known)}"


def _one_of(error: ErrorDetails, _model: type[Spec], _loc: Loc) -> str:
    expected = error.get("ctx", {})["expected"]
    return f"must be {expected}{near(str(error['input']), _QUOTED.findall(expected))}"


def _object(_error: ErrorDetails, model: type[Spec], loc: Loc) -> str:
    found = _model_at(model, loc)
    shorts = [str(form["type"]) for form in found.SHORT if isinstance(form.get("type"), str)]
    return f"must be {' or '.join(dict.fromkeys(['an object', *map(_article, shorts)]))}"


def _string(_error: ErrorDetails, _model: type[Spec], _loc: Loc) -> str:
    return "must be a string; put it in quotes if it is one"


def _article(kind: str) -> str:
    return "a list" if kind == "array" else f"{'an' if kind[0] in 'aio' else 'a'} {kind}"


_WORDS: Final[Mapping[str, Callable[[ErrorDetails, type[Spec], Loc], str]]] = {
    "extra_forbidden": _unknown,
    "literal_error": _one_of,
    "model_type": _object,
    "string_type": _string,
}


def _model_at(model: type[Spec], loc: Loc) -> type[Spec]:
    """Return the model of the object at a location: the last one that the way there passes."""
    for step in loc:
        named = (field for name, field in model.model_fields.items() if step in (name, field.alias))
        model = next((found for field in named for found in _specs(field.annotation)), model)
    return model


def _specs(annotation: Any) -> Iterator[type[Spec]]:
    """Return the models that a field's type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        yield annotation
    for part in get_args(annotation):
        yield from _specs(part)
