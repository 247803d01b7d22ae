"""The fault `malformed_json`."""

import orjson
import pytest

from pieces import fault, greeting, said, whole_greeting


@pytest.mark.parametrize(("options", "broken"), [({}, 1), ({"after_chunks": 0}, 0), ({"after_chunks": 3}, 3)])
def test_the_json_of_one_chunk_breaks_off_inside_a_whole_frame(options: dict[str, int], broken: int) -> None:
    left = [*fault("malformed_json", **options).on_frames(iter(greeting()))]
    frame = left[broken][1]
    assert isinstance(frame, bytes)
    assert frame.startswith(b"data: {")
    assert frame.endswith(b"\n\n")
    with pytest.raises(orjson.JSONDecodeError):
        said(frame)
    assert left[:broken] + left[broken + 1 :] == greeting()[:broken] + greeting()[broken + 1 :]


def test_the_json_of_a_whole_answer_breaks_off() -> None:
    [(due, broken)] = fault("malformed_json").on_body(iter(whole_greeting()))
    assert due == 0.5
    with pytest.raises(orjson.JSONDecodeError):
        said(broken)
