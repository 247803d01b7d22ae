"""Requests read back: filters one by one, pages, and one request whole."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import openai
import pytest
from openai import OpenAI

from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from conftest import Serve
from raw import ask, chat, control
from threads import by_pool
from upstreams import JSON, answering, relaying, upstream

KEY: Final = "sk-asked"
RULES: Final = """
- name: weather
  when: {user: {contains: weather}}
  reply: Sunny.
- name: time
  when: {user: "What time is it?", model: "gpt-4.1*"}
  reply: Noon.
"""


def user(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Serve rules, and ask four requests: answered, unmatched, refused and of another endpoint."""
    script = tmp_path_factory.mktemp("rules") / "rules.yaml"
    script.write_text(RULES)
    with (
        running(Settings(scripts=(script,), clock="fixed:1750000000")) as served,
        OpenAI(base_url=served.base_url, api_key=KEY, max_retries=0) as client,
    ):
        client.chat.completions.create(model="gpt-4o", messages=user("The weather?"), metadata={"run": "7"}, store=True)
        with pytest.raises(openai.NotFoundError):
            client.chat.completions.create(model="gpt-4o-mini", messages=user("What time is it?"))
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(model="gpt-4.1", messages=user("Hello"), temperature=3)
        client.models.retrieve("gpt-4o")
        yield served


def found(server: RunningServer, key: str, **query: Any) -> list[int]:
    """Return the ordinals of the entries that a query selects."""
    page = control(server, key, "GET", f"requests?{urlencode(query)}")
    assert page["object"] == "list", page
    return [entry["ordinal"] for entry in page["data"]]


