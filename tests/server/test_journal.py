"""The journal: what an entry has, how many are kept, and that no secret gets out."""

import json

from calls import call, services
from chatdouble.backend import Call
from chatdouble.backend.notes import Writes
from chatdouble.core.clock import fixed
from chatdouble.core.head import RequestHeaders, request_path
from chatdouble.server.journal import Journal
from chatdouble.state.memory_store import MemoryStore
from chatdouble.state.sessions import Sessions
from chatdouble.streaming.slow_frames import frames_of
from completions import said

KEY = "sk-proj-" + "Ab1" * 16
PATH = "/v1/chat/completions"
AUTHORIZATION = (b"authorization", f"Bearer {KEY}".encode())


class SharedStore(MemoryStore):
    """A store that others see, too."""

    private = False


def asked_in(sessions: Sessions, **headers: str) -> Call:
    """Return a call whose texts repeat the key that it was asked with, and a cookie's value."""
    given = RequestHeaders(
        [(name.encode(), value.encode("latin-1")) for name, value in headers.items()] + [AUTHORIZATION]
    )
    asked: Call = Call("POST", PATH, request_path(PATH), given, services())
    asked.session = sessions.named("mine")
    text = f"Is {KEY} my key, and crumbs-of-mine my cookie?"
    asked.raw = json.dumps({"messages": [{"role": "user", "content": text}]}).encode()
    asked.answer = {"choices": [{"message": {"content": f"Yes, {KEY} is."}}]}
    asked.notes.rule = "keys"
    return asked


async def test_an_entry_says_what_was_asked_and_answered() -> None:
    sessions = Sessions(MemoryStore())
    journal = Journal(sessions, fixed(1000), 10)
    await journal.record(asked_in(sessions))
    (entry,) = await journal.entries("mine")
    assert entry["session"] == "mine"
    assert entry["request"]["messages"][0]["role"] == "user"
    assert entry.get("rule") == "keys"
    assert entry["at"] == 1000


async def test_an_entry_has_the_request_s_headers_as_sent_but_for_secrets() -> None:
    sessions = Sessions(MemoryStore())
    journal = Journal(sessions, fixed(1000), 10)
    await journal.record(asked_in(sessions, **{"x-trace": f"one: {KEY}", "x-name": "caf\u00e9: two", "x-none": ""}))
    (entry,) = await journal.entries("mine")
    assert entry["headers"] == {
        "x-trace": "one: [secret]",
        "x-name": "caf\u00e9: two",
        "x-none": "",
        "authorization": "[secret]",
    }


async def test_a_call_is_in_flight_until_it_is_recorded() -> None:
    sessions = Sessions(MemoryStore())
    journal = Journal(sessions, fixed(1000), 10)
    asked = asked_in(sessions)
    asked.status, asked.ended = 200, "completed"
    journal.begin(asked)
    (entry,) = await journal.entries("mine")
    assert (entry["status"], entry["ended"], entry["response"]) == (0, "in flight", None)
    assert entry["request"]["messages"][0]["role"] == "user"
    assert await journal.entries("another") == []
    await journal.record(asked)
    (entry,) = await journal.entries("mine")
    assert (entry["status"], entry["ended"]) == (200, "completed")


async def test_secrets_are_out_of_what_is_read() -> None:
    sessions = Sessions(MemoryStore())
    journal = Journal(sessions, fixed(1000), 10)
    await journal.record(asked_in(sessions, cookie="crumbs=crumbs-of-mine"))
    read = json.dumps(await journal.entries("mine"))
    assert KEY not in read
    assert "crumbs-of-mine" not in read


async def test_a_request_that_is_not_json_is_kept_as_text_without_its_secrets() -> None:
    sessions = Sessions(MemoryStore())
    journal = Journal(sessions, fixed(1000), 10)
    asked = asked_in(sessions)
    for asked.raw in (b'{"model": "gpt-4o', b"\xff", KEY.encode(), b"", b'{"user": "\\ud800"}'):
        await journal.record(asked)
    broken, bytes_, secret, nothing, surrogate = [entry["request"] for entry in await journal.entries("mine")]
    assert (broken, bytes_, nothing, surrogate) == ('{"model": "gpt-4o', "\ufffd", None, {"user": "\ud800"})
    assert isinstance(secret, str)
    assert KEY not in secret


