"""Rules for parameters a model does not support, or supports with one value."""

from collections.abc import Iterator, Mapping
from typing import Final

from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.validation import wording
from chatdouble.validation.rules.rule import Subject
from chatdouble.validation.wording import models

_DEFAULTS: Final[Mapping[str, object]] = {
    "temperature": 1,
    "top_p": 1,
    "n": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "logprobs": False,
    "logit_bias": {},
    "stop": [],
}
"""Values equivalent to omitting the parameter."""

_LOGPROBS: Final = frozenset({"logprobs", "top_logprobs"})


def nulls(subject: Subject) -> Iterator[APIError]:
    """Refuse null for the few parameters where a model does not treat it as omitted."""
    for name in sorted(subject.model.refused_nulls):
        if name not in subject.body or subject.body[name] is not None:
            continue
        if name == "reasoning_effort":
            yield wording.unsupported_effort(subject.model.efforts, None)
        else:
            yield wording.wrong_type(name, "an unsupported value", None)


def unsupported(subject: Subject) -> Iterator[APIError]:
    """Refuse the parameters a reasoning model does not support: `max_tokens`, `stop`."""
    for name in _refused(subject, subject.model.unsupported - subject.model.free_without_reasoning - _LOGPROBS):
        yield wording.unsupported(name)


def unsupported_reasoning(subject: Subject) -> Iterator[APIError]:
    """Refuse sampling, penalties and logprobs while a model reasons; from gpt-5.1 on, effort `none` allows them."""
    names = subject.model.unsupported & (subject.model.free_without_reasoning | _LOGPROBS)
    if subject.model.logprobs != "allowed":
        names -= _LOGPROBS
    for name in _refused(subject, names):
        yield wording.unsupported(name)


def fixed(subject: Subject) -> Iterator[APIError]:
    """Allow only the default value of some parameters: `temperature`, while the model reasons."""
    for name in _refused(subject, subject.model.fixed):
        only = f"Only the default ({_DEFAULTS[name]}) value is supported."
        yield wording.unsupported_value(name, subject.body[name], only)


def _refused(subject: Subject, names: frozenset[str]) -> list[str]:
    """Return the given parameters that a request sets to another value than the default."""
    if subject.effort == "none":
        names -= subject.model.free_without_reasoning
    return [
        name
        for name, value in subject.body.items()
        if name in names and value is not None and (name not in _DEFAULTS or value != _DEFAULTS[name])
    ]


def logprobs(subject: Subject) -> Iterator[APIError]:
    """Refuse logprobs on models that forbid them (403) and on audio models."""
    if not subject.body["logprobs"]:
        return
    if subject.model.logprobs == "forbidden":
        yield models.forbidden_logprobs()
    else:
        yield models.no_logprobs()


def has_no_logprobs(model: Model) -> bool:
    """Return True if a model never returns logprobs."""
    return model.logprobs != "allowed"


def flex(subject: Subject) -> Iterator[APIError]:
    """Refuse the tier `flex` on models that do not offer it."""
    if subject.body["service_tier"] == "flex":
        yield wording.invalid_argument("service_tier")


def has_no_flex(model: Model) -> bool:
    """Return True if a model does not offer the tier `flex`."""
    return not model.flex


def incompatible(subject: Subject) -> Iterator[APIError]:
    """Refuse, in one message, the parameters a search model cannot use (errors#unsupported)."""
    names = [name for name, value in subject.body.items() if name in subject.model.incompatible and value is not None]
    if names:
        yield models.incompatible(names)


def effort(subject: Subject) -> Iterator[APIError]:
    """Allow only the reasoning efforts of the model."""
    asked: str = subject.body["reasoning_effort"]
    if asked not in subject.model.efforts and asked not in subject.model.unlisted_efforts:
        yield wording.unsupported_effort(subject.model.efforts, asked)


def verbosity(subject: Subject) -> Iterator[APIError]:
    """Allow only the verbosities of the model; before gpt-5 that is `medium` (requests#fields)."""
    asked: str = subject.body["verbosity"]
    if asked not in subject.model.verbosities:
        supported = f"Supported values are: {wording.quoted(subject.model.verbosities)}."
        yield wording.unsupported_value("verbosity", asked, supported)


def cache_retention(subject: Subject) -> Iterator[APIError]:
    """Allow only the model's cache retentions: gpt-5.5 and later cache for 24 hours only (rules#model-rules)."""
    asked: str = subject.body["prompt_cache_retention"]
    kept = subject.model.cache_retentions
    if kept and asked not in kept:
        yield models.one_retention(kept[0])
    if not kept and asked != "in_memory":
        yield models.no_retention()


def web_search(subject: Subject) -> Iterator[APIError]:
    """Allow `web_search_options` on search models only (rules#model-rules)."""
    if not subject.model.searches:
        yield models.no_search()


def output_limit(subject: Subject) -> Iterator[APIError]:
    """Limit the output tokens to the model's maximum; `param` is max_tokens for both fields (rules#limits)."""
    asked: int = subject.body.get("max_tokens") or subject.body.get("max_completion_tokens") or 0
    most = subject.model.max_output_tokens
    if asked > most:
        yield models.too_much_output(asked, most)
