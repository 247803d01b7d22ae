"""A session keeps everything that belongs to one test, and nothing of any other."""

import asyncio

import pytest

from chatdouble.state.memory_store import MemoryStore
from chatdouble.state.overrides import NO_OVERRIDES, Overrides
from chatdouble.state.session import LONGEST_QUEUE, Session
from chatdouble.state.sessions import Sessions
from stores import Watched, far_away


@pytest.fixture
def sessions() -> Sessions:
    return Sessions(MemoryStore())


@pytest.fixture
def session(sessions: Sessions) -> Session:
    return sessions.named("sk-a")


async def fill(session: Session) -> None:
    """Keep something of every kind in a session."""
    await session.override("mode", "record")
    await session.advance_clock(1000)
    await session.queue("one")
    await session.queue("two")
    await session.next_reply()
    await session.hit("rule")
    await session.set_scenario_state("order", "Paid")
    await session.change_bucket("gpt-4o", lambda _: [0.0, 1.0])
    await session.count_fault("rule", 0)
    await session.store("completion", "chatcmpl-1", {"id": "chatcmpl-1"})
    await session.keep_audio("audio_1", 100.0, 7)
    await session.remember_prompt("cache", "marks", keep=5)
    await session.write_journal("entry", 1, most=5)


async def test_requests_are_counted_from_one(session: Session, sessions: Sessions) -> None:
    assert [await session.enter() for _ in range(2)] == [(1, NO_OVERRIDES), (2, NO_OVERRIDES)]
    assert await sessions.named("sk-b").enter() == (1, NO_OVERRIDES)


async def test_a_request_reads_its_number_and_the_overrides_and_nothing_else() -> None:
    store = Watched()
    session = Sessions(store).named("sk-a")
    await fill(session)
    store.read.clear()
    assert await session.enter() == (1, Overrides(mode="record", clock_ahead=1000, has_queue=True))
    assert store.read == ["requests", "overrides"]


async def test_an_override_holds_until_it_is_cleared(session: Session) -> None:
    assert await session.overrides() == NO_OVERRIDES
    await session.override("mode", "record")
    await session.override("faults", [{"name": "stall"}])
    assert await session.overrides() == Overrides(mode="record", faults=[{"name": "stall"}])
    assert await session.enter() == (1, await session.overrides())
    await session.override("mode", None)
    assert await session.overrides() == Overrides(faults=[{"name": "stall"}])
    await session.override("faults", [])
    assert await session.overrides() == NO_OVERRIDES


async def test_overrides_by_model_are_set_and_cleared_one_by_one(session: Session) -> None:
    await session.override("pace", {"ttft": 1}, "*")
    await session.override("pace", {"ttft": 2}, "gpt-4o")
    await session.override("pace", {"ttft": 3}, "gpt-4o")
    assert (await session.overrides()).pace == {"*": {"ttft": 1}, "gpt-4o": {"ttft": 3}}
    await session.override("pace", None, "*")
    assert (await session.overrides()).pace == {"gpt-4o": {"ttft": 3}}
    await session.override("pace", None, "gpt-4o")
    assert await session.overrides() == NO_OVERRIDES


async def test_a_session_without_overrides_leaves_nothing(session: Session, sessions: Sessions) -> None:
    await session.override("mode", "record")
    await session.override("mode", None)
    await session.override("limits", None, "gpt-4o")
    assert await sessions.names() == []


async def test_overrides_that_are_set_at_once_all_hold() -> None:
    session = Sessions(far_away()).named("sk-a")
    models = [f"model-{number}" for number in range(5)]
    await asyncio.gather(
        *(session.override("limits", {"requests_per_minute": 1}, model) for model in models),
        session.override("mode", "record"),
        session.advance_clock(500),
        session.advance_clock(500),
    )
    overrides = await session.overrides()
    assert sorted(overrides.limits) == models
    assert (overrides.mode, overrides.clock_ahead) == ("record", 1000)


async def test_the_clock_goes_on_from_where_it_was_moved_to(session: Session) -> None:
    assert [await session.advance_clock(step) for step in (1500, 500)] == [1500, 2000]
    await session.override("mode", "record")
    assert await session.overrides() == Overrides(mode="record", clock_ahead=2000)


async def test_queued_replies_are_taken_in_order_and_numbered(session: Session) -> None:
    assert await session.next_reply() is None
    for reply in ("one", {"text": "two"}):
        await session.queue(reply)
    assert await session.queued() == ["one", {"text": "two"}]
    assert [await session.next_reply() for _ in range(3)] == [("one", 1), ({"text": "two"}, 2), None]
    await session.queue("three")
    assert await session.next_reply() == ("three", 3)


async def test_a_session_that_ever_queued_a_reply_says_so(session: Session) -> None:
    await session.queue("one")
    await session.next_reply()
    assert (await session.overrides()).has_queue


