"""What is wrong with a request, and which of several faults the API reports."""

from dataclasses import dataclass
from enum import IntEnum
from re import split
from typing import Final

from chatdouble.core.errors import APIError
from chatdouble.schema.request import ChatCompletionRequest

_ORDER: Final = {name: place for place, name in enumerate(ChatCompletionRequest.model_fields)}


class Stage(IntEnum):
    """When the API looks (rules#order-of-checks); the first fault found is the one reported."""

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


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and when the API sees it."""

    stage: Stage
    error: APIError

    @property
    def rank(self) -> tuple[int, int]:
        """Return what the API's order is sorted by: the stage, then the field's place."""
        return self.stage, _ORDER.get(self.field, len(_ORDER))

    @property
    def field(self) -> str:
        """Return the top-level field at fault, or nothing."""
        return split(r"[.\[]", self.error.param or "", maxsplit=1)[0]


def first(faults: list[Fault]) -> APIError:
    """Return the fault the API reports; of equals the one found first."""
    return min(faults, key=lambda fault: fault.rank).error
