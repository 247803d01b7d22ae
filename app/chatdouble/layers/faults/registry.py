"""All faults, by the names that scripts and the control API use."""

from collections.abc import Mapping
from typing import Any, Final

from chatdouble.layers.faults import model
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

_ALL: Final[tuple[type[Disturbance[Any]], ...]] = (
    *(Error, Reset, Disconnect, Stall, SlowBody, EmptyBody),
    *(MalformedJson, WrongContentType, CorruptToolArguments, WrongIds, ErrorEvent),
    *(model.InvalidToolArguments, model.UnofferedTool, model.TruncatedToolArguments, model.RepeatedToolCall),
    *(model.WrongToolCallId, model.EmptyAnswer, model.ReasoningOnly, model.ContentFilter, model.Refusal),
    *(BrokenFrame, MergedFrames, SplitFrames, MissingDone, DuplicateChunk, OutOfOrderChunks),
)

FAULTS: Final[Mapping[str, type[Disturbance[Any]]]] = {fault.name: fault for fault in _ALL}
"""Every fault by its name; `docs/faults.md` describes them."""
