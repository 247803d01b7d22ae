"""The mode of a request."""

import pytest

from calls import call, services
from chatdouble.core.errors import APIError
from chatdouble.recordings.modes import MODES, checked, mode_of


async def test_a_requests_header_overrides_its_session_which_overrides_the_server() -> None:
    shared = services()
    session = shared.sessions.named("sk-a")
    assert mode_of(call(shared=shared, session="sk-a"), "replay") == "replay"
    await session.override("mode", "record")
    assert mode_of(call(shared=shared, session="sk-a"), "replay") == "record"
    assert mode_of(call(shared=shared, session="sk-b"), "replay") == "replay"
    chosen = call(shared=shared, session="sk-a", headers={"x-double-mode": "passthrough"})
    assert mode_of(chosen, "replay") == "passthrough"
    assert mode_of(call(headers={"x-double-mode": "passthrough"}), "replay", header=True) == "passthrough"
    await session.override("mode", None)
    assert mode_of(call(shared=shared, session="sk-a"), "rerecord") == "rerecord"


@pytest.mark.parametrize("name", ["", "Record", 5, ["record"]])
def test_an_unknown_mode_is_refused_with_a_list_of_the_known_ones(name: object) -> None:
    with pytest.raises(APIError, match="use replay, record, rerecord or passthrough") as refused:
        checked(name)
    assert (refused.value.status, refused.value.param, refused.value.code) == (400, "mode", "invalid_mode")
    with pytest.raises(APIError):
        mode_of(call(headers={"x-double-mode": "nonsense"}), MODES[0])


@pytest.mark.parametrize("mode", MODES[1:])
def test_a_header_alone_never_has_a_replaying_server_call_its_upstream(mode: str) -> None:
    with pytest.raises(APIError, match="--allow-mode-header") as refused:
        mode_of(call(headers={"x-double-mode": mode}), "replay")
    assert (refused.value.status, refused.value.param, refused.value.code) == (403, "mode", "mode_not_allowed")
    assert mode_of(call(headers={"x-double-mode": "replay"}), mode) == "replay"
