"""The attributes of a request's span, by the semantic conventions for HTTP and for generative AI."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from opentelemetry.util.types import AttributeValue

from chatdouble.backend import Call
from chatdouble.server.logs import scrubbed
from chatdouble.server.metrics import route_of
from chatdouble.tokens.usage import tokens_of

OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
RESPONSE_MODEL: Final = "gen_ai.response.model"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
FIRST_CHUNK: Final = "gen_ai.response.time_to_first_chunk"
ERROR: Final = "error.type"

_OPERATIONS: Final = {
    "/chat/completions": "chat",
    "/responses": "chat",
    "/embeddings": "embeddings",
    "/moderations": "moderation",
}
"""The operations by path; the conventions have no name for moderation."""

_OPTIONS: Final = {
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "max_tokens": "gen_ai.request.max_tokens",
    "max_completion_tokens": "gen_ai.request.max_tokens",
    "max_output_tokens": "gen_ai.request.max_tokens",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "presence_penalty": "gen_ai.request.presence_penalty",
    "seed": "gen_ai.request.seed",
    "n": "gen_ai.request.choice.count",
    "stream": "gen_ai.request.stream",
}
"""The attributes of a request's options; texts are left out, as they may be a prompt's."""
_ERRORS: Final = 400
_TOO_LARGE: Final = 1 << 63
"""The integers that no attribute can be."""


def attributes_of(call: Call[Any], seconds: float) -> dict[str, AttributeValue]:
    """Return the attributes of a request that took so many seconds."""
    operation = _OPERATIONS.get(call.place.path) if call.method == "POST" else None
    found: dict[str, AttributeValue] = {
        "http.request.method": call.method,
        "http.route": route_of(call.place.path),
        "url.path": scrubbed(call.path),
        "chatdouble.request_id": call.id,
        "chatdouble.session": scrubbed(call.session.shown),
    }
    if call.status:
        found["http.response.status_code"] = call.status
    if call.ended:
        found["chatdouble.ended"] = call.ended
    if call.notes.rule is not None:
        found["chatdouble.rule"] = scrubbed(call.notes.rule)
    if call.notes.faults:
        found["chatdouble.faults"] = call.notes.faults
    if (error := _error_of(call)) is not None:
        found[ERROR] = error
    if operation is not None:
        found |= {OPERATION: operation, PROVIDER: "openai", **dict(_asked(call))}
    if call.result is not None:
        found |= dict(_answered(call, call.result, seconds))
    return found


def name_of(call: Call[Any], found: Mapping[str, AttributeValue]) -> str:
    """Return the name of a span: the operation and the model, or the method and the route."""
    if OPERATION not in found:
        return f"{call.method} {route_of(call.place.path)}"
    return " ".join(str(found[one]) for one in (OPERATION, REQUEST_MODEL) if one in found)


def _asked(call: Call[Any]) -> Iterator[tuple[str, AttributeValue]]:
    body = getattr(call, "body", None)
    if body is None:  # it was never read
        return
    sent = call.sent
    if isinstance(model := sent.get("model"), str):
        yield REQUEST_MODEL, scrubbed(model)
    for name, attribute in _OPTIONS.items():
        if isinstance(value := sent.get(name), int | float):
            yield attribute, value if abs(value) < _TOO_LARGE else float(value)


def _answered(call: Call[Any], answer: Mapping[str, Any], seconds: float) -> Iterator[tuple[str, AttributeValue]]:
    if "id" in answer:
        yield "gen_ai.response.id", answer["id"]
    if "model" in answer:
        yield RESPONSE_MODEL, scrubbed(answer["model"])
    if reasons := [one["finish_reason"] for one in answer.get("choices", ()) if one.get("finish_reason")]:
        yield "gen_ai.response.finish_reasons", reasons
    if (tokens := tokens_of(answer)) is not None:
        yield INPUT_TOKENS, tokens[0]
        yield OUTPUT_TOKENS, tokens[1]
    if call.streams:
        yield FIRST_CHUNK, call.first_written or seconds


def _error_of(call: Call[Any]) -> str | None:
    """Return the kind of error that a request ended in: its code, its status, or that it was cut."""
    if call.ended == "refused":
        return scrubbed(call.error_code or str(call.status))
    if call.status >= _ERRORS:
        return str(call.status)
    return "cut" if call.ended == "cut" else None
