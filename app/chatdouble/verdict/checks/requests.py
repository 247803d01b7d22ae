"""Checks of single requests: deprecated, unknown and ignored parts."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from chatdouble.core.did_you_mean import did_you_mean
from chatdouble.core.json import as_array, as_object
from chatdouble.verdict.exchange import Exchange
from chatdouble.verdict.finding import Finding, of
from chatdouble.verdict.suite import Suite

_SOON: Final = 30
"""Days before a shutdown from which it is reported; earlier, half of all suites would have the warning."""

_FULL: Final = 0.8
"""The share of the context window from which a prompt is large."""

_REPLACED: Final[Mapping[str, Callable[[Any], str]]] = {
    "max_tokens": lambda value: f"Send `max_completion_tokens: {value}`.",
    "functions": lambda _: "Send `tools`, each function as `{type: function, function: {...}}`.",
    "function_call": lambda _: "Send `tool_choice`.",
    "user": lambda _: "Send `safety_identifier` to name the end user, and `prompt_cache_key` for the cache.",
    "seed": lambda _: "Do not rely on it; the API no longer promises equal answers.",
    "prompt_cache_retention": lambda _: "Leave it out.",
}
"""The deprecated parameters of chat completions and their replacements (requests#fields)."""


def deprecated_parameter(suite: Suite) -> Iterator[Finding]:
    """Find deprecated parameters."""
    for exchange in suite.accepted:
        if "messages" not in exchange.request:
            continue
        for name, advice in _REPLACED.items():
            value = exchange.request.get(name)
            if value is not None and not (name == "function_call" and exchange.request.get("functions")):
                yield of(exchange, f"`{name}`", advice=advice(value))


def deprecated_model(suite: Suite) -> Iterator[Finding]:
    """Find models that are no longer served."""
    for exchange in suite.accepted:
        model = suite.model(exchange.model)
        if model is not None and model.shutdown_date and suite.now >= model.shut_down_at:
            found = f"`{exchange.model}`, which was shut down on {model.shutdown_date}"
            yield of(exchange, found, advice=_successor(suite))


def retiring_model(suite: Suite) -> Iterator[Finding]:
    """Find models that will soon not be served."""
    today = datetime.fromtimestamp(suite.now, UTC).date()
    for exchange in suite.accepted:
        model = suite.model(exchange.model)
        day = model.shutdown_date if model is not None else None
        if day and 0 < (day - today).days <= _SOON:
            yield of(exchange, f"`{exchange.model}`, which will be shut down on {day}", advice=_successor(suite))


def _successor(suite: Suite) -> str:
    """Return advice that names a general model without a shutdown date."""
    for name in ("gpt-5.4-mini", "gpt-5.4"):
        model = suite.model(name)
        if model is not None and model.shutdown_date is None:
            return f"Move to a model that stays, such as `{name}`."
    return ""


def unknown_model(suite: Suite) -> Iterator[Finding]:
    """Find models that the catalogue does not know."""
    for exchange in suite.accepted:
        if exchange.model and suite.model(exchange.model) is None:
            near = did_you_mean(exchange.model, [model.id for model in suite.catalogue.known()])
            yield of(exchange, f"`{exchange.model}`", advice=f"Did you mean `{near}`?" if near else "")


def ignored_parameter(suite: Suite) -> Iterator[Finding]:
    """Find parameters that have no effect on the answer."""
    for exchange in suite.accepted:
        request = exchange.request
        if request.get("audio") is not None and "audio" not in as_array(request.get("modalities")):
            yield of(exchange, "`audio`", advice='It needs `modalities: ["text", "audio"]`.')
        for warning in exchange.entry.get("ignored") or ():
            yield of(
                exchange, str(warning), advice="Leave it out: the API refuses it, and this server only ignores it."
            )


def schema_not_strict(suite: Suite) -> Iterator[Finding]:
    """Find schemas of answers that are not strict."""
    for exchange in suite.accepted:
        for name, holder in _formats(exchange):
            if holder.get("schema") and not holder.get("strict"):
                yield of(exchange, f"the schema `{name}` of the response format is not strict")


def _formats(exchange: Exchange) -> Iterator[tuple[str, Mapping[str, Any]]]:
    chat = as_object(as_object(exchange.request.get("response_format")).get("json_schema"))
    responses = as_object(as_object(exchange.request.get("text")).get("format"))
    for holder in (chat, responses):
        yield str(holder.get("name")), holder


def large_prompt(suite: Suite) -> Iterator[Finding]:
    """Find prompts that nearly fill the context window."""
    for exchange in suite.accepted:
        model = suite.model(exchange.model)
        tokens = exchange.usage.get("prompt_tokens") or exchange.usage.get("input_tokens")
        if model is not None and isinstance(tokens, int) and tokens >= model.context_window * _FULL:
            yield of(
                exchange,
                f"{tokens} of {model.context_window} tokens of `{exchange.model}`",
                f"fewer than {int(model.context_window * _FULL)} tokens",
            )
