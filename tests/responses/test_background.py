"""Responses in the background, and conversations that two requests use, through the official client."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import openai
import pytest
from openai import OpenAI

from chatdouble.testing.server import RunningServer
from conftest import Serve
from held import Double
from raw import control

TEXT: Final = "One two three four five six seven eight"


@pytest.fixture(scope="module")
def standing() -> Iterator[RunningServer]:
    """Return a server whose clock stands still, with ten seconds to the first token and one for each after it."""
    from chatdouble.settings import Settings  # noqa: PLC0415 - as below
    from chatdouble.testing.server import running  # noqa: PLC0415 - a server of this module alone

    paced = {"clock": "fixed:2026-09-01T00:00:00Z", "ttft": 10, "tokens_per_second": 1}
    with running(Settings.model_validate(paced)) as one:
        yield one


@pytest.fixture
def patient(standing: RunningServer, client_of: Callable[[RunningServer], OpenAI]) -> OpenAI:
    """Return a client of that server."""
    return client_of(standing)


def begun(client: OpenAI) -> str:
    """Begin a response in the background, and return its id."""
    made = client.responses.create(model="gpt-4o", input=TEXT, background=True)
    assert made.status == "queued"
    return made.id


def test_a_response_in_the_background_follows_its_pace(standing: RunningServer, patient: OpenAI, key: str) -> None:
    made = begun(patient)
    statuses: list[Any] = []
    for seconds in (9, 2, 6):
        statuses.append(patient.responses.retrieve(made).status)
        control(standing, key, "POST", "clock", {"advance": seconds})
    last = patient.responses.retrieve(made)
    assert [*statuses, last.status] == ["queued", "queued", "in_progress", "completed"]
    assert last.output_text == TEXT


def test_it_can_be_cancelled_until_it_is_complete(standing: RunningServer, patient: OpenAI, key: str) -> None:
    first, second = begun(patient), begun(patient)
    control(standing, key, "POST", "clock", {"advance": 11})
    assert [patient.responses.cancel(first).status, patient.responses.cancel(first).status] == ["cancelled"] * 2
    control(standing, key, "POST", "clock", {"advance": 11})
    assert patient.responses.cancel(second).status == "completed"
    assert patient.responses.retrieve(first).status == "cancelled"


def test_a_response_that_is_deleted_while_it_runs_stays_deleted(
    standing: RunningServer, patient: OpenAI, key: str
) -> None:
    made = begun(patient)
    patient.responses.delete(made)
    control(standing, key, "POST", "clock", {"advance": 60})
    with pytest.raises(openai.NotFoundError, match=f"Response with id '{made}' not found"):
        patient.responses.retrieve(made)


def test_only_a_response_in_the_background_can_be_cancelled(client: OpenAI) -> None:
    made = client.responses.create(model="gpt-4o", input="Hello")
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a synchronous response"):
        client.responses.cancel(made.id)


def test_a_stream_in_the_background_is_there_while_it_runs_and_goes_on_without_its_client(
    serve: Serve, client_of: Callable[[RunningServer], OpenAI]
) -> None:
    with serve(tokens_per_second=5) as served:
        client = client_of(served)
        stream = client.responses.create(model="gpt-4o", input=TEXT, background=True, stream=True)
        first: Any = next(iter(stream))
        while_running = client.responses.retrieve(first.response.id)
        stream.close()
        rest = [*client.responses.retrieve(first.response.id, stream=True, starting_after=first.sequence_number)]
        last: Any = rest[-1]
        assert while_running.status in {"queued", "in_progress"}
        assert [event.sequence_number for event in rest] == [*range(1, len(rest) + 1)]
        assert (last.type, last.response.output_text) == ("response.completed", TEXT)
        assert client.responses.retrieve(first.response.id).status == "completed"


def test_a_replayed_stream_is_padded_unless_its_request_says_otherwise(client: OpenAI) -> None:
    made = client.responses.create(model="gpt-4o", input="Hello")
    padded, plain = (
        [
            event
            for event in client.responses.retrieve(made.id, stream=True, include_obfuscation=asked)
            if event.type == "response.output_text.delta"
        ]
        for asked in (True, False)
    )
    assert all(hasattr(event, "obfuscation") for event in padded)
    assert not any(hasattr(event, "obfuscation") for event in plain)
    assert len(padded) == len(plain) > 0


def test_a_conversation_is_for_one_request_at_a_time(double: Double) -> None:
    client = double.client
    talk = client.conversations.create()
    other = client.conversations.create()
    with client.responses.create(
        model="gpt-4o",
        input="One",
        conversation=talk.id,
        stream=True,
        extra_headers={"X-Double-Gate": '{"name": "busy", "before": "done"}'},
    ) as held:
        with pytest.raises(openai.BadRequestError) as locked:
            client.responses.create(model="gpt-4o", input="Two", conversation=talk.id)
        assert client.responses.create(model="gpt-4o", input="Two", conversation=other.id).output_text == "Two"
        double.control("POST", "gates/busy/release")
        assert [event.type for event in held][-1] == "response.completed"
    assert (locked.value.code, locked.value.param) == ("conversation_locked", "conversation")
    assert client.responses.create(model="gpt-4o", input="Three", conversation=talk.id).output_text == "Three"
