"""The memory store keeps sessions apart."""

from chatdouble.state.store import MemoryStore


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
