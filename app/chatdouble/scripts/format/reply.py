"""The `reply` of a rule."""

from functools import cached_property
from typing import Any, ClassVar, Final, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt, field_validator, model_validator

from chatdouble.core.json import is_object
from chatdouble.schema.completion import Annotation, FinishReason, FunctionCall, Logprobs, ServiceTier
from chatdouble.scripts.format.base import STRING, Spec, is_unicode
from chatdouble.scripts.format.computed import FlagsSpec, LikeSpec, VectorSpec
from chatdouble.scripts.format.delivery import PaceSpec
from chatdouble.scripts.format.faults import ErrorSpec, FaultSpec
from chatdouble.scripts.format.headers import ResponseHeaders
from chatdouble.scripts.format.raw_reply import Base64, BodySpec, ChunkSpec
from chatdouble.scripts.format.recorded import RecordedSpec
from chatdouble.scripts.format.usage import UsageSpec

_OWN_KEYS: Final = frozenset({"id", "name", "arguments", "input"})


class ToolCallSpec(Spec):
    """A tool call: `{get_weather: {city: Paris}}`, the keys below, or the API's own object.

    Attributes:
        name: The name of the tool; a template.
        arguments: A function's arguments; strings in them are templates, and a string is sent verbatim.
        input: A custom tool's input; a template.
        id: The call's id; None: a generated one.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = (
        STRING,
        {"type": "object", "minProperties": 1, "maxProperties": 1, "description": "The tool and its arguments"},
        {"type": "object", "required": ["function"], "description": "A function call in the API's format"},
        {"type": "object", "required": ["custom"], "description": "A custom tool call in the API's format"},
    )

    name: str
    arguments: Any = None
    input: str | None = None
    id: str | None = None

    @classmethod
    def keys(cls) -> list[str]:
        """Return the keys of a script file and of the API's own object."""
        return [*super().keys(), "type", "function", "custom"]

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a name alone, `{name: arguments}`, or the API's own object."""
        if isinstance(given, str):
            return {"name": given}
        if not is_object(given):
            return given
        kind = given.get("type", "function")
        inner = given.get(kind) if isinstance(kind, str) else None
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
    """Audio output. A string is its transcript.

    Attributes:
        transcript: The transcript; a template.
        data: The sound in base64; None: generated from the transcript.
        id: The audio's id; None: a generated one.
        expires_at: The Unix time at which it expires; None: computed.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = (STRING,)

    transcript: str
    data: Base64 | None = None
    id: str | None = None
    expires_at: NonNegativeInt | None = None

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a string as the transcript."""
        return {"transcript": given} if isinstance(given, str) else given


CONTENT_KEYS: Final = ("text", "content", "json_")
"""The keys for the content of a message; a choice has at most one of them."""

MESSAGE_KEYS: Final = (*CONTENT_KEYS, "tool_calls", "function_call", "refusal", "reasoning_content", "audio")
"""The keys for the message of a choice."""

WAYS: Final = (
    *("choices", "error", "body", "chunks", "recorded", "generate", "echo", "upstream"),
    *("vector", "like", "flags", "function"),
)
"""The keys for answering in another way than with the message of one choice; a reply has at most one of them."""

OPTIONS_BESIDE: Final = ("after_chunks", "after_seconds", "probability", "times")
"""The options of a fault that a reply may have beside the fault's name."""


class ChoiceSpec(Spec):
    """One choice of an answer. A string is its text.

    Attributes:
        text: The message's content; a template.
        content: The message's content; the API's name for `text`.
        json_: The message's content as JSON; strings in it are templates.
        tool_calls: Tool calls, in order; they may follow a text.
        function_call: A function call in the legacy format.
        refusal: A refusal, which may follow a partial text; a template.
        reasoning_content: Reasoning as compatible servers send it, before the content; a template.
        audio: Audio output.
        finish_reason: The finish reason; None: computed.
        logprobs: Log probabilities; None: computed if the request asks for them.
        annotations: Citations.
        reasoning_tokens: Reasoning tokens; None: computed.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = (STRING,)

    text: str | None = None
    content: str | None = None
    json_: Any = Field(default=None, alias="json")
    tool_calls: list[ToolCallSpec] | None = None
    function_call: FunctionCall | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    audio: AudioSpec | None = None
    finish_reason: FinishReason | None = None
    logprobs: Logprobs | None = None
    annotations: list[Annotation] | None = None
    reasoning_tokens: NonNegativeInt | None = None

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a string as the text."""
        return {"text": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_content(self) -> "ChoiceSpec":
        given = [key.rstrip("_") for key in CONTENT_KEYS if key in self.model_fields_set]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} set the same content: give one of them")
        return self

    @property
    def content_key(self) -> str | None:
        """The key that sets the content, as the script file writes it."""
        return next((key.rstrip("_") for key in CONTENT_KEYS if key in self.model_fields_set), None)

    @property
    def content_text(self) -> str | None:
        """The content, if it is set as text."""
        return self.text if self.content is None else self.content

    def message_keys(self) -> frozenset[str]:
        """Return the keys of `MESSAGE_KEYS` that are set."""
        return frozenset(self.model_fields_set.intersection(MESSAGE_KEYS))


