"""The fault that is reported of several, under strict, lenient and off (rules#order-of-checks)."""

from typing import Any

import orjson
import pytest

from calls import TOKENIZERS
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.errors import APIError
from chatdouble.validation.checking import Checked, Checker
from saying import CATALOGUE, CHECKER, NEWEST, TOOL, USER, said

LENIENT = Checker(CATALOGUE, TOKENIZERS, "lenient")
OFF = Checker(CATALOGUE, TOKENIZERS, "off")


def _read(checker: Checker, **fields: Any) -> Checked:
    return checker.read(orjson.dumps({"model": "gpt-4o", "messages": [USER], **fields}))


FIRST: list[Any] = [
    ({"messages": "x", "functions": "x"}, "messages"),
    ({"messages": [7], "metadata": {"k": 7}}, "messages[0]"),
    ({"tools": "x", "top_logprobs": -1}, "tools"),
    ({"parallel_tool_calls": {}, "tools": "x"}, "tools"),
    ({"max_completion_tokens": {}, "parallel_tool_calls": {}}, "parallel_tool_calls"),
    ({"logprobs": "x", "max_completion_tokens": 0}, "max_completion_tokens"),
    ({"temperature": {}, "n": {}}, "n"),
    ({"top_p": {}, "temperature": {}}, "temperature"),
    ({"frequency_penalty": {}, "presence_penalty": {}}, "presence_penalty"),
    ({"user": {}, "top_logprobs": {}}, "top_logprobs"),
    ({"seed": 1.5, "service_tier": "bogus"}, "seed"),
    ({"prompt_cache_key": {}, "safety_identifier": {}}, "safety_identifier"),
    ({"prompt_cache_retention": {}, "prompt_cache_key": {}}, "prompt_cache_key"),
    ({"stream": {}, "service_tier": {}}, "service_tier"),
    ({"metadata": "x", "store": {}}, "store"),
    ({"max_tokens": 32, "store": "x"}, "max_tokens"),
    ({"stop": ["Z"], "temperature": 0.5}, "stop"),
    ({"stop": ["Z"], "stream_options": "x"}, "stop"),
    ({"stop": ["Z"], "verbosity": "bogus"}, "stop"),
    ({"messages": [{"role": "user"}], "temperature": 0.5}, "temperature"),
    ({"messages": "x", "unheard_of": 1}, "unheard_of"),
    ({"max_tokens": 0, "temperature": -0.5}, "max_tokens"),
]


@pytest.mark.parametrize(("fields", "param"), FIRST)
def test_of_several_faults_the_one_that_the_api_finds_first_is_reported(fields: dict[str, Any], param: str) -> None:
    answer = said(model=NEWEST, **fields)
    assert answer is not None
    assert answer[1] == param


@pytest.mark.parametrize("model", [{}, {"model": None}, {"model": ""}])
def test_the_model_is_looked_at_before_everything_else(model: dict[str, Any]) -> None:
    for checker in (CHECKER, LENIENT, OFF):
        with pytest.raises(APIError, match=r"^you must provide a model parameter$") as refused:
            checker.read(orjson.dumps({"unheard_of": 1, **model}))
        assert (refused.value.status, refused.value.param, refused.value.code) == (400, None, None)


def test_a_model_that_is_no_text_makes_the_body_unreadable() -> None:
    with pytest.raises(APIError, match="We could not parse the JSON body of your request"):
        CHECKER.read(b'{"model": 7, "messages": []}')


def test_messages_are_missed_before_unknown_keys() -> None:
    with pytest.raises(APIError, match=r"^Missing required parameter: 'messages'\.$"):
        CHECKER.read(b'{"model": "gpt-4o", "unheard_of": 1}')


def test_azure_names_the_model_in_the_path() -> None:
    checked = CHECKER.read(orjson.dumps({"messages": [USER]}), deployment="gpt-4o-mini")
    assert (checked.model.id, checked.request.model, checked.body["model"]) == ("gpt-4o-mini",) * 3


def test_a_request_that_is_taken_is_there_as_read_and_as_sent() -> None:
    body = {"model": "gpt-4o", "messages": [USER], "temperature": 1}
    checked = CHECKER.read(orjson.dumps(body))
    assert checked.body == body
    assert (checked.request.temperature, checked.request.top_p, checked.warnings) == (1.0, None, ())


OLDER = "Unrecognized request argument supplied: top_k"
OLDER_TWO = "Unrecognized request arguments supplied: top_k, thinking"


def test_older_models_name_all_unknown_arguments_and_newer_ones_the_first_with_a_hint() -> None:
    assert said(top_k=1) == (OLDER, None, None)
    assert said(top_k=1, thinking={}) == (OLDER_TWO, None, None)
    assert said(model=NEWEST, top_k=1, thinking={}) == (
        "Unknown parameter: 'top_k'. Did you mean 'top_p'?",
        "top_k",
        "unknown_parameter",
    )
    assert said(model=NEWEST, stor=1) == (
        "Unknown parameter: 'stor'. Did you mean 'stop' or 'store'?",
        "stor",
        "unknown_parameter",
    )
    assert said(model=NEWEST, temperatur=1) == (
        "Unknown parameter: 'temperatur'. Did you mean 'temperature'?",
        "temperatur",
        "unknown_parameter",
    )
    assert said(model=NEWEST, messagess=1) == ("Unknown parameter: 'messagess'.", "messagess", "unknown_parameter")


