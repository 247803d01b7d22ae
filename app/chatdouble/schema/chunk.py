"""One piece of a streamed answer, ChatCompletionChunk, exactly as the wire carries it (streams#chunks)."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from chatdouble.schema.completion import CompletionUsage, FinishReason, Logprobs, Moderation, ServiceTier, UnixTime


class FunctionDelta(TypedDict):
    """A piece of a function call; the name comes once, the arguments grow."""

    name: NotRequired[str]
    arguments: NotRequired[str]


class CustomDelta(TypedDict):
    """A piece of a custom tool call; the name comes once, the input grows."""

    name: NotRequired[str]
    input: NotRequired[str]


class ToolCallDelta(TypedDict):
    """A piece of one tool call, told apart by its index."""

    index: int
    id: NotRequired[str]
    type: NotRequired[Literal["function", "custom"]]
    function: NotRequired[FunctionDelta]
    custom: NotRequired[CustomDelta]


class AudioDelta(TypedDict):
    """A piece of spoken output: base64 data, a piece of the transcript, or the end's expiry."""

    id: NotRequired[str]
    data: NotRequired[str]
    transcript: NotRequired[str]
    expires_at: NotRequired[int]


class Delta(TypedDict):
    """What a chunk adds to a choice's message."""

    role: NotRequired[Literal["developer", "system", "user", "assistant", "tool"]]
    content: NotRequired[str | None]
    tool_calls: NotRequired[list[ToolCallDelta]]
    function_call: NotRequired[FunctionDelta]
    refusal: NotRequired[str | None]
    audio: NotRequired[AudioDelta]


class ChunkChoice(TypedDict):
    """What a chunk says of one choice; `logprobs` is missing on some families (streams#chunks)."""

    index: int
    delta: Delta
    logprobs: NotRequired[Logprobs | None]
    finish_reason: NotRequired[FinishReason | None]


class Chunk(TypedDict):
    """A piece of a streamed answer; the key order is the wire's, `obfuscation` is added by the wire."""

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
