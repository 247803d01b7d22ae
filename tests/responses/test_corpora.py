"""Recorded requests are answered, and recorded refusals are refused in the same words."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from chatdouble.core.sse import read_frames
from chatdouble.testing.server import RunningServer
from conftest import Serve
from corpora import REFERENCE, full_corpora
from raw import ask

KEY: Final = "sk-right"

NOT_THE_REQUEST: Final = {
    **dict.fromkeys((39, 41, 42, 43, 52, 53), "the API failed"),
    **dict.fromkeys((47, 48, 49, 50), "a download failed"),
    144: "the organization retains no data",
    173: "the organization is not verified",
}
"""Recorded errors that do not follow from the request."""

OLDER: Final = {
    **dict.fromkeys((58, 59, 163), "the list of values was shorter"),
    143: "the same message behind its codes, by way of a proxy",
    177: "`stream_options` did not exist",
}
"""Recorded errors whose words have changed since."""

HELLO: Final = {"role": "user", "content": "hi"}
DESCRIBED: Final[dict[int, dict[str, Any]]] = {
    145: {
        "store": False,
        "input": [
            {"type": "reasoning", "id": "rs_04962823ecde01b901698e138042688193a657e07614b238c3", "summary": []},
            {"role": "assistant", "content": "x"},
        ],
    },
    148: {"input": [{"type": "function_call_output", "call_id": "call_uelfkqtHfJDC4Btqeoozq82e", "output": "x"}]},
    160: {"input": [HELLO, HELLO, {"type": "reasoning", "id": "rs_x"}]},
    161: {"input": [HELLO, {"type": "reasoning", "id": "rs_x", "summary": [{"text": "t"}]}]},
    164: {
        "input": [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "x"},
                    {"type": "input_image", "image_url": {"url": "https://a.example"}},
                ],
            }
        ]
    },
}
"""Requests of which the row has a part, with what its message tells of the rest."""

UNSTORED: Final = ("previous_response_id", "conversation")
"""The fields of requests that refer to what only the recorded account has."""


@pytest.fixture(scope="module")
def served() -> Iterator[RunningServer]:
    """Return a server with known models, at the time of the newest recordings."""
    from chatdouble.settings import Settings  # noqa: PLC0415 - where the recordings are
    from chatdouble.testing.server import running  # noqa: PLC0415

    settings = {"models": "strict", "clock": "fixed:2026-09-01T00:00:00Z", "api_keys": [KEY]}
    with running(Settings.model_validate(settings)) as one:
        yield one


def rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of a file of the reference."""
    return [json.loads(line) for line in (REFERENCE / name).read_text("utf-8").splitlines()]


def post(served: RunningServer, body: Any, key: str = KEY) -> tuple[int, dict[str, Any]]:
    """Return the status of an answer, and its error if it is one."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    answer = ask(served.origin, "POST", "/v1/responses", json.dumps(body).encode(), headers)
    return answer.status, json.loads(answer.body)["error"] if answer.status != 200 else {}


@full_corpora
def test_every_recorded_request_is_answered_unless_it_continues_what_is_not_stored(serve: Serve) -> None:
    requests = [
        row["request_body"]
        for row in rows("responses-exchanges.jsonl")
        if row["path"] == "/v1/responses" and row["status"] == 200 and row["request_body"]
    ]
    with serve() as served:
        for body in requests:
            status, error = post(served, body)
            if any(body.get(name) for name in UNSTORED):
                assert error["message"].endswith("not found.")
            else:
                assert (status, error) == (200, {})
    assert len(requests) == 291


def filled(trigger: Any) -> dict[str, Any]:
    """Return a request with the texts that its row describes, and with a model and an input."""
    body = {**trigger["base"], **trigger["change"]} if "base" in trigger else trigger
    if body.keys() != {"model"}:
        body = {"input": "hi", **body}
    text = json.dumps({"model": "gpt-4o", **body})
    function = {"type": "function", "name": "f"}
    extra = {"type": "message", "role": "assistant", "content": "x", "zzz": 1}
    for described, meant in (
        ("<17 pairs>", {f"key{number}": "value" for number in range(17)}),
        ("<f>", function),
        ("<assistant output item with extra key zzz>", extra),
    ):
        text = text.replace(json.dumps(described), json.dumps(meant))
    found: dict[str, Any] = json.loads(
        text.replace("<MASSIVE_TEXT>", "word " * 150_000).replace("<72 chars>", "x" * 72)
    )
    return found


def refused(served: RunningServer, number: int, row: dict[str, Any]) -> bool:
    """Return whether the double gives a recorded error, as far as its row tells it."""
    wrong_key = row["error"]["message"].partition(": ")[2].partition(". ")[0]
    request = filled(DESCRIBED.get(number, row["trigger"]))
    status, error = post(served, request, wrong_key if row["status"] == 401 else KEY)
    unseen = {*row.get("not_seen", ())}
    told = {name: value for name, value in row["error"].items() if name not in {"message", *unseen}}
    words = str(error.get("message"))
    same_words = (
        words.startswith(row["error"]["message"].rstrip("\N{HORIZONTAL ELLIPSIS}"))
        if unseen
        else (words == row["error"]["message"])
    )
    return status == (row["status"] or status) and same_words and told.items() <= error.items()


@full_corpora
def test_every_recorded_refusal_comes_out_word_for_word_but_those_listed(served: RunningServer) -> None:
    known: dict[int, dict[str, Any]] = {}
    for number, row in enumerate(rows("responses-errors.jsonl")):
        place: str = row.get("path") or row["endpoint"].split()[-1]
        if place.endswith("/responses") and isinstance(row["trigger"], dict) and row.get("error"):
            known[number] = row
    others = {number for number, row in known.items() if not refused(served, number, row)}
    assert others == {*NOT_THE_REQUEST, *OLDER}
    assert len(known) == 128


REPEATED: Final = (
    *("background", "frequency_penalty", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "model"),
    *("moderation", "parallel_tool_calls", "presence_penalty", "prompt_cache_key", "prompt_cache_retention"),
    *("reasoning", "safety_identifier", "service_tier", "store", "temperature", "text", "tool_choice", "tools"),
    *("top_logprobs", "top_p", "truncation", "user"),
)
"""The fields of a response that repeat its request or its defaults."""

NOT_STORED: Final = 58
"""The row of an organization that retains no data, so that its responses say `store: false`."""


def answered(row: dict[str, Any]) -> dict[str, Any]:
    """Return the response of a recorded exchange; a stream has it in its last event."""
    if row.get("response_body"):
        body: dict[str, Any] = row["response_body"]
        return body
    last: dict[str, Any] = json.loads(read_frames(row["response_sse"].encode())[-1].data or b"{}")
    response: dict[str, Any] = last["response"]
    return response


@full_corpora
def test_every_response_of_the_newest_recordings_repeats_its_request_as_ours_does(served: RunningServer) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
    compared = 0
    for number, row in enumerate(rows("responses-exchanges.jsonl")):
        body = row["request_body"]
        if not body or row["path"] != "/v1/responses" or (row["recorded"] or "") < "2026-07":
            continue
        if any(map(body.get, UNSTORED)):
            continue
        asked = json.dumps({**body, "stream": False}).encode()
        ours = json.loads(ask(served.origin, "POST", "/v1/responses", asked, headers).body)
        recorded = answered(row)
        for name in REPEATED:
            if (number, name) != (NOT_STORED, "store"):
                assert json.dumps(ours[name]) == json.dumps(recorded[name]), (number, name)
        compared += 1
    assert compared == 52
