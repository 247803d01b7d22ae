"""What an answer is to call."""

from dataclasses import dataclass

from chatdouble.answer.making.offered import Tool


@dataclass(frozen=True, slots=True)
class Wish:
    """A tool to call.

    Attributes:
        tool: The tool.
        written: The arguments or the input as a mark has them, if it does.
    """

    tool: Tool
    written: str | None = None
