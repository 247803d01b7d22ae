"""The memory store keeps sessions apart."""

import pytest

from chatdouble.state.bounds import Bounds
from chatdouble.state.memory_store import MemoryStore
from chatdouble.state.session import Session
from threads import by_pool


async def test_sessions_do_not_see_each_other() -> None:
    store = MemoryStore()
    await store.put("a", "x", 1)
    await store.push("a", "l", 1, keep=3)
    assert await store.get("b", "x") is None
    assert await store.items("b", "l") == []
    await store.clear("a")
    assert await store.get("a", "x") is None
    assert await store.items("a", "l") == []


async def test_a_list_keeps_its_newest_and_gives_away_what_is_asked_for() -> None:
    store = MemoryStore()
    for number in range(5):
        await store.push("s", "l", number, keep=3)
    assert await store.items("s", "l") == [2, 3, 4]
    assert [await store.remove("s", "l", value) for value in (2, 4, 3, 3)] == [True, True, True, False]
    assert await store.items("s", "l") == []


async def test_a_swap_needs_what_it_expects() -> None:
    store = MemoryStore()
    assert await store.swap("s", "state", None, "one")
    assert not await store.swap("s", "state", None, "two")
    assert await store.swap("s", "state", "one", "two")
    assert await store.get("s", "state") == "two"


