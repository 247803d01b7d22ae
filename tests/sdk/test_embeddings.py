"""Embeddings through the official client."""

import json
from math import fsum, sqrt
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, AzureOpenAI, OpenAI

from chatdouble.testing.server import RunningServer
from raw import ask, control, post

SMALL = "text-embedding-3-small"
LARGE = "text-embedding-3-large"
ADA = "text-embedding-ada-002"
INVALID = "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference."


def cosine(left: list[float], right: list[float]) -> float:
    return fsum(one * other for one, other in zip(left, right, strict=True))


def embedded(client: OpenAI, text: Any, **options: Any) -> list[float]:
    asked: dict[str, Any] = {"model": SMALL, "input": text, **options}
    answer = client.embeddings.create(**asked)
    return answer.data[0].embedding


def test_the_clients_default_is_base64_and_gives_floats(client: OpenAI) -> None:
    answer = client.embeddings.create(model=SMALL, input="hello world")
    assert (answer.object, answer.model) == ("list", SMALL)
    assert (answer.usage.prompt_tokens, answer.usage.total_tokens) == (2, 2)
    (one,) = answer.data
    assert (one.object, one.index, len(one.embedding)) == ("embedding", 0, 1536)
    assert sqrt(cosine(one.embedding, one.embedding)) == pytest.approx(1, abs=1e-6)


def test_floats_and_base64_are_the_same_vector(client: OpenAI) -> None:
    assert embedded(client, "a", encoding_format="float") == pytest.approx(embedded(client, "a"), abs=1e-7)


def test_base64_is_of_little_endian_floats_of_four_bytes(server: RunningServer) -> None:
    answer = post(
        server.origin,
        {"model": LARGE, "input": "a", "encoding_format": "base64", "dimensions": 512},
        path="/v1/embeddings",
    )
    assert len(json.loads(answer.body)["data"][0]["embedding"]) == 2732


def test_each_input_has_a_vector_in_order_and_all_tokens_count(client: OpenAI) -> None:
    answer = client.embeddings.create(model=SMALL, input=["hello world", "The quick brown fox"])
    assert [one.index for one in answer.data] == [0, 1]
    assert answer.data[1].embedding == embedded(client, "The quick brown fox")
    assert answer.usage.prompt_tokens == 2 + 4


def test_the_tokens_of_a_text_give_its_vector(client: OpenAI) -> None:
    assert embedded(client, [15339, 1917]) == embedded(client, "hello world")
    batch = client.embeddings.create(model=SMALL, input=[[15339, 1917], [15339]])
    assert [one.embedding for one in batch.data] == [embedded(client, "hello world"), embedded(client, "hello")]
    assert batch.usage.prompt_tokens == 3


def test_tokens_that_the_vocabulary_lacks_are_left_out(client: OpenAI) -> None:
    assert embedded(client, [15339, 10**12, 1917, -1]) == embedded(client, "hello world")


@pytest.mark.parametrize(("model", "dimensions", "answers"), [(LARGE, 3072, LARGE), (ADA, 1536, f"{ADA}-v2")])
def test_each_model_has_its_own_dimensions(client: OpenAI, model: str, dimensions: int, answers: str) -> None:
    answer = client.embeddings.create(model=model, input="a")
    assert (len(answer.data[0].embedding), answer.model) == (dimensions, answers)


def test_fewer_dimensions_are_the_first_ones_made_as_long_as_one(client: OpenAI) -> None:
    whole = embedded(client, "The quick brown fox jumps over the lazy dog")[:256]
    length = sqrt(cosine(whole, whole))
    short = embedded(client, "The quick brown fox jumps over the lazy dog", dimensions=256)
    assert short == pytest.approx([one / length for one in whole], abs=1e-6)


def test_an_empty_text_counts_as_one_token(client: OpenAI) -> None:
    answer = client.embeddings.create(model=SMALL, input="", user="someone")
    assert answer.usage.prompt_tokens == 1
    assert cosine(answer.data[0].embedding, answer.data[0].embedding) == pytest.approx(1, abs=1e-6)


async def test_the_asynchronous_client_gets_the_same(async_client: AsyncOpenAI, client: OpenAI) -> None:
    answer = await async_client.embeddings.create(model=SMALL, input="hello world")
    assert answer.data[0].embedding == embedded(client, "hello world")


