"""Drift between two answers."""

import json
from typing import Any

import pytest

from answered import COMPLETION, REQUEST, WEATHER, answer, calling, completion, error
from chatdouble.verify.comparison import Answer, compare
from corpora import exchanges, full_corpora


def drifted(recorded: Answer, live: Answer, **request: Any) -> dict[str, tuple[str, str]]:
    """Return the drift of two answers, by its place."""
    found = compare(REQUEST | request, recorded, live)
    return {drift.where: (drift.recorded, drift.live) for drift in found}


def test_values_that_vary_from_call_to_call_are_no_drift() -> None:
    other = completion("Something else entirely.") | {
        "id": "chatcmpl-BBBBBbbbbbbbbbbbbbbbbbbbbbbbb",
        "created": 1_760_000_000,
        "usage": {"prompt_tokens": 10, "completion_tokens": 40, "total_tokens": 50},
        "system_fingerprint": None,
        "service_tier": "priority",
    }
    live = answer(other, x_request_id="req_fedcba9876543210fedcba9876543210", openai_processing_ms="9")
    assert drifted(answer(), live) == {}


@full_corpora
def test_every_recorded_exchange_equals_itself() -> None:
    for row in exchanges():
        whole = row.get("response_body")
        body = json.dumps(whole).encode() if whole is not None else row["response_sse"].encode()
        same = Answer(row["status"], row["response_headers"], body)
        assert [*compare(row["request_body"] or {}, same, same)] == [], row["source"]


def test_ids_without_a_prefix_may_differ_altogether() -> None:
    ids = ("8b1e7bf8-0ed1-4c1e-9d3c-0f7a3f2f7a11", "deadbeef-0ed1-4c1e-9d3c-0f7a3f2f7a11", "0195", "")
    for was in ids:
        for now in ids:
            assert drifted(answer({**COMPLETION, "id": was}), answer({**COMPLETION, "id": now})) == {}


def test_a_different_status_is_the_only_drift_reported() -> None:
    found = drifted(answer(), error(404, code="model_not_found"))
    assert found == {"status": ("200", "404 (model_not_found)")}


@pytest.mark.parametrize(
    ("live", "where", "values"),
    [
        ({**COMPLETION, "object": "completion"}, "object", ("chat.completion", "completion")),
        ({**COMPLETION, "model": "gpt-4o-2024-11-20"}, "model", ("gpt-4o-2024-08-06", "gpt-4o-2024-11-20")),
        ({**COMPLETION, "id": "cmpl_1"}, "id", ("chatcmpl", "cmpl")),
        ({**COMPLETION, "created": "today"}, "created", ("number", "string")),
        ({**COMPLETION, "moderation": {}}, "moderation", ("missing", "object")),
        (
            {**COMPLETION, "usage": {"prompt_tokens": 9, "total_tokens": 13}},
            "usage.completion_tokens",
            ("number", "missing"),
        ),
        ({**COMPLETION, "choices": []}, "choices[0]", ("object", "missing")),
        (completion(finish_reason="length"), "choices[0].finish_reason", ("stop", "length")),
        (completion(None, refusal="I cannot."), "choices[0].message", ("text", "refusal")),
        (completion(annotations=None), "choices[0].message.annotations", ("array", "null")),
        (completion(reasoning="Well"), "choices[0].message.reasoning", ("missing", "string")),
    ],
)
def test_each_difference_in_shape_and_meaning_is_drift(live: Any, where: str, values: tuple[str, str]) -> None:
    assert drifted(answer(), answer(live)) == {where: values}


def test_headers_that_clients_read_must_still_be_present() -> None:
    recorded = answer(x_ratelimit_limit_requests="500", server="cloudflare")
    live = answer(openai_version="2026-01-01")
    assert drifted(recorded, live) == {
        "headers.openai-version": ("2020-10-01", "2026-01-01"),
        "headers.x-ratelimit-limit-requests": ("present", "missing"),
    }


def test_a_different_content_type_is_drift_and_different_parameters_are_not() -> None:
    assert drifted(answer(), answer(content_type="application/json; charset=utf-8")) == {}
    found = drifted(answer(), answer(content_type="text/html"))
    assert found == {"headers.content-type": ("application/json", "text/html")}


def test_a_body_that_is_no_longer_json_is_drift() -> None:
    live = Answer(200, answer().headers, b"<html>")
    assert drifted(answer(), live) == {"body": ("object", "not a JSON object")}


def test_errors_are_compared_by_type_param_and_code_but_not_message() -> None:
    recorded = error(param="messages", code="too_long", message="Too long: 9 tokens.")
    assert drifted(recorded, error(param="messages", code="too_long", message="Too long: 10 tokens.")) == {}
    assert drifted(recorded, error(param="input", code=None, type="bad")) == {
        "error.type": ("invalid_request_error", "bad"),
        "error.param": ("messages", "input"),
        "error.code": ("too_long", "null"),
    }


def test_a_tool_call_with_different_valid_arguments_is_no_drift() -> None:
    recorded, live = answer(calling("get_weather", {"city": "Paris"})), answer(calling("get_weather", {"city": "Rome"}))
    assert drifted(recorded, live, tools=[WEATHER]) == {}


def test_calling_a_tool_twice_instead_of_once_is_no_drift() -> None:
    twice = calling("get_weather", {"city": "Paris"})
    twice["choices"][0]["message"]["tool_calls"] *= 2
    assert drifted(answer(calling("get_weather", {"city": "Paris"})), answer(twice), tools=[WEATHER]) == {}


def test_calling_a_different_tool_is_drift() -> None:
    found = drifted(answer(calling("get_weather", {"city": "Paris"})), answer(calling("search", {})), tools=[WEATHER])
    assert found == {"choices[0].message.tool_calls": ('["get_weather"]', '["search"]')}


def test_invalid_arguments_are_drift() -> None:
    recorded = answer(calling("get_weather", {"city": "Paris"}))
    where = "choices[0].message.tool_calls.get_weather.arguments"
    found = drifted(recorded, answer(calling("get_weather", {"town": "Paris"})), tools=[WEATHER])
    assert found == {where: ("valid", "$: 'city' is a required property")}
    broken = drifted(recorded, answer(calling("get_weather", '{"city": ')), tools=[WEATHER])
    assert broken[where][1].startswith("not JSON: ")


def test_arguments_of_a_tool_without_a_schema_are_compared_by_shape() -> None:
    found = drifted(answer(calling("go", {"to": "Paris"})), answer(calling("go", {"to": 3})))
    assert found == {"choices[0].message.tool_calls.go.arguments.to": ("string", "number")}


def test_a_text_in_place_of_a_tool_call_is_drift() -> None:
    found = drifted(answer(calling("get_weather", {"city": "Paris"})), answer(), tools=[WEATHER])
    assert found == {
        "choices[0].finish_reason": ("tool_calls", "stop"),
        "choices[0].message": ("tool_calls", "text"),
    }


def test_structured_output_must_stay_valid() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    format_ = {"type": "json_schema", "json_schema": {"name": "n", "strict": True, "schema": schema}}
    recorded = answer(completion('{"n": 1}'))
    assert drifted(recorded, answer(completion('{"n": 2}')), response_format=format_) == {}
    found = drifted(recorded, answer(completion('{"n": "two"}')), response_format=format_)
    assert found == {"choices[0].message.content": ("valid", "$.n: 'two' is not of type 'integer'")}


def test_json_mode_must_still_give_an_object() -> None:
    found = drifted(answer(completion("{}")), answer(completion("[]")), response_format={"type": "json_object"})
    assert found == {"choices[0].message.content": ("valid", "$: [] is not of type 'object'")}
