"""The chat completions API."""

from collections.abc import Iterator
from typing import Any, Final, cast

from chatdouble.backend import Answer, Call, Piece
from chatdouble.backend.api import Api
from chatdouble.backend.original import CHAT as CHAT_NAME
from chatdouble.core.errors import APIError
from chatdouble.core.json import encode_indented
from chatdouble.schema.chunk import Chunk
from chatdouble.schema.completion import Completion
from chatdouble.streaming.fold import Folding
from chatdouble.streaming.frames import DONE, Framer, failure, writes_of
from chatdouble.streaming.slice import slices
from chatdouble.streaming.slow_frames import Frames, frames_of
from chatdouble.validation.checking import ChatReader


class ChatStream:
    """A stream of chunks, folded into the whole answer on its way.

    Args:
        call: The call it answers.
    """

    __slots__ = ("_call", "_folding", "_framer", "_last")

    def __init__(self, call: Call[Any]) -> None:
        self._call = call
        self._folding = Folding()
        self._framer = Framer(call)
        self._last: Chunk | None = None

    def add(self, piece: Piece) -> None:
        """Add a chunk to the completion."""
        self._folding.add(cast("Chunk", piece))

    def frame(self, piece: Piece) -> bytes:
        """Add a chunk to the completion, and return its frame."""
        self._last = chunk = cast("Chunk", piece)
        self._folding.add(chunk)
        return self._framer.frame(chunk)

    def failure(self, error: APIError) -> Iterator[bytes]:
        """Return the error's frame, with include_usage a usage of zeros, and `[DONE]` (streams#errors)."""
        if self._last is None:
            raise error
        return failure(error, self._last, self._framer, self._call)

    def answer(self) -> Answer | None:
        """Return the completion as far as it came; None: no chunk came."""
        return self._folding.completion() if self._folding else None


class ChatCodec:
    """Turns completions into bodies and streams of chunks."""

    @property
    def done(self) -> bytes:
        """The last frame of every stream."""
        return DONE

    def is_last(self, frame: bytes) -> bool:
        """Tell whether a frame is `[DONE]`."""
        return frame == DONE

    def is_paced(self, frame: bytes) -> bool:
        """Tell whether a frame waits for its token: every chunk does."""
        return frame != DONE

    def body(self, answer: Answer, *, in_steps: bool = False) -> bytes:
        """Return a completion's body: indented by two, UTF-8, a final newline (answers#formatting)."""
        return encode_indented(answer, in_steps=in_steps, end=b"\n")

    def frames(self, answer: Answer, call: Call[Any]) -> Frames:
        """Return a completion's stream frame by frame, `[DONE]` included."""
        return frames_of(cast("Completion", answer), call)

    def writes(self, answer: Answer, call: Call[Any]) -> Iterator[bytes]:
        """Return a completion's stream in as few pieces as possible, `[DONE]` included."""
        return writes_of(cast("Completion", answer), call)

    def steps(self, answer: Answer, call: Call[Any]) -> int:
        """Return the number of chunks that bring anything."""
        chunks = slices(cast("Completion", answer), call)
        return sum(any(choice["delta"] for choice in chunk["choices"]) for chunk in chunks)

    def stream(self, call: Call[Any]) -> ChatStream:
        """Begin a stream of chunks."""
        return ChatStream(call)


async def _keep(call: Call[Any], answer: Answer) -> None:
    if call.request.store:
        from chatdouble.apis.stored_completions import keep  # noqa: PLC0415 - few requests ask for it

        await keep(call, cast("Completion", answer))


CHAT: Final = Api(name=CHAT_NAME, path="/chat/completions", reader=ChatReader, codec=ChatCodec(), keep=_keep)
