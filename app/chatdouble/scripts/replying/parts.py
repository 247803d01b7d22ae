"""Parts of messages that scripts set and the API does not compute."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from chatdouble.backend import Call
from chatdouble.schema.completion import Completion, Message
from chatdouble.scripts.format.reply import AudioSpec

T = TypeVar("T")


def add_reasoning(message: Message, text: str | None) -> None:
    """Add reasoning to a message, as compatible servers send it; None adds nothing."""
    if text is not None:
        cast("dict[str, Any]", message)["reasoning_content"] = text


def add_partial_text(call: Call, completion: Completion, message: Message, text: str) -> None:
    """Add the text that comes before a refusal, and count its tokens."""
    message["content"] = text
    usage = completion.get("usage")
    if usage:
        tokens = call.services.tokens[call.model.encoding].count(text)
        usage["completion_tokens"] += tokens
        usage["total_tokens"] += tokens


async def set_audio(call: Call, message: Message, spec: AudioSpec | None) -> None:
    """Set the parts of the audio that a script gives, so that later turns can refer to its id."""
    audio = message.get("audio")
    if spec is not None and audio is not None:
        cast("dict[str, Any]", audio).update(spec.model_dump(include={"data", "id", "expires_at"}, exclude_none=True))
        tokens = call.services.tokens[call.model.encoding].count(audio["transcript"])
        await call.session.keep_audio(audio["id"], audio["expires_at"], tokens)


@dataclass(slots=True)
class Ready(Generic[T]):
    """Pieces of an answer that exist already, for who waits for each.

    Attributes:
        pieces: The pieces that are left.
    """

    pieces: Iterator[T]

    def __aiter__(self) -> AsyncIterator[T]:
        """Return the pieces."""
        return self

    async def __anext__(self) -> T:
        """Return the next piece.

        Raises:
            StopAsyncIteration: There is none.
        """
        for piece in self.pieces:
            return piece
        raise StopAsyncIteration