@pytest.mark.parametrize(
    ("query", "ordinals"),
    [
        ({}, [1, 2, 3, 4]),
        ({"status": 404}, [2]),
        ({"status": "4xx"}, [2, 3]),
        ({"status": "2xx"}, [1, 4]),
        ({"status": 0}, []),
        ({"model": "gpt-4o*"}, [1, 2]),
        ({"model": "gpt-4o"}, [1]),
        ({"rule": "weather"}, [1]),
        ({"rule": "*"}, [1]),
        ({"path": "/v1/models/*"}, [4]),
        ({"path": "/v1/chat/completions"}, [1, 2, 3]),
        ({"since": 1750000000}, [1, 2, 3, 4]),
        ({"since": "2025-06-15T15:06:40Z"}, [1, 2, 3, 4]),
        ({"since": "2025-06-15T15:06:41"}, []),
        ({"text": "THE WEATHER"}, [1]),
        ({"text": "sunny"}, [1]),
        ({"text": "messages"}, []),
        ({"problem": "unmatched_request"}, [2]),
        ({"problem": "refused"}, [3]),
        ({"problem": "unmatched*"}, [2]),
        ({"problem": "gate_timed_out"}, []),
        ({"when": '{"user": "The weather?"}'}, [1]),
        ({"when": '{"metadata": {"run": "7"}, "headers": {"x-stainless-lang": "python"}}'}, [1]),
        ({"when": '{"body": {"temperature": {"gt": 2}}}'}, [3]),
        ({"when": '{"not": {"user": {"contains": "weather"}}}'}, [2, 3]),
        ({"when": '{"endpoint": "GET /models/gpt-4o"}'}, [4]),
        ({"when": "{}"}, [1, 2, 3]),
        ({"status": "4xx", "model": "gpt-4.1"}, [3]),
    ],
)
def test_a_filter_selects(asked: RunningServer, query: dict[str, Any], ordinals: list[int]) -> None:
    assert found(asked, KEY, **query) == ordinals


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"status": "bad"}, "status: must be a status such as 400"),
        ({"since": "yesterday"}, "since: must be seconds since 1970"),
        ({"when": '{"usr": "x"}'}, "when.usr: unknown key; did you mean 'user'?"),
        ({"when": "{"}, "when: must be an object"),
        ({"when": '{"hits": 1}'}, "`hits` counts the answers of a rule"),
        ({"modle": "x"}, "did you mean 'model'?"),
        ({"limit": 0}, "limit"),
    ],
)
def test_a_filter_that_is_none_is_refused(server: RunningServer, key: str, query: dict[str, Any], said: str) -> None:
    answer = ask(
        server.origin, "GET", f"/_double/requests?{urlencode(query)}", headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status == 400
    assert said in answer.error["message"]


def test_pages_follow_each_other(server: RunningServer, key: str) -> None:
    for _ in range(5):
        chat(server.origin, key)
    ids = [entry["id"] for entry in control(server, key, "GET", "requests")["data"]]
    first = control(server, key, "GET", "requests?limit=2")
    assert ([one["id"] for one in first["data"]], first["count"], first["has_more"]) == (ids[:2], 5, True)
    last = control(server, key, "GET", f"requests?limit=3&after={ids[1]}")
    assert ([one["id"] for one in last["data"]], last["count"], last["has_more"]) == (ids[2:], 5, False)
    assert control(server, key, "GET", "requests?after=req_none")["error"]["code"] == "request_not_found"


def test_the_control_key_reads_every_session(serve: Serve) -> None:
    with serve(control_key="sk-control") as served:
        for own in ("sk-a", "sk-b"):
            chat(served.origin, own)
        assert found(served, "sk-control", session="*") == [1, 1]
        assert found(served, "sk-control", session="sk-b", model="gpt-4o") == [1]
        (entry,) = control(served, "sk-control", "GET", "requests?session=sk-b")["data"]
        one = control(served, "sk-control", "GET", f"requests/{entry['id']}?session=*")
        assert one["session"] == "sk-b"
        assert control(served, "sk-a", "GET", f"requests/{entry['id']}")["error"]["code"] == "request_not_found"


def test_one_request_whole_shows_why_other_rules_did_not_answer(asked: RunningServer) -> None:
    entries = control(asked, KEY, "GET", "requests")["data"]
    answered, unmatched, refused, other = [control(asked, KEY, "GET", f"requests/{one['id']}") for one in entries]
    assert answered["rule"] == "weather"
    assert [(miss["rule"], miss["condition"]) for miss in answered["near_misses"]] == [("time", "model")]
    assert [miss["rule"] for miss in unmatched["near_misses"]] == ["time", "weather"]
    assert unmatched["near_misses"] == entries[1]["near_misses"]
    assert "near_misses" not in refused
    assert other["near_misses"] == []
    assert answered["headers"]["authorization"] == "[secret]"
    assert [one["attempts"] for one in (answered, refused)] == [[], []]
    assert [one["verdict"] for one in (unmatched, other)] == [["unmatched_request"], []]
    assert "refused" in refused["verdict"]


def test_a_rule_that_matches_too_is_told_from_one_that_does_not(serve: Serve, key: str, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("- {name: first, reply: One.}\n- {name: second, reply: Two.}\n")
    with serve(scripts=(tmp_path,), log_level="error") as served:
        chat(served.origin, key)
        (entry,) = control(served, key, "GET", "requests")["data"]
        (miss,) = control(served, key, "GET", f"requests/{entry['id']}")["near_misses"]
        assert (miss["rule"], miss["condition"], miss["found"]) == ("second", "answer", "first")


def test_a_stream_and_a_paced_answer_have_the_times_of_their_chunks(
    server: RunningServer, client: OpenAI, key: str
) -> None:
    written = client.chat.completions.with_raw_response.create(
        model="gpt-4o", messages=user("one two three"), stream=True
    ).http_response.read()
    control(server, key, "PUT", "pace", {"ttft": 0.02, "tokens_per_second": 20})
    list(client.chat.completions.create(model="gpt-4o", messages=user("one two three"), stream=True))
    control(server, key, "PUT", "pace", {"ttft": 0.02})
    client.chat.completions.create(model="gpt-4o", messages=user("one two three"))
    entries = control(server, key, "GET", "requests")["data"]
    assert all("chunks" not in entry for entry in entries)
    at_once, paced, whole = [control(server, key, "GET", f"requests/{one['id']}")["chunks"] for one in entries]
    assert "".join(chunk["text"] for chunk in at_once).encode() == written
    assert len(at_once) == written.count(b"data: ") > len(paced)
    assert len({chunk["at"] for chunk in at_once}) == 1
    assert [len(chunk["text"].encode()) for chunk in at_once] == [chunk["bytes"] for chunk in at_once]
    times = [chunk["at"] for chunk in paced]
    # The event loop's timers count milliseconds, rounded to the nearest.
    assert (times == sorted(times), round(times[0], 3) >= 0.02, times[-1] >= 0.06, len(times) >= 3) == (True,) * 4
    assert all(chunk["bytes"] > 0 for chunk in paced)
    assert len(whole) == 1
    assert "".join(chunk["text"] for chunk in paced).endswith("data: [DONE]\n\n")
    assert [json.loads(chunk["text"])["object"] for chunk in whole] == ["chat.completion"]
    assert [len(chunk["text"].encode()) for chunk in paced] == [chunk["bytes"] for chunk in paced]


@pytest.mark.parametrize(
    ("said", "kept"),
    [("word " * 1_000, True), ("Nothing to see.", True), ("The key is sk-proj-Zx9Yw8Vu7Ts6Rq5Po4Nm3Lk2Jh1Gf0.", False)],
)
def test_the_texts_of_chunks_are_bounded_and_have_no_secrets(
    server: RunningServer, client: OpenAI, key: str, said: str, kept: bool
) -> None:
    control(server, key, "PUT", "pace", {"ttft": 0.001})
    control(server, key, "POST", "queue", said)
    list(client.chat.completions.create(model="gpt-4o", messages=user("Say it."), stream=True))
    (entry,) = control(server, key, "GET", "requests")["data"]
    texts = [chunk.get("text") for chunk in control(server, key, "GET", f"requests/{entry['id']}")["chunks"]]
    carried = "".join(filter(None, texts))
    assert bool(carried) is kept
    assert len(carried) <= 16 * 1024
    assert "Gf0" not in carried


def test_the_text_of_a_chunk_that_is_no_text_is_left_out(key: str) -> None:
    body = gzip.compress(b'{"choices": []}')
    with upstream(answering(200, [*JSON, (b"content-encoding", b"gzip")], body)) as above, relaying(above) as served:
        chat(served.origin, key)
        (entry,) = control(served, key, "GET", "requests")["data"]
        chunks = control(served, key, "GET", f"requests/{entry['id']}")["chunks"]
    assert [{**chunk, "at": 0} for chunk in chunks] == [{"at": 0, "bytes": len(body)}]


def test_the_attempts_of_a_client_are_linked(server: RunningServer, client: OpenAI, key: str) -> None:
    control(server, key, "POST", "queue", [{"error": {"status": 500}}, {"error": {"status": 503}}, "Fine.", "Again."])
    client.with_options(max_retries=2).chat.completions.create(model="gpt-4o", messages=user("Hello"))
    client.chat.completions.create(model="gpt-4o", messages=user("Hello"))
    entries = control(server, key, "GET", "requests")["data"]
    ids = [one["id"] for one in entries]
    found = [control(server, key, "GET", f"requests/{one}")["attempts"] for one in ids]
    assert found == [ids[:3], ids[:3], ids[:3], []]


def test_clearing_the_journal_leaves_everything_else(server: RunningServer, client: OpenAI, key: str) -> None:
    client.chat.completions.create(model="gpt-4o", messages=user("Hello"), store=True)
    control(server, key, "POST", "queue", "Still here.")
    assert control(server, key, "DELETE", "requests") == {"cleared": True}
    assert found(server, key) == []
    assert len(list(client.chat.completions.list())) == 1
    said = client.chat.completions.create(model="gpt-4o", messages=user("Hello"))
    assert said.choices[0].message.content == "Still here."
    assert found(server, key, path="/v1/chat/completions") == [2, 3]


def test_conditions_on_a_request_that_was_refused_for_its_shape_do_not_hold(server: RunningServer, key: str) -> None:
    for messages in (7, [7], [{"role": "user", "content": 7}], [{"role": "assistant", "tool_calls": [7]}], None):
        chat(server.origin, key, messages=messages, tools=3)
    for when in ({"user": "x"}, {"tools": ["f"]}, {"last": {"tool_calls": ["f"]}}, {"tool_result": "x"}):
        assert found(server, key, when=json.dumps(when)) == []
    assert found(server, key, status=400) == [1, 2, 3, 4, 5]


def test_half_a_surrogate_pair_can_be_read_back(server: RunningServer, key: str) -> None:
    chat(server.origin, key, user="\ud800")
    (entry,) = control(server, key, "GET", "requests")["data"]
    assert entry["request"]["user"] == "\ud800"


def test_the_newest_requests_are_told_in_short_without_the_others(serve: Serve) -> None:
    with serve() as served, OpenAI(base_url=served.base_url, api_key=KEY, max_retries=0) as client:
        for text in ("one", "two", "my key is sk-other-0123456789abcdef"):
            client.chat.completions.create(model="gpt-4o", messages=user(text))
        client.chat.completions.create(
            model="gpt-4o", messages=user("elsewhere"), extra_headers={"Authorization": "Bearer sk-b"}
        )
        every = control(served, KEY, "GET", "requests/summaries")
        newest = control(served, KEY, "GET", "requests/summaries?newest=2")
        assert (every["kept"], newest["kept"]) == (3, 3)
        assert newest["data"] == every["data"][1:]
        assert newest["data"][1]["title"] == "user: my key is [secret]"
        assert control(served, KEY, "GET", "requests/summaries?newest=3") == every
        selected = control(served, KEY, "GET", "requests/summaries?newest=1&text=o")
        assert ([row["title"] for row in selected["data"]], selected["kept"]) == (["user: my key is [secret]"], 3)


def test_the_newest_requests_of_all_sessions_keep_the_conversations_that_were_read(serve: Serve) -> None:
    with serve(control_key="sk-control") as served:
        asked = user("Hello")
        for _ in range(3):
            answer = json.loads(chat(served.origin, KEY, messages=asked).body)["choices"][0]["message"]["content"]
            asked += [{"role": "assistant", "content": answer}, *user("More")]
        control(served, KEY, "GET", "requests")
        chat(served.origin, KEY, messages=asked)
        chat(served.origin, "sk-b")
        page = control(served, "sk-control", "GET", "requests/summaries?session=*&newest=3")
        told = [(row["session"], row["ordinal"], row["conversation"]) for row in page["data"]]
        assert told == [(KEY, 3, "conv-1"), (KEY, 4, "conv-1"), ("sk-b", 1, "conv-1")]
        assert page["kept"] == 5


def test_what_is_read_of_journals_is_freed_by_another_thread(
    monkeypatch: pytest.MonkeyPatch, server: RunningServer, key: str
) -> None:
    chat(server.origin, key)
    freed = by_pool(monkeypatch, "chatdouble.server.control.requests.release")
    (entry,) = control(server, key, "GET", "requests")["data"]
    control(server, key, "GET", f"requests/{entry['id']}")
    control(server, key, "GET", "requests/summaries")
    control(server, key, "POST", "requests/wait", {"timeout": 0})
    assert len(freed) == 5
    assert all(freed)
