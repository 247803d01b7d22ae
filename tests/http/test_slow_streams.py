"""A stream that is sent slowly keeps little of its request and its answer meanwhile."""

import json

from asgi_clients import Client, run
from calls import call
from chatdouble.apis.chat import CHAT
from chatdouble.backend import Call
from chatdouble.http.sending import Sender
from completions import said
from deliveries import Paced

SAID = said("Hi there")


def sent(asked: Call) -> Client:
    """Send an answer slowly."""

    async def sending() -> None:
        asked.delivery.pace = Paced()
        assert await Sender(client.asks(asked), CHAT.codec, []).send(SAID) == SAID

    client = Client()
    run(sending())
    return client


def test_the_answer_is_kept_as_bytes_and_the_messages_are_forgotten() -> None:
    asked = call(stream=True, temperature=0.5)
    client = sent(asked)
    assert client.body.endswith(b"data: [DONE]\n\n")
    assert (asked.body, asked.request) == ({"model": "gpt-4o", "stream": True, "temperature": 0.5}, None)
    assert json.loads(asked.answer) == asked.result == SAID


def test_a_stream_that_is_to_be_stored_keeps_its_request() -> None:
    asked = call(stream=True, store=True)
    sent(asked)
    assert asked.messages
    assert asked.request.store is True
