"""Pace in scripts, and requests for pace and faults."""

import pytest
from pydantic import ValidationError

from chatdouble.backend.delivery import Delivery
from chatdouble.scripts.format.delivery import JitterSpec, PaceSpec, ask
from chatdouble.scripts.format.faults import CutFault, PlainFault


def test_a_number_is_the_share_of_a_uniform_jitter() -> None:
    pace = PaceSpec.model_validate({"ttft": 1, "jitter": 0.3})
    assert pace.jitter == JitterSpec(share=0.3, distribution="uniform")


@pytest.mark.parametrize(
    ("text", "distribution", "share"),
    [
        ("fixed", "fixed", 0),
        ("0.2", "uniform", 0.2),
        ("uniform:0.2", "uniform", 0.2),
        ("lognormal:.5", "log_normal", 0.5),
        (" uniform:1 ", "uniform", 1),
    ],
)
def test_jitter_may_be_written_as_in_settings(text: str, distribution: str, share: float) -> None:
    spread = JitterSpec.model_validate(text)
    assert (spread.distribution, spread.share) == (distribution, share)


@pytest.mark.parametrize("text", ["", "uniform", "uniform:", "uniform:-1", "gamma:2", "fixed:1", "lognormal:nan"])
def test_an_invalid_jitter_gets_an_error_with_an_example(text: str) -> None:
    with pytest.raises(ValidationError, match="is not a jitter; use fixed, uniform:SHARE or lognormal:SIGMA"):
        JitterSpec.model_validate(text)


def test_a_later_request_for_pace_or_faults_replaces_an_earlier_one() -> None:
    delivery = Delivery()
    assert (delivery.wanted_pace, delivery.wanted_faults, delivery.wanted_by) == (None, (), "")
    slow, stall = PaceSpec(ttft=1), CutFault(name="stall")
    ask(delivery, slow, [stall], "rule")
    ask(delivery, None, [], "reply")
    assert (delivery.wanted_pace, delivery.wanted_faults, delivery.wanted_by) == (slow, (stall,), "rule")
    ask(delivery, PaceSpec(ttft=2), [PlainFault(name="reset")], "reply")
    assert [fault.name for fault in delivery.wanted_faults] == ["reset"]
    assert delivery.wanted_by == "reply"
