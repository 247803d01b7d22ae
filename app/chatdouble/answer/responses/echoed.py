"""The fields of a response that repeat its request, with the API's defaults (responses#echo)."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from chatdouble.answer.responses.echoed_tools import echoed_tool
from chatdouble.catalogue.model import Model
from chatdouble.core.json import as_object, is_object, objects_in
from chatdouble.schema.responses.request import ResponsesRequest

Fields = dict[str, Any]

_ORDER: Final = (
    *("id", "object", "created_at", "status", "background", "billing", "completed_at", "conversation", "error"),
    *("frequency_penalty", "incomplete_details", "instructions", "max_output_tokens", "max_tool_calls", "model"),
    *("moderation", "output", "parallel_tool_calls", "presence_penalty", "previous_response_id", "prompt"),
    *("prompt_cache_key", "prompt_cache_retention", "reasoning", "safety_identifier", "service_tier", "store"),
    *("temperature", "text", "tool_choice", "tool_usage", "tools", "top_logprobs", "top_p", "truncation", "usage"),
    *("user", "metadata"),
)
"""The order of a response's keys (responses#key-order)."""

_NO_IMAGES: Final = {"image_tokens": 0, "text_tokens": 0}
NO_TOOLS: Final[Mapping[str, Any]] = {
    "image_gen": {
        "input_tokens": 0,
        "input_tokens_details": _NO_IMAGES,
        "output_tokens": 0,
        "output_tokens_details": _NO_IMAGES,
        "total_tokens": 0,
    },
    "web_search": {"num_requests": 0},
}
"""The usage of a response without hosted tools; responses share it."""

_NEWEST: Final = ("gpt-5.6", "gpt-6")
_SINCE_5_2: Final = ("gpt-5.2", "gpt-5.4", "gpt-5.5", *_NEWEST)
_PARTS: Final[Mapping[str, Fields]] = {
    "input_image": {"detail": "auto", "file_id": None, "image_url": None},
    "input_file": {"file_id": None},
}
"""Keys that the parts of a prompt's variables have even if the request leaves them out (responses#echo)."""
_WITH_PHASE: Final = ("gpt-5.3-codex", "gpt-5.4", "gpt-5.5", *_NEWEST)


def has_phase(model: Model) -> bool:
    """Tell whether a model names the phase of its messages (responses#bodies)."""
    return model.snapshot.startswith(_WITH_PHASE)


def keeps_all_reasoning(model: Model) -> bool:
    """Tell whether a model reads the reasoning of all turns, and sends it encrypted unasked (responses#echo)."""
    return model.snapshot.startswith(_NEWEST)


def echoed(request: ResponsesRequest, body: Mapping[str, Any], model: Model) -> Fields:
    """Return a whole response of which only what repeats the request is filled in; the rest is as most have it.

    Args:
        request: The request.
        body: Its body as it was sent.
        model: The model.
    """
    asked = _ASKED_FOR.intersection(body)
    fields = dict(_defaults(model, tuple(sorted(name for name in asked if body[name] is not None)) if asked else ()))
    for name in body:
        if name in _ECHOES and body[name] is not None:
            fields[name] = _ECHOES[name](request, body, model)
    return fields


@lru_cache(maxsize=64)
def _defaults(model: Model, asked: tuple[str, ...]) -> Mapping[str, Any]:
    """Return the response to a request that has nothing but a model and an input; responses share its values.

    Args:
        model: The model.
        asked: The fields of `_ASKED_FOR` that the request has; they are still empty.
    """
    nothing = ResponsesRequest()
    fields = {name: echo(nothing, {}, model) for name, echo in _ECHOES.items() if name not in _ASKED_FOR}
    known: Fields = {**fields, "object": "response", "status": "completed", "billing": {"payer": "developer"}}
    known["tool_usage"] = NO_TOOLS
    return {name: known.get(name) for name in _ORDER if name not in _ASKED_FOR or name in asked}


def _prompt(prompt: Mapping[str, Any]) -> Fields:
    """Return a stored prompt with its variables as parts of an input; without a version it is the first."""
    variables = as_object(prompt.get("variables")).items()
    return {
        "id": prompt["id"],
        "variables": {name: _variable(value) for name, value in variables},
        "version": prompt.get("version") or "1",
    }


