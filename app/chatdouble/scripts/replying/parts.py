"""Parts of messages that scripts set and the API does not compute."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, cast

from chatdouble.backend import Call
from chatdouble.schema.completion import Completion, Message
from chatdouble.scripts.format.reply import AudioSpec


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


async def each(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Yield pieces one by one."""
    for piece in pieces:
        yield piece


def offsets_of(times: Iterable[float | None]) -> tuple[float, ...]:
    """Return the due times of pieces; one without a time is due with the one before."""
    offsets: list[float] = []
    for at in times:
        offsets.append(at if at is not None else offsets[-1] if offsets else 0.0)
    return tuple(offsets)
