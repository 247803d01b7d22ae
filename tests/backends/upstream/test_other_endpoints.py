"""Under an upstream every path is relayed, recorded and replayed, not chat completions alone."""

import asyncio
from pathlib import Path
from typing import Any, Final

import openai
import orjson
import pytest
from openai import AzureOpenAI, OpenAI

from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import ask, chat, control, post
from upstreams import JSON, STREAM, Behaviour, Responder, answering, counting, recording, relaying, upstream

KEY: Final = {"Authorization": "Bearer sk-test"}
MODELS: Final = {"object": "list", "data": [{"id": "theirs", "object": "model", "created": 1, "owned_by": "them"}]}
EMBEDDED: Final[dict[str, Any]] = {
    "object": "list",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}],
    "model": "e",
    "usage": {"prompt_tokens": 1, "total_tokens": 1},
}
RESPONSE: Final[dict[str, Any]] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "model": "m",
    "output": [],
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
}
FILE: Final = {
    "id": "file-1",
    "object": "file",
    "bytes": 3,
    "created_at": 1,
    "filename": "a.jsonl",
    "purpose": "batch",
    "status": "processed",
}
EVENTS: Final = b"".join(
    b"event: %b\ndata: %b\n\n" % (kind.encode(), orjson.dumps({"type": kind, **event}))
    for kind, event in (
        ("response.output_text.delta", {"item_id": "i", "output_index": 0, "content_index": 0, "delta": "Hi"}),
        ("response.completed", {"response": RESPONSE}),
    )
)
ANSWERS: Final[dict[tuple[str, str], Any]] = {
    ("GET", "/v1/models"): MODELS,
    ("GET", "/v1/models/theirs"): MODELS["data"][0],
    ("POST", "/v1/embeddings"): EMBEDDED,
    ("POST", "/v1/moderations"): {"id": "modr-1", "model": "m", "results": []},
    ("POST", "/v1/responses"): RESPONSE,
    ("POST", "/v1/files"): FILE,
    ("GET", "/v1/files"): {"object": "list", "data": [FILE], "has_more": False},
    ("DELETE", "/v1/files/file-1"): {"id": "file-1", "object": "file", "deleted": True},
}


async def api(answer: Responder) -> None:
    """Answer as an API with several endpoints."""
    asked = answer.request
    if asked.path == "/v1/responses" and asked.json.get("stream"):
        await answer.stream([EVENTS], STREAM)
    elif asked.path == "/v1/files/file-1/content":
        await answer.whole(200, [(b"content-type", b"application/octet-stream")], b"\xff\x00\n")
    elif asked.path == "/v1/audio/speech":
        await answer.whole(200, [(b"content-type", b"audio/mpeg")], b"ID3\xff")
    else:
        await answer.whole(200, JSON, orjson.dumps(ANSWERS[asked.method, asked.path]))


def everything(served: RunningServer, key: str) -> list[Any]:
    """Use many endpoints through the official client, and return what it got."""
    with OpenAI(base_url=served.base_url, api_key=key, max_retries=0) as client:
        return [
            client.models.list().data[0].id,
            client.models.retrieve("theirs").owned_by,
            client.embeddings.create(model="e", input="Hello").data[0].embedding,
            client.moderations.create(input="Hello").id,
            client.responses.create(model="m", input="Hello").id,
            [event.type for event in client.responses.create(model="m", input="Hello", stream=True)],
            client.files.create(file=("a.jsonl", b"{}\n"), purpose="batch").id,
            client.files.list(purpose="batch").data[0].id,
            client.files.content("file-1").content,
            client.files.delete("file-1").deleted,
            client.audio.speech.create(model="s", voice="alloy", input="Hi").content,
        ]


EXPECTED: Final[list[Any]] = [
    *("theirs", "them", [0.5, 0.25], "modr-1", "resp_1"),
    ["response.output_text.delta", "response.completed"],
    *("file-1", "file-1", b"\xff\x00\n", True, b"ID3\xff"),
]


def test_every_path_is_relayed_in_passthrough() -> None:
    with upstream(api) as above, relaying(above) as served:
        assert everything(served, "sk-mine") == EXPECTED
    assert {asked.header("authorization") for asked in above.received} == {"Bearer sk-mine"}
    assert above.received[7].query == b"purpose=batch"


