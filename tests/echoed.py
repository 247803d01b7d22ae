"""Echo's answers to requests, and tools and messages for the requests."""

import json
import re
from typing import Any

from calls import call
from chatdouble.schema.completion import Choice, Completion
from chatdouble_backends.echo import Echo


async def answered(headers: dict[str, str] | None = None, **request: Any) -> Completion:
    reply: Any = await Echo().reply(call(headers=headers, **request))
    whole: Completion = reply
    return whole


async def choice(headers: dict[str, str] | None = None, **request: Any) -> Choice:
    return (await answered(headers, **request))["choices"][0]


async def said(**request: Any) -> str:
    content = (await choice(**request))["message"]["content"]
    assert content is not None
    return content


async def calls(headers: dict[str, str] | None = None, **request: Any) -> list[tuple[str, Any]]:
    """Return the name and the arguments or input of each tool call."""
    made = (await choice(headers, **request))["message"].get("tool_calls") or []
    found: list[tuple[str, Any]] = []
    for one in made:
        assert re.fullmatch(r"call_\w{24}", one["id"])
        if one["type"] == "function":
            found.append((one["function"]["name"], json.loads(one["function"]["arguments"])))
        else:
            found.append((one["custom"]["name"], one["custom"]["input"]))
    return found


def function(name: str, **properties: Any) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "parameters": schema, "strict": True}}


def custom(name: str, definition: str = "", syntax: str = "") -> dict[str, Any]:
    tool: dict[str, Any] = {"name": name}
    if syntax:
        tool["format"] = {"type": "grammar", "grammar": {"syntax": syntax, "definition": definition}}
    return {"type": "custom", "custom": tool}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def turn(name: str, result: str, id: str = "call_1") -> list[dict[str, Any]]:  # noqa: A002 - the API's own word
    """Return an assistant's call of a tool and the tool's result."""
    made = {"id": id, "type": "function", "function": {"name": name, "arguments": "{}"}}
    return [
        {"role": "assistant", "tool_calls": [made]},
        {"role": "tool", "tool_call_id": id, "content": result},
    ]


WEATHER = function("get_weather", city={"type": "string"}, unit={"enum": ["c", "f"]})
TIME = function("get_time", zone={"type": "string"})
ADD = function("add", a={"type": "integer"}, b={"type": "integer"})
