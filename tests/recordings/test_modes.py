"""Which mode holds for a request."""

import pytest

from calls import call, services
from chatdouble.core.errors import APIError
from chatdouble.recordings.modes import MODES, checked, mode_of


async def test_the_header_goes_before_the_session_and_the_session_before_the_server() -> None:
    shared = services()
    session = shared.sessions.named("sk-a")
    assert mode_of(call(shared=shared, session="sk-a"), "replay") == "replay"
    await session.override("mode", "record")
    assert mode_of(call(shared=shared, session="sk-a"), "replay") == "record"
    assert mode_of(call(shared=shared, session="sk-b"), "replay") == "replay"
    chosen = call(shared=shared, session="sk-a", headers={"x-double-mode": "pass"})
    assert mode_of(chosen, "replay") == "pass"
    await session.override("mode", None)
    assert mode_of(call(shared=shared, session="sk-a"), "refresh") == "refresh"


@pytest.mark.parametrize("name", ["", "Record", 5, ["pass"]])
def test_another_name_is_refused_with_those_there_are(name: object) -> None:
    with pytest.raises(APIError, match="give replay, record, refresh or pass") as refused:
        checked(name)
    assert (refused.value.status, refused.value.param, refused.value.code) == (400, "mode", "invalid_mode")
    with pytest.raises(APIError):
        mode_of(call(headers={"x-double-mode": "nonsense"}), MODES[0])