def _variable(value: Any) -> Fields:
    if not is_object(value):
        return {"type": "input_text", "text": value}
    part = {**_PARTS.get(str(value.get("type")), {}), **value}
    return {"type": value.get("type"), **{name: part[name] for name in sorted(part) if name != "type"}}


def _default_top_p(model: Model) -> float:
    return 0.98 if model.snapshot.startswith(_SINCE_5_2) else 1.0


def _retention(model: Model) -> str:
    return "24h" if model.snapshot.startswith(_SINCE_5_2) else "in_memory"


def _reasoning(request: ResponsesRequest, model: Model) -> Fields:
    given = request.reasoning or {}
    summary = given.get("summary") or given.get("generate_summary")
    effort = (given.get("effort") or model.default_effort) if model.efforts else given.get("effort")
    if not model.efforts:
        return {"context": None, "effort": effort, "mode": "standard", "summary": None}
    context = "all_turns" if keeps_all_reasoning(model) else "current_turn"
    asked = given.get("context")
    return {
        "context": context if asked in {None, "auto"} else asked,
        "effort": effort,
        "mode": given.get("mode") or "standard",
        "summary": "detailed" if summary == "auto" else summary,
    }


def _text(text: Mapping[str, Any]) -> Fields:
    return {"format": _format(as_object(text.get("format"))), "verbosity": text.get("verbosity") or "medium"}


def _format(form: Mapping[str, Any]) -> Fields:
    if form.get("type") != "json_schema":
        return dict(form) or {"type": "text"}
    return {
        "type": "json_schema",
        "description": form.get("description"),
        "name": form.get("name"),
        "schema": {key: value for key, value in as_object(form.get("schema")).items() if key != "$schema"},
        "strict": form.get("strict") is not False,
    }


def _same(name: str) -> "Echo":
    return lambda request, _body, _model: getattr(request, name)


def _given(name: str, default: Any) -> "Echo":
    """Return what repeats a field, and has the default in place of a null, a zero or an empty value."""
    return lambda request, _body, _model: getattr(request, name) or default


def _float(name: str, default: Callable[[Model], float]) -> "Echo":
    def echo(request: ResponsesRequest, _body: Mapping[str, Any], model: Model) -> float:
        given = getattr(request, name)
        return default(model) if given is None else float(given)

    return echo


Echo = Callable[[ResponsesRequest, Mapping[str, Any], Model], Any]
"""Makes a field of a response, given a request, its body and its model."""

_ECHOES: Final[Mapping[str, Echo]] = {
    "background": lambda request, _body, _model: request.background is True,
    "conversation": lambda request, _body, _model: {"id": request.conversation_id},
    "frequency_penalty": _given("frequency_penalty", 0.0),
    "instructions": _same("instructions"),
    "max_output_tokens": _same("max_output_tokens"),
    "max_tool_calls": _same("max_tool_calls"),
    "metadata": _given("metadata", {}),
    "parallel_tool_calls": lambda request, _body, _model: request.parallel_tool_calls is not False,
    "presence_penalty": _given("presence_penalty", 0.0),
    "previous_response_id": _same("previous_response_id"),
    "prompt": lambda _request, body, _model: _prompt(as_object(body.get("prompt"))),
    "prompt_cache_key": _same("prompt_cache_key"),
    "prompt_cache_retention": lambda request, _body, model: request.prompt_cache_retention or _retention(model),
    "reasoning": lambda request, _body, model: _reasoning(request, model),
    "safety_identifier": _same("safety_identifier"),
    "store": lambda request, _body, _model: request.store is not False,
    "temperature": _float("temperature", lambda _model: 1.0),
    "text": lambda _request, body, _model: _text(as_object(body.get("text"))),
    "tool_choice": lambda _request, body, _model: body.get("tool_choice") or "auto",
    "tools": lambda _request, body, _model: [*map(echoed_tool, objects_in(body.get("tools")))],
    "top_logprobs": _given("top_logprobs", 0),
    "top_p": _float("top_p", _default_top_p),
    "truncation": _given("truncation", "disabled"),
    "user": _same("user"),
}
_ASKED_FOR: Final = frozenset({"conversation", "prompt"})
"""The fields that only responses to requests with them have."""
