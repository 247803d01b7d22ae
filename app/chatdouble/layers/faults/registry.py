"""The faults there are, by the names that scripts and control word them with."""

from collections.abc import Mapping
from typing import Final

from chatdouble.layers.faults.base import Disturbance
from chatdouble.layers.faults.connection import Disconnect, EmptyBody, Reset, SlowBody, Stall
from chatdouble.layers.faults.content import CorruptToolArguments, MalformedJson, WrongContentType, WrongIds
from chatdouble.layers.faults.errors import Error, ErrorEvent
from chatdouble.layers.faults.frames import (
    BrokenFrame,
    DuplicateChunk,
    MergedFrames,
    MissingDone,
    OutOfOrderChunks,
    SplitFrames,
)
from chatdouble.scripts.format.delivery import FaultName

FAULTS: Final[Mapping[FaultName, type[Disturbance]]] = {
    "error": Error,
    "reset": Reset,
    "disconnect": Disconnect,
    "stall": Stall,
    "slow_body": SlowBody,
    "malformed_json": MalformedJson,
    "broken_frame": BrokenFrame,
    "merged_frames": MergedFrames,
    "split_frames": SplitFrames,
    "missing_done": MissingDone,
    "error_event": ErrorEvent,
    "wrong_content_type": WrongContentType,
    "empty_body": EmptyBody,
    "duplicate_chunk": DuplicateChunk,
    "out_of_order_chunks": OutOfOrderChunks,
    "corrupt_tool_arguments": CorruptToolArguments,
    "wrong_ids": WrongIds,
}
"""Every fault; `docs/faults.md` says what each does, to a stream and to a whole answer."""