def test_what_a_model_does_not_know_is_unknown_to_it() -> None:
    assert said(reasoning_effort="low") == (
        "Unrecognized request argument supplied: reasoning_effort",
        None,
        None,
    )
    unknown: dict[str, Any] = {"audio": {}, "modalities": ["text"], "web_search_options": {}}
    for name, value in unknown.items():
        assert said(model=NEWEST, **{name: value}) == (f"Unknown parameter: '{name}'.", name, "unknown_parameter")


@pytest.mark.parametrize("model", ["gpt-3.5-turbo-instruct", "davinci-002", "text-embedding-3-small", "whisper-1"])
def test_what_is_no_chat_model_is_a_404(model: str) -> None:
    with pytest.raises(APIError) as refused:
        _read(CHECKER, model=model)
    assert refused.value.status == 404
    assert refused.value.envelope()["error"] == {
        "message": "This is not a chat model and thus not supported in the v1/chat/completions endpoint. "
        "Did you mean to use v1/completions?",
        "type": "invalid_request_error",
        "param": "model",
        "code": None,
    }


@pytest.mark.parametrize("model", ["o1-pro", "o3-pro", "gpt-5-pro", "gpt-5.1-codex", "o4-mini-deep-research"])
def test_what_only_responds_elsewhere_is_a_404(model: str) -> None:
    with pytest.raises(APIError, match=r"only supported in v1/responses and not in v1/chat/completions") as refused:
        _read(CHECKER, model=model)
    assert (refused.value.status, refused.value.param, refused.value.code) == (404, "model", None)


def test_the_oldest_model_with_eyes_takes_a_bare_url() -> None:
    content = [{"type": "text", "text": "?"}, {"type": "image_url", "image_url": "https://x.test/a.png"}]
    checker = Checker(Catalogue.load("any"), TOKENIZERS, "strict")
    checked = _read(checker, model="gpt-4-vision-preview", messages=[USER, {"role": "user", "content": content}])
    assert checked.body["messages"][1]["content"][1]["image_url"] == {"url": "https://x.test/a.png"}


def test_lenient_answers_and_says_what_strict_would_have_refused() -> None:
    checked = _read(LENIENT, max_tokens=0, stream_options={"include_usage": True})
    assert checked.warnings == [
        (
            "Invalid 'max_tokens': integer below minimum value. "
            "Expected a value >= 1, but got 0 instead. (param: max_tokens)"
        ),
        "The 'stream_options' parameter is only allowed when 'stream' is enabled. (param: stream_options)",
    ]
    assert checked.request.max_tokens == 0


def test_lenient_drops_what_has_a_wrong_shape_or_is_unknown() -> None:
    checked = _read(LENIENT, temperature="hot", top_k=3, reasoning_effort="low", stream_options={"bogus": 1}, n=2)
    assert checked.request.temperature is None
    assert checked.body == {"model": "gpt-4o", "messages": [USER], "stream_options": {}, "n": 2}
    assert [warning.split(":")[0] for warning in checked.warnings] == [
        "Unrecognized request arguments supplied",
        "Invalid type for 'temperature'",
        "Unknown parameter",
        "The 'stream_options' parameter is only allowed when 'stream' is enabled. (param",
    ]


def test_lenient_cannot_do_without_messages_and_a_model() -> None:
    for fields in ({"messages": "x"}, {"messages": [{"role": "user"}]}, {"model": "nobody"}):
        with pytest.raises(APIError):
            _read(LENIENT, **fields)


def test_lenient_bears_unknown_keys_inside_messages() -> None:
    part = {"type": "text", "text": "x", "cache_control": 1}
    checked = _read(LENIENT, messages=[{"role": "developer", "content": [part]}])
    assert checked.body["messages"][0]["content"] == [{"type": "text", "text": "x"}]
    assert len(checked.warnings) == 1


def test_lenient_has_nothing_to_say_to_a_request_without_fault() -> None:
    assert not _read(LENIENT, n=2).warnings


def test_off_takes_all_that_has_the_published_shape() -> None:
    checked = _read(
        OFF,
        model="gpt-5",
        max_tokens=0,
        stop="x",
        metadata={"foo": "string"},
        stream_options={"include_usage": True, "bogus": 1},
        tool_choice="none",
        service_tier="scale",
        tools=[{"type": "function", "function": {"name": "a name", "parameters": {"foo": "bar"}}}],
        unheard_of=1,
    )
    assert (checked.request.max_tokens, checked.warnings) == (0, ())
    assert _read(OFF, model="davinci-002").model.endpoint == "completions"


SHAPELESS: list[Any] = [
    {"temperature": 3},
    {"messages": []},
    {"tools": [{"type": "function"}]},
    {"stop": list("abcde")},
]


@pytest.mark.parametrize("fields", SHAPELESS)
def test_off_refuses_what_has_not_the_published_shape(fields: dict[str, Any]) -> None:
    for more in ({}, {"unheard_of": 1}):
        with pytest.raises(APIError):
            _read(OFF, **more, **fields)


def test_a_prompt_that_is_too_long_is_a_warning_when_lenient() -> None:
    long = [{"role": "user", "content": "word " * 9000}]
    assert "maximum context length is 8192 tokens" in _read(LENIENT, model="gpt-4", messages=long).warnings[-1]
    answer = said(model="gpt-4", messages=long, tools=[TOOL])
    assert answer is not None
    assert answer[1:] == ("messages", "context_length_exceeded")
