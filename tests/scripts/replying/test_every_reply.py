"""Every reply that loads is answered, or refused with an error that no client retries."""

from typing import Any, Final

import pytest
from pydantic import ValidationError
from starlette.types import Message

from calls import call
from chatdouble.apis.chat import ChatCodec
from chatdouble.core.errors import APIError
from chatdouble.http.sending import Sender
from chatdouble.scripts.format.reply import ReplySpec
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.replying.answering import Answering
from chatdouble.scripts.replying.template_variables import TemplateVariables
from scripting import echoing

DELTAS: Final[list[Any]] = [
    None,
    {"tool_calls": [None]},
    {"tool_calls": None, "content": 5},
    {"tool_calls": [{"index": "x", "function": None}]},
    {"tool_calls": [{"index": 0, "function": "x"}]},
    {"function_call": "x"},
    {"audio": "x"},
]
CHUNKS: Final[list[Any]] = [
    [{"choices": None}],
    [{"choices": "x"}],
    [{"choices": [None]}],
    [{"choices": [{}]}, "a"],
    [{"choices": [{"index": "x"}, {"index": None}, {"index": -1}, {"index": 10**30}]}],
    [{"choices": [{"delta": {"content": "a"}, "logprobs": 5}]}],
    [{"choices": [], "usage": 5}],
    *([{"choices": [{"delta": delta}]}] for delta in DELTAS),
    [{"raw": ""}],
    [{"chunk": {}}],
]
VALUES: Final[list[Any]] = [
    *(None, "x", 5, -1, 1.5, True, False, 10**30, "{{ user }}", "é", [], {}, [None], ["x"], [5], [{}]),
    *({"a": None}, {"a": 1}, {"name": "x"}, {"text": "a"}, {"transcript": "a"}, {"content": [], "refusal": []}),
    *({"prompt_tokens": "{{ user }}"}, {"prompt_tokens": 5}, {"completion_tokens_details": {"reasoning_tokens": None}}),
    *({"x-a": "{{ user }}é"}, {"status": 204}, {"body": {"text": "a"}}, {"stream": []}, {"stream": [{"data": None}]}),
    *([{"name": "f", "arguments": 10**30}], [{"name": "{{ turn }}", "id": "{{ turn }}"}], "insufficient_quota"),
    *CHUNKS,
]
REQUESTS: Final[list[dict[str, Any]]] = [
    {},
    {"stream": True},
    {"stream": True, "stream_options": {"include_usage": True}, "n": 2},
    {"logprobs": True, "response_format": {"type": "json_object"}},
]


async def answered(spec: ReplySpec, request: dict[str, Any]) -> list[Message]:
    asked = call(**request)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asked.send = send
    codec: Any = ChatCodec()
    variables = TemplateVariables(RequestView(asked), {}, 0, "rule")
    reply = await Answering(spec, variables, echoing, lambda: "s.yaml:1").answer()
    await Sender(asked, codec, []).send(reply)
    return sent


def loads(given: dict[str, Any]) -> ReplySpec | None:
    try:
        return ReplySpec.model_validate(given)
    except ValidationError:
        return None


@pytest.mark.parametrize("key", sorted({*ReplySpec.keys()} - {"pace", "fault", "faults"}))
async def test_a_reply_that_loads_is_answered(key: str) -> None:
    specs = [loads({**beside, key: value}) for value in VALUES for beside in ({}, {"text": "a"}) if key not in beside]
    for spec in filter(None, specs):
        for request in REQUESTS:
            try:
                sent = await answered(spec, request)
            except APIError as error:
                assert key == "error" or error.type == "script_error", (spec, request)  # noqa: PT017 - one of two ends
            else:
                assert sent[-1]["more_body"] is False
