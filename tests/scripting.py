"""Scripted backends for tests, called in-process."""

from typing import Any

from calls import call
from chatdouble.backend import Backend, Call, Reply, Services
from chatdouble.scripts.reading.load import parse
from chatdouble_backends.echo import Echo
from chatdouble_backends.scripted import Scripted


def scripted(text: str, unmatched: str = "error") -> Scripted:
    """Return a backend with this script; its fallbacks are echo backends."""
    script = parse(text, "script.yaml")
    return Scripted(lambda: script, echoing, unmatched)


def echoing(name: str) -> Backend:
    """Return the echo backend for every name."""
    del name
    return Echo()


async def said(backend: Backend, *, shared: Services | None = None, **request: Any) -> str | None:
    """Return the text of the answer's first choice."""
    message: dict[str, Any] = (await completion(backend, call(shared=shared, **request)))["choices"][0]["message"]
    content: str | None = message["content"]
    return content


async def completion(backend: Backend, asked: Call) -> dict[str, Any]:
    """Return the completion that answers a call."""
    reply: Reply = await backend.reply(asked)
    assert isinstance(reply, dict)
    return {**reply}


def function(name: str, **parameters: Any) -> dict[str, Any]:
    """Return a function tool."""
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": parameters}}}


def tool_messages(name: str, result: str) -> list[dict[str, Any]]:
    """Return the messages of a tool call and its result."""
    called = {"id": f"call_{name}", "type": "function", "function": {"name": name, "arguments": "{}"}}
    return [
        {"role": "assistant", "content": None, "tool_calls": [called]},
        {"role": "tool", "tool_call_id": f"call_{name}", "content": result},
    ]
