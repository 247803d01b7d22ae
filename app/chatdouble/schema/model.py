"""The objects of `GET /models` and `DELETE /models/{model}` (endpoints#models)."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from chatdouble.schema.completion import UnixTime

Day = Annotated[str, Field(json_schema_extra={"format": "date"})]


class Model(TypedDict):
    """A model.

    Attributes:
        id: The name of the model in requests.
        object: Always `model`.
        created: The Unix time of its creation.
        owned_by: The owner.
        shutdown_date: The day of its shutdown as YYYY-MM-DD; null if none is known.
    """

    id: str
    object: Literal["model"]
    created: UnixTime
    owned_by: str
    shutdown_date: NotRequired[Day | None]


class ListModelsResponse(TypedDict):
    """The list of all models, which has only one page."""

    object: Literal["list"]
    data: list[Model]


class DeleteModelResponse(TypedDict):
    """The result of deleting a fine-tuned model. `object` is `model` in the examples."""

    id: str
    object: str
    deleted: bool
