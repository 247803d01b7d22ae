"""The chance of an answer that is made up: the request's, whoever sends it and however often."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

import orjson

from chatdouble.backend import Call
from chatdouble.chance import Chance

# How often and in which form an answer is sent does not change it.
_IMMATERIAL: Final = frozenset({"stream", "stream_options", "n"})


def occasion(call: Call, choice: int) -> Chance:
    """Return the chance of one choice of a call's answer: the same for the same request, `seed` included.

    Args:
        call: The call.
        choice: Which of the `n` choices.
    """
    return call.services.chance.at("echo", _digest(call.body), choice)


def _digest(body: Mapping[str, Any]) -> str:
    told = {name: value for name, value in body.items() if name not in _IMMATERIAL}
    return blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
