"""Server-sent events: the one reader and the one writer of event streams (streams#framing)."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

DONE: Final = b"[DONE]"
DONE_FRAME: Final = b"data: %b\n\n" % DONE
"""The last frame of every stream of chat completions, failed ones included (streams#framing)."""
"""The data of the frame that ends a stream of the API."""

LAST_EVENTS: Final = frozenset({b"response.completed", b"response.incomplete", b"response.failed"})
"""The events that end a stream of the Responses API, which has no `[DONE]`."""

_BOM: Final = b"\xef\xbb\xbf"
# Atomic, so that a CRLF is never taken for two line ends.
_LINE_END: Final = rb"(?>\r\n|\n|\r)"
_LONGEST_PARTIAL_END: Final = len(b"\r\n\r")


class Line(NamedTuple):
    """One line of a frame.

    Attributes:
        raw: The line with its line end.
        name: The field's name: `data`, `event`, `id` or `retry`; empty for comments and blank lines.
        value: The field's value.
    """

    raw: bytes
    name: bytes
    value: bytes


class Frame(NamedTuple):
    """One event of a stream, its blank line included.

    Attributes:
        raw: The bytes as they came. The frames of a stream, joined, are the stream.
        first: Whether the frame opens its stream; only there a byte order mark is ignored.
    """

    raw: bytes
    first: bool = False

    @property
    def data(self) -> bytes | None:
        """The values of the `data` fields, joined by line feeds; None for a frame without one."""
        values = [line.value for line in self.lines() if line.name == b"data"]
        return b"\n".join(values) if values else None

    def lines(self) -> Iterator[Line]:
        """Return the lines in order; their raw bytes, joined, are the frame's."""
        for at, raw in enumerate(self.raw.splitlines(keepends=True)):  # bytes split at LF, CR and CRLF only
            text = raw.rstrip(b"\r\n")
            if self.first and at == 0:
                text = text.removeprefix(_BOM)
            name, _, value = text.partition(b":")
            yield Line(raw, name, value.removeprefix(b" "))

    @property
    def event(self) -> bytes | None:
        """The value of the `event` field; None for a frame without one."""
        return next((line.value for line in self.lines() if line.name == b"event"), None)

    def with_data(self, data: bytes) -> "Frame":
        """Return the frame with other data; its line ends, its spacing and its other lines stay as they are.

        A frame without data is returned unchanged.
        """
        if data == self.data:
            return self
        made: list[bytes] = []
        replaced = False
        for line in self.lines():
            if line.name != b"data":
                made.append(line.raw)
            elif not replaced:
                made.append(_data_lines(line, data))
                replaced = True
        return Frame(b"".join(made), self.first)


def _data_lines(like: Line, data: bytes) -> bytes:
    """Return data as lines that look like a given one."""
    text = like.raw.rstrip(b"\r\n")
    end = like.raw[len(text) :]
    before = text.removesuffix(like.value)
    if b":" not in before:
        before += b":"
    following = (end or b"\n") + before.removeprefix(_BOM)
    return before + following.join(re.split(_LINE_END, data)) + end


class Reader:
    """Splits a stream into frames while it arrives, in linear time however it is cut.

    Line ends may be LF, CRLF, CR or a mixture.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._ends = re.compile(_LINE_END * 2)
        self._searched = 0
        self._first = True

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that these bytes complete."""
        held = self._held
        held += data
        frames: list[Frame] = []
        start = 0
        for found in self._ends.finditer(held, self._searched):
            end = found.end()
            # A last CR after an LF may be the first half of a CRLF, so wait for the next byte. After a CR it is not:
            # the stream's lines end in CR alone, and waiting would delay every frame.
            if end == len(held) and held.endswith(b"\n\r"):
                break
            frames.append(self._frame(held[start:end]))
            start = end
        del held[:start]
        self._searched = max(0, len(held) - _LONGEST_PARTIAL_END)
        return frames

    @property
    def begun(self) -> bytes:
        """The part that has arrived of a frame that is not whole."""
        return bytes(self._held)

    def finish(self) -> list[Frame]:
        """Return what is left at the end of the stream: at most one frame, without its blank line."""
        left, self._held = self._held, bytearray()
        self._searched = 0
        return [self._frame(left)] if left else []

    def _frame(self, raw: bytearray) -> Frame:
        first, self._first = self._first, False
        return Frame(bytes(raw), first)


def read_frames(stream: bytes) -> list[Frame]:
    """Return the frames of a whole stream; the last one may lack its blank line."""
    reader = Reader()
    return [*reader.feed(stream), *reader.finish()]


def write_frame(data: bytes) -> bytes:
    """Return a frame as the API writes it (streams#framing): `data: ` and a line feed for each line of data."""
    # No sse-starlette here: its events end their lines in CRLF unless told otherwise and take text, not bytes.
    if b"\n" in data or b"\r" in data:
        data = re.sub(_LINE_END, b"\ndata: ", data)
    return b"data: %b\n\n" % data
