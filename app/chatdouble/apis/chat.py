"""The chat completions API."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from chatdouble.backend import Answer, Call
from chatdouble.backend.api import Api
from chatdouble.backend.original import CHAT as CHAT_NAME
from chatdouble.core.json import encode_indented
from chatdouble.core.json_in_steps import indented_in_steps
from chatdouble.core.sse import DONE_FRAME
from chatdouble.schema.completion import Completion
from chatdouble.validation.checking import ChatReader

if TYPE_CHECKING:
    from chatdouble.apis.chat_stream import ChatStream
    from chatdouble.streaming.slow_frames import Frames


@cache
def _writes() -> "Callable[[Completion, Call[Any]], Iterator[bytes]]":
    """Return the function that writes streams. To import it for each request would take a microsecond."""
    from chatdouble.streaming.frames import writes_of  # noqa: PLC0415 - for streams

    return writes_of


class ChatCodec:
    """Turns completions into bodies and streams of chunks."""

    @property
    def done(self) -> bytes:
        """The last frame of every stream."""
        return DONE_FRAME

    def is_last(self, frame: bytes) -> bool:
        """Tell whether a frame is `[DONE]`."""
        return frame == DONE_FRAME

    def is_paced(self, frame: bytes) -> bool:
        """Tell whether a frame waits for its token: every chunk does."""
        return frame != DONE_FRAME

    def body(self, answer: Answer, *, in_steps: bool = False) -> bytes:
        """Return a completion's body: indented by two, UTF-8, a final newline (answers#formatting)."""
        return (indented_in_steps if in_steps else encode_indented)(answer, end=b"\n")

    def frames(self, answer: Answer, call: Call[Any]) -> "Frames":
        """Return a completion's stream frame by frame, `[DONE]` included."""
        from chatdouble.streaming.slow_frames import frames_of  # noqa: PLC0415 - for streams that are sent slowly

        return frames_of(cast("Completion", answer), call)

    def writes(self, answer: Answer, call: Call[Any]) -> Iterator[bytes]:
        """Return a completion's stream in as few pieces as possible, `[DONE]` included."""
        return _writes()(cast("Completion", answer), call)

    def steps(self, answer: Answer, call: Call[Any]) -> int:
        """Return the number of chunks that bring anything."""
        from chatdouble.streaming.slice import slices  # noqa: PLC0415 - for answers that have a pace

        chunks = slices(cast("Completion", answer), call)
        return sum(any(choice["delta"] for choice in chunk["choices"]) for chunk in chunks)

    def stream(self, call: Call[Any]) -> "ChatStream":
        """Begin a stream of chunks."""
        from chatdouble.apis.chat_stream import ChatStream  # noqa: PLC0415 - for backends that bring chunks

        return ChatStream(call)


async def _keep(call: Call[Any], answer: Answer) -> None:
    if call.request.store:
        from chatdouble.apis.stored_completions import keep  # noqa: PLC0415 - few requests ask for it

        await keep(call, cast("Completion", answer))


CHAT: Final = Api(name=CHAT_NAME, path="/chat/completions", reader=ChatReader, codec=ChatCodec(), keep=_keep)
