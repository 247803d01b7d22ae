"""The models as `GET /models` and `DELETE /models/{model}` show them (endpoints#models)."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from chatdouble.schema.completion import UnixTime

Day = Annotated[str, Field(json_schema_extra={"format": "date"})]


class Model(TypedDict):
    """A model that can be asked.

    Attributes:
        id: Its name, as requests give it.
        object: Always `model`.
        created: When it was made, in seconds since 1970.
        owned_by: Who owns it.
        shutdown_date: The day on which it goes, as YYYY-MM-DD; null: none is known.
    """

    id: str
    object: Literal["model"]
    created: UnixTime
    owned_by: str
    shutdown_date: NotRequired[Day | None]


class ListModelsResponse(TypedDict):
    """All models; there is only one page."""

    object: Literal["list"]
    data: list[Model]


class DeleteModelResponse(TypedDict):
    """What became of a fine-tuned model that was to be deleted; `object` is `model` in the examples."""

    id: str
    object: str
    deleted: bool
