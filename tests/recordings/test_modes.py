"""The mode of a request."""

import pytest

from chatdouble.core.errors import APIError
from chatdouble.recordings.modes import MODES, mode_of, set_mode
from chatdouble.state.store import MemoryStore


async def test_a_requests_header_overrides_its_session_which_overrides_the_server() -> None:
    store = MemoryStore()
    assert await mode_of(store, "a", {}, "replay") == "replay"
    await set_mode(store, "a", "record")
    assert await mode_of(store, "a", {}, "replay") == "record"
    assert await mode_of(store, "b", {}, "replay") == "replay"
    assert await mode_of(store, "a", {"x-double-mode": "passthrough"}, "replay") == "passthrough"
    await set_mode(store, "a", None)
    assert await mode_of(store, "a", {}, "rerecord") == "rerecord"


@pytest.mark.parametrize("name", ["", "Record", 5, ["record"]])
async def test_an_unknown_mode_is_refused_with_a_list_of_the_known_ones(name: object) -> None:
    with pytest.raises(APIError, match="use replay, record, rerecord or passthrough") as refused:
        await set_mode(MemoryStore(), "a", name)
    assert (refused.value.status, refused.value.param, refused.value.code) == (400, "mode", "invalid_mode")
    with pytest.raises(APIError):
        await mode_of(MemoryStore(), "a", {"x-double-mode": "nonsense"}, MODES[0])
