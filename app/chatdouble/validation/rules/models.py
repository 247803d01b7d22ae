"""What a model does not know, or knows only one way."""

from collections.abc import Iterator
from typing import Final

from chatdouble.core.errors import APIError
from chatdouble.schema.request import NOT_NULL, ChatCompletionRequest
from chatdouble.validation import wording
from chatdouble.validation.expectation import expected
from chatdouble.validation.rules.rule import Subject

_DEFAULTS: Final = {"presence_penalty": 0, "frequency_penalty": 0}
"""The default values of numbers; of all others it is 1."""

_NOT_NULL: Final = {
    name: field for name, field in ChatCompletionRequest.model_fields.items() if NOT_NULL in field.metadata
}


def nulls(subject: Subject) -> Iterator[APIError]:
    """Null is no value of some fields (requests#null), and of none that the model does not support."""
    for name, value in subject.body.items():
        if value is None and name in subject.model.unsupported:
            yield wording.wrong_type(name, "an unsupported value", None)
        elif value is None and name in _NOT_NULL:
            yield wording.wrong_type(name, expected(_NOT_NULL[name]), None)


def unsupported(subject: Subject) -> Iterator[APIError]:
    """Refuse the parameters a model does not support; some of them it does while it does not reason.

    From gpt-5.1 (rules#model-rules), with effort `none`, logprobs, temperature and top_p work again.
    """
    for name in _refused(subject, subject.model.unsupported):
        yield wording.unsupported(name)


def fixed(subject: Subject) -> Iterator[APIError]:
    """Refuse any but the default value of some parameters: temperature when reasoning (rules#model-rules)."""
    for name in _refused(subject, subject.model.fixed):
        default = _DEFAULTS.get(name, 1)
        if subject.body[name] != default:
            only = f"Only the default ({default}) value is supported."
            yield wording.unsupported_value(name, subject.body[name], only)


def _refused(subject: Subject, names: frozenset[str]) -> list[str]:
    if subject.effort == "none":
        names -= subject.model.free_without_reasoning
    return [name for name, value in subject.body.items() if name in names and value is not None]


def incompatible(subject: Subject) -> Iterator[APIError]:
    """Refuse what a search model cannot use, all of it in one sentence (rules#model-rules)."""
    names = _refused(subject, subject.model.incompatible)
    if names:
        arguments = "argument" if len(names) == 1 else "arguments"
        yield APIError(f"Model incompatible request {arguments} supplied: {', '.join(names)}")


def effort(subject: Subject) -> Iterator[APIError]:
    """Refuse the efforts a reasoning model does not make (models#efforts)."""
    asked: str = subject.body["reasoning_effort"]
    efforts = subject.model.efforts
    if asked not in efforts:
        supported = f"Supported values are: {wording.quoted(efforts)}."
        yield wording.unsupported_value("reasoning_effort", asked, supported)


def verbosity(subject: Subject) -> Iterator[APIError]:
    """Refuse the verbosities a model does not have; before gpt-5 there is `medium` alone (rules#model-rules)."""
    asked: str = subject.body["verbosity"]
    if asked not in subject.model.verbosities:
        supported = f"Supported values are: {wording.quoted(subject.model.verbosities)}."
        yield wording.unsupported_value("verbosity", asked, supported)


def cache_retention(subject: Subject) -> Iterator[APIError]:
    """gpt-5.5 and later cache for 24 hours only, the smaller and older ones not so (rules#model-rules)."""
    asked: str = subject.body["prompt_cache_retention"]
    kept = subject.model.cache_retentions
    if kept and asked not in kept:
        yield APIError(
            f"This model is compatible only with {kept[0]} extended prompt caching",
            param="prompt_cache_retention",
        )
    if not kept and asked != "in_memory":
        yield APIError("prompt_cache_retention is not supported on this model", param="prompt_cache_retention")


def web_search(subject: Subject) -> Iterator[APIError]:
    """Only search models search (rules#model-rules)."""
    if not subject.model.searches:
        yield APIError("Web search options not supported with this model.", param="web_search_options")


def output_limit(subject: Subject) -> Iterator[APIError]:
    """No more tokens than the model can write; `param` is max_tokens for both fields (rules#limits)."""
    asked: int = subject.body.get("max_tokens") or subject.body.get("max_completion_tokens") or 0
    most = subject.model.max_output_tokens
    if asked > most:
        yield APIError(
            f"max_tokens is too large: {asked}. This model supports at most {most} completion tokens, "
            f"whereas you provided {asked}.",
            param="max_tokens",
            code="invalid_value",
        )
