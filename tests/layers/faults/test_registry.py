"""The list of faults, the words of scripts for them, and their manual."""

from pathlib import Path
from typing import get_args

import pytest

from chatdouble.layers.faults.registry import FAULTS
from chatdouble.scripts.format.delivery import OPTIONS, FaultName

MANUAL = (Path(__file__).resolve().parents[3] / "docs" / "faults.md").read_text()


def test_every_fault_that_scripts_can_name_is_there() -> None:
    assert [*FAULTS] == [*get_args(FaultName)]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_goes_by_its_own_name(name: FaultName) -> None:
    assert FAULTS[name].name == name


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_and_its_options_are_in_the_manual(name: FaultName) -> None:
    row = next(line for line in MANUAL.splitlines() if line.startswith(f"| `{name}`"))
    assert {option for option in OPTIONS[name] if f"`{option}`" not in row} == set()
