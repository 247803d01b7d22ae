"""The parts of replies to requests without a conversation: vectors and moderation flags."""

from typing import Annotated

from pydantic import Field

from chatdouble.schema.moderations import Category

Vector = Annotated[list[float], Field(min_length=1)]

VectorSpec = Vector | Annotated[list[Vector], Field(min_length=1)]
"""A vector, which is sent as it is written, or one for each input; the last one is repeated."""

LikeSpec = str | Annotated[list[str], Field(min_length=1)]
"""A text, or one for each input; the last one is repeated."""

Flags = dict[Category, bool | Annotated[float, Field(ge=0, le=1)]]
"""Categories: true flags one, a number is its score and flags it from 0.5."""

FlagsSpec = Category | list[Category] | Flags | Annotated[list[Flags], Field(min_length=1)]
"""A flagged category, several of them, categories with scores, or these for each input; the last ones are repeated."""


def vectors_in(spec: VectorSpec) -> list[list[float]]:
    """Return the vectors that a reply gives."""
    alone = [float(one) for one in spec if not isinstance(one, list)]
    return [alone] if alone else [one for one in spec if isinstance(one, list)]


def flags_in(spec: FlagsSpec) -> list[dict[str, bool | float]]:
    """Return the flags that a reply gives."""
    if isinstance(spec, str):
        return [{spec: True}]
    if isinstance(spec, dict):
        return [_plain(spec)]
    several = [_plain(one) for one in spec if isinstance(one, dict)]
    return several or [dict.fromkeys((str(one) for one in spec), True)]


def _plain(flags: Flags) -> dict[str, bool | float]:
    return {str(name): value for name, value in flags.items()}