async def test_a_queue_that_is_too_long_drops_its_oldest(session: Session) -> None:
    for number in range(LONGEST_QUEUE + 2):
        await session.queue(number)
    waiting = await session.queued()
    assert (len(waiting), waiting[0], waiting[-1]) == (LONGEST_QUEUE, 2, LONGEST_QUEUE + 1)


async def test_each_rules_answers_are_counted(session: Session) -> None:
    assert await session.hits("a") is None
    assert [await session.hit("a") for _ in range(2)] == [0, 1]
    assert (await session.hits("a"), await session.hits("b")) == (2, None)
    await session.take_back_hit("a")
    assert await session.hits("a") == 1
    assert not await session.swap_hits("a", 2, 3)
    assert await session.swap_hits("a", 1, 5)
    assert await session.swap_hits("b", None, 1)
    assert (await session.hits("a"), await session.hits("b")) == (5, 1)


async def test_a_scenario_moves_only_from_the_state_that_is_expected(session: Session) -> None:
    assert await session.scenario_state("order") is None
    assert await session.swap_scenario_state("order", None, "Paid")
    assert not await session.swap_scenario_state("order", None, "Lost")
    assert await session.scenario_state("order") == "Paid"
    await session.set_scenario_state("order", "Started")
    assert await session.scenario_state("order") == "Started"
    assert await session.scenario_state("other") is None


async def test_buckets_are_kept_by_model_and_refilled_together(session: Session) -> None:
    assert await session.bucket("gpt-4o") is None
    for model in ("gpt-4o", "gpt-4.1"):
        assert await session.change_bucket(model, lambda held: [0.0, 1.0] if held is None else None) == [0.0, 1.0]
    assert await session.change_bucket("gpt-4o", lambda held: [*held, 2.0]) == [0.0, 1.0, 2.0]
    assert await session.bucket("gpt-4o") == [0.0, 1.0, 2.0]
    await session.hit("rule")
    await session.clear_buckets()
    assert [await session.bucket(model) for model in ("gpt-4o", "gpt-4.1")] == [None, None]
    assert await session.hits("rule") == 1


async def test_faults_are_counted_by_owner_and_position(session: Session) -> None:
    counted = [await session.count_fault(*at) for at in (("rule", 0), ("rule", 0), ("rule", 1), ("session", 0))]
    assert counted == [1, 2, 1, 1]
    await session.clear_fault_counts("session")
    assert [await session.count_fault(owner, 0) for owner in ("session", "rule")] == [1, 3]


async def test_completions_are_kept_in_order_and_can_be_deleted(session: Session) -> None:
    assert await session.stored("completion", "b") is None
    for name in ("b", "a", "c"):
        await session.store("completion", name, {"id": name})
    assert await session.stored("completion", "a") == {"id": "a"}
    await session.store("completion", "a", None)
    assert await session.stored("completion", "a") is None
    assert await session.all_stored("completion") == [{"id": "b"}, {"id": "c"}]


async def test_spoken_answers_are_known_until_they_expire(session: Session) -> None:
    await session.keep_audio("audio_1", 100.0, 7)
    assert [await session.audio("audio_1", now) for now in (99.9, 100.0)] == [7, None]
    assert await session.audio("audio_2", 0) is None
    assert await session.all_stored("completion") == []


async def test_a_prompt_cache_keeps_its_newest_prompts(session: Session) -> None:
    for number in range(4):
        await session.remember_prompt("cache", number, keep=3)
    assert await session.prompts("cache") == [1, 2, 3]
    assert await session.prompts("other") == []


async def test_a_journal_keeps_its_newest_entries(session: Session) -> None:
    for number in range(4):
        await session.write_journal(number, 1, most=3)
    assert await session.journal() == [1, 2, 3]


async def test_a_reset_forgets_all_of_one_session(session: Session, sessions: Sessions) -> None:
    other = sessions.named("sk-b")
    for one in (session, other):
        await fill(one)
    await session.reset()
    assert await sessions.names() == ["sk-b"]
    assert await session.enter() == (1, NO_OVERRIDES)
    assert await session.next_reply() is None
    assert await session.hit("rule") == 0
    assert (await session.all_stored("completion"), await session.journal(), await session.prompts("cache")) == (
        [],
        [],
        [],
    )
    assert (await session.audio("audio_1", 0), await session.scenario_state("order")) == (None, None)
    assert (await session.bucket("gpt-4o"), await session.count_fault("rule", 0)) == (None, 1)
    assert await other.next_reply() == ("two", 2)
    assert await other.journal() == ["entry"]


async def test_sessions_are_listed_by_name_and_reset_together(sessions: Sessions) -> None:
    for name in ("b", "a"):
        await fill(sessions.named(name))
    assert await sessions.names() == ["a", "b"]
    await sessions.reset_all()
    assert await sessions.names() == []


def test_sessions_in_memory_are_this_processs_own(sessions: Sessions) -> None:
    class Shared(MemoryStore):
        """A store that other processes see too."""

        private = False

    assert sessions.private
    assert not Sessions(Shared()).private
