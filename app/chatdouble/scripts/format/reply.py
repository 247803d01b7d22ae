"""The `reply` of a rule: what is answered, and how it travels."""

from typing import Any, ClassVar, Final, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, model_validator

from chatdouble.core.json import is_object
from chatdouble.schema.completion import Annotation, FinishReason, FunctionCall, Logprobs, ServiceTier
from chatdouble.scripts.format.base import STRING, Spec
from chatdouble.scripts.format.delivery import ErrorSpec, FaultSpec, PaceSpec
from chatdouble.scripts.format.raw_reply import BodySpec, ChunkSpec, RecordedSpec

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


ANSWERS: Final = ("choices", "error", "body", "chunks", "recorded", "generate", "echo", "upstream")
"""The ways to answer other than by what one choice says; at most one of them."""

SAYS: Final = ("text", "json_", "tool_calls", "function_call", "refusal", "audio")
"""What one choice can say; `text` and `json` are both its content."""


class ChoiceSpec(Spec):
    """What one choice says. A string is its text.

    Attributes:
        text: Its content; a template.
        json_: Its content as JSON; strings within are templates.
        tool_calls: The tools it calls, in order, after the text.
        function_call: A call in the legacy form.
        refusal: Its refusal; a template.
        audio: What it says aloud.
        finish_reason: How it ends; None: computed.
        logprobs: Its log probabilities; None: computed when asked for.
        annotations: Its citations.
        reasoning_tokens: Tokens spent on reasoning; None: computed.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = (STRING,)

    text: str | None = None
    json_: Any = Field(default=None, alias="json")
    tool_calls: list[ToolCallSpec] | None = None
    function_call: FunctionCall | None = None
    refusal: str | None = None
    audio: AudioSpec | None = None
    finish_reason: FinishReason | None = None
    logprobs: Logprobs | None = None
    annotations: list[Annotation] | None = None
    reasoning_tokens: NonNegativeInt | None = None

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take a string as the text."""
        return {"text": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_content(self) -> "ChoiceSpec":
        if {"text", "json_"} <= self.model_fields_set:
            raise ValueError("text and json are both the content: give one of them")
        return self

    def says(self) -> frozenset[str]:
        """Return which of `SAYS` it sets."""
        return frozenset(self.model_fields_set.intersection(SAYS))


class ReplySpec(ChoiceSpec):
    """One answer. A string is its text.

    What is not set is computed as for any answer: ids, token counts, the end, cuts by the request's limits.

    Attributes:
        choices: Several choices; the last stands for any of the request's `n` that are missing.
        error: An error instead of an answer.
        body: A response sent exactly as it is.
        chunks: A stream's chunks, sent exactly as they are.
        recorded: A response sent again byte for byte, as an upstream gave it.
        generate: Whether the answer is made up from what the request asks for: its schema, its tools.
        echo: Whether the echo backend answers.
        upstream: Whether the upstream answers.
        id: The completion's id.
        created: When it was made, in seconds since 1970.
        model: The model it names.
        usage: Token counts; those that are missing are computed.
        service_tier: The tier it names.
        system_fingerprint: The fingerprint it names.
        metadata: The metadata it carries.
        moderation: The moderation it carries.
        headers: Further response headers; templates.
        pace: When its pieces are due.
        fault: Something that goes wrong on the way; a name may have its options beside it.
        faults: Several things that go wrong, in order.
        after_chunks: The option of the `fault` beside it.
        after_seconds: The option of the `fault` beside it.
        share: The option of the `fault` beside it.
        first: The option of the `fault` beside it.
    """

    choices: list[ChoiceSpec] | None = Field(default=None, min_length=1)
    error: ErrorSpec | None = None
    body: BodySpec | None = None
    chunks: list[ChunkSpec] | None = None
    recorded: RecordedSpec | None = None
    generate: Literal[True] | None = None
    echo: Literal[True] | None = None
    upstream: Literal[True] | None = None
    id: str | None = None
    created: NonNegativeInt | None = None
    model: str | None = None
    usage: dict[str, Any] | None = None
    service_tier: ServiceTier | None = None
    system_fingerprint: str | None = None
    metadata: dict[str, str] | None = None
    moderation: dict[str, Any] | None = None
    headers: dict[str, str] | None = None
    pace: PaceSpec | None = None
    fault: FaultSpec | None = None
    faults: list[FaultSpec] | None = None
    after_chunks: NonNegativeInt | None = None
    after_seconds: NonNegativeFloat | None = None
    share: float | None = Field(default=None, ge=0, le=1)
    first: NonNegativeInt | None = None

    @model_validator(mode="before")
    @classmethod
    def _options_beside(cls, given: Any) -> Any:
        """Give the options that stand beside a fault's name to the fault."""
        if not is_object(given) or not isinstance(given.get("fault"), str):
            return given
        options = {key: given[key] for key in BESIDE if key in given}
        rest = {key: value for key, value in given.items() if key not in options}
        return {**rest, "fault": {"name": given["fault"], **options}}

    @model_validator(mode="after")
    def _one_answer(self) -> "ReplySpec":
        ways = [way for way in ANSWERS if way in self.model_fields_set]
        says = sorted(name.rstrip("_") for name in self.says())
        if len(ways) > 1 or (ways and says):
            raise ValueError(f"one reply cannot be all of {', '.join([*ways, *says])}: give one way to answer")
        alone = self.model_fields_set.intersection(BESIDE)
        if alone:
            raise ValueError(f"{', '.join(sorted(alone))} without a fault's name: write fault: <name> beside it")
        if not ways and not says and not self.all_faults():
            raise ValueError("a reply that says nothing: give text, tool_calls, error or another way to answer")
        return self

    def way(self) -> str | None:
        """Return which of `ANSWERS` it takes, if any."""
        return next((way for way in ANSWERS if way in self.model_fields_set), None)

    def all_faults(self) -> tuple[FaultSpec, ...]:
        """Return everything that goes wrong, in order."""
        return (*((self.fault,) if self.fault else ()), *(self.faults or ()))


BESIDE: Final = ("after_chunks", "after_seconds", "share", "first")
"""A fault's options that may stand beside its name."""
