"""Limits, pace, faults, validation modes and relaying of embeddings and moderations."""

import json
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import quote

import openai
import pytest
from openai import OpenAI

from calls import call
from chatdouble.streaming.whole import WholeCodec
from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import control, post
from upstreams import JSON, answering, upstream

SMALL: Final = "text-embedding-3-small"
KEY: Final = "sk-layers"


@contextmanager
def serving(serve: Serve, **settings: Any) -> Generator[tuple[RunningServer, OpenAI]]:
    """Serve with settings, and give a client."""
    with serve(**settings) as served, OpenAI(base_url=served.base_url, api_key=KEY, max_retries=0) as client:
        yield served, client


def test_a_limit_of_tokens_counts_the_inputs_tokens(serve: Serve) -> None:
    with serving(serve, tokens_per_minute=10) as (_, client):
        client.embeddings.create(model=SMALL, input=["hello world"] * 4)
        with pytest.raises(openai.RateLimitError) as caught:
            client.embeddings.create(model=SMALL, input=["hello world"] * 4)
    assert "Limit 10, Used 8, Requested 8" in caught.value.message


def test_a_refused_request_counts_and_its_error_tells_what_is_left(serve: Serve) -> None:
    with serving(serve, requests_per_minute=5) as (_, client), pytest.raises(openai.BadRequestError) as caught:
        client.embeddings.create(model=SMALL, input="a", dimensions=9999)
    assert caught.value.response.headers["x-ratelimit-remaining-requests"] == "4"


def test_moderations_are_limited_too(serve: Serve) -> None:
    with serving(serve, requests_per_minute=1) as (_, client):
        client.moderations.create(input="a")
        with pytest.raises(openai.RateLimitError):
            client.moderations.create(input="a")


def test_a_paced_answer_is_one_step_and_abridged_in_the_journal_too(serve: Serve) -> None:
    assert WholeCodec().steps({}, call()) == 1
    with serving(serve, ttft=0.01, tokens_per_second=1) as (served, client):
        assert len(client.embeddings.create(model=SMALL, input="a").data) == 1
        (entry,) = control(served, KEY, "GET", "requests")["data"]
    assert len(entry["response"]["data"][0]["embedding"]) == 16


@pytest.mark.parametrize("fault", ["empty_body", "disconnect", "wrong_content_type", "refusal", "empty_answer"])
def test_faults_of_a_session_apply(serve: Serve, fault: str) -> None:
    with serving(serve) as (served, client):
        control(served, KEY, "PUT", "faults", fault)
        with suppress(openai.APIError, ValueError, AttributeError):
            client.embeddings.create(model=SMALL, input="a")
        (entry,) = control(served, KEY, "GET", "requests")["data"]
    assert entry["faults"] == [fault]


def test_lenient_validation_answers_and_warns(serve: Serve) -> None:
    with serving(serve, validation="lenient") as (_, client):
        answer = client.embeddings.with_raw_response.create(model="gpt-4o", input=["a", ""], dimensions=2000)
        assert "not allowed to generate embeddings" in answer.headers["x-double-warning"]
        assert "'$.input' is invalid" in answer.headers["x-double-warning"]
        assert len(answer.parse().data[0].embedding) == 1536
        wide = client.embeddings.create(model=SMALL, input="a", dimensions=2000)
        assert len(wide.data[0].embedding) == 1536


def test_without_validation_only_the_shape_counts(serve: Serve) -> None:
    with serving(serve, validation="off") as (served, client):
        answer = client.embeddings.with_raw_response.create(model="gpt-4o", input=["a", ""])
        assert "x-double-warning" not in answer.headers
        assert post(served.origin, {"model": SMALL, "input": []}, path="/v1/embeddings").status == 400


def test_strict_models_refuse_names_that_the_catalogue_lacks(serve: Serve) -> None:
    with serving(serve, models="strict") as (_, client):
        with pytest.raises(openai.NotFoundError, match="The model `house` does not exist"):
            client.embeddings.create(model="house", input="a")
        with pytest.raises(openai.NotFoundError, match="has been deprecated"):
            client.moderations.create(model="text-moderation-latest", input="a")


WRONG: Final[list[Any]] = [{}, {"model": 7}, {"model": "gpt-4o", "input": []}, {"input": {"a": 1}}]


@pytest.mark.parametrize("body", WRONG)
@pytest.mark.parametrize("path", ["/v1/embeddings", "/v1/moderations"])
def test_an_upstream_judges_what_is_relayed(serve: Serve, body: Any, path: str) -> None:
    with (
        upstream(answering(418, JSON, b'{"error": {"message": "theirs"}}')) as above,
        serve(upstream=above.base_url, mode="passthrough") as served,
    ):
        answer = post(served.origin, body, path=path)
    assert (answer.status, answer.error["message"]) == (418, "theirs")
    assert json.loads(above.received[0].body) == body


def test_the_catalogue_says_which_models_embed_and_moderate(serve: Serve) -> None:
    with serving(serve) as (_, client):
        for model in (SMALL, "omni-moderation-latest"):
            with pytest.raises(openai.NotFoundError, match="This is not a chat model"):
                client.chat.completions.create(model=model, messages=[{"role": "user", "content": "a"}])
        listed = {model.id for model in client.models.list()}
    assert {SMALL, "omni-moderation-latest"} <= listed
    assert "text-moderation-latest" not in listed


def test_the_journal_is_filtered_by_the_inputs_text(serve: Serve) -> None:
    with serving(serve) as (served, client):
        client.embeddings.create(model=SMALL, input=["a cat", "a dog"])
        client.embeddings.create(model=SMALL, input=[15339])
        client.moderations.create(input="a cat")
        condition = json.dumps({"api": "embeddings", "user": "*dog*"})
        found = control(served, KEY, "GET", f"requests?when={quote(condition)}")["data"]
    assert [entry["request"]["input"] for entry in found] == [["a cat", "a dog"]]
