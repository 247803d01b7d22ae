"""Errors and faults in script files. Every fault declares its name, options and defaults here, once."""

from typing import Annotated, Any, ClassVar, Final, Literal, Self, get_args

from pydantic import (
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError

from chatdouble.core.json import is_object
from chatdouble.scripts.format.base import INTEGER, Spec
from chatdouble.scripts.format.headers import ResponseHeaders

_A_CENTURY: Final = 3_153_600_000
"""The longest wait, in seconds: finite in every unit that a header has."""

ErrorName = Literal[
    "insufficient_quota",
    "rate_limit_exceeded",
    "tokens_per_minute",
    "context_length_exceeded",
    "model_not_found",
    "invalid_api_key",
    "content_filter",
    "server_error",
    "overloaded",
]


class ErrorSpec(Spec):
    """An error in the API's envelope. A number is its status, a string its name.

    What is not set has the API's values: those of the named error, else those of the error with this code or type,
    else those of the status.

    Attributes:
        name: One of the API's errors.
        status: The HTTP status.
        message: The message, a template.
        type: The envelope's `type`.
        param: The envelope's `param`.
        code: The envelope's `code`.
        headers: Additional response headers; their values are templates.
        retry_after: Seconds for `retry-after` (rounded up) and `retry-after-ms`.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = (INTEGER, {"enum": [*get_args(ErrorName)]})

    name: ErrorName | None = None
    status: int | None = Field(default=None, ge=400, le=599)
    message: str | None = None
    type: str | None = None
    param: str | None = None
    code: str | None = None
    headers: ResponseHeaders = Field(default_factory=dict)
    retry_after: Annotated[NonNegativeFloat, Field(le=_A_CENTURY)] | None = None

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a number as the status and a string as the name."""
        if isinstance(given, str):
            return {"name": given}
        return {"status": given} if isinstance(given, int) else given


class FaultSpec(Spec):
    """A fault: its name and options. A string is a fault's name without options.

    Each subclass declares the faults in `NAMES` and their options; validating as `FaultSpec` returns an instance of
    the subclass that declares the fault.

    Attributes:
        name: The fault.
        probability: The share of answers the fault happens to, drawn from the seed; None: all.
        times: The number of answers per session the fault happens to, the first ones; None: all.
    """

    model_config = ConfigDict(defer_build=True)  # few servers see a fault

    NAMES: ClassVar[tuple[str, ...]] = ()

    name: str
    probability: float | None = Field(default=None, ge=0, le=1)
    times: PositiveInt | None = None

    @classmethod
    def keys(cls) -> list[str]:
        """Return the keys of the object; for `FaultSpec` itself, the options of all faults."""
        models = DECLARED if cls is FaultSpec else (cls,)
        return [*dict.fromkeys(key for model in models for key in model.model_fields)]

    @classmethod
    def options(cls) -> dict[str, Any]:
        """Return the options that only these faults take, with their defaults."""
        return {key: field.default for key, field in cls.model_fields.items() if key not in FaultSpec.model_fields}

    @model_validator(mode="wrap")
    @classmethod
    def _as_declared(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> "FaultSpec":
        if cls is not FaultSpec or isinstance(given, FaultSpec):
            return handler(given)
        named = {"name": given} if isinstance(given, str) else given
        if not is_object(named):
            return handler(named)
        declared = FAULT_OPTIONS.get(str(named.get("name")))
        if declared is None:
            # Only the name is at fault; without it, no other key can be judged.
            return handler({key: named[key] for key in ("name",) if key in named})
        foreign = sorted(named.keys() & {*cls.keys()} - {*declared.keys()})
        if foreign:
            takes = ", ".join(sorted(declared.options())) or "no options"
            raise ValueError(f"the fault {named['name']!r} does not take {', '.join(foreign)}; it takes {takes}")
        return declared.model_validate(named)

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        known = cls.NAMES or FAULT_OPTIONS
        if name not in known:
            expected = ", ".join(map(repr, known))
            raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": expected})
        return name

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the JSON Schema of every fault, each with its own options only."""
        if cls is FaultSpec:
            return {"anyOf": [{"enum": [*FAULT_OPTIONS]}, *(model.model_json_schema() for model in DECLARED)]}
        whole = super().__get_pydantic_json_schema__(schema, handler)
        whole["properties"]["name"] = {"enum": [*cls.NAMES], "description": "The fault."}
        return whole


class ErrorFault(FaultSpec):
    """A fault that answers with an error status.

    Attributes:
        status: The HTTP status.
        message: The error's message; None: the API's.
        type: The error's `type`; None: the API's for this code or status.
        code: The error's `code`; None: the API's for this type or status.
        retry_after: Seconds for `retry-after` and `retry-after-ms`.
    """

    NAMES: ClassVar[tuple[str, ...]] = ("error",)
    status: int = Field(default=500, ge=400, le=599)
    message: str | None = None
    type: str | None = None
    code: str | None = None
    retry_after: Annotated[NonNegativeFloat, Field(le=_A_CENTURY)] | None = None

    def error(self) -> ErrorSpec:
        """Return the error to answer with."""
        return ErrorSpec.model_validate(self.model_dump(include={*self.options()}, exclude_unset=True))


class PositionedFault(FaultSpec):
    """A fault at a position in an answer.

    Attributes:
        after_chunks: The chunks to send before the fault; None: 1, unless `after_seconds` is set.
        after_seconds: The seconds after the request at which the fault happens.
    """

    after_chunks: NonNegativeInt | None = None
    after_seconds: NonNegativeFloat | None = None

    @property
    def chunks(self) -> int | None:
        """The chunks to send before the fault; None: only the time counts."""
        if self.after_chunks is None and self.after_seconds is None:
            return 1
        return self.after_chunks


class CutFault(PositionedFault):
    """A fault that cuts an answer off."""

    NAMES: ClassVar[tuple[str, ...]] = ("disconnect", "stall")


class ErrorEventFault(PositionedFault):
    """A fault that ends a stream with an error's envelope.

    Attributes:
        message: The error's message; None: the API's message for a failed stream.
        type: The error's `type`.
        code: The error's `code`.
    """

    NAMES: ClassVar[tuple[str, ...]] = ("error_event",)
    message: str | None = None
    type: str = "server_error"
    code: str | None = None


class ChunkFault(FaultSpec):
    """A fault of one chunk.

    Attributes:
        after_chunks: The chunks to send before the one that is changed.
    """

    NAMES: ClassVar[tuple[str, ...]] = ("malformed_json", "broken_frame", "duplicate_chunk", "out_of_order_chunks")
    after_chunks: NonNegativeInt = 1


class SlowBodyFault(FaultSpec):
    """A fault that sends an answer slowly.

    Attributes:
        bytes_per_second: The rate.
    """

    NAMES: ClassVar[tuple[str, ...]] = ("slow_body",)
    bytes_per_second: PositiveFloat = 100.0


class ContentTypeFault(FaultSpec):
    """A fault that sends another content type.

    Attributes:
        content_type: The content type to send.
    """

    NAMES: ClassVar[tuple[str, ...]] = ("wrong_content_type",)
    content_type: str = "text/html; charset=utf-8"


class PlainFault(FaultSpec):
    """A fault without options of its own."""

    NAMES: ClassVar[tuple[str, ...]] = (
        "reset",
        "merged_frames",
        "split_frames",
        "missing_done",
        "empty_body",
        "corrupt_tool_arguments",
        "wrong_ids",
        "invalid_tool_arguments",
        "unoffered_tool",
        "truncated_tool_arguments",
        "repeated_tool_call",
        "wrong_tool_call_id",
        "empty_answer",
        "reasoning_only",
        "content_filter",
        "refusal",
    )


DECLARED: Final = (ErrorFault, CutFault, ErrorEventFault, ChunkFault, SlowBodyFault, ContentTypeFault, PlainFault)

FAULT_OPTIONS: Final[dict[str, type[FaultSpec]]] = {name: model for model in DECLARED for name in model.NAMES}
"""The model of each fault's options, by the fault's name."""
