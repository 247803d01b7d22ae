"""How scripts word pace and faults."""

import pytest
from pydantic import ValidationError

from chatdouble.backend.delivery import Delivery
from chatdouble.scripts.format.delivery import (
    OPTIONS,
    FaultSpec,
    JitterSpec,
    PaceSpec,
    ask,
)


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
def test_jitter_is_read_as_settings_word_it(text: str, distribution: str, share: float) -> None:
    spread = JitterSpec.model_validate(text)
    assert (spread.distribution, spread.share) == (distribution, share)


@pytest.mark.parametrize("text", ["", "uniform", "uniform:", "uniform:-1", "gamma:2", "fixed:1", "lognormal:nan"])
def test_what_is_no_jitter_is_told_what_is(text: str) -> None:
    with pytest.raises(ValidationError, match="is no jitter; give fixed, uniform:SHARE or lognormal:SIGMA"):
        JitterSpec.model_validate(text)


@pytest.mark.parametrize("name", OPTIONS)
def test_a_faults_name_alone_is_the_fault(name: str) -> None:
    assert FaultSpec.model_validate(name) == FaultSpec.model_validate({"name": name})


@pytest.mark.parametrize("name", OPTIONS)
def test_every_fault_may_be_rare_or_soon_over(name: str) -> None:
    assert FaultSpec.model_validate({"name": name, "share": 0.5, "first": 2}).first == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "reset", "after_chunks": 1}, "'reset' does not take after_chunks; it takes no options"),
        ({"name": "stall", "code": "x"}, "'stall' does not take code; it takes after_chunks, after_seconds"),
        ({"name": "stall", "share": 2}, "less than or equal to 1"),
        ({"name": "error", "status": 200}, "greater than or equal to 400"),
    ],
)
def test_options_that_a_fault_has_no_use_for_are_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        FaultSpec.model_validate(given)


def test_what_was_asked_of_a_delivery_can_be_read_and_later_words_win() -> None:
    delivery = Delivery()
    assert (delivery.wanted_pace, delivery.wanted_faults, delivery.wanted_by) == (None, (), "")
    slow, stall = PaceSpec(ttft=1), FaultSpec(name="stall")
    ask(delivery, slow, [stall], "rule")
    ask(delivery, None, [], "reply")
    assert (delivery.wanted_pace, delivery.wanted_faults, delivery.wanted_by) == (slow, (stall,), "rule")
    ask(delivery, PaceSpec(ttft=2), [FaultSpec(name="reset")], "reply")
    assert [fault.name for fault in delivery.wanted_faults] == ["reset"]
    assert delivery.wanted_by == "reply"
