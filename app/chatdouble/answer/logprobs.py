"""Plausible log probabilities of the tokens of a choice."""

import math
from random import Random
from typing import Final

from chatdouble.answer.draft import ChoiceOutput
from chatdouble.core.chance import Chance
from chatdouble.schema.completion import Logprobs, TokenLogprob, TopLogprob
from chatdouble.tokens.tokenizer import Tokenizer

_MIN_DOUBT: Final = 1e-6
_MAX_DOUBT: Final = 0.9
_SHOWN: Final = 0.999
_NEXT_SHARE: Final = 0.6
# Alternatives are drawn from the first tokens of the vocabulary, which are the commonest.
_COMMON: Final = 50_000


def logprobs_of(output: ChoiceOutput, tops: int, tokenizer: Tokenizer, chance: Chance) -> Logprobs:
    """Return the log probabilities of a choice's text or refusal; both are null if it has neither (answers#logprobs).

    Args:
        output: The choice's output.
        tops: The token of `top_logprobs` of each token (answers#logprobs).
        tokenizer: The model's tokenizer.
        chance: The rng of randomness for this choice.
    """
    text = output.content if output.refusal is None else output.refusal
    if text is None:
        return {"content": None, "refusal": None}
    token_ids = tokenizer.encode(text) if output.token_ids is None else output.token_ids
    rng = chance.random()
    entries = [_entry(token, tops, tokenizer, rng) for token in token_ids]
    if output.refusal is None:
        return {"content": entries, "refusal": None}
    return {"content": None, "refusal": entries}


def _entry(token: int, tops: int, tokenizer: Tokenizer, rng: Random) -> TokenLogprob:
    doubt = _MIN_DOUBT + (_MAX_DOUBT - _MIN_DOUBT) * rng.random() ** 4
    chosen = _scored(tokenizer.piece(token), 1 - doubt)
    # The chosen token takes most of the probability, and the alternatives share the doubt.
    likeliest: list[TopLogprob] = []
    if tops:
        left = doubt * _SHOWN
        likeliest.append(chosen)
        for piece in _alternatives(token, tops - 1, tokenizer, rng):
            likeliest.append(_scored(piece, left * _NEXT_SHARE))
            left *= 1 - _NEXT_SHARE
        likeliest.sort(key=lambda top: -top["logprob"])
    return {
        "token": chosen["token"],
        "logprob": chosen["logprob"],
        "bytes": chosen["bytes"],
        "top_logprobs": likeliest,
    }


def _alternatives(token: int, wanted: int, tokenizer: Tokenizer, rng: Random) -> list[bytes]:
    """Draw different tokens that consist of whole characters."""
    found = [tokenizer.piece(token)]
    while len(found) <= wanted:
        piece = tokenizer.piece(rng.randrange(_COMMON))
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
    r"""Return a token's text as the API writes it: a part of a character is `\xe2\x80`."""
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return "".join(f"\\x{byte:02x}" for byte in piece)
