"""Token counts in scripts."""

from typing import Annotated, Any, Final

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema
from typing_extensions import TypedDict

from chatdouble.core.json import is_object
from chatdouble.scripts.format.base import is_template

COUNTS: Final = ("prompt_tokens", "completion_tokens", "total_tokens")
"""The counts that every usage has."""


def is_count(value: Any) -> bool:
    """Tell whether a JSON value is a count."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _checked(value: Any) -> Any:
    if is_count(value) or (isinstance(value, str) and is_template(value)):
        return value
    raise ValueError("must be a number of tokens: an integer from 0, or a template")


def _checked_details(value: Any) -> Any:
    if value is None or is_object(value):
        return value
    raise ValueError("must be an object of counts, or null")


Count = Annotated[Any, AfterValidator(_checked), WithJsonSchema({"type": ["integer", "string"], "minimum": 0})]
Details = Annotated[Any, AfterValidator(_checked_details), WithJsonSchema({"type": ["object", "null"]})]


class UsageSpec(TypedDict, total=False):
    """The token counts that a script sets; other keys are sent as they are."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]

    prompt_tokens: Annotated[Count, Field(description="The tokens of the request.")]
    completion_tokens: Annotated[Count, Field(description="The tokens of the answer, reasoning included.")]
    total_tokens: Annotated[Count, Field(description="Both together; computed if left out.")]
    prompt_tokens_details: Annotated[Details, Field(description="Parts of the request's tokens.")]
    completion_tokens_details: Annotated[Details, Field(description="Parts of the answer's tokens.")]
