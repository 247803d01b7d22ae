"""Fields that the API takes null for, though its published contract does not say so."""

from typing import Annotated, Any, Final, TypeVar

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

T = TypeVar("T")
_NULL: Final = {"type": "null"}


class NotInContract:
    """Metadata that keeps null out of a field's published schema."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the schema of a nullable type without its null."""
        schema = handler(core)
        members: list[dict[str, Any]] = schema.pop("anyOf", [])
        (some,) = (member for member in members if member != _NULL)
        return {**some, **schema}


Nullable = Annotated[T | None, NotInContract()]
"""A field that may be null: the API answers as if it had not been sent (requests#null)."""
