"""Faults of the model: answers that are valid HTTP and valid JSON, and yet wrong."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Final, cast

import orjson

from chatdouble.backend import Call, Relay, Reply
from chatdouble.core.chance import tool_call_id
from chatdouble.core.json import as_array, as_object, encode, objects_in
from chatdouble.layers.faults.base import Disturbance
from chatdouble.schema.completion import Completion
from chatdouble.scripts.format.faults import PlainFault
from chatdouble.scripts.matching.request_view import RequestView, named
from chatdouble.scripts.replying.plausibility import KnownCall, KnownChoice, KnownRequest, implausible
from chatdouble.streaming.assembled import assembled
from chatdouble.streaming.fold import fold_async

Choice = dict[str, Any]

_CALLS: Final = ("tool_calls", "function_call")
_VALUES: Final[Mapping[str, Any]] = {"string": "not of this type", "number": 0.5, "object": {}}


class ModelFault(Disturbance[PlainFault]):
    """A fault that changes what the model answers, before the answer is sent whole or as a stream.

    An upstream's answer is changed once all of it has arrived. An error and anything else that is not a completion
    stay unchanged.

    Attributes:
        call: The call that is answered.
    """

    call: Call

    async def on_reply(self, reply: Reply, call: Call) -> Reply:
        """Return the answer with every choice changed, and its usage in agreement."""
        self.call = call
        completion = await _completion(reply)
        if isinstance(completion, Relay):
            return completion
        count = call.services.tokens[call.model.encoding].count
        for choice in objects_in(completion.get("choices")):
            before = count(_text(choice))
            self.change(choice)
            self.settle(as_object(completion.get("usage")), count(_text(choice)) - before)
            if choice.get("logprobs"):
                choice["logprobs"] = None
        return cast("Completion", completion)

    @abstractmethod
    def change(self, choice: Choice) -> None:
        """Change one choice in place."""

    def settle(self, usage: dict[str, Any], tokens: int) -> None:
        """Count the tokens that a choice has more than before, or fewer."""
        for key in ("completion_tokens", "total_tokens"):
            if isinstance(usage.get(key), int):
                usage[key] = max(0, usage[key] + tokens)


async def _completion(reply: Reply) -> dict[str, Any] | Relay:
    """Return an answer as a completion of its own; a relay that brings none is returned with its bytes."""
    if isinstance(reply, Relay):
        data = b"".join([piece async for piece in reply.body])
        found = _read(data) if reply.status == 200 else None  # noqa: PLR2004 - HTTP
        return found or Relay(reply.status, reply.headers, _once(data), reply.paced)
    answer: Any = reply
    whole: Any = reply if isinstance(reply, dict) else await fold_async(answer)
    copied: dict[str, Any] = orjson.loads(encode(whole))
    return copied


def _read(data: bytes) -> dict[str, Any] | None:
    """Return the completion in a body or an event stream; None: there is none."""
    found = assembled(data)
    return found if found and "choices" in found else None


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _calls(choice: Choice) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the calls of functions and custom tools, each with the key of its input."""
    message = as_object(choice.get("message"))
    for call in objects_in(message.get("tool_calls")):
        kind = "custom" if "custom" in call else "function"
        yield as_object(call.get(kind)), "input" if kind == "custom" else "arguments"
    if message.get("function_call"):
        yield as_object(message["function_call"]), "arguments"


def _text(choice: Choice) -> str:
    """Return everything that is written in a choice."""
    message = as_object(choice.get("message"))
    parts = [message.get("content"), message.get("refusal")]
    parts += [called.get(key) for called, keys in _calls(choice) for key in ("name", keys)]
    return "\n".join(part for part in parts if isinstance(part, str))


def _say(choice: Choice, **parts: Any) -> None:
    """Replace the content, the refusal and the calls of a choice."""
    old = as_object(choice.get("message"))
    kept = {key: value for key, value in old.items() if key not in (*_CALLS, "audio")}
    choice["message"] = {**kept, "content": None, "refusal": None, "annotations": [], **parts}


def _functions(call: Call) -> dict[str, Mapping[str, Any]]:
    """Return the parameters of the functions that a request offers, by name."""
    tools = [named(tool) for tool in RequestView(call).tools.values() if tool.get("type") != "custom"]
    return {tool["name"]: as_object(tool.get("parameters")) for tool in tools if "name" in tool}


class InvalidToolArguments(ModelFault):
    """Calls functions with arguments that are JSON and violate the function's parameters."""

    name = "invalid_tool_arguments"

    def change(self, choice: Choice) -> None:
        """Replace the arguments of every function call."""
        offered = _functions(self.call)
        for called, key in _calls(choice):
            if key == "arguments":
                called[key] = _violation(str(called.get("name")), offered)