async def test_secrets_never_reach_a_store_that_others_see() -> None:
    store = SharedStore()
    sessions = Sessions(store)
    await Journal(sessions, fixed(1000), 10).record(asked_in(sessions, cookie="crumbs=crumbs-of-mine"))
    (kept,) = await store.items("mine", "journal")
    assert json.loads(kept)["rule"] == "keys"
    assert KEY.encode() not in kept
    assert b"crumbs-of-mine" not in kept


async def test_a_session_keeps_its_newest_entries() -> None:
    sessions = Sessions(MemoryStore())
    journal = Journal(sessions, fixed(1000), 2)
    for ordinal in (1, 2, 3):
        asked = asked_in(sessions)
        asked.ordinal = ordinal
        await journal.record(asked)
    assert [entry["ordinal"] for entry in await journal.entries("mine")] == [2, 3]


async def test_a_journal_that_keeps_nothing_has_no_entries() -> None:
    sessions = Sessions(MemoryStore())
    journal = Journal(sessions, fixed(1000), 0)
    journal.begin(asked := asked_in(sessions))
    assert await journal.entries("mine") == []
    await journal.record(asked)
    assert await journal.entries("mine") == []


async def test_a_store_that_others_see_gives_back_entries_and_the_times_of_chunks() -> None:
    sessions = Sessions(SharedStore())
    journal = Journal(sessions, fixed(1000), 100)
    asked = asked_in(sessions)
    for ordinal in range(60):
        asked = asked_in(sessions)
        asked.id, asked.ordinal = f"req_{ordinal}", ordinal
        await journal.record(asked)
    asked.id, asked.writes = "req_paced", Writes()
    asked.writes.add(0.25, b"data: one\n")
    asked.writes.add(0.5, "data: zwö\n\n".encode())
    await journal.record(asked)
    entries = await journal.entries("mine")
    assert [entry["ordinal"] for entry in entries] == [*range(60), 59]
    assert "chunks" not in entries[-1]
    assert await journal.chunks("mine", "req_paced") == [
        {"at": 0.25, "bytes": 10, "text": "data: one\n"},
        {"at": 0.5, "bytes": 12, "text": "data: zwö\n\n"},
    ]
    assert await journal.chunks("mine", "req_3") == []
    assert await journal.chunks("mine", "req_none") == []


async def test_the_chunks_of_a_long_stream_are_kept_packed_and_shown_as_they_were_written() -> None:
    sessions = Sessions(MemoryStore())
    journal = Journal(sessions, fixed(1000), 100)
    asked = asked_in(sessions)
    asked.id, asked.writes = "req_long", Writes()
    frames = [f'data: {{"id": "chatcmpl-1", "delta": {{"content": "word {at}"}}}}\n\n' for at in range(600)]
    for frame in frames:
        asked.writes.add(0.5, frame.encode())
    await journal.record(asked)
    assert len(asked.writes.packed) + len(asked.writes.rest) < 8_000
    texts = [chunk.get("text") for chunk in await journal.chunks("mine", "req_long")]
    whole = "".join(text or "" for text in texts)
    assert len(texts) == 600
    assert "".join(frames).startswith(whole)
    assert len(whole) == 16 * 1024


async def test_the_chunks_of_an_answer_that_can_be_made_again_are_read_from_it_as_far_as_they_were_written() -> None:
    sessions = Sessions(MemoryStore())
    journal = Journal(sessions, fixed(1000), 100)
    asked = asked_in(sessions)
    frames = frames_of(said("Hello there, world"), call(stream=True))
    asked.id, asked.writes = "req_slow", Writes(frames)
    sent = [*frames]
    for at, frame in enumerate(sent[:-2]):
        asked.writes.add(at / 4, frame)
    await journal.record(asked)
    assert (asked.writes.packed, asked.writes.rest) == (b"", b"")
    assert await journal.chunks("mine", "req_slow") == [
        {"at": at / 4, "bytes": len(frame), "text": frame.decode()} for at, frame in enumerate(sent[:-2])
    ]


async def test_an_entry_that_is_too_large_keeps_nothing_of_an_answer_that_can_be_made_again() -> None:
    sessions = Sessions(MemoryStore())
    journal = Journal(sessions, fixed(1000), 100, most_bytes=100)
    asked = asked_in(sessions)
    asked.id, asked.writes = "req_slow", Writes(frames_of(said("Hello"), call(stream=True)))
    asked.writes.add(0.5, b"data: ")
    await journal.record(asked)
    assert await journal.chunks("mine", "req_slow") == [{"at": 0.5, "bytes": 6}]
