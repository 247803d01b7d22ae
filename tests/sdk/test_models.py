"""Models through the official Python client."""

import pytest
from openai import AsyncOpenAI, NotFoundError, OpenAI


def test_the_list_has_current_models(client: OpenAI) -> None:
    models = list(client.models.list())
    assert {"gpt-4o", "gpt-4o-mini", "gpt-5", "o3"} <= {model.id for model in models}
    assert {model.object for model in models} == {"model"}
    assert all(model.owned_by and model.created > 0 for model in models)


def test_a_model_is_found_by_its_name(client: OpenAI) -> None:
    assert client.models.retrieve("gpt-4o").id == "gpt-4o"


async def test_the_async_client_lists_models(async_client: AsyncOpenAI) -> None:
    assert "gpt-4o" in [model.id async for model in async_client.models.list()]


def test_an_unknown_model_is_not_found(client: OpenAI) -> None:
    with pytest.raises(NotFoundError) as caught:
        client.models.retrieve("gpt-none")
    assert caught.value.code == "model_not_found"
