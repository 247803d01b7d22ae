"""Warnings of replies that the real API could not give, and their agreement with lint."""

from typing import Any

import pytest
import yaml

from calls import call
from chatdouble.scripts.format.reply import ReplySpec
from chatdouble.scripts.lint import lint
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.reading.load import parse
from chatdouble.scripts.replying.answering import Answering
from chatdouble.scripts.replying.template_variables import TemplateVariables
from scripting import echoing, function

F, G = function("f"), function("g")
STRICT: dict[str, Any] = {
    "type": "object",
    "properties": {"x": {"type": "integer"}},
    "required": ["x"],
    "additionalProperties": False,
}
STRICT_F = {"type": "function", "function": {"name": "f", "strict": True, "parameters": STRICT}}


async def warned(written: str, **request: Any) -> tuple[str, ...]:
    """Return the journal's warnings about a reply to a request."""
    asked = call(**request)
    spec = ReplySpec.model_validate(yaml.safe_load(written))
    await Answering(spec, TemplateVariables(RequestView(asked), {}, 0, "rule"), echoing, lambda: "s.yaml:7").answer()
    return asked.notes.warnings


def schema(**more: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "s", "schema": STRICT, **more}}


IMPLAUSIBLE: list[tuple[str, dict[str, Any], str]] = [
    ("{tool_calls: [f]}", {}, "calls 'f', which is not among the request's tools (none)"),
    ("{tool_calls: [h]}", {"tools": [F]}, "calls 'h', which is not among the request's tools (f)"),
    ("{tool_calls: [f]}", {"tools": [F], "tool_choice": "none"}, "although the request's tool_choice is none"),
    (
        "{tool_calls: [f]}",
        {"tools": [F, G], "tool_choice": {"type": "function", "function": {"name": "g"}}},
        "calls f although the request's tool_choice names g",
    ),
    (
        "Hello",
        {"tools": [F], "tool_choice": "required"},
        "calls no tool although the request's tool_choice is req",
    ),
    ("{tool_calls: [f, f]}", {"tools": [F], "parallel_tool_calls": False}, "calls 2 tools although the request's"),
    (
        "{text: x, finish_reason: tool_calls}",
        {"tools": [F]},
        "has the finish_reason tool_calls but no tool_calls",
    ),
    ("{tool_calls: [f], finish_reason: stop}", {"tools": [F]}, "has the finish_reason stop although it calls a tool"),
    ("Hello", {"response_format": {"type": "json_object"}}, "not JSON although the request's response_format is"),
    ("{json: {x: a}}", {"response_format": schema(strict=True)}, "the request's schema: x: 'a' is not of type"),
    ("{tool_calls: [{f: {y: 1}}]}", {"tools": [STRICT_F]}, "arguments for 'f' that are not valid under its strict"),
    (
        "{function_call: {name: h, arguments: '{}'}}",
        {"functions": [{"name": "f", "parameters": {}}]},
        "calls 'h', which is not among the request's tools (f)",
    ),
    ("{text: a, usage: {total_tokens: 1}}", {}, "has 1 tokens in total, but 8 and 1 make 9"),
]


@pytest.mark.parametrize(("written", "request_", "message"), IMPLAUSIBLE)
async def test_a_reply_that_does_not_fit_the_request_causes_a_warning(
    written: str, request_: dict[str, Any], message: str
) -> None:
    (warning,) = await warned(written, **request_)
    assert message in warning


@pytest.mark.parametrize(
    ("written", "request_"),
    [
        ("Hello", {}),
        ("{tool_calls: [f, f]}", {"tools": [F]}),
        ("{tool_calls: [f]}", {"tools": [F], "tool_choice": {"type": "function", "function": {"name": "f"}}}),
        ("{tool_calls: [f]}", {"tools": [F], "tool_choice": "required"}),
        ("{refusal: No.}", {"tools": [F], "tool_choice": "required"}),
        ("{json: {x: 1}}", {"response_format": schema(strict=True)}),
        ("{json: {x: a}}", {"response_format": schema()}),
        ("{json: null}", {"response_format": {"type": "json_object"}}),
        ("{json: {x: 123456}}", {"response_format": schema(strict=True), "max_tokens": 1}),
        ("{tool_calls: [{f: {x: 1}}]}", {"tools": [STRICT_F]}),
        ("{echo: true}", {"tools": [F], "tool_choice": "required"}),
        ("{text: x, finish_reason: content_filter}", {"response_format": {"type": "json_object"}}),
    ],
)
async def test_a_reply_that_fits_causes_no_warning(written: str, request_: dict[str, Any]) -> None:
    assert await warned(written, **request_) == ()


async def test_warnings_of_lenient_validation_stay() -> None:
    asked = call()
    asked.notes.warn("first")
    spec = ReplySpec.model_validate({"tool_calls": ["f"]})
    await Answering(spec, TemplateVariables(RequestView(asked), {}, 0, "rule"), echoing, lambda: "").answer()
    assert [warning[:5] for warning in asked.notes.warnings] == ["first", "The r"]


AGREEING: list[tuple[str, dict[str, Any], str]] = [
    ("{tools: [f]}", {"tools": [F]}, "{tool_calls: [h, {name: f}]}"),
    ("{tools: [f], tool_choice: required}", {"tools": [F], "tool_choice": "required"}, "{text: x}"),
    ("{tools: [f], tool_choice: none}", {"tools": [F], "tool_choice": "none"}, "{content: x, tool_calls: [f]}"),
    (
        "{tools: [f, g], tool_choice: g}",
        {"tools": [F, G], "tool_choice": {"type": "function", "function": {"name": "g"}}},
        "{text: x}",
    ),
    ("{response_format: json_object}", {"response_format": {"type": "json_object"}}, "{content: words}"),
    (
        f"{{response_format: {{strict: true, schema: {STRICT}}}}}".replace("False", "false"),
        {"response_format": schema(strict=True)},
        "{json: {x: a}}",
    ),
    ("{}", {}, "{text: x, finish_reason: tool_calls}"),
    ("{}", {}, "{tool_calls: [f], function_call: {name: f, arguments: '{}'}}"),
]


@pytest.mark.parametrize(("when", "request_", "reply"), AGREEING)
async def test_lint_finds_what_serving_warns_of(when: str, request_: dict[str, Any], reply: str) -> None:
    findings = lint(parse(f"- {{when: {when}, reply: {reply}}}"))
    assert findings
    served = {warning.removeprefix("The reply ").removesuffix(".") for warning in await warned(reply, **request_)}
    found = {finding.message.replace("the rule's", "the request's") for finding in findings}
    # Without `when: {tools: ...}` only serving knows the tools.
    assert found == {message for message in served if "tools (none)" not in message}
