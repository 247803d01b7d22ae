"""Log probabilities of an answer's tokens: plausible, the same each time, and consistent with each other."""

import math
from random import Random
from typing import Final

from chatdouble.answer.limits import Said
from chatdouble.core.chance import Chance
from chatdouble.schema.completion import Logprobs, TokenLogprob, TopLogprob
from chatdouble.tokens.tokenizer import Tokenizer

_LEAST_DOUBT: Final = 1e-6
_MOST_DOUBT: Final = 0.9
_TOLD: Final = 0.999
_NEXT_SHARE: Final = 0.6
_COMMON: Final = 50_000
"""Alternatives are drawn from the vocabulary's first, commonest tokens."""


def logprobs_of(said: Said, tops: int, tokenizer: Tokenizer, chance: Chance) -> Logprobs:
    """Return the log probabilities of a choice's text or refusal; both null where it only calls (answers#logprobs).

    Args:
        said: What the choice says.
        tops: How many of the likeliest tokens to name at each position (answers#logprobs).
        tokenizer: The model's tokenizer.
        chance: The chance of this choice.
    """
    text = said.content if said.refusal is None else said.refusal
    if text is None:
        return {"content": None, "refusal": None}
    numbers = tokenizer.encode(text) if said.kept is None else said.kept
    source = chance.random()
    entries = [_entry(number, tops, tokenizer, source) for number in numbers]
    if said.refusal is None:
        return {"content": entries, "refusal": None}
    return {"content": None, "refusal": entries}


def _entry(number: int, tops: int, tokenizer: Tokenizer, source: Random) -> TokenLogprob:
    doubt = _LEAST_DOUBT + (_MOST_DOUBT - _LEAST_DOUBT) * source.random() ** 4
    chosen = _scored(tokenizer.piece(number), 1 - doubt)
    likeliest: list[TopLogprob] = []
    if tops:
        left = doubt * _TOLD
        likeliest.append(chosen)
        for piece in _alternatives(number, tops - 1, tokenizer, source):
            likeliest.append(_scored(piece, left * _NEXT_SHARE))
            left *= 1 - _NEXT_SHARE
        likeliest.sort(key=lambda top: -top["logprob"])
    return {
        "token": chosen["token"],
        "logprob": chosen["logprob"],
        "bytes": chosen["bytes"],
        "top_logprobs": likeliest,
    }


def _alternatives(number: int, wanted: int, tokenizer: Tokenizer, source: Random) -> list[bytes]:
    """Draw other tokens, all different, that are whole characters."""
    found = [tokenizer.piece(number)]
    while len(found) <= wanted:
        piece = tokenizer.piece(source.randrange(_COMMON))
        if piece not in found and _is_text(piece):
            found.append(piece)
    return found[1:]


def _is_text(piece: bytes) -> bool:
    try:
        return piece.decode().isprintable()
    except UnicodeDecodeError:
        return False


def _scored(piece: bytes, probability: float) -> TopLogprob:
    return {
        "token": token_text(piece),
        "logprob": float(f"{math.log(probability):.8g}"),
        "bytes": list(piece),
    }


def token_text(piece: bytes) -> str:
    r"""Return a token's text as the API writes it: part of a character as `\xe2\x80`."""
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return "".join(f"\\x{byte:02x}" for byte in piece)
