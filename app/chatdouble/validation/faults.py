"""Faults of a request and the order in which the API reports them, and those of parameters that do not exist."""

from enum import IntEnum
from re import split
from typing import Any, Final, NamedTuple

from chatdouble.catalogue.model import Model
from chatdouble.core.did_you_mean import api_suggestions
from chatdouble.core.errors import APIError
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.validation import wording

_ORDER: Final = {name: place for place, name in enumerate(ChatCompletionRequest.model_fields)}


class Stage(IntEnum):
    """Stages in which the API checks a request (rules#order-of-checks); it reports the first fault."""

    PRESENT = 0
    """Is there anything to answer?"""
    UNKNOWN = 1
    """Does it know every parameter?"""
    SHAPE = 2
    """Has every field, in order, its type, its values and its bounds?"""
    VALUE = 3
    """Do the values suit the model, and each other?"""
    SOUND = 4
    """Is there anything for a model of sound to hear or to speak?"""
    CONTENT = 5
    """Has every message something to say?"""
    ORDER = 6
    """Do the messages follow each other?"""


class Fault(NamedTuple):
    """A fault and when the API sees it."""

    stage: Stage
    error: APIError

    @property
    def rank(self) -> tuple[int, int]:
        """Return the sort key of the API's order: the stage, then the field's position."""
        field = split(r"[.\[]", self.error.param or "", maxsplit=1)[0]
        return self.stage, _ORDER.get(field, len(_ORDER))

    @property
    def warning(self) -> str:
        """The sentence of a warning, for a fault that is forgiven."""
        return f"{self.error.message} (param: {self.error.param})" if self.error.param else self.error.message


KNOWN: Final = frozenset(ChatCompletionRequest.model_fields)

_REPORTED: Final = 100


def unknown_to(model: Model, body: dict[str, Any]) -> list[str]:
    """Return the parameters of a request that do not exist or that the model does not know."""
    return [name for name, value in body.items() if name not in KNOWN or (name in model.unknown and value is not None)]


def unknown_faults(model: Model, body: dict[str, Any]) -> list[Fault]:
    """Return the faults for unknown parameters: newer models report the first, older ones all (errors#unknown)."""
    names = unknown_to(model, body)
    if not names:
        return []
    if not model.strict_names:
        return [Fault(Stage.UNKNOWN, wording.unrecognized(names))]
    known = KNOWN - model.unknown
    # The first is reported; lenient validation warns of some more.
    found = names[:_REPORTED]
    return [Fault(Stage.UNKNOWN, wording.unknown(name, api_suggestions(name, known, body))) for name in found]