def test_every_path_is_recorded_and_replayed_for_any_key(serve: Serve, tmp_path: Path) -> None:
    with recording(tmp_path, api) as (above, served):
        assert everything(served, "sk-one") == everything(served, "sk-two") == EXPECTED
        assert len(above.received) == len(EXPECTED)
    with serve(recordings=tmp_path) as served:
        assert everything(served, "sk-three") == EXPECTED


def test_recordings_of_other_endpoints_are_scripts(serve: Serve, tmp_path: Path) -> None:
    with recording(tmp_path, api) as (_, served):
        everything(served, "sk-one")
    with serve(scripts=(tmp_path,)) as served:
        assert everything(served, "sk-two") == EXPECTED


def test_polling_another_endpoint_replays_its_answers_in_order(serve: Serve, tmp_path: Path) -> None:
    def poll(served: RunningServer) -> list[bytes]:
        return [ask(served.origin, "GET", "/v1/batches/b", headers=KEY).body for _ in range(3)]

    with recording(tmp_path, counting()) as (_, served):
        assert poll(served) == [b'{"n": 1}', b'{"n": 2}', b'{"n": 3}']
    with serve(recordings=tmp_path) as served:
        assert poll(served) == [b'{"n": 1}', b'{"n": 2}', b'{"n": 3}']


def test_replay_without_a_recording_is_answered_by_the_double(serve: Serve, tmp_path: Path) -> None:
    with serve(recordings=tmp_path) as served, OpenAI(base_url=served.base_url, api_key="sk-a") as client:
        assert "gpt-4o" in {model.id for model in client.models.list()}
        with pytest.raises(openai.NotFoundError) as caught:
            client.images.generate(model="dall-e-3", prompt="A cat")
    assert caught.value.code == "endpoint_not_doubled"


def test_replay_without_a_recording_of_an_embedding_is_a_miss_as_for_chat(serve: Serve, tmp_path: Path) -> None:
    with (
        serve(recordings=tmp_path) as served,
        OpenAI(base_url=served.base_url, api_key="sk-a") as client,
        pytest.raises(openai.NotFoundError) as caught,
    ):
        client.embeddings.create(model="e", input="Hello")
    assert caught.value.code == "no_rule_matched"


def test_an_answer_about_the_key_is_not_kept_anywhere(tmp_path: Path) -> None:
    with recording(tmp_path, answering(401, JSON, b'{"error": {}}')) as (above, served):
        assert ask(served.origin, "GET", "/v1/models", headers=KEY).status == 401
        above.behaviour = api
        assert ask(served.origin, "GET", "/v1/models", headers=KEY).status == 200


@pytest.mark.parametrize("backend", ["upstream", "script"])
def test_scripts_relay_other_endpoints_too(serve: Serve, tmp_path: Path, backend: str) -> None:
    (tmp_path / "s.yaml").write_text("- {when: {endpoint: POST /embeddings}, reply: {body: {json: {mine: true}}}}")
    scripts = {"scripts": (tmp_path,)} if backend == "script" else {}
    with upstream(api) as above, serve(upstream=above.base_url, mode="passthrough", **scripts) as served:
        assert orjson.loads(ask(served.origin, "GET", "/v1/models", headers=KEY).body) == MODELS
        embedded = post(served.origin, {"model": "e", "input": "x"}, path="/v1/embeddings")
    assert orjson.loads(embedded.body) == ({"mine": True} if backend == "script" else EMBEDDED)


def test_a_sessions_mode_applies(tmp_path: Path) -> None:
    with recording(tmp_path, counting(), "replay", allow_mode_header=True) as (above, served):
        control(served, "sk-test", "PUT", "mode", "passthrough")
        assert ask(served.origin, "GET", "/v1/anything", headers=KEY).body == b'{"n": 1}'
        assert ask(served.origin, "GET", "/v1/anything", headers={"Authorization": "Bearer sk-b"}).status == 404
        one = {"Authorization": "Bearer sk-c", "X-Double-Mode": "passthrough"}
        assert ask(served.origin, "GET", "/v1/anything", headers=one).body == b'{"n": 2}'
    assert len(above.received) == 2


