"""Moderations through the official client."""

import json
from typing import Any

import openai
import pytest
from openai import OpenAI

from chatdouble.answer.moderation import CATEGORIES
from chatdouble.testing.server import RunningServer
from raw import post

OMNI = "omni-moderation-latest"
IMAGE: dict[str, Any] = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
TEXT: dict[str, Any] = {"type": "text", "text": "I forgot to water my plants."}
OLD = (
    *("sexual", "hate", "harassment", "self-harm", "sexual/minors", "hate/threatening", "violence/graphic"),
    *("self-harm/intent", "self-harm/instructions", "harassment/threatening", "violence"),
)


def results(server: RunningServer, **request: Any) -> list[dict[str, Any]]:
    answer = post(server.origin, request, path="/v1/moderations")
    found: list[dict[str, Any]] = json.loads(answer.body)["results"]
    return found


def test_a_harmless_text_has_low_scores_and_no_flag(client: OpenAI) -> None:
    answer = client.moderations.create(input="Hello there")
    (result,) = answer.results
    assert answer.model == OMNI
    assert not result.flagged
    scores = result.category_scores.model_dump(by_alias=True)
    assert all(1e-7 <= score <= 1e-3 for score in scores.values())
    assert result.category_applied_input_types.violence == ["text"]


def test_the_same_text_has_the_same_scores_and_another_text_others(client: OpenAI) -> None:
    first, again, other = (client.moderations.create(input=text).results[0] for text in ("a", "a", "b"))
    assert first == again
    assert first.category_scores != other.category_scores


def test_keys_and_categories_are_in_the_wires_order(server: RunningServer) -> None:
    answer = json.loads(post(server.origin, {"input": "a", "model": OMNI}, path="/v1/moderations").body)
    assert list(answer) == ["id", "model", "results"]
    assert list(answer["results"][0]) == ["flagged", "categories", "category_scores", "category_applied_input_types"]
    for key in ("categories", "category_scores", "category_applied_input_types"):
        assert list(answer["results"][0][key]) == list(CATEGORIES)
    number = answer["id"].removeprefix("modr-")
    assert number.isdigit()
    assert len(number) <= 4


def test_a_directive_flags_a_category(client: OpenAI) -> None:
    (result,) = client.moderations.create(input="Hit me [[flag:violence]] [[flag: self-harm]]").results
    flagged = {name for name, is_flagged in result.categories.model_dump(by_alias=True).items() if is_flagged}
    assert flagged == {"violence", "self-harm"}
    assert result.flagged
    assert result.category_scores.violence >= 0.9


def test_each_text_of_a_list_has_a_result(client: OpenAI) -> None:
    answer = client.moderations.create(model="omni-moderation-2024-09-26", input=["Hello", "[[flag:hate]]"])
    assert [result.flagged for result in answer.results] == [False, True]
    assert answer.model == "omni-moderation-2024-09-26"


def test_the_parts_of_a_message_have_one_result(server: RunningServer) -> None:
    (result,) = results(server, input=[TEXT, IMAGE], model=OMNI)
    assert result["category_applied_input_types"]["violence"] == ["text", "image"]
    assert result["category_applied_input_types"]["hate"] == ["text"]


def test_an_image_alone_has_no_score_where_images_do_not_count(server: RunningServer) -> None:
    (result,) = results(server, input=[IMAGE], model=OMNI)
    assert result["category_applied_input_types"]["hate"] == []
    assert result["category_scores"]["hate"] == 0.0
    assert result["category_scores"]["violence"] > 0


@pytest.mark.parametrize("model", ["text-moderation-latest", "text-moderation-stable", "text-moderation-007"])
def test_the_older_models_have_fewer_categories_and_longer_ids(server: RunningServer, model: str) -> None:
    answer = json.loads(
        post(server.origin, {"input": "[[flag:violence]]", "model": model}, path="/v1/moderations").body
    )
    (result,) = answer["results"]
    assert answer["model"] == "text-moderation-007"
    assert len(answer["id"]) == len("modr-") + 29
    assert list(result) == ["flagged", "categories", "category_scores"]
    assert tuple(result["categories"]) == tuple(result["category_scores"]) == OLD
    assert result["flagged"]


def test_a_flag_that_an_older_model_does_not_know_flags_nothing(server: RunningServer) -> None:
    (result,) = results(server, input="[[flag:illicit]]", model="text-moderation-latest")
    assert not result["flagged"]


def test_more_than_one_image_is_refused(client: OpenAI) -> None:
    parts: Any = [IMAGE, IMAGE]
    with pytest.raises(openai.BadRequestError) as caught:
        client.moderations.create(model=OMNI, input=parts)
    assert (caught.value.param, caught.value.code) == ("input", "too_many_images")
    assert "Number of images (2) exceeds maximum of 1" in caught.value.message


WRONG: list[tuple[Any, str]] = [
    ({}, "Missing required parameter: 'input'."),
    ({"input": 7}, "Invalid type for 'input': expected one of a string or array, but got an integer instead."),
    (
        {"input": ["a", 7]},
        "Invalid type for 'input[1]': expected one of a string or moderation input, but got an integer instead.",
    ),
    ({"input": [{"type": "text"}]}, "Invalid value for 'input': expected texts, or parts with a text or an image."),
]


@pytest.mark.parametrize(("request_", "message"), WRONG)
def test_an_input_of_another_shape_is_refused(server: RunningServer, request_: Any, message: str) -> None:
    answer = post(server.origin, request_, path="/v1/moderations")
    assert (answer.status, answer.error["message"]) == (400, message)


def test_answers_tell_nothing_of_rate_limits(client: OpenAI) -> None:
    answer = client.moderations.with_raw_response.create(input="a")
    assert [name for name in answer.headers if name.startswith("x-ratelimit")] == []