async def test_an_update_sets_what_a_function_makes_of_a_value_unless_it_raises() -> None:
    store = MemoryStore()
    assert await store.update("s", "n", lambda held: (held or 0) + 1) == 1
    assert await store.update("s", "n", lambda held: held + 1) == 2
    with pytest.raises(ZeroDivisionError):
        await store.update("s", "n", lambda held: held // 0)
    assert await store.get("s", "n") == 2


async def test_counters_count_and_names_keep_their_order() -> None:
    store = MemoryStore()
    assert [await store.increment("s", "n") for _ in range(3)] == [1, 2, 3]
    assert await store.increment("s", "n", 10) == 13
    for name in ("p:b", "q", "p:a"):
        await store.put("s", name, 1)
    assert await store.names("s", "p:") == ["p:b", "p:a"]
    await store.put("s", "p:b", None)
    assert await store.names("s", "p:") == ["p:a"]


async def test_all_sessions_can_be_listed_and_cleared() -> None:
    store = MemoryStore()
    await store.put("b", "x", 1)
    await store.push("a", "l", 1, keep=1)
    assert await store.sessions() == ["a", "b"]
    await store.clear(None)
    assert await store.sessions() == []


async def test_entering_counts_and_reads_one_value_of_the_session() -> None:
    store = MemoryStore()
    await store.put("s", "pace", 1)
    assert await store.enter("s", "requests", "pace") == (1, 1)
    await store.put("s", "mode", "record")
    assert await store.enter("s", "requests", "mode") == (2, "record")
    assert await store.enter("t", "requests", "mode") == (1, None)
    assert await store.get("s", "requests") == 2


async def test_the_session_idle_longest_makes_way_for_a_new_one() -> None:
    store = MemoryStore(Bounds(sessions=3))
    for session in ("a", "b", "c"):
        await store.enter(session, "requests", "overrides")
        await store.keep(session, "journal", "entry", size=10, most=5)
    await store.enter("a", "requests", "overrides")
    await store.enter("d", "requests", "overrides")
    assert await store.sessions() == ["a", "c", "d"]
    assert store.dropped == {"sessions": 1, "entries": 0, "stored": 0}
    assert await store.items("b", "journal") == []


async def test_reading_makes_no_session() -> None:
    store = MemoryStore(Bounds(sessions=1))
    await store.put("a", "x", 1)
    for session in ("b", "c"):
        assert await store.get(session, "x") is None
        assert await store.items(session, "l") == []
        assert not await store.remove(session, "l", "x")
        await store.drop(session, "l")
        assert await store.names(session, "") == []
        assert await store.swap(session, "x", None, None)
        assert not await store.swap(session, "x", 1, 2)
        await store.put(session, "x", None)
        await store.clear(session)
    assert await store.get("a", "x") == 1
    assert store.dropped["sessions"] == 0


async def test_a_kept_list_is_bounded_in_values_and_in_bytes() -> None:
    store = MemoryStore(Bounds(list_bytes=100))
    for number in range(4):
        await store.keep("s", "l", number, size=10, most=3)
    assert await store.items("s", "l") == [1, 2, 3]
    await store.keep("s", "l", "large", size=85, most=3)
    assert await store.items("s", "l") == [3, "large"]
    await store.keep("s", "l", "too large", size=1000, most=3)
    assert await store.items("s", "l") == ["too large"]
    assert store.dropped["entries"] == 5


async def test_all_kept_lists_together_are_bounded_and_the_one_idle_longest_gives_way() -> None:
    store = MemoryStore(Bounds(all_bytes=100))
    for number in range(3):
        for session in ("a", "b", "c"):
            await store.keep(session, "l", number, size=10, most=5)
    await store.keep("a", "l", 3, size=40, most=5)
    assert [await store.items(session, "l") for session in ("a", "b", "c")] == [[0, 1, 2, 3], [], [0, 1, 2]]
    await store.clear("c")
    await store.keep("a", "l", 4, size=30, most=9)
    assert await store.items("a", "l") == [0, 1, 2, 3, 4]
    await store.keep("b", "l", 5, size=200, most=9)
    assert [await store.items(session, "l") for session in ("a", "b")] == [[], [5]]
    assert store.dropped == {"sessions": 0, "entries": 8, "stored": 0}


async def test_retained_values_are_bounded_by_session_and_the_one_used_longest_ago_makes_way() -> None:
    store = MemoryStore(Bounds(stored_bytes=2000))
    for name in ("a", "b", "c"):
        await store.retain("s", name, name, size=200)
    assert await store.recall("s", "a") == "a"
    await store.retain("s", "d", "d", size=200)
    assert [await store.recall("s", name) for name in "abcd"] == ["a", None, "c", "d"]
    await store.retain("s", "large", "large", size=5000)
    assert await store.names("s", "") == ["large"]
    assert store.dropped["stored"] == 4
    await store.retain("s", "large", None, size=0)
    assert await store.recall("s", "large") is None


async def test_a_thread_frees_large_values_that_make_way(monkeypatch: pytest.MonkeyPatch) -> None:
    store, freed = MemoryStore(), by_pool(monkeypatch, "chatdouble.state.memory_store.release")
    for size in (40, 40, 5, 1):
        await store.retain("s", f"of {size} MiB", ["text"], size << 20)
    await store.retain("s", "of 1 MiB", None, 0)
    assert freed == [True]
    await store.retain("s", "of 40 MiB", None, 0)
    assert freed == [True, True]


async def test_retained_values_of_all_sessions_are_bounded_together() -> None:
    store = MemoryStore(Bounds(all_stored_bytes=2000))
    for session in ("a", "b", "c"):
        await store.retain(session, "x", session, size=200)
    await store.clear("b")
    await store.retain("d", "x", "d", size=200)
    assert await store.recall("a", "x") == "a"
    await store.retain("e", "x", "e", size=200)
    assert [await store.recall(session, "x") for session in "acde"] == ["a", None, "d", "e"]
    await store.retain("a", "x", "again", size=200)
    assert store.dropped["stored"] == 1


async def test_a_retained_value_goes_with_its_parts() -> None:
    store = MemoryStore(Bounds(stored_bytes=2000))
    await store.retain("s", "a", "a", size=200, parts={"a1": 1, "a2": 2})
    await store.retain("s", "a", "again", size=200)
    assert [await store.recall("s", name) for name in ("a", "a1", "a2")] == ["again", 1, 2]
    await store.retain("s", "b", "b", size=200, parts={"b1": 1})
    await store.retain("s", "a", None, size=0)
    assert await store.names("s", "") == ["b1", "b"]
    await store.retain("s", "large", "large", size=5000, parts={"large1": 1})
    assert await store.names("s", "") == ["large1", "large"]
    assert store.dropped["stored"] == 1


async def test_a_part_of_two_values_stays_until_the_newer_one_goes() -> None:
    store = MemoryStore()
    await store.retain("s", "older", 1, size=9, parts={"part": ["older"]})
    await store.retain("s", "newer", 2, size=9, parts={"part": ["newer"]})
    await store.retain("s", "older", None, size=0)
    assert await store.recall("s", "part") == ["newer"]
    await store.retain("s", "newer", None, size=0)
    assert await store.names("s", "") == []


async def test_a_rotation_returns_the_value_that_is_one_too_many() -> None:
    store = MemoryStore()
    assert [await store.rotate("s", "newest", value, 3) for value in "abcde"] == [None, None, None, "a", "b"]


async def test_the_values_of_all_sessions_are_freed_by_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    store, emptied = MemoryStore(), by_pool(monkeypatch, "chatdouble.state.retained.Kept.empty")
    forgotten = by_pool(monkeypatch, "chatdouble.state.memory_store.MemoryStore._forget")
    freed = by_pool(monkeypatch, "chatdouble.state.retained.release")
    for at in range(3):
        await store.keep(f"s{at}", "journal", {"a": [at]}, 10, most=5)
        await store.push(f"s{at}", "queue", {"a": [at]}, keep=5)
        await store.retain(f"s{at}", "stored", {"a": [at]}, 10)
    await store.clear(None)
    assert (emptied, freed) == ([True] * 3, [True] * 9)
    assert forgotten == []
    assert await store.sessions() == []
    await store.retain("s0", "stored", 1, 10)
    assert await store.recall("s0", "stored") == 1


async def test_a_list_that_is_dropped_is_freed_by_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    store, freed = MemoryStore(), by_pool(monkeypatch, "chatdouble.state.retained.release")
    for at in range(3):
        await store.push("s", "queue", {"a": [at]}, keep=5)
    await store.drop("s", "queue")
    assert freed == [True] * 3
    assert await store.items("s", "queue") == []


async def test_a_thread_sorts_the_names_of_all_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    store, sorted_ = MemoryStore(), by_pool(monkeypatch, "chatdouble.state.memory_store.in_order")
    for name in ("b", "c", "a"):
        await store.put(name, "x", 1)
    assert await store.sessions() == ["a", "b", "c"]
    assert sorted_ == [True]


async def test_values_and_lists_whose_names_clients_choose_make_way_for_newer_ones() -> None:
    store = MemoryStore()
    session = Session(store, "s")
    for number in range(25_000):
        await session.change_bucket(f"model-{number}", lambda _: [1.0])
        await session.count_fault(f"header-{number}", 0)
        await session.keep_audio(f"audio-{number}", 9.0, 1)
        await session.remember_prompt(f"cache-{number}", [1], keep=5)
        await session.hit(f"rule-{number % 5000}")
    assert len(await store.names("s", "")) < 30_000
    assert await session.bucket("model-0") is None
    assert await session.bucket("model-24999") == [1.0]
    assert [await session.hits("rule-0"), await session.hits("rule-4999")] == [5, 5]
    assert [await session.prompts(f"cache-{number}") for number in (0, 24_999)] == [[], [[1]]]
