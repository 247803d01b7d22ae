"""Top-level parameters that do not exist, at all or for one model."""

from typing import Any, Final

from chatdouble.catalogue.model import Model
from chatdouble.core.did_you_mean import api_suggestions
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.validation import wording
from chatdouble.validation.faults import Fault, Stage

KNOWN: Final = frozenset(ChatCompletionRequest.model_fields)


_REPORTED: Final = 100


def unknown_to(model: Model, body: dict[str, Any]) -> list[str]:
    """Return the parameters of a request that do not exist or that the model does not know."""
    return [name for name, value in body.items() if name not in KNOWN or (name in model.unknown and value is not None)]


def faults(model: Model, body: dict[str, Any]) -> list[Fault]:
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