def test_the_nearest_document_is_the_one_about_the_question(client: OpenAI) -> None:
    documents = [
        "Our refund policy lets you return goods within thirty days.",
        "The office in Leeds is closed on public holidays.",
        "Reset your password on the account page.",
    ]
    vectors = [one.embedding for one in client.embeddings.create(model=SMALL, input=documents).data]
    asked = embedded(client, "I forgot my password, how can I reset it?")
    scores = [cosine(asked, one) for one in vectors]
    assert scores.index(max(scores)) == 2
    assert max(scores) > 0.3
    assert sorted(scores)[1] < 0.1


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"dimensions": -42}, "-42 is less than the minimum of 1 - 'dimensions'"),
    ({"dimensions": 1537}, "Invalid value for 'dimensions' = 1537. Must be less than or equal to 1536."),
    ({"model": ADA, "dimensions": 256}, "This model does not support specifying dimensions."),
    ({"dimensions": "many"}, "'many' is not of type 'integer' - 'dimensions'"),
    ({"user": 7}, "7 is not of type 'string' - 'user'"),
    ({"encoding_format": "md5"}, "Invalid value for 'encoding_format' = md5. Supported values: ['float', 'base64']."),
    ({"input": []}, INVALID),
    ({"input": ["a", ""]}, INVALID),
    ({"input": ["a", 7]}, INVALID),
    ({"input": [[]]}, INVALID),
    ({"input": None}, INVALID),
    ({"input": ["a"] * 2049}, "Invalid 'input': array length must be 2048 or less."),
    ({"input": [15339] * 2049}, "Invalid 'input': array length must be 2048 or less."),
    ({"input": "word " * 8200}, "Invalid 'input': maximum context length is 8192 tokens."),
    ({"input": "word " * 300_000}, "Invalid 'input': maximum context length is 8192 tokens."),
    ({"input": ["a", "word " * 8200]}, "Invalid 'input[1]': maximum input length is 8192 tokens."),
    ({"input": ["word " * 8000] * 40}, "Invalid 'input': maximum request size is 300000 tokens per request."),
]


@pytest.mark.parametrize(("wrong", "message"), REFUSED, ids=lambda value: value[:40] if isinstance(value, str) else "")
def test_a_refusal_is_in_the_apis_words(server: RunningServer, wrong: dict[str, Any], message: str) -> None:
    answer = post(server.origin, {"model": SMALL, "input": "a"} | wrong, path="/v1/embeddings")
    assert (answer.status, answer.error["message"]) == (400, message)
    assert {name: answer.error[name] for name in ("type", "param", "code")} == {
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-3.5-turbo-instruct"])
def test_a_model_that_makes_no_embeddings_is_forbidden(client: OpenAI, model: str) -> None:
    with pytest.raises(openai.PermissionDeniedError) as caught:
        embedded(client, "a", model=model)
    assert caught.value.message.endswith("You are not allowed to generate embeddings from this model")
    assert caught.value.response.headers["content-type"] == "application/json; charset=utf-8"


def test_a_request_without_a_model_is_refused(server: RunningServer) -> None:
    answer = post(server.origin, {"input": "a"}, path="/v1/embeddings")
    assert (answer.status, answer.error["message"]) == (400, "you must provide a model parameter")


def test_keys_that_nobody_knows_are_ignored(client: OpenAI) -> None:
    assert len(embedded(client, "a", extra_body={"input_type": "query"})) == 1536


def test_an_unknown_model_makes_vectors_as_the_small_one(client: OpenAI, server: RunningServer, key: str) -> None:
    assert embedded(client, "a cat", model="house-embedder") == embedded(client, "a cat")
    entry = control(server, key, "GET", "requests")["data"][0]
    assert "does not know the model `house-embedder`" in entry["warnings"][0]


def test_the_journal_has_the_beginnings_of_vectors(client: OpenAI, server: RunningServer, key: str) -> None:
    client.embeddings.create(model=SMALL, input="a")
    client.embeddings.create(model=SMALL, input="a", encoding_format="float")
    coded, numbers = (
        entry["response"]["data"][0]["embedding"] for entry in control(server, key, "GET", "requests")["data"]
    )
    assert (len(coded), len(numbers)) == (16, 3)


def test_the_headers_name_the_model_and_what_is_left(client: OpenAI) -> None:
    answer = client.embeddings.with_raw_response.create(model=ADA, input="The quick brown fox")
    limit = int(answer.headers["x-ratelimit-limit-tokens"])
    assert int(answer.headers["x-ratelimit-remaining-tokens"]) == limit - 4
    assert answer.headers["openai-model"] == f"{ADA}-v2"


def test_azure_names_the_model_in_the_path(server: RunningServer, client: OpenAI) -> None:
    with AzureOpenAI(azure_endpoint=server.origin, api_version="2024-10-21", api_key="sk-azure") as azure:
        assert azure.embeddings.create(model=SMALL, input="a").data[0].embedding == embedded(client, "a")
    headers = {"api-key": "sk-azure", "Content-Type": "application/json"}
    body = b'{"input": "a", "model": "text-embedding-3-large"}'
    paths = [
        "/openai/v1/embeddings",
        f"/openai/deployments/{LARGE}/embeddings?api-version=2024-10-21",
        "/embeddings",
    ]
    answers = [ask(server.origin, "POST", path, body, headers) for path in paths]
    assert [answer.status for answer in answers] == [200, 200, 200]


def test_another_method_is_refused(server: RunningServer) -> None:
    answer = ask(server.origin, "GET", "/v1/embeddings", headers={"Authorization": "Bearer sk-test"})
    assert answer.status == 405
