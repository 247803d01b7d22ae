"""Bounds of what the server keeps: bodies, the journal and sessions."""

import gc
import json
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from chatdouble.core.releasing import release
from chatdouble.server.conversations import Conversations
from chatdouble.server.read_entries import Tail, entries_of, newest_of
from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import ask, chat, control
from steps import counted_turns, written_steps
from threads import by_pool

EMPTY: dict[str, Any] = {}


@pytest.mark.parametrize("path", ["/_double/queue", "/_double/reset", "/v1/chat/completions", "/v1/models", "/v1/none"])
@pytest.mark.parametrize("announced", [True, False])
def test_no_route_reads_more_than_a_body_may_have(serve: Serve, path: str, announced: bool) -> None:
    headers = {"Authorization": "Bearer sk-a", "Content-Type": "application/json"}
    whole = json.dumps("a" * 2000).encode()
    body: Any = whole if announced else iter([whole[:900], whole[900:]])
    with serve(max_body=1000) as served:
        refused = ask(served.origin, "POST", path, body, headers)
        read = {"/v1/models", "/v1/none"}  # refused before the body, whatever its size
        assert refused.status == (413 if path not in read else refused.status)
        assert refused.status in ({404, 405} if path in read else {413})


def large(served: RunningServer, key: str, size: int) -> None:
    """Request a completion with a body of some size."""
    chat(served.origin, key, messages=[{"role": "user", "content": "a" * size}], max_tokens=1)


def test_the_journal_of_a_session_is_bounded_in_bytes(serve: Serve) -> None:
    with serve(journal_bytes=20_000) as served:
        for _ in range(5):
            large(served, "sk-a", 7000)
        assert len(control(served, "sk-a", "GET", "requests")["data"]) == 2
        assert 'chatdouble_dropped_total{what="entries"} 3.0' in ask(served.origin, "GET", "/metrics").body.decode()


def test_a_body_larger_than_the_journal_is_left_out_of_it(serve: Serve) -> None:
    with serve(journal_bytes=20_000) as served:
        large(served, "sk-a", 30_000)
        (entry,) = control(served, "sk-a", "GET", "requests")["data"]
        assert entry["request"].startswith("[30")
        assert entry["request"].endswith(" bytes, more than --journal-bytes]")
        assert entry["status"] == 200


def test_the_journals_of_all_sessions_are_bounded_together(serve: Serve) -> None:
    with serve(journal_bytes_in_all=30_000) as served:
        for number in range(6):
            large(served, f"sk-{number}", 7000)
        kept = [len(control(served, f"sk-{number}", "GET", "requests")["data"]) for number in range(6)]
        assert kept == [0, 0, 0, 1, 1, 1]


def test_stored_completions_are_bounded_and_the_one_used_longest_ago_goes(serve: Serve) -> None:
    with serve(stored_bytes=20_000) as served, OpenAI(base_url=served.base_url, api_key="sk-a") as client:
        stored = [_stored(client, 7000) for _ in range(2)]
        client.chat.completions.retrieve(stored[0])
        stored.append(_stored(client, 7000))
        assert [one.id for one in client.chat.completions.list()] == [stored[0], stored[2]]
        with pytest.raises(NotFoundError):
            client.chat.completions.retrieve(stored[1])
        assert 'chatdouble_dropped_total{what="stored"} 1.0' in ask(served.origin, "GET", "/metrics").body.decode()


def test_a_response_larger_than_the_bound_is_there_until_the_next_one(serve: Serve) -> None:
    with serve(stored_bytes=20_000) as served, OpenAI(base_url=served.base_url, api_key="sk-a") as client:
        large = client.responses.create(model="gpt-4o", input="a " * 15_000)
        assert client.responses.retrieve(large.id) == large
        assert [item.id[:4] for item in client.responses.input_items.list(large.id)] == ["msg_"]
        referring: Any = [{"type": "item_reference", "id": large.output[0].id}, {"role": "user", "content": "And?"}]
        following = client.responses.create(model="gpt-4o", input=referring)
        with pytest.raises(NotFoundError):
            client.responses.retrieve(large.id)
        assert client.responses.retrieve(following.id) == following
        assert client.responses.create(model="gpt-4o", input=referring).output_text == "And?"  # the second one has it
        assert 'chatdouble_dropped_total{what="stored"} 2.0' in ask(served.origin, "GET", "/metrics").body.decode()


