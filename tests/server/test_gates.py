"""Gates through the official client over a real socket: where answers stop, and how they go on."""

from typing import Any

import openai
import pytest

from conftest import Serve
from held import WORDS, Double, elsewhere, texts
from raw import control


def test_a_user_interface_cancels_and_the_server_saw_the_client_leave(double: Double) -> None:
    double.put(when={"user": "one*"}, after_chunks=3)
    stream: Any = double.stream()
    assert [next(stream).choices[0].delta.content for _ in range(3)] == ["", "one", " two"]
    (held,) = double.do("wait")["waiting"]
    assert held["client_left"] is False
    stream.close()  # the user clicks "Stop"
    assert double.do("wait", client_left=True)["waiting"] == [{**held, "client_left": True}]
    double.do("release")  # nobody is left to go on
    assert double.show()["waiting"] == [{**held, "client_left": True}]
    entry = double.entry()
    assert (entry["id"], entry["ended"], entry["status"]) == (held["request"], "client left", 200)
    assert [(gate["name"], gate["outcome"]) for gate in entry["gates"]] == [("g", "client left")]


def test_a_stream_is_released_chunk_by_chunk(double: Double) -> None:
    double.put(after_chunks=1)
    stream: Any = double.stream()
    heard = [next(stream).choices[0].delta.content]
    for _ in range(len(WORDS.split())):
        waiting = double.do("wait")
        assert (len(waiting["waiting"]), waiting["released"]) == (1, 0)
        double.do("release", chunks=1)
        heard.append(next(stream).choices[0].delta.content)
    assert heard == ["", "one", " two", " three", " four"]
    double.do("release", chunks=2)  # the end, and [DONE], which counts as a chunk
    assert [chunk.choices[0].finish_reason for chunk in stream] == ["stop"]
    shown = double.show()
    assert (shown["waiting"], shown["released"]) == ([], 1)


def test_several_chunks_released_at_once_are_all_that_leaves(double: Double) -> None:
    double.put(after_chunks=1)
    stream: Any = double.stream()
    next(stream)
    double.do("release", chunks=2)
    assert [next(stream).choices[0].delta.content for _ in range(2)] == ["one", " two"]
    assert [one["client_left"] for one in double.do("wait")["waiting"]] == [False]
    double.do("release")
    assert texts(stream) == [" three", " four", ""]


def test_before_the_first_byte_the_client_has_not_even_the_head(double: Double) -> None:
    double.put(before="first_byte")
    with elsewhere(double.stream) as asking:
        double.do("wait")
        assert not asking.done()
        (running,) = double.control("GET", "requests")["data"]
        assert (running["status"], running["ended"], running["gates"][0]["outcome"]) == (0, "in flight", "waiting")
        double.do("release")
        assert "".join(texts(asking.result())) == WORDS


def test_before_done_all_chunks_have_left(double: Double) -> None:
    double.put(before="done")
    stream: Any = double.stream()
    heard = [next(stream) for _ in range(6)]
    assert heard[-1].choices[0].finish_reason == "stop"
    double.do("wait")
    double.do("release")
    assert list(stream) == []
    assert double.entry()["ended"] == "completed"


@pytest.mark.parametrize("place", [{}, {"before": "done"}, {"after_chunks": 2}])
def test_a_whole_answer_stops_before_its_first_byte(double: Double, place: dict[str, Any]) -> None:
    double.put(**place)
    with elsewhere(double.say) as asking:
        double.do("wait")
        assert not asking.done()
        double.do("release", chunks=1)
        assert asking.result().choices[0].message.content == WORDS
    assert double.show()["released"] == 1


def test_an_error_stops_before_its_first_byte_too(double: Double) -> None:
    double.put()
    double.control("POST", "queue", {"error": {"status": 429, "retry_after": 1}})
    with elsewhere(double.say) as asking:
        double.do("wait")
        assert not asking.done()
        double.do("release")
        with pytest.raises(openai.RateLimitError):
            asking.result()
    entry = double.entry()
    assert (entry["status"], entry["ended"], entry["gates"][0]["outcome"]) == (429, "refused", "released")


def test_only_matching_answers_stop_and_only_so_many(double: Double) -> None:
    double.put(when={"user": "*stop*"}, times=1)
    assert double.say().choices[0].message.content == WORDS
    with elsewhere(double.say, "stop here") as asking:
        double.do("wait")
        double.do("release")
        asking.result()
    assert double.say("stop no more").choices[0].message.content == "stop no more"


def test_a_shorter_stream_stops_at_its_end(double: Double) -> None:
    double.put(after_chunks=100)
    stream: Any = double.stream()
    assert [next(stream).choices[0].finish_reason for _ in range(6)][-1] == "stop"
    double.do("wait")
    double.do("release")
    assert list(stream) == []


def test_an_answer_stops_at_each_gate_that_it_matches(double: Double) -> None:
    double.put("first", after_chunks=1)
    double.put("second", after_chunks=3)
    stream: Any = double.stream()
    heard = [next(stream)]
    assert len(double.do("wait", "first")["waiting"]) == 1
    assert double.show("second")["waiting"] == []
    double.do("release", "first")
    heard += [next(stream), next(stream)]
    double.do("wait", "second")
    assert double.show("first")["released"] == 1
    double.do("release", "second")
    assert texts(iter([*heard, *stream])) == ["", "one", " two", " three", " four", ""]


