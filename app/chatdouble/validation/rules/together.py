"""Rules for fields that require or exclude each other."""

from collections.abc import Iterator
from typing import Any, Final

from chatdouble.core.errors import APIError
from chatdouble.validation.rules.rule import Subject
from chatdouble.validation.wording import combinations


def both_limits(subject: Subject) -> Iterator[APIError]:
    """Refuse `max_tokens` together with `max_completion_tokens` (rules#combinations)."""
    if subject.body.get("max_completion_tokens") is not None:
        yield combinations.both_limits()


def stream_options(subject: Subject) -> Iterator[APIError]:
    """Allow `stream_options` only with `stream` (rules#combinations)."""
    yield from _only_with("stream_options", "stream", subject.body)


def top_logprobs(subject: Subject) -> Iterator[APIError]:
    """Allow `top_logprobs` only with `logprobs` (rules#combinations)."""
    yield from _only_with("top_logprobs", "logprobs", subject.body)


def metadata(subject: Subject) -> Iterator[APIError]:
    """Allow `metadata` only with `store`, before gpt-5 (rules#combinations)."""
    yield from _only_with("metadata", "store", subject.body)


def _only_with(field: str, needed: str, body: dict[str, Any]) -> Iterator[APIError]:
    if not body.get(needed):
        yield combinations.only_with(field, needed)


def prediction(subject: Subject) -> Iterator[APIError]:
    """Refuse parameters that exclude `prediction`: tools, several choices, penalties, logprobs (rules#prediction)."""
    for field, least in _AGAINST_PREDICTION.items():
        value = subject.body.get(field)
        if value and (not isinstance(value, int | float) or value > least):
            yield combinations.beside_prediction(field)
    if "audio" in (subject.body.get("modalities") or ()):
        yield combinations.beside_prediction("modalities")


_AGAINST_PREDICTION: Final = {
    "n": 1,
    "logprobs": 0,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "tools": 0,
    "functions": 0,
    "max_completion_tokens": 0,
}
"""Largest value of each parameter beside a prediction."""
