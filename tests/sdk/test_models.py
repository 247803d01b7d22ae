"""Models through the official Python client."""

import pytest
from openai import AsyncOpenAI, NotFoundError, OpenAI

from chatdouble.settings import Settings
from chatdouble.testing.server import running
from raw import chat, control


def test_the_list_has_current_models(client: OpenAI) -> None:
    models = list(client.models.list())
    assert {"gpt-5.4", "gpt-5.4-mini", "gpt-5.5", "gpt-6-sol"} <= {model.id for model in models}
    assert {model.object for model in models} == {"model"}
    assert all(model.owned_by and model.created > 0 for model in models)
    assert all("shutdown_date" in model.model_dump() for model in models)


def test_a_model_is_found_by_its_name(client: OpenAI) -> None:
    assert client.models.retrieve("gpt-5.4").id == "gpt-5.4"


async def test_the_async_client_lists_models(async_client: AsyncOpenAI) -> None:
    assert "gpt-5.4" in [model.id async for model in async_client.models.list()]


def test_an_unknown_model_is_not_found(client: OpenAI) -> None:
    with pytest.raises(NotFoundError) as caught:
        client.models.retrieve("gpt-none")
    assert caught.value.code == "model_not_found"


def test_a_model_ends_by_the_clock_of_the_session() -> None:
    with running(Settings(models="strict", clock="fixed:2027-01-13T23:59:00")) as served:
        with OpenAI(base_url=served.base_url, api_key="sk-early", max_retries=0) as early:
            assert early.models.retrieve("gpt-4o").model_dump()["shutdown_date"] == "2027-01-14"
            assert early.models.retrieve("gpt-5.4").model_dump()["shutdown_date"] is None
        with OpenAI(base_url=served.base_url, api_key="sk-late", max_retries=0) as late:
            control(served, "sk-late", "POST", "clock", {"advance": 60})
            with pytest.raises(NotFoundError, match="has been deprecated"):
                late.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hi"}])
            with pytest.raises(NotFoundError, match="does not exist"):
                late.models.retrieve("gpt-4o")
            assert "gpt-4o" not in {model.id for model in late.models.list()}


def test_a_server_that_takes_any_model_answers_for_one_that_was_shut_down_and_warns() -> None:
    with running(Settings(clock="fixed:2027-01-14")) as served:
        answer = chat(served.origin, model="gpt-4o")
        assert answer.status == 200
        assert answer.headers["x-double-warning"] == "The model `gpt-4o` was shut down on 2027-01-14."
        assert "x-double-warning" not in chat(served.origin, model="gpt-5.4-mini").headers
