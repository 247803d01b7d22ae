"""An agent that answers questions about the weather; nothing in it knows of a double."""

import json
from typing import Any, Final

from openai import OpenAI

MODEL: Final = "gpt-5.4-mini"
TOOLS: Final[Any] = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Current temperature of a city, in degrees Celsius",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]


def temperature(city: str) -> int:
    """Return the temperature of a city; a real application would ask a weather service."""
    return len(city) + 13


def answer(question: str) -> str:
    """Ask the model, run the tools that it calls, and return its answer."""
    messages: list[Any] = [{"role": "user", "content": question}]
    while True:
        completion = OpenAI().chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
        message = completion.choices[0].message
        if not message.tool_calls:
            return message.content or ""
        messages.append(message)
        for call in message.tool_calls:
            assert call.type == "function"
            result = {"temperature": temperature(**json.loads(call.function.arguments))}
            messages.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)})
