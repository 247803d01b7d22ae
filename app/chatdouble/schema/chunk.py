"""ChatCompletionChunk, a piece of a streamed completion, exactly as the API sends it (streams#chunks)."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from chatdouble.schema.completion import CompletionUsage, FinishReason, Logprobs, Moderation, ServiceTier, UnixTime


class FunctionDelta(TypedDict):
    """A piece of a function call. The name comes once, the arguments come in pieces."""

    name: NotRequired[str]
    arguments: NotRequired[str]


class CustomDelta(TypedDict):
    """A piece of a custom tool call. The name comes once, the input comes in pieces."""

    name: NotRequired[str]
    input: NotRequired[str]


class ToolCallDelta(TypedDict):
    """A piece of the tool call with an index."""

    index: int
    id: NotRequired[str]
    type: NotRequired[Literal["function", "custom"]]
    function: NotRequired[FunctionDelta]
    custom: NotRequired[CustomDelta]


class AudioDelta(TypedDict):
    """A piece of audio output: base64 data, a piece of the transcript, or the expiry at the end."""

    id: NotRequired[str]
    data: NotRequired[str]
    transcript: NotRequired[str]
    expires_at: NotRequired[int]


class Delta(TypedDict):
    """The part of a choice's message that a chunk adds."""

    role: NotRequired[Literal["developer", "system", "user", "assistant", "tool"]]
    content: NotRequired[str | None]
    tool_calls: NotRequired[list[ToolCallDelta]]
    function_call: NotRequired[FunctionDelta]
    refusal: NotRequired[str | None]
    audio: NotRequired[AudioDelta]


class ChunkChoice(TypedDict):
    """The part of a chunk for one choice. Some model families have no `logprobs` (streams#chunks)."""

    index: int
    delta: Delta
    logprobs: NotRequired[Logprobs | None]
    finish_reason: NotRequired[FinishReason | None]


class Chunk(TypedDict):
    """A piece of a streamed completion, its keys in the API's order. Framing adds `obfuscation`."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: UnixTime
    model: str
    service_tier: NotRequired[ServiceTier | None]
    system_fingerprint: NotRequired[str | None]
    choices: list[ChunkChoice]
    usage: NotRequired[CompletionUsage | None]
    moderation: NotRequired[Moderation | None]
    obfuscation: NotRequired[str]
