"""The ground every model of a script file stands on: closed, frozen, with short forms where they help."""

from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from chatdouble.script.described import described, with_short

STRING: Final = {"type": "string"}
BOOLEAN: Final = {"type": "boolean"}
INTEGER: Final = {"type": "integer"}
STRINGS: Final = {"type": "array", "items": STRING}
"""Short forms that many objects have, as JSON Schema has them."""


class Spec(BaseModel):
    """One object of a script file.

    A subclass may have a short form: `short` turns it into the object's keys, `SHORT` is its JSON Schema.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = ()

    @classmethod
    def short(cls, given: Any) -> Any:
        """Turn a short form into the object's keys; anything else is returned as it is."""
        return given

    @classmethod
    def keys(cls) -> list[str]:
        """Return the keys as they are written in a script file."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @model_validator(mode="before")
    @classmethod
    def _lengthen(cls, given: Any) -> Any:
        """Take the short form."""
        return given if isinstance(given, cls) else cls.short(given)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the object's JSON Schema, its short forms beside it."""
        return with_short(described(handler.resolve_ref_schema(handler(schema)), cls), cls.SHORT)
