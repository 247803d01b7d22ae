"""What a choice may say besides text: tool calls and audio."""

from typing import Any, ClassVar, Final

from pydantic import NonNegativeInt, model_validator

from chatdouble.script.kinds import is_object
from chatdouble.script.spec import STRING, Spec

_OWN_KEYS: Final = frozenset({"id", "name", "arguments", "input"})


class ToolCallSpec(Spec):
    """One call of a tool, written `{get_weather: {city: Paris}}`, in full, or as the API has it.

    Attributes:
        name: The tool; a template.
        arguments: A function's arguments, strings within being templates; as a string they are sent as they are.
        input: A custom tool's input; a template.
        id: The call's id; None: one is made.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = (
        STRING,
        {"type": "object", "minProperties": 1, "maxProperties": 1, "description": "The tool and its arguments"},
        {"type": "object", "required": ["function"], "description": "A function call as the API has it"},
        {"type": "object", "required": ["custom"], "description": "A custom tool call as the API has it"},
    )

    name: str
    arguments: Any = None
    input: str | None = None
    id: str | None = None

    @classmethod
    def keys(cls) -> list[str]:
        """Return the keys as they are written, those of the API's own form too."""
        return [*super().keys(), "type", "function", "custom"]

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take a name alone, `{name: arguments}`, or the API's own object."""
        if isinstance(given, str):
            return {"name": given}
        if not is_object(given):
            return given
        inner = given.get(given.get("type", "function"))
        if is_object(inner) and "name" in inner and not given.keys() - {"id", "type", "function", "custom"}:
            return {**({"id": given["id"]} if "id" in given else {}), **inner}
        if len(given) == 1 and not given.keys() & _OWN_KEYS:
            ((name, arguments),) = given.items()
            return {"name": name, "arguments": arguments}
        return given

    @model_validator(mode="after")
    def _one_kind(self) -> "ToolCallSpec":
        if self.arguments is not None and self.input is not None:
            raise ValueError("a function has arguments and a custom tool has input: give one of them")
        return self


class AudioSpec(Spec):
    """Spoken output. A string is its transcript.

    Attributes:
        transcript: What is said; a template.
        data: The sound in base64; None: made for the transcript.
        id: The audio's id; None: one is made.
        expires_at: When it expires, in seconds since 1970; None: computed.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = (STRING,)

    transcript: str
    data: str | None = None
    id: str | None = None
    expires_at: NonNegativeInt | None = None

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take a string as the transcript."""
        return {"transcript": given} if isinstance(given, str) else given
