"""An API that the double speaks: what its endpoint family needs, in one value."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from chatdouble.backend.call import Call
from chatdouble.backend.interface import Answer, Piece, Reply
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.catalogue.model import Encoding
from chatdouble.core.errors import APIError
from chatdouble.tokens.tokenizer import Tokenizers


class Reader(Protocol):
    """Reads a request's body into a call."""

    def read(self, call: Call[Any]) -> None:
        """Parse and validate `call.raw`; set `body` and `model` before a rule can refuse, then `request`.

        Raises:
            APIError: The API would not answer this request.
        """
        ...

    def read_unjudged(self, call: Call[Any]) -> None:
        """Parse `call.raw` as far as possible, for a request that an upstream judges; never refuse it."""
        ...


class Stream(Protocol):
    """The stream of one call, written piece by piece."""

    def add(self, piece: Piece) -> None:
        """Add a piece to the whole answer."""
        ...

    def frame(self, piece: Piece) -> bytes:
        """Add a piece to the whole answer, and return its frame."""
        ...

    def failure(self, error: APIError) -> Iterator[bytes]:
        """Return the frames that end a stream which failed after it had begun."""
        ...

    def answer(self) -> Answer | None:
        """Return the whole answer as far as it came; None: nothing came."""
        ...


class Codec(Protocol):
    """Turns answers into bytes: whole bodies and streams."""

    @property
    def done(self) -> bytes:
        """The last frame of every stream."""
        ...

    def is_last(self, frame: bytes) -> bool:
        """Tell whether a frame says that its stream is over."""
        ...

    def is_paced(self, frame: bytes) -> bool:
        """Tell whether a frame has a due time of its own; else it leaves with the one before."""
        ...

    def body(self, answer: Answer, *, in_steps: bool = False) -> bytes:
        """Return a whole answer's body; in steps if a thread makes it while others are answered."""
        ...

    def frames(self, answer: Answer, call: Call[Any]) -> Iterable[bytes]:
        """Return a whole answer's stream frame by frame, the last frame included."""
        ...

    def writes(self, answer: Answer, call: Call[Any]) -> Iterator[bytes]:
        """Return a whole answer's stream in as few pieces as possible, the last frame included."""
        ...

    def steps(self, answer: Answer, call: Call[Any]) -> int:
        """Return the number of paced frames in a whole answer's stream."""
        ...

    def stream(self, call: Call[Any]) -> Stream:
        """Begin a stream."""
        ...


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Api:
    """One endpoint family.

    Attributes:
        name: Its name in scripts and reports.
        path: The path its requests are posted to.
        reader: Makes its reader, given the catalogue, the tokenizers and the server's validation.
        codec: Turns its answers into bytes.
        keep: Keeps an answer that its request wants to be retrievable later.
        recall: Adds to a call that was read what its session knows, such as earlier responses; it may refuse the call.
            None: requests of this API refer to nothing.
        release: Lets go of what `recall` took for a call alone.
        runs_on: Tells whether an answer is kept before it is sent, as it does not end with its client. None: none is.
        adapt: Turns a backend's answer, which is a completion or its chunks, into the API's own. None: it is the same.
        has_limit_headers: Whether its answers tell what is left of the rate limits.
        refusals_have_limits: Whether requests that are refused before a backend is asked have those headers, too.
        counts_by: The vocabulary by which the reader counts the tokens of every request; None: it counts none.
    """

    name: str
    path: str
    reader: "ReaderFactory"
    codec: Codec
    keep: Callable[[Call[Any], Answer], Awaitable[None]]
    recall: Callable[[Call[Any]], Awaitable[None]] | None = None
    release: Callable[[Call[Any]], None] | None = None
    runs_on: Callable[[Answer], bool] | None = None
    adapt: Callable[[Call[Any], Reply], Reply] | None = None
    has_limit_headers: bool = True
    refusals_have_limits: bool = True
    counts_by: Encoding | None = None


class ReaderFactory(Protocol):
    """Makes an API's reader."""

    def __call__(self, catalogue: Catalogue, tokenizers: Tokenizers, mode: Any, /) -> Reader:
        """Return a reader.

        Args:
            catalogue: The models.
            tokenizers: Count the tokens of prompts.
            mode: `strict`, `lenient` or `off`.
        """
        ...