def _violation(name: str, offered: Mapping[str, Mapping[str, Any]]) -> str:
    """Return arguments that violate a function's parameters; if nothing does, an unexpected argument."""
    schema = offered.get(name) or {}
    properties = as_object(schema.get("properties"))
    wrong = {key: _of_another_type(as_object(of)) for key, of in properties.items()}
    unexpected = {"unexpected_argument": True}
    request = KnownRequest("the request's", strict_parameters={name: schema}.get)
    for value in (wrong, {}, unexpected, None):
        text = encode(value).decode()
        choice = KnownChoice(calls=[KnownCall(("tool_calls", 0), name, text, is_function=True)])
        if schema and any(implausible(choice, request)):
            return text
    return encode(unexpected).decode()


def _of_another_type(schema: Mapping[str, Any]) -> Any:
    """Return a value of a type that a schema does not name."""
    given = schema.get("type")
    types = {given} if isinstance(given, str) else {*as_array(given)}
    return next((value for name, value in _VALUES.items() if name not in types), None)


class UnofferedTool(ModelFault):
    """Calls a function that the request does not offer."""

    name = "unoffered_tool"

    def change(self, choice: Choice) -> None:
        """Rename every call; a choice without calls becomes one."""
        offered = RequestView(self.call).tools
        if not any(_calls(choice)):
            name = next(iter(offered), "tool")
            made = {
                "id": tool_call_id(self.chance.at("call", choice.get("index", 0))),
                "type": "function",
                "function": {"name": name, "arguments": "{}"},
            }
            _say(choice, tool_calls=[made])
            choice["finish_reason"] = "tool_calls"
        for called, _ in _calls(choice):
            called["name"] = _unoffered(str(called.get("name")), offered)


def _unoffered(name: str, offered: Mapping[str, Any]) -> str:
    number = 2
    while f"{name}_v{number}" in offered:
        number += 1
    return f"{name}_v{number}"


class TruncatedToolArguments(ModelFault):
    """Cuts the arguments of the last call in half, as an output limit does, with the finish reason `length`."""

    name = "truncated_tool_arguments"

    def change(self, choice: Choice) -> None:
        """Cut the last call."""
        if _cut_last_call(choice):
            choice["finish_reason"] = "length"


def _cut_last_call(choice: Choice) -> bool:
    """Cut the input of the last call in half; return whether there was a call."""
    calls = [*_calls(choice)]
    for called, key in calls[-1:]:
        text = str(called.get(key, ""))
        called[key] = text[: len(text) // 2]
    return bool(calls)


class EmptyAnswer(ModelFault):
    """Answers with an empty text."""

    name = "empty_answer"

    def change(self, choice: Choice) -> None:
        """Empty the choice."""
        _say(choice, content="")
        choice["finish_reason"] = "stop"


class ReasoningOnly(ModelFault):
    """Spends all tokens on reasoning, so that the answer is empty and ends with `length` (answers#message)."""

    name = "reasoning_only"

    def change(self, choice: Choice) -> None:
        """Empty the choice."""
        _say(choice, content="")
        choice["finish_reason"] = "length"

    def settle(self, usage: dict[str, Any], tokens: int) -> None:
        """Count all tokens as reasoning."""
        del tokens
        if usage:
            details = as_object(usage.get("completion_tokens_details"))
            usage["completion_tokens_details"] = {**details, "reasoning_tokens": usage.get("completion_tokens", 0)}


class ContentFilter(ModelFault):
    """Cuts an answer in half with the finish reason `content_filter`."""

    name = "content_filter"

    def change(self, choice: Choice) -> None:
        """Cut the text and the last call."""
        message = as_object(choice.get("message"))
        if isinstance(message.get("content"), str):
            message["content"] = message["content"][: len(message["content"]) // 2]
        _cut_last_call(choice)
        choice["finish_reason"] = "content_filter"


REFUSAL: Final = "I'm sorry, I can't help with that."


class Refusal(ModelFault):
    """Refuses, in place of a text, structured output or calls."""

    name = "refusal"

    def change(self, choice: Choice) -> None:
        """Replace everything with a refusal."""
        _say(choice, refusal=REFUSAL)
        choice["finish_reason"] = "stop"


class RepeatedToolCall(ModelFault):
    """Makes every call twice, with the same arguments and another id."""

    name = "repeated_tool_call"

    def change(self, choice: Choice) -> None:
        """Repeat each call after itself."""
        message = as_object(choice.get("message"))
        if message.get("tool_calls"):
            message["tool_calls"] = [*self._twice(message["tool_calls"], choice.get("index", 0))]

    def _twice(self, calls: Sequence[dict[str, Any]], index: int) -> Iterator[dict[str, Any]]:
        for at, called in enumerate(calls):
            yield called
            yield {**called, "id": tool_call_id(self.chance.at("call", index, at))}


class WrongToolCallId(ModelFault):
    """Gives calls the id of an earlier call of the conversation, or an empty one if there is none."""

    name = "wrong_tool_call_id"

    def change(self, choice: Choice) -> None:
        """Replace the id of every call."""
        used = [made.get("id") for said in self.call.messages for made in objects_in(said.get("tool_calls"))]
        for called in objects_in(as_object(choice.get("message")).get("tool_calls")):
            called["id"] = used[-1] if used else ""
