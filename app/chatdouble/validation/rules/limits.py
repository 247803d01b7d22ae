"""Bounds, lengths and names that the contract leaves unsaid and the API checks with the field's type."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from chatdouble.core.errors import APIError
from chatdouble.schema.request import ServiceTier
from chatdouble.validation import wording
from chatdouble.validation.rules.rule import Subject
from chatdouble.validation.wording import combinations

NAME: Final = re.compile(r"^[a-zA-Z0-9_-]+$")
LONGEST_NAME: Final = 64
_LONGEST_VALUE: Final = 512
_MOST_PAIRS: Final = 16
_MOST_BIAS: Final = 100


def name(path: str, text: str, longest: int = LONGEST_NAME) -> Iterator[APIError]:
    """Check a name: 1 to 64, or another number, of letters, digits, `_` and `-` (rules#names)."""
    if not text:
        yield wording.empty(path, "string")
    elif len(text) > longest:
        yield wording.too_long(path, text, longest, "string")
    elif not NAME.fullmatch(text):
        yield wording.mismatch(path, NAME.pattern)


def at_most(path: str, text: str, length: int) -> Iterator[APIError]:
    """Check a text's length in characters."""
    if len(text) > length:
        yield wording.too_long(path, text, length, "string")


def max_completion_tokens(subject: Subject) -> Iterator[APIError]:
    """At least one token (rules#limits)."""
    yield from _at_least_one("max_completion_tokens", subject.body)


def max_tokens(subject: Subject) -> Iterator[APIError]:
    """At least one token (rules#limits)."""
    yield from _at_least_one("max_tokens", subject.body)


def _at_least_one(field: str, body: Mapping[str, Any]) -> Iterator[APIError]:
    if body[field] < 1:
        yield wording.below(field, body[field], 1, "integer")


def n(subject: Subject) -> Iterator[APIError]:
    """At most as many answers as the model gives: 8 from gpt-5.6 on, else 128 (rules#limits)."""
    if subject.body["n"] > subject.model.max_n:
        yield wording.above("n", subject.body["n"], subject.model.max_n, "integer")


def top_logprobs(subject: Subject) -> Iterator[APIError]:
    """At most as many alternatives as the model shows: 5 from gpt-5.4 on, else 20."""
    most = subject.model.max_top_logprobs
    if subject.body["top_logprobs"] > most:
        yield combinations.top_logprobs(most)


def user(subject: Subject) -> Iterator[APIError]:
    """At most 64 characters, as its successor `safety_identifier` had it (rules#limits)."""
    yield from at_most("user", subject.body["user"], LONGEST_NAME)


def prompt_cache_key(subject: Subject) -> Iterator[APIError]:
    """At most 64 characters."""
    yield from at_most("prompt_cache_key", subject.body["prompt_cache_key"], LONGEST_NAME)


def metadata(subject: Subject) -> Iterator[APIError]:
    """At most 16 pairs, names of 64 characters and values of 512 (requests#fields; errors#sentences)."""
    yield from metadata_faults(subject.body["metadata"])


def metadata_faults(pairs: dict[str, str]) -> Iterator[APIError]:
    """Yield what is wrong with metadata: at most 16 pairs, names of 64 and values of 512 characters."""
    if len(pairs) > _MOST_PAIRS:
        yield wording.too_many("metadata", pairs, _MOST_PAIRS)
    for key, value in pairs.items():
        if len(key) > LONGEST_NAME:
            yield wording.long_key("metadata", key, LONGEST_NAME)
        yield from at_most(f"metadata.{key}", value, _LONGEST_VALUE)


def logit_bias(subject: Subject) -> Iterator[APIError]:
    """From -100 to 100 for each token, which is a number (rules#limits, OkGoDoIt/OpenAI-API-dotnet#163)."""
    biases: dict[str, int] = subject.body["logit_bias"]
    for token, bias in biases.items():
        if not (token.isascii() and token.isdigit()):
            yield combinations.bias_key(token)
        path = f"logit_bias.{token}"
        if bias < -_MOST_BIAS:
            yield wording.below(path, bias, -_MOST_BIAS, "integer")
        elif bias > _MOST_BIAS:
            yield wording.above(path, bias, _MOST_BIAS, "integer")


def service_tier(subject: Subject) -> Iterator[APIError]:
    """One of the tiers the API lists; the contract has `scale` too (rules#limits)."""
    yield from tier_faults(subject.body["service_tier"])


def tier_faults(tier: str) -> Iterator[APIError]:
    """Yield the error of a tier that the API does not list."""
    from chatdouble.validation.expectation import values  # noqa: PLC0415 - for who asks for a tier

    listed = values(ServiceTier)
    if tier not in listed:
        yield wording.wrong_value("service_tier", tier, listed)
