"""Lint finds conditions that no request meets, with their place and what was meant."""

import pytest

from chatdouble.scripts.lint import lint
from chatdouble.scripts.lint.plausibility import CODES, TYPES
from chatdouble.scripts.reading.load import parse
from named_errors import named_errors


def found(when: str, reply: str = "a") -> list[str]:
    script = parse(f"- when: {when}\n  reply: {reply}", "s.yaml")
    return [f"{one.line}:{one.column} {one.severity}: {one.message}. {one.hint}" for one in lint(script)]


@pytest.mark.parametrize(
    ("when", "finding"),
    [
        ("{last: {role: tools}}", "1:17 error: never matches: there is no role tools. Did you mean 'tool'?"),
        ("{messages: [{role: {one_of: [user, assistent]}}]}", "there is no role assistent. Did you mean 'assistant'?"),
        ("{last: {role: 5}}", "there is no role 5. Known: developer, system, user, assistant, tool, function."),
        ("{response_format: json-schema}", "1:10 error: never matches: there is no response format json-schema."),
        ("{response_format: {type: jsonobject}}", "Did you mean 'json_object'?"),
        ("{tool_choice: {not: nonee}}", "1:24 warning: nonee is neither a mode nor a tool of the rule."),
        ("{turn: many}", "1:10 error: never matches: the value is a number, and not many. Give a number"),
        ("{turn: true}", "the value is a number, and not true"),
        ("{turn: {any: [1, two]}}", "the value is a number, and not two"),
        ("{message_count: {matches: '1.'}}", "the value is a number, which has no matches"),
        ("{last: {images: two}}", "the value is a number, and not two"),
        ("{hits: first}", "the value is a number, and not first"),
        ("{model: [gpt-5, gpt-4o]}", "1:10 error: never matches: the value is a text, and not a list. Use `one_of"),
        ("{user: 42}", 'the value is a text, and not 42. Write "42" in quotes.'),
        ("{system: {gt: 3}}", "the value is a text, which has no order"),
        ("{headers: {x-n: 5}}", "1:20 error: never matches: the value is a text, and not 5."),
        ("{metadata: {paid: true}}", "the value is a text, and not true"),
        ("{tool_result: {name: 5}}", "the value is a text, and not 5"),
        ("{user: '^hello.*$'}", "1:10 warning: '^hello.*$' looks like a regular expression, but a plain string"),
        (r"{user: '\d+ apples'}", "looks like a regular expression"),
        ("{messages: ['(?i)hello']}", "looks like a regular expression"),
        (
            "{body: {service_tier: flx}}",
            "1:17 error: never matches: there is no service_tier flx. Did you mean 'flex'?",
        ),
        ("{body: {$.reasoning_effort: hgh}}", "there is no reasoning_effort hgh. Did you mean 'high'?"),
        ("{body: {verbosity: {not: lwo}}}", "there is no verbosity lwo. Did you mean 'low'?"),
        ("{body: {temprature: 1}}", "1:17 warning: the API has no parameter 'temprature'. Did you mean 'temperature'?"),
        ("{any: [{turn: 1}, {last: {role: usr}}]}", "there is no role usr. Did you mean 'user'?"),
        ("{not: {last: {role: usr}}}", "there is no role usr. Did you mean 'user'?"),
    ],
)
def test_a_condition_that_no_request_meets_is_found(when: str, finding: str) -> None:
    (one,) = found(when)
    assert finding in one


def test_a_near_miss_of_a_tool_choice_is_found() -> None:
    (one,) = found("{tool_choice: requird}", "{tool_calls: [requird]}")
    assert one == "1:10 warning: requird is neither a mode nor a tool of the rule. Did you mean 'required'?"


@pytest.mark.parametrize(
    "when",
    [
        "{last: {role: tool}, tool_choice: required, response_format: json_schema, turn: 1}",
        "{last: {role: {equals: TOOL, ignore_case: true}}}",
        "{model: {one_of: [gpt-5, gpt-4o]}, user: {matches: '^hello.*$'}}",
        "{model: 'gpt-4.*', user: 'It costs 5$'}",
        r"{user: 'C:\windows', system: '2^10 is (what?)'}",
        "{tools: [require], tool_choice: require}",
        "{turn: {gte: 2}, images: true, files: {equals: 2.0}}",
        "{body: {service_tier: flex, temperature: {gt: 1}, metadata.a: b, 'messages[0].role': user, my_own: 1}}",
        "{headers: {x-n: '5'}, metadata: {a: {present: false}}}",
    ],
)
def test_a_condition_that_a_request_may_meet_has_no_finding(when: str) -> None:
    assert found(when, "{tool_calls: [require]}" if "require}" in when else "{echo: true}") == []


@pytest.mark.parametrize(
    ("error", "finding"),
    [
        ("{code: insuficient_quota}", "2:19 warning: the API has no error of the code 'insuficient_quota'."),
        (
            "{status: 429, type: token}",
            "2:32 warning: the API has no error of the type 'token'. Did you mean 'tokens'?",
        ),
        ("{status: 404, code: insufficient_quota}", "2:19 warning: the API sends the code 'insufficient_quota' with"),
    ],
)
def test_an_error_that_the_api_does_not_have_is_found(error: str, finding: str) -> None:
    (one,) = found("{}", f"{{error: {error}}}")
    assert finding in one


@pytest.mark.parametrize("error", ["{code: teapot}", "{status: 429, type: tokens}", "{code: quota, type: mine}"])
def test_an_error_of_ones_own_has_no_finding(error: str) -> None:
    assert found("{}", f"{{error: {error}}}") == []


def test_lint_knows_the_codes_and_types_of_the_named_errors() -> None:
    made = named_errors().values()
    assert {error.code: error.status for error in made if error.code is not None} == CODES
    assert {error.type for error in made if error.type} <= TYPES