def test_one_of_several_answers_goes_on(double: Double) -> None:
    double.put()
    with elsewhere(double.say, "a") as first:
        (oldest,) = double.do("wait")["waiting"]
        with elsewhere(double.say, "b") as second:
            newest = double.do("wait", count=2)["waiting"][1]
            assert [one["request"] for one in double.do("release", answers=1)["waiting"]] == [newest["request"]]
            assert first.result().choices[0].message.content == "a"
            again = double.do("release", request=oldest["request"])
            assert again["error"]["code"] == "request_not_waiting"
            double.do("release", request=newest["request"])
            assert second.result().choices[0].message.content == "b"


def test_an_answer_that_nobody_releases_goes_on_and_is_a_problem(double: Double) -> None:
    double.put(after_chunks=1, timeout=0.05)
    assert "".join(texts(double.stream())) == WORDS
    shown = double.show()
    assert (shown["waiting"], shown["released"], shown["timed_out"]) == ([], 0, 1)
    entry = double.entry()
    assert [gate["outcome"] for gate in entry["gates"]] == ["timed out"]
    assert [(one["kind"], one["gate"]) for one in entry["problems"]] == [("gate_timed_out", "g")]
    assert "within 0.05 seconds" in entry["problems"][0]["found"]


def test_waiting_for_what_does_not_arrive_fails_with_what_there_is(double: Double) -> None:
    double.put()
    error = double.do("wait", timeout=0.05)["error"]
    assert error["code"] == "gate_wait_timed_out"
    assert error["message"] == (
        "Gate 'g' did not have 1 waiting within 0.05 seconds; it has 0 waiting, 0 whose client left, 0 released."
    )


def test_a_session_sees_its_own_gates_only(double: Double) -> None:
    double.put()
    other = Double(double.server, f"{double.key}-other")
    assert other.say().choices[0].message.content == WORDS
    assert other.show()["error"]["code"] == "gate_not_found"
    assert other.control("GET", "gates") == {"object": "list", "data": []}


@pytest.mark.parametrize(
    ("name", "gate", "code", "message"),
    [
        ("g", {"before": "last_byte"}, "invalid_gate", "gate.before: must be 'first_byte' or 'done'"),
        ("g", {"before": "done", "after_chunks": 1}, "invalid_gate", "gate: a gate stops at one place"),
        ("g", {"after_chunk": 1}, "invalid_gate", "gate.after_chunk: unknown key; did you mean 'after_chunks'?"),
        ("g", {"when": {"usr": "x"}}, "invalid_gate", "gate.when.usr: unknown key; did you mean 'user'?"),
        ("g", {"when": {"hits": 1}}, "invalid_gate", "gate: `hits` counts the answers of a rule; a gate has `times`"),
        ("g", {"timeout": 0}, "invalid_gate", "gate.timeout"),
        ("g%20x", {}, "invalid_gate", "'g x' cannot name a gate"),
    ],
)
def test_a_gate_that_is_none_is_refused_with_what_is_wrong(
    double: Double, name: str, gate: dict[str, Any], code: str, message: str
) -> None:
    error = double.put(name, **gate)["error"]
    assert error["code"] == code
    assert message in error["message"]
    assert double.control("GET", "gates")["data"] == []


def test_a_misspelt_gate_is_suggested(double: Double) -> None:
    double.put("second-chunk")
    for method, path in [("GET", "gates/second-chnk"), ("DELETE", "gates/second-chnk")]:
        assert "did you mean 'second-chunk'?" in double.control(method, path)["error"]["message"]
    for verb in ("wait", "release", "abort"):
        assert double.do(verb, "second-chnk")["error"]["code"] == "gate_not_found"
    assert (
        "give `request` or `answers`"
        in double.do("release", "second-chunk", request="r", answers=1)["error"]["message"]
    )


def test_a_session_has_as_many_gates_as_the_setting_allows(serve: Serve) -> None:
    with serve(max_gates=2) as served:
        double = Double(served, "sk-a")
        double.put("g1")
        double.put("g2")
        error = double.put("one-more")["error"]
        assert error["code"] == "too_many_gates"
        assert error["message"] == "The session has 2 gates, and --max-gates is 2: delete one, or reset."
        assert "error" not in double.put("g1", after_chunks=1)
        assert "error" not in Double(served, "sk-b").put("g3")
        double.control("DELETE", "gates/g2")
        assert "error" not in double.put("one-more")


def test_the_control_key_holds_another_sessions_answers(serve: Serve, key: str) -> None:
    with serve(control_key="sk-boss") as served:
        theirs = Double(served, key)
        control(served, "sk-boss", "PUT", f"gates/g?session={key}", {})
        with elsewhere(theirs.say) as asking:
            theirs.do("wait")
            control(served, "sk-boss", "POST", f"gates/g/release?session={key}")
            assert asking.result().choices[0].message.content == WORDS
        assert control(served, "sk-nosy", "GET", f"gates/g?session={key}")["error"]["code"] == "control_key_required"


def test_the_verdict_blames_an_answer_that_nobody_released_and_not_a_client_that_left_at_a_gate(double: Double) -> None:
    double.put("slow", when={"user": "slow"}, timeout=0.05)
    double.put("left", when={"user": "left"}, after_chunks=1)
    double.say("slow")
    stream: Any = double.stream("left")
    next(stream)
    double.do("wait", "left")
    stream.close()
    double.do("wait", "left", client_left=True)
    verdict = double.control("GET", "verdict")
    assert [problem["kind"] for problem in verdict["problems"]] == ["gate_timed_out"]
    found = double.control("GET", "requests?problem=*")["data"]
    assert [[problem["kind"] for problem in entry["problems"]] for entry in found] == [["gate_timed_out"]]
