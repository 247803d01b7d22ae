"""Control by header: a client of which a test can set no more than its headers has its own pace, faults and gate."""

import json
from typing import Any

import openai
import pytest
from openai import OpenAI

from chatdouble.testing.server import RunningServer
from conftest import Serve
from held import WORDS, Double, elsewhere, texts
from processes import serving
from raw import ask


def sending(double: Double, **headers: Any) -> Double:
    """Return the same session with a client that sends control headers with each request."""
    made = Double(double.server, double.key)
    values = {f"x-double-{name}": one if isinstance(one, str) else json.dumps(one) for name, one in headers.items()}
    made.client = made.client.with_options(default_headers=values)
    return made


def test_a_fault_by_its_name_happens_to_this_request_alone(double: Double) -> None:
    with pytest.raises(openai.APIConnectionError):
        sending(double, fault="reset").say()
    assert double.entry()["faults"] == ["reset"]
    assert double.say().choices[0].message.content == WORDS


def test_a_fault_that_happens_twice_is_over_for_the_third_try(double: Double) -> None:
    fault = {"name": "error", "status": 503, "times": 2, "retry_after": 0.001}
    retrying = sending(double, fault=fault).client.with_options(max_retries=2)
    said = retrying.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": WORDS}])
    assert said.choices[0].message.content == WORDS
    assert [one["status"] for one in double.control("GET", "requests")["data"]] == [503, 503, 200]


def test_faults_by_header_join_those_of_the_session(double: Double) -> None:
    double.control("PUT", "faults", "split_frames")
    "".join(texts(sending(double, fault=["merged_frames", {"name": "duplicate_chunk"}]).stream()))
    assert double.entry()["faults"] == ["split_frames", "merged_frames", "duplicate_chunk"]


def test_a_pace_by_header_goes_before_the_sessions(double: Double) -> None:
    double.control("PUT", "pace", {"ttft": 600})
    assert sending(double, pace={"ttft": 0.001, "chunk_tokens": 2}).say().choices[0].message.content == WORDS
    assert [*texts(sending(double, pace={"chunk_tokens": 2}).stream())] == ["", "one two", " three four", ""]


def test_a_request_stops_at_the_gate_that_it_names_whatever_the_gates_conditions(double: Double) -> None:
    double.put(when={"user": "never said"}, after_chunks=1)
    assert "".join(texts(double.stream())) == WORDS
    stream: Any = sending(double, gate="g").stream()
    next(stream)
    double.do("wait")
    double.do("release")
    assert texts(stream) == ["one", " two", " three", " four", ""]


def test_a_header_sets_a_gate_for_the_requests_that_carry_it(double: Double) -> None:
    named = sending(double, gate={"name": "mine", "after_chunks": 1, "when": {"user": "one*"}})
    for _ in range(2):
        stream: Any = named.stream()
        next(stream)
        (held,) = double.do("wait", "mine")["waiting"]
        assert held["client_left"] is False
        double.do("release", "mine")
        assert texts(stream) == ["one", " two", " three", " four", ""]
    assert double.show("mine")["released"] == 2
    assert named.say("no match").choices[0].message.content == "no match"
    assert double.say().choices[0].message.content == WORDS


def test_a_header_with_another_gate_of_the_name_replaces_it(double: Double) -> None:
    with elsewhere(sending(double, gate={"name": "mine"}).say) as asking:
        double.do("wait", "mine")
        stream: Any = sending(double, gate={"name": "mine", "before": "done"}).stream()
        assert asking.result().choices[0].message.content == WORDS
        heard = [next(stream) for _ in range(6)]
        double.do("wait", "mine")
        double.do("release", "mine")
        assert texts(iter([*heard[:-1], *stream])) == ["", "one", " two", " three", " four"]


@pytest.mark.parametrize(
    ("header", "value", "code", "message"),
    [
        ("pace", '{"ttft": "soon"}', "invalid_pace", "x-double-pace.ttft: must be a valid number"),
        ("pace", "fast", "invalid_pace", "x-double-pace: must be an object"),
        ("fault", "rest", "invalid_fault", "x-double-fault[0].name: must be"),
        ("fault", '{"name": "reset"', "invalid_header", "x-double-fault: not JSON"),
        ("pace", "[" * 20_000, "invalid_header", "x-double-pace: nested too deeply"),
        (
            "gate",
            "nowhere",
            "gate_not_found",
            "x-double-gate: the session has no gate 'nowhere'; set it with PUT first",
        ),
        ("gate", '{"after_chunks": 1}', "invalid_gate", "x-double-gate: must be the name of a gate, or an object"),
        (
            "gate",
            '{"name": "g", "befor": "done"}',
            "invalid_gate",
            "x-double-gate.befor: unknown key; did you mean 'before'",
        ),
        ("gate", '{"name": "g g"}', "invalid_gate", "'g g' cannot name a gate"),
    ],
)
def test_a_wrong_value_is_refused_in_the_envelope(
    double: Double, header: str, value: str, code: str, message: str
) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        sending(double, **{header: value}).say()
    error: Any = raised.value.body
    assert (error["code"], error["type"]) == (code, "invalid_request_error")
    assert message in error["message"]


def test_a_misspelt_gate_is_suggested(double: Double) -> None:
    double.put("second-chunk")
    with pytest.raises(openai.BadRequestError, match="did you mean 'second-chunk'"):
        sending(double, gate="second-chnk").say()


def test_the_headers_can_be_switched_off(serve: Serve, key: str) -> None:
    with serve(control_headers="off") as served:
        double = Double(served, key)
        headed = sending(double, fault="reset", pace="fast", gate="nowhere")
        assert headed.say().choices[0].message.content == WORDS


def test_the_switch_is_a_flag() -> None:
    with serving("--control-headers", "off") as served:
        client = OpenAI(base_url=served.base_url, api_key="sk-test", max_retries=0)
        made = client.chat.completions.create(
            model="gpt-4o",
            messages=[{"role": "user", "content": WORDS}],
            extra_headers={"x-double-fault": "reset"},
        )
        assert made.choices[0].message.content == WORDS


def test_control_requests_are_not_controlled_themselves(server: RunningServer, double: Double) -> None:
    headers = {"Authorization": f"Bearer {double.key}", "x-double-gate": "nowhere", "x-double-pace": "fast"}
    assert ask(server.origin, "GET", "/_double/gates", headers=headers).status == 200
