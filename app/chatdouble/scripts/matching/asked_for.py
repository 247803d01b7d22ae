"""The conditions of turns, conversations and queued replies, compiled once for each wording."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import orjson

from chatdouble.core.json import encode
from chatdouble.scripts.format.matchers import Matcher
from chatdouble.scripts.format.rule import When
from chatdouble.scripts.matching.combinators import AllOf
from chatdouble.scripts.matching.compiled_rule import compile_when
from chatdouble.scripts.matching.conditions import conditions

_REMEMBERED: Final = 4096


def conditions_of(given: Mapping[str, Any], *, every_turn: bool = False) -> AllOf:
    """Return the conditions in the `when` and `model` of an object that was checked before.

    Args:
        given: The object.
        every_turn: Whether `user` holds for tool results too, which belong to the same conversation.
    """
    return _compiled(encode([given.get("when"), given.get("model")]), every_turn)


@lru_cache(maxsize=_REMEMBERED)
def _compiled(wording: bytes, every_turn: bool) -> AllOf:
    when, model = orjson.loads(wording)
    whole = When.model_validate(when or {})
    found = conditions(whole) if every_turn else compile_when(whole)
    if model is None:
        return found
    return AllOf([*conditions(When(model=Matcher.model_validate(model))).parts, *found.parts])
