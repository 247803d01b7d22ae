"""The faults there are, by the names that scripts and control word them with."""

from collections.abc import Mapping
from typing import Final

from chatdouble.layers.faults.base import Disturbance
from chatdouble.layers.faults.broken_frame import BrokenFrame
from chatdouble.layers.faults.corrupt_tool_arguments import CorruptToolArguments
from chatdouble.layers.faults.disconnect import Disconnect
from chatdouble.layers.faults.duplicate_chunk import DuplicateChunk
from chatdouble.layers.faults.empty_body import EmptyBody
from chatdouble.layers.faults.error import Error
from chatdouble.layers.faults.error_event import ErrorEvent
from chatdouble.layers.faults.malformed_json import MalformedJson
from chatdouble.layers.faults.merged_frames import MergedFrames
from chatdouble.layers.faults.missing_done import MissingDone
from chatdouble.layers.faults.out_of_order_chunks import OutOfOrderChunks
from chatdouble.layers.faults.reset import Reset
from chatdouble.layers.faults.slow_body import SlowBody
from chatdouble.layers.faults.split_frames import SplitFrames
from chatdouble.layers.faults.stall import Stall
from chatdouble.layers.faults.wrong_content_type import WrongContentType
from chatdouble.layers.faults.wrong_ids import WrongIds
from chatdouble.script.delivery_spec import FaultName

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
