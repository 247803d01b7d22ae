"""A support bot as an application has one; nothing in it knows of a double."""

import json
from collections.abc import Iterator
from typing import Any, Final, Literal

from openai import APIConnectionError, APIError, BadRequestError, OpenAI
from pydantic import BaseModel

MODEL: Final = "gpt-5.4-mini"
SYSTEM: Final = "You are the support of a web shop."
TOOLS: Final[Any] = [
    {
        "type": "function",
        "function": {
            "name": name,
            "parameters": {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]},
        },
    }
    for name in ("find_order", "refund")
]
ORDERS: Final = {42: {"status": "lost", "price": 9.5}}
LOST: Final = " (The connection was lost. Please ask again.)"


class Ticket(BaseModel):
    """The kind of a customer's message."""

    category: Literal["billing", "technical"]
    urgent: bool


def classify(text: str) -> Ticket:
    """Return the kind of a message."""
    completion = OpenAI().chat.completions.parse(model=MODEL, messages=_asked(text), response_format=Ticket)
    found = completion.choices[0].message.parsed
    assert found is not None
    return found


def answer(question: str, history: tuple[Any, ...] = ()) -> str:
    """Answer a question with the help of tools; forget the oldest half of a conversation that is too long."""
    messages: list[Any] = [*history, *_asked(question)]
    while True:
        try:
            completion = OpenAI().chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
        except BadRequestError as refused:
            if refused.code != "context_length_exceeded":
                raise
            messages = messages[len(messages) // 2 :]
            continue
        message = completion.choices[0].message
        if not message.tool_calls:
            return message.content or ""
        messages.append(message)
        for call in message.tool_calls:
            assert call.type == "function"
            result = _run(call.function.name, **json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)})


def stream(question: str) -> Iterator[str]:
    """Yield the pieces of an answer, and a sentence if the connection breaks."""
    try:
        pieces = OpenAI().chat.completions.create(model=MODEL, messages=_asked(question), stream=True)
        yield from (piece.choices[0].delta.content or "" for piece in pieces)
    except (APIConnectionError, APIError):
        yield LOST


def _run(tool: str, number: int) -> dict[str, Any]:
    order = ORDERS[number]
    return order if tool == "find_order" else {"refunded": order["price"]}


def _asked(text: str) -> Any:
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}]