@pytest.mark.parametrize(
    ("path", "relayed"),
    [
        ("/v1/files/a%2Fb?x=%20", "/v1/files/a/b"),
        ("/any/prefix/v1/embeddings", "/v1/embeddings"),
        ("/embeddings", "/v1/embeddings"),
        ("/v1/chat/completions/chatcmpl-1", "/v1/chat/completions/chatcmpl-1"),
        ("/openai/v1/responses", "/v1/responses"),
    ],
)
def test_paths_are_relayed_below_the_upstreams_base_url(path: str, relayed: str) -> None:
    with upstream(counting()) as above, relaying(above) as served:
        assert ask(served.origin, "PUT", path, b"x", KEY).body == b'{"n": 1}'
    (asked,) = above.received
    assert (asked.method, asked.path, asked.body) == ("PUT", relayed, b"x")


def test_azures_paths_are_relayed() -> None:
    with upstream(counting()) as above, relaying(above, upstream=f"{above.origin}/openai") as served:
        client = AzureOpenAI(azure_endpoint=served.origin, api_key="k", api_version="2024-10-21", max_retries=0)
        client.with_raw_response.embeddings.create(model="my embedder", input="x")
        client.with_raw_response.files.list()
    assert [(asked.path, asked.query) for asked in above.received] == [
        ("/openai/deployments/my embedder/embeddings", b"api-version=2024-10-21"),
        ("/openai/files", b"api-version=2024-10-21"),
    ]


def test_what_is_the_doubles_own_is_not_relayed() -> None:
    with upstream(counting()) as above, relaying(above) as served:
        for path in ("/health", "/metrics", "/openapi.json", "/_double/requests"):
            assert ask(served.origin, "GET", path, headers=KEY).status == 200
    assert above.received == []


def test_a_head_request_is_relayed_without_a_body() -> None:
    with upstream(answering(200, JSON, b"")) as above, relaying(above) as served:
        answer = ask(served.origin, "HEAD", "/v1/models", headers=KEY)
        assert (answer.status, answer.body) == (200, b"")
        assert chat(served.origin).status == 200
    assert [asked.method for asked in above.received] == ["HEAD", "POST"]


def test_the_journal_has_relayed_requests(tmp_path: Path) -> None:
    with recording(tmp_path, api) as (_, served):
        ask(served.origin, "POST", "/v1/embeddings", b'{"model": "e", "input": "x"}', KEY)
        ask(served.origin, "GET", "/health")  # what came before it has been written down
        (entry,) = asyncio.run(served.app.journal.entries("sk-test"))
    assert (entry["path"], entry["status"], entry.get("mode")) == ("/v1/embeddings", 200, "record")
    assert entry["request"] == {"model": "e", "input": "x"}
    assert "post-embeddings-e-" in entry.get("recorded", "")


def test_secrets_of_other_endpoints_are_redacted(tmp_path: Path) -> None:
    secret = "sk-abcDEF0123456789abcDEF0123456789"

    async def tell(answer: Responder) -> None:
        halves = (secret[:9], secret[9:])
        events = [{"type": "response.output_text.delta", "item_id": "i", "delta": half} for half in halves]
        await answer.stream([b"data: %b\n\n" % orjson.dumps(event) for event in events])

    behaviour: Behaviour = tell
    with recording(tmp_path, behaviour) as (_, served):
        ask(served.origin, "POST", f"/v1/responses?hint={secret}", b'{"input": "x", "stream": true}', KEY)
    (path,) = tmp_path.glob("*.yaml")
    assert secret[9:] not in path.read_text()
    assert "[secret]" in path.read_text()


def test_values_of_a_query_that_are_secret_by_their_names_are_redacted(tmp_path: Path) -> None:
    query = "api_key=my-word-of-mine&access-token=another%2Dword&page_token=second-page"
    with recording(tmp_path, counting()) as (_, served):
        ask(served.origin, "GET", f"/v1/files?{query}", headers=KEY)
    (path,) = tmp_path.glob("*.yaml")
    assert "word" not in path.name + path.read_text()
    assert "second-page" in path.read_text()
