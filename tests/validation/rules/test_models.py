"""Parameters a model does not support, or supports with one value (rules#model-rules)."""

from typing import Any

import orjson
import pytest

from chatdouble.core.errors import APIError
from saying import CHECKER, NEWEST, USER, said


@pytest.mark.parametrize("model", ["o1", "o3-mini", "o4-mini", "gpt-5", "gpt-5-nano", NEWEST])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stop", ["x"]),
        ("top_p", 0.5),
        ("presence_penalty", 0.5),
        ("frequency_penalty", 0.5),
        ("logit_bias", {"1": 1}),
    ],
)
def test_a_reasoning_model_does_not_support_what_shapes_the_choice_of_tokens(
    model: str, field: str, value: Any
) -> None:
    if (model, field) == ("o3-mini", "stop"):
        assert said(model=model, stop=value) is None
        return
    expected = (f"Unsupported parameter: '{field}' is not supported with this model.", field, "unsupported_parameter")
    assert said(model=model, **{field: value}) == expected


@pytest.mark.parametrize("model", ["o1-mini", "o3", "gpt-5", NEWEST])
def test_a_reasoning_model_wants_max_completion_tokens(model: str) -> None:
    assert said(model=model, max_tokens=32) == (
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "max_tokens",
        "unsupported_parameter",
    )
    assert said(model=model, max_completion_tokens=32) is None


@pytest.mark.parametrize("model", ["o1", "o3", "gpt-5", NEWEST])
def test_a_reasoning_model_takes_what_is_as_good_as_not_sent(model: str) -> None:
    defaults = {"top_p": 1, "presence_penalty": 0, "frequency_penalty": 0, "temperature": 1, "n": 1}
    assert said(model=model, **defaults, logprobs=False, stop=[], logit_bias={}) is None


@pytest.mark.parametrize("model", ["o1", "o3-mini", "o4-mini", "gpt-5", "gpt-5-nano", "gpt-5.4-2026-03-05"])
def test_nobody_may_ask_some_models_for_logprobs(model: str) -> None:
    with pytest.raises(APIError) as refused:
        CHECKER.read(orjson.dumps({"model": model, "messages": [USER], "logprobs": True, "top_logprobs": 2}))
    assert (refused.value.status, refused.value.message) == (
        403,
        "You are not allowed to request logprobs from this model",
    )
    assert said(model=model, logprobs=False) is None


@pytest.mark.parametrize("model", [NEWEST, "gpt-5.5", "gpt-5.2-chat-latest"])
def test_later_models_do_not_support_logprobs_while_they_reason(model: str) -> None:
    message = "Unsupported parameter: 'logprobs' is not supported with this model."
    assert said(model=model, logprobs=True) == (message, "logprobs", "unsupported_parameter")
    assert said(model="gpt-5.4", logprobs=True, top_logprobs=5) is None


def test_a_model_of_sound_has_no_logprobs() -> None:
    spoken = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}}
    message = "This model does not support the 'logprobs' parameter."
    assert said(model="gpt-audio", logprobs=True, **spoken) == (message, "logprobs", None)


@pytest.mark.parametrize(("model", "most"), [(NEWEST, 5), ("gpt-4o", 20)])
def test_a_model_shows_so_many_alternatives_at_most(model: str, most: int) -> None:
    asked = {"model": model, "logprobs": True} | ({"reasoning_effort": "none"} if model == NEWEST else {})
    message = f"Invalid value for 'top_logprobs': must be less than or equal to {most}."
    assert said(**asked, top_logprobs=most + 1) == (message, "top_logprobs", None)
    assert said(**asked, top_logprobs=most) is None


def test_the_flexible_tier_is_for_some_models_and_the_fastest_for_none() -> None:
    refused = ("Invalid service_tier argument", "service_tier", None)
    assert said(service_tier="flex") == refused
    assert said(model="gpt-5", service_tier="flex") is None
    assert said(model=NEWEST, service_tier="ultrafast") == refused


def test_the_words_for_what_is_checked_late_come_after_those_for_shapes() -> None:
    answer = said(model=NEWEST, logprobs=True, verbosity="bogus")
    assert answer is not None
    assert answer[1] == "verbosity"
    answer = said(model=NEWEST, prompt_cache_options="x", prompt_cache_key=1)
    assert answer is not None
    assert answer[1] == "prompt_cache_options"


def test_null_is_no_value_of_what_a_model_does_not_support() -> None:
    assert said(model="o1", stop=None) == (
        "Invalid type for 'stop': expected an unsupported value, but got null instead.",
        "stop",
        "invalid_type",
    )
    assert said(stop=None) is None


@pytest.mark.parametrize("value", [0.0, 0.5, 1e-08, 2])
def test_a_reasoning_model_has_one_temperature(value: float) -> None:
    assert said(model="gpt-5.5", temperature=value) == (
        (
            f"Unsupported value: 'temperature' does not support {value} with this model. "
            "Only the default (1) value is supported."
        ),
        "temperature",
        "unsupported_value",
    )
    assert said(model="gpt-5.5", temperature=1) is None


