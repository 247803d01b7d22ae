"""The ground every model of a script file stands on: closed, frozen, with short forms and "did you mean"."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticCustomError

UNKNOWN_KEYS: Final = "unknown_keys"
"""The type of the error that unknown keys raise; its context lists them under `keys`, each with its hint."""


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
    def _prepare(cls, given: Any) -> Any:
        """Take the short form and refuse unknown keys, naming the nearest known one."""
        if isinstance(given, cls):
            return given
        taken = cls.short(given)
        if isinstance(taken, Mapping):
            cls._refuse_unknown(taken)
        return taken

    @classmethod
    def _refuse_unknown(cls, given: Mapping[str, Any]) -> None:
        known = cls.keys()
        unknown = {
            str(key): near(str(key), known)
            for key in given
            if key not in known and key not in cls.model_fields
        }
        if unknown:
            raise PydanticCustomError(
                UNKNOWN_KEYS, "unknown key", {"keys": unknown, "known": ", ".join(known)}
            )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the object's JSON Schema, its short forms beside it."""
        whole = handler.resolve_ref_schema(handler(schema))
        if not cls.SHORT:
            return whole
        title = {"title": whole["title"]} if "title" in whole else {}
        return {**title, "anyOf": [*cls.SHORT, whole]}


def near(word: str, known: list[str]) -> str:
    """Return " - did you mean 'x'?" for a word that is close to a known one, else nothing."""
    found = get_close_matches(word, known, n=1)
    return f"; did you mean {found[0]!r}?" if found else ""
