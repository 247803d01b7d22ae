"""Durations as the API writes them."""

import pytest

from chatdouble.core.clock import duration


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0s"),
        (0.0003, "0s"),
        (0.006, "6ms"),
        (0.012, "12ms"),
        (0.644, "644ms"),
        (1.5744, "1.574s"),
        (3.89, "3.89s"),
        (8.64, "8.64s"),
        (20, "20s"),
        (59.369, "59.369s"),
        (90, "1m30s"),
        (360, "6m0s"),
        (580.586, "9m40.586s"),
        (1296.001, "21m36.001s"),
        (86_391.36, "23h59m51.36s"),
    ],
)
def test_durations_are_written_as_in_recordings(seconds: float, written: str) -> None:
    assert duration(seconds).decode() == written