def _stored(client: OpenAI, size: int) -> str:
    """Store a completion of a prompt of some size; return its id."""
    messages: Any = [{"role": "user", "content": "a" * size}]
    return client.chat.completions.create(model="gpt-4o", messages=messages, store=True, max_tokens=1).id


def test_a_verdict_on_large_requests_that_are_the_same_is_made_in_steps(
    serve: Serve, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve() as served:  # one that nobody listens to: events are written whole
        for _ in range(2):
            large(served, key, 1_000_000)
        steps = written_steps(monkeypatch)
        assert "problems" in control(served, key, "GET", "verdict")
    assert max(steps) < 600_000


def test_each_large_entry_grows_old_as_soon_as_it_is_read(
    serve: Serve, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected: list[int] = []
    monkeypatch.setattr("chatdouble.server.read_entries.gc.collect", collected.append)
    with serve() as served:
        large(served, key, 100)
        assert len(control(served, key, "GET", "requests")["data"]) == 1
        assert collected == []
        for _ in range(2):
            large(served, key, 5_000_000)
        assert len(control(served, key, "GET", "requests")["data"]) == 3
        assert collected == [1, 1]


@pytest.mark.parametrize(
    "path", ["sessions", "requests?session=*", "requests/summaries?session=*&newest=5", "verdict?session=*"]
)
def test_others_get_their_turns_while_very_many_sessions_are_read(
    serve: Serve, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(control_key="sk-control") as served:
        for number in range(200):
            chat(served.origin, f"sk-{number}", max_tokens=1)
        turns = counted_turns(monkeypatch)
        control(served, "sk-control", "GET", path)
    assert len(turns) >= 6


def test_the_newest_entries_of_very_many_sessions_make_few_new_objects_at_once() -> None:
    young: list[int] = []

    class Counted(Conversations):
        def place(self, *_: Any, **__: Any) -> None:
            young.append(len(gc.get_objects(generation=0)))

    entry = {"id": "req_1", "at": 1.0, "milliseconds": 1.0}
    tails = [*(Tail([], [], Conversations()) for _ in range(20_000)), Tail([entry], [], Counted())]
    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(2_000, 10, 10)
    try:
        assert newest_of(tails, 10, are_all=True) == [entry]
    finally:
        gc.set_threshold(*before)
    assert max(young) < 10_000


def test_what_finds_requests_with_a_problem_frees_them_in_steps(
    server: RunningServer, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        chat(server.origin, key, max_tokens=1)
    freed = by_pool(monkeypatch, "chatdouble.verdict.suite.release")
    assert control(server, key, "GET", "requests?problem=*")["data"]
    assert freed == [True, True]


@pytest.mark.parametrize("path", ["requests?limit=1", "requests/summaries?status=200", "verdict"])
def test_long_journals_are_read_one_after_the_other_as_each_takes_memory(
    server: RunningServer, key: str, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    for _ in range(2):
        large(server, key, 1_000_000)
    held: list[int] = [0]

    def reading(*given: Any, **more: Any) -> Any:
        held.append(held[-1] + 1)
        sleep(0.05)  # in which another one would begin
        return entries_of(*given, **more)

    def freeing(values: list[Any]) -> None:
        held.append(held[-1] - 1)
        release(values)

    monkeypatch.setattr("chatdouble.server.journal.entries_of", reading)
    monkeypatch.setattr("chatdouble.server.control.requests.release", freeing)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(control, server, key, "GET", path) for _ in range(4)]
    assert all("error" not in one.result() for one in asked)
    assert held.count(1) >= 4
    assert max(held) == 1


@pytest.mark.parametrize("path", ["requests?limit=1", "requests/export?format=jsonl", "requests/export?format=har"])
def test_what_was_read_of_a_journal_is_freed_in_steps(
    server: RunningServer, key: str, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    emptied: list[int] = []

    def empty(value: list[Any] | dict[str, Any]) -> None:
        emptied.append(len(value))

    for _ in range(2):
        chat(server.origin, key, extra=[1.5] * 30_000)
    monkeypatch.setattr("chatdouble.core.releasing._empty", empty)
    ask(server.origin, "GET", f"/_double/{path}", headers={"Authorization": f"Bearer {key}"})
    assert emptied.count(30_000) == 2


def test_sessions_are_bounded_and_the_one_idle_longest_goes(serve: Serve) -> None:
    with serve(max_sessions=3) as served:
        for key in ("sk-a", "sk-b", "sk-c", "sk-a", "sk-d"):
            chat(served.origin, key)
        kept = {key: len(control(served, key, "GET", "requests")["data"]) for key in ("sk-a", "sk-b", "sk-c", "sk-d")}
        assert kept == {"sk-a": 2, "sk-b": 0, "sk-c": 1, "sk-d": 1}
        assert 'chatdouble_dropped_total{what="sessions"} 1.0' in ask(served.origin, "GET", "/metrics").body.decode()


def test_the_replies_in_a_queue_are_bounded_in_bytes(serve: Serve) -> None:
    with serve() as served:
        waiting = control(served, "sk-a", "POST", "queue", [{"text": "a" * 16_000_000}] * 3)
        refused = control(served, "sk-a", "POST", "queue", [{"text": "a" * 16_000_000}] * 2)
        assert waiting == {"waiting": 3}
        assert refused["error"]["message"] == "A queue holds at most 64 MiB of replies."
        assert control(served, "sk-a", "POST", "queue", "one more") == {"waiting": 4}


def test_an_object_with_very_many_keys_is_refused(server: RunningServer, key: str) -> None:
    refused = chat(server.origin, key, metadata={f"key {at}": "" for at in range(250_001)})
    assert refused.status == 400
    assert refused.error["message"] == "The body is too large: an object in it may have up to 250,000 keys."


def test_a_control_body_with_very_many_values_is_refused(server: RunningServer, key: str) -> None:
    refused = control(server, key, "POST", "queue", {"json": [1] * 200_002})
    assert refused["error"]["code"] == "body_too_large"


def test_the_first_mistakes_of_a_large_control_body_are_told(server: RunningServer, key: str) -> None:
    many = {f"unknown_{at}": 1 for at in range(50_000)}
    refused = control(server, key, "POST", "queue", [{"text": "x"}, {"text": "x"} | many])["error"]["message"]
    assert refused.startswith("queue[1].unknown_0: unknown key; known keys: text")
    assert len(refused.splitlines()) <= 100
    policy = control(server, key, "PUT", "verdict/policy", {"off": ["none"] * 50_000})["error"]["message"]
    assert policy == "policy.off[0]: 'none' is not a kind of problem"


def test_more_turns_than_a_session_may_have_are_refused_at_once(server: RunningServer, key: str) -> None:
    refused = control(server, key, "POST", "script", {"turns": [EMPTY] * 50_000})["error"]
    assert refused["code"] == "too_many_turns"


@pytest.mark.parametrize("mode", ["strict", "lenient", "off"])
def test_answers_that_would_be_too_long_are_refused(serve: Serve, client_of: Any, mode: str) -> None:
    with serve(validation=mode) as served, client_of(served) as client:
        with pytest.raises(BadRequestError, match=r"This request has 10001 inputs\. This server judges up to 10000"):
            client.moderations.create(input=["x"] * 10_001)
        expected = "array length must be 2048" if mode == "strict" else "This server makes up to 8000000"
        with pytest.raises(BadRequestError, match=expected):
            client.embeddings.create(model="text-embedding-3-small", input=["x"] * 6000)


def test_the_message_of_a_scripted_error_ends_where_all_do(serve: Serve) -> None:
    with serve() as served:
        fault = {"name": "error", "status": 500, "message": "m" * 300_000}
        assert control(served, "sk-long", "PUT", "faults", fault)["faults"] == fault
        refused = chat(served.origin, "sk-long")
    assert (refused.status, refused.error["message"]) == (500, f"{'m' * 16_384}...")
