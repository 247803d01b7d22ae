"""When pieces are due, one after another."""

from collections.abc import AsyncGenerator, Iterator

from hypothesis import given
from hypothesis import strategies as st

from chatdouble.backend.delivery import Abort, Pace, Timed
from chatdouble.http.pacing import Schedule
from chatdouble.http.relaying import repaced


class Given(Pace):
    """A pace of given times."""

    def __init__(self, times: list[float]) -> None:
        self.times = times

    def offsets(self) -> Iterator[float]:
        """Return the times."""
        return iter(self.times)


@given(st.lists(st.floats(0, 100)), st.integers(0, 20))
def test_no_piece_is_due_before_the_one_before_it_and_the_last_time_stands_for_the_rest(
    times: list[float], more: int
) -> None:
    schedule = Schedule(Given(times))
    due = [schedule.following() for _ in range(len(times) + more)]
    assert due == sorted(due)
    assert set(due) <= {0.0, *times}
    assert schedule.due == max([0.0, *times])


def test_without_a_pace_everything_is_due_at_once() -> None:
    schedule = Schedule(None)
    assert [schedule.following(), schedule.following(), schedule.due] == [0.0, 0.0, 0.0]


async def test_pieces_of_a_relay_get_the_times_of_a_pace_and_endings_come_with_the_last() -> None:
    async def pieces() -> AsyncGenerator[Timed]:
        yield 0.0, b"1"
        yield 0.0, b"2"
        yield 0.0, Abort.HANGUP

    found = [piece async for piece in repaced(pieces(), Given([0.5, 1.5, 9]))]
    assert found == [(0.5, b"1"), (1.5, b"2"), (1.5, Abort.HANGUP)]
    same = pieces()
    assert repaced(same, None) is same
    await same.aclose()
