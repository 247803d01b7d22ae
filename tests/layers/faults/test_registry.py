"""Faults agree with their declarations and with the manual."""

from pathlib import Path

import pytest

from chatdouble.layers.faults.registry import FAULTS
from chatdouble.scripts.format.faults import FAULT_OPTIONS, FaultSpec

MANUAL = (Path(__file__).resolve().parents[3] / "docs" / "faults.md").read_text()


def row_of(name: str) -> str:
    return next(line for line in MANUAL.splitlines() if line.startswith(f"| `{name}`"))


def test_every_declared_fault_exists_and_no_other() -> None:
    assert {*FAULTS} == {*FAULT_OPTIONS}


@pytest.mark.parametrize("name", FAULTS)
def test_the_manual_has_exactly_the_options_of_a_fault(name: str) -> None:
    *_, cell, _ = row_of(name).split("|")
    every_option = {*FaultSpec.keys()} - {"name", "probability", "times"}
    assert {option for option in every_option if f"`{option}`" in cell} == {*FAULT_OPTIONS[name].options()}


@pytest.mark.parametrize("name", FAULTS)
def test_the_manual_has_the_defaults_of_a_faults_options(name: str) -> None:
    cell = row_of(name)
    for option, default in FAULT_OPTIONS[name].options().items():
        if default is not None:
            shown = f"`{default}`" if isinstance(default, str) else f"{default:g}"
            assert f"`{option}` ({shown})" in cell