class ReplySpec(ChoiceSpec):
    """An answer. A string is its text.

    Everything that is not set is computed as for any answer: ids, token counts, the finish reason, truncation.

    Attributes:
        choices: Several choices; the last one is repeated up to the request's `n`.
        error: An error instead of an answer.
        body: A response to send verbatim.
        chunks: Chunks of a stream to send verbatim.
        complete: Whether to fill in what is missing from `chunks`.
        recorded: A recorded response to send again, byte for byte.
        generate: Whether to generate an answer from the request's schema or tools.
        echo: Whether the echo backend answers.
        upstream: Whether the upstream answers.
        vector: The vector of every input of an embeddings request, or one for each.
        like: A text whose vector every input has, or one for each; templates.
        flags: The categories that moderation flags, their scores, or either for each input.
        function: The name of the function that makes the reply; a test that serves in its own process adds it.
        id: The completion's id.
        created: The completion's Unix time.
        model: The completion's model.
        usage: Token counts; missing ones are computed, and null leaves all of them out.
        service_tier: The completion's service tier.
        system_fingerprint: The completion's fingerprint.
        metadata: The completion's metadata.
        moderation: The completion's moderation results.
        azure: Whether to add what Azure adds: results of content filters, and a first chunk without choices.
        headers: Additional response headers; their values are templates.
        pace: The pace.
        fault: A fault; options may follow beside its name.
        faults: Several faults, applied in order.
        after_chunks: An option of the `fault` beside it.
        after_seconds: An option of the `fault` beside it.
        probability: An option of the `fault` beside it.
        times: An option of the `fault` beside it.
    """

    choices: list[ChoiceSpec] | None = Field(default=None, min_length=1)
    error: ErrorSpec | None = None
    body: BodySpec | None = None
    chunks: list[ChunkSpec] | None = Field(default=None, min_length=1)
    complete: Literal[True] | None = None
    recorded: RecordedSpec | None = None
    generate: Literal[True] | None = None
    echo: Literal[True] | None = None
    upstream: Literal[True] | None = None
    vector: VectorSpec | None = None
    like: LikeSpec | None = None
    flags: FlagsSpec | None = None
    function: str | None = None
    id: str | None = None
    created: NonNegativeInt | None = None
    model: str | None = None
    usage: UsageSpec | None = None
    service_tier: ServiceTier | None = None
    system_fingerprint: str | None = None
    metadata: dict[str, str] | None = None
    moderation: dict[str, Any] | None = None
    azure: Literal[True] | None = None
    headers: ResponseHeaders | None = None
    pace: PaceSpec | None = None
    fault: FaultSpec | None = None
    faults: list[FaultSpec] | None = None
    after_chunks: NonNegativeInt | None = None
    after_seconds: NonNegativeFloat | None = None
    probability: float | None = Field(default=None, ge=0, le=1)
    times: PositiveInt | None = None

    @model_validator(mode="before")
    @classmethod
    def _move_options(cls, given: Any) -> Any:
        """Move options beside a fault's name into the fault."""
        parts = [given.get(key.rstrip("_")) for key in (*MESSAGE_KEYS, "choices")] if is_object(given) else given
        if not is_unicode(parts):
            raise ValueError("a text has half of a surrogate pair, which UTF-8 cannot encode")
        if not is_object(given) or not isinstance(given.get("fault"), str):
            return given
        options = {key: given[key] for key in OPTIONS_BESIDE if key in given}
        rest = {key: value for key, value in given.items() if key not in options}
        return {**rest, "fault": {"name": given["fault"], **options}}

    @field_validator(*WAYS, mode="after")
    @classmethod
    def _not_null(cls, given: Any) -> Any:
        if given is None:
            raise ValueError("is null, which is not an answer; give a value or leave the key out")
        return given

    @model_validator(mode="after")
    def _only_where_they_apply(self) -> "ReplySpec":
        if self.complete and self.chunks is None:
            raise ValueError("`complete` fills in `chunks`, and this reply has none")
        if self.complete and not all(piece.is_well_formed() for piece in self.chunks or ()):
            raise ValueError("`complete` needs chunks whose choices are a list of objects, with objects as deltas")
        if self.azure and self.way not in (None, "choices", "generate"):
            raise ValueError(f"`azure` adds to an answer of this reply, and not to `{self.way}`")
        return self

    @model_validator(mode="after")
    def _one_answer(self) -> "ReplySpec":
        ways = [way for way in WAYS if way in self.model_fields_set]
        message = sorted(key.rstrip("_") for key in self.message_keys())
        if len(ways) > 1 or (ways and message):
            raise ValueError(f"a reply cannot have all of {', '.join([*ways, *message])}: give one way to answer")
        stray = sorted(self.model_fields_set.intersection(OPTIONS_BESIDE))
        if stray:
            raise ValueError(f"{', '.join(stray)} needs a fault: write fault: <name> beside it")
        if not ways and not message and not self.all_faults:
            raise ValueError("the reply is empty: give text, tool_calls, error or another way to answer")
        return self

    @cached_property
    def way(self) -> str | None:
        """The key of `WAYS` that is set, if any."""
        return next((way for way in WAYS if way in self.model_fields_set), None)

    @cached_property
    def all_faults(self) -> tuple[FaultSpec, ...]:
        """The faults in order."""
        return (*((self.fault,) if self.fault else ()), *(self.faults or ()))
