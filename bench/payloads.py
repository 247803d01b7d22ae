"""The requests: 1 KB, 10 KB with eight tools, a conversation that goes on, streams, and the same as responses."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

KEY: Final = "sk-bench"
CHAT: Final = "/v1/chat/completions"
RESPONSES: Final = "/v1/responses"
COUNTER: Final = "000000"
"""Digits that the load generator replaces in every request, so that no two are the same."""

_SENTENCE: Final = (
    "the time of day is not what people think it was when they first came here to look for work and found "
    "that all of the best places were gone so each one of them had to make do with less than he would like"
)
TEXT: Final = " ".join((_SENTENCE.split() * 5)[:200])
"""200 words of one token each: the prompt, and every server's answer."""


@dataclass(frozen=True, slots=True)
class Load:
    """A kind of request.

    Attributes:
        name: Its name in the results.
        body: The request's JSON, with `COUNTER` in it.
        path: The URL path it is sent to.
    """

    name: str
    body: dict[str, Any] = field(repr=False)
    path: str = CHAT

    @property
    def streams(self) -> bool:
        """True if it asks for a stream."""
        return bool(self.body.get("stream"))

    def encoded(self) -> bytes:
        """Return the body's bytes."""
        return json.dumps(self.body).encode()


def _asking(text: str = TEXT, **more: Any) -> dict[str, Any]:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": f"{text} {COUNTER}"}], **more}


def _responding(**more: Any) -> dict[str, Any]:
    return {"model": "gpt-4o", "input": f"{TEXT} {COUNTER}", **more}


def _tool(number: int) -> dict[str, Any]:
    fields = ("street", "house", "postcode", "city", "country", "reference", "opened", "closed", "priority", "remarks")
    described = {name: {"type": "string", "description": f"The {name} that the caller has on file."} for name in fields}
    return {
        "type": "function",
        "function": {
            "name": f"update_record_{number}",
            "description": f"Update one of the records of register {number}, with whatever is known of it by now.",
            "parameters": {"type": "object", "properties": described, "required": ["street", "city"]},
        },
    }


def _earlier(turns: int = 5) -> list[dict[str, Any]]:
    """Return what an agent repeats with each request: a system prompt, and the turns before."""
    quarter = " ".join(TEXT.split()[:50])
    earlier = [
        {"role": role, "content": f"{word} {number}: {quarter}"}
        for number in range(turns)
        for role, word in (("user", "Question"), ("assistant", "Answer"))
    ]
    return [{"role": "system", "content": TEXT}, *earlier]


def _going_on() -> dict[str, Any]:
    body = _asking("And now?")
    return {**body, "messages": [*_earlier(), *body["messages"]]}


HELLO: Final = Load("hello", _asking("Hello"))
WHOLE: Final = Load("1 KB", _asking(temperature=0.5))
TOOLS: Final = Load("10 KB, 8 tools", _asking(tools=[_tool(number) for number in range(8)]))
TURNS: Final = Load("4 KB, 6 turns", _going_on())
STREAM: Final = Load("stream", _asking(stream=True))
SHORT_STREAM: Final = Load("short stream", _asking(" ".join(TEXT.split()[:80]), stream=True))
BRIEF_STREAM: Final = Load("brief stream", _asking(" ".join(TEXT.split()[:40]), stream=True))
RESPONSE: Final = Load("1 KB, Responses", _responding(temperature=0.5), RESPONSES)
RESPONSE_STREAM: Final = Load("stream, Responses", _responding(stream=True), RESPONSES)
