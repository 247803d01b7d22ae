"""The header `x-double-rule`: the rule that must answer a request."""

from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import ask, control
from ruled import add, said


def test_a_header_names_the_rule_that_must_answer(scripted: RunningServer, key: str) -> None:
    control(scripted, key, "POST", "queue", "queued")
    control(scripted, key, "POST", "script", ["turn"])
    named = {"x-double-rule": "weather"}
    assert [said(scripted, key, "hm", **headers) for headers in (named, {}, {}, named)] == [
        "Rain.",
        "turn",
        "turn_mismatch",
        "Rain.",
    ]
    control(scripted, key, "DELETE", "script")
    assert said(scripted, key, "hm") == "queued"
    mine = add(scripted, key, {"when": {"user": {"matches": "in (?P<city>x)"}}, "reply": "In {{ match.city or '?' }}"})
    assert said(scripted, key, "hm", **{"x-double-rule": mine}) == "script_error"
    assert said(scripted, key, "in x", **{"x-double-rule": mine}) == "In x"


def test_a_named_rule_that_is_not_there_or_may_not_answer_is_an_error_that_is_not_tried_again(
    scripted: RunningServer, server: RunningServer, key: str
) -> None:
    def refused(served: RunningServer, name: str) -> str:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "x-double-rule": name}
        body = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}'
        answer = ask(served.origin, "POST", "/v1/chat/completions", body, headers)
        assert (answer.status, answer.headers["x-should-retry"]) == (404, "false")
        message: str = answer.error["message"]
        return message

    assert refused(scripted, "wether") == "No rule is named 'wether'; did you mean 'weather'?"
    assert refused(server, "weather") == "No rule is named 'weather'; there are 0 rules"
    once = add(scripted, key, {"name": "once", "reply": "x", "times": 1})
    assert said(scripted, key, "hm", **{"x-double-rule": once}) == "x"
    assert "once (added while the server runs) failed at times" in refused(scripted, "once")
    control(scripted, key, "PATCH", "rules/once", {"disabled": True})
    assert "No rule is named 'once'" in refused(scripted, "once")


def test_control_headers_can_be_switched_off(serve: Serve) -> None:
    with serve(control_headers="off") as served:
        add(served, "sk-a", {"name": "mine", "when": {"user": "never"}, "reply": "Mine."})
        assert said(served, "sk-a", "hi", **{"x-double-rule": "mine"}) == "hi"
