"""Token overheads of each model family's prompts and answers, from recorded usage."""

from typing import NamedTuple


class Overhead(NamedTuple):
    """Token overhead of an answer.

    Attributes:
        priming: Before the answer.
        turn: For each earlier answer that is a text.
        call: For each earlier answer that calls, beside its message.
        tools: For the tools, beside their text.
        named: For the function that must be called, beside its name; None: it is not mentioned.
        required: For `tool_choice` "required".
        titles: Whether the tools' text has the titles of their schemas.
        instructs: Whether a developer message, headed "# Instructions", holds the system's text, the response
            format and the tools, in this order; else the system's text, the tools and the format are one.
        answer: Around an answer's text.
        answer_call: Around an answer's call.
        thought: How much of both falls away where the model does not reason.
        thinks_first: Whether it reasons before its first answer whatever the effort, so that only an answer to
            results of calls goes without.
    """

    priming: int = 3
    turn: int = 0
    call: int = 4
    tools: int = -1
    named: int | None = 7
    required: int = 0
    titles: bool = True
    instructs: bool = False
    answer: int = 0
    answer_call: int = 7
    thought: int = 0
    thinks_first: bool = False


class Tiles(NamedTuple):
    """An image costs a base and so much for each of its tiles of 512 pixels; at low detail the base.

    Attributes:
        base: Tokens of any image.
        tile: Tokens of a tile.
    """

    base: int = 85
    tile: int = 170


class Patches(NamedTuple):
    """An image costs so much for each of its patches of 32 pixels; at low detail it is shrunk to a tile.

    Attributes:
        patch: Tokens of a patch.
    """

    patch: float
