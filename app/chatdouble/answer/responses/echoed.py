"""The fields of a response that repeat its request, with the API's defaults (responses#echo)."""

from collections.abc import Mapping
from typing import Any, Final

from chatdouble.answer.responses.echoed_tools import echoed_tool
from chatdouble.catalogue.model import Model
from chatdouble.core.json import as_object, is_object, objects_in
from chatdouble.schema.responses.request import ResponsesRequest

Fields = dict[str, Any]

_NULLS: Final = ("max_output_tokens", "max_tool_calls", "previous_response_id", "prompt_cache_key", "safety_identifier")
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
    """Return the fields that repeat the request.

    Args:
        request: The request.
        body: Its body as it was sent.
        model: The model.
    """
    temperature, top_p = request.temperature, request.top_p
    return {
        **{name: getattr(request, name) for name in _NULLS},
        "background": request.background is True,
        "frequency_penalty": request.frequency_penalty or 0.0,
        "instructions": request.instructions,
        "metadata": request.metadata or {},
        "moderation": None,
        "parallel_tool_calls": request.parallel_tool_calls is not False,
        "presence_penalty": request.presence_penalty or 0.0,
        "prompt_cache_retention": request.prompt_cache_retention or _retention(model),
        "reasoning": _reasoning(request, model),
        "store": request.store is not False,
        "temperature": 1.0 if temperature is None else float(temperature),
        "text": _text(as_object(body.get("text"))),
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": [*map(echoed_tool, objects_in(body.get("tools")))],
        "top_logprobs": request.top_logprobs or 0,
        "top_p": _default_top_p(model) if top_p is None else float(top_p),
        "truncation": request.truncation or "disabled",
        "user": request.user,
        **_asked_for(request, body),
    }


def _asked_for(request: ResponsesRequest, body: Mapping[str, Any]) -> Fields:
    """Return the fields that only some requests have."""
    fields: Fields = {}
    if request.conversation_id is not None:
        fields["conversation"] = {"id": request.conversation_id}
    if request.prompt is not None:
        fields["prompt"] = _prompt(as_object(body.get("prompt")))
    return fields


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