def test_with_no_effort_a_model_samples_like_any_other() -> None:
    sampled = {"temperature": 0.3, "top_p": 0.5, "logprobs": True, "top_logprobs": 2}
    assert said(model="gpt-5.1", **sampled) is None
    assert said(model=NEWEST, reasoning_effort="none", **sampled) is None
    penalties = {"presence_penalty": 0.5, "frequency_penalty": 0.5}
    assert said(model=NEWEST, reasoning_effort="none", **penalties) is None
    for name in ("top_p", "logprobs"):
        answer = said(model="gpt-5.1", reasoning_effort="low", **{name: sampled[name]})
        assert answer is not None
        assert answer[1:] == (name, "unsupported_parameter")


@pytest.mark.parametrize(
    ("model", "effort", "supported"),
    [
        ("o4-mini", "minimal", "'low', 'medium', and 'high'"),
        ("gpt-5", "none", "'minimal', 'low', 'medium', and 'high'"),
        ("gpt-5.1", "xhigh", "'none', 'low', 'medium', and 'high'"),
        ("gpt-6-astra", "none", "'low', 'medium', 'high', and 'xhigh'"),
        ("gpt-6-astra", "max", "'low', 'medium', 'high', and 'xhigh'"),
    ],
)
def test_an_effort_that_a_model_does_not_make_is_refused_with_those_it_makes(
    model: str, effort: str, supported: str
) -> None:
    assert said(model=model, reasoning_effort=effort) == (
        (
            f"Unsupported value: 'reasoning_effort' does not support '{effort}' with this model. "
            f"Supported values are: {supported}."
        ),
        "reasoning_effort",
        "unsupported_value",
    )


@pytest.mark.parametrize(("effort", "shown"), [("bogus", "'bogus'"), ({"a": 1}, "{'a': 1}"), (7, "7"), (None, "null")])
def test_whatever_is_no_effort_is_refused_in_the_same_words(effort: Any, shown: str) -> None:
    answer = said(model="gpt-5.1", reasoning_effort=effort)
    assert answer is not None
    assert answer[0].startswith(f"Unsupported value: 'reasoning_effort' does not support {shown} with this model.")


def test_null_is_as_good_as_no_effort_for_most_models() -> None:
    for model in ("gpt-5", "gpt-5.2", NEWEST):
        assert said(model=model, reasoning_effort=None) is None


def test_an_older_reasoning_model_makes_an_effort_that_it_does_not_list() -> None:
    assert said(model="o4-mini", reasoning_effort="xhigh") is None


def test_a_retention_that_there_is_not_is_an_invalid_argument() -> None:
    expected = ("Invalid prompt_cache_retention argument", "prompt_cache_retention", None)
    assert said(model=NEWEST, prompt_cache_retention="x") == expected


def test_models_before_gpt_5_have_one_verbosity() -> None:
    assert said(verbosity="low") == (
        "Unsupported value: 'verbosity' does not support 'low' with this model. Supported values are: 'medium'.",
        "verbosity",
        "unsupported_value",
    )
    assert said(model="gpt-5", verbosity="low") is None


def test_a_model_keeps_its_cache_as_long_as_it_can() -> None:
    assert said(model=NEWEST, prompt_cache_retention="in_memory") == (
        "This model is compatible only with 24h extended prompt caching",
        "prompt_cache_retention",
        None,
    )
    assert said(model=NEWEST, prompt_cache_retention="24h") is None
    assert said(model="gpt-4o", prompt_cache_retention="24h") == (
        "prompt_cache_retention is not supported on this model",
        "prompt_cache_retention",
        None,
    )


def test_only_search_models_search() -> None:
    assert said(web_search_options={}) == (
        "Web search options not supported with this model.",
        "web_search_options",
        None,
    )
    assert said(model="gpt-4o-search-preview", web_search_options={}) is None


def test_a_search_model_names_all_it_cannot_use_in_one_sentence() -> None:
    model = "gpt-4o-search-preview"
    both = "Model incompatible request arguments supplied: temperature, top_p"
    assert said(model=model, temperature=0.5, top_p=0.5) == (both, None, None)
    assert said(model=model, n=2) == ("Model incompatible request argument supplied: n", None, None)


@pytest.mark.parametrize(
    ("model", "field", "asked", "most"),
    [
        ("gpt-4.1", "max_tokens", 1_047_576, 32_768),
        ("gpt-4-turbo", "max_tokens", 16_384, 4_096),
        ("o1", "max_completion_tokens", 8_192_000_000_000_000, 100_000),
    ],
)
def test_no_model_writes_more_than_it_can(model: str, field: str, asked: int, most: int) -> None:
    assert said(model=model, **{field: asked}) == (
        (
            f"max_tokens is too large: {asked}. This model supports at most {most} completion tokens, "
            f"whereas you provided {asked}."
        ),
        "max_tokens",
        "invalid_value",
    )
    assert said(model=model, **{field: most // 8}) is None


@pytest.mark.parametrize("model", ["gpt-3.5-turbo", "gpt-4", "gpt-4-turbo"])
def test_models_before_gpt_4o_take_no_prediction(model: str) -> None:
    predicted = {"type": "content", "content": "pong"}
    message = "Unsupported parameter: 'prediction' is not supported with this model."
    assert said(model=model, prediction=predicted) == (message, "prediction", "unsupported_parameter")
    assert said(model="gpt-4o", prediction=predicted) is None
