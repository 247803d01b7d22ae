"""Rules that are imported from a file: recordings and exports answer again, and a wrong file changes nothing."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from chatdouble.server.control import imported_rules
from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import ask, chat, control
from ruled import add, said


def imported(server: RunningServer, key: str, data: bytes, name: str = "file") -> Any:
    """Import a file and return what control says."""
    headers = {"Authorization": f"Bearer {key}"}
    return json.loads(ask(server.origin, "POST", f"/_double/rules/import?name={quote(name)}", data, headers).body)


def refused(server: RunningServer, key: str, data: bytes, name: str = "file") -> str:
    """Import a file that is refused, and return why; no rule was added."""
    error = imported(server, key, data, name)["error"]
    assert error["code"] in {"invalid_file", "invalid_rule", "too_many_rules"}
    assert {one["scope"] for one in control(server, key, "GET", "rules")["data"]} == {"file"}
    return str(error["message"])


@pytest.mark.parametrize("form", ["har", "rule"])
def test_an_export_of_one_session_answers_again_in_another(scripted: RunningServer, key: str, form: str) -> None:
    control(scripted, key, "POST", "queue", ["First.", {"error": {"status": 503}}])
    assert [said(scripted, key, text) for text in ("Hello", "Bye")] == ["First.", "server_is_overloaded"]
    headers = {"Authorization": f"Bearer {key}"}
    exported = ask(scripted.origin, "GET", f"/_double/requests/export?format={form}", headers=headers).body
    other = f"{key}-other"
    assert len(imported(scripted, other, exported, f"requests.{form}")["rules"]) == 2
    assert [said(scripted, other, text) for text in ("Hello", "Bye", "Else")] == [
        "First.",
        "server_is_overloaded",
        "no_rule_matched",
    ]


def test_rules_of_a_file_come_first_and_in_their_order(scripted: RunningServer, key: str) -> None:
    add(scripted, key, {"name": "before", "reply": "x"})
    found = imported(scripted, key, b"rules:\n- {name: one, reply: One}\n- {name: two, reply: Two}\n", "mine.yaml")
    assert found == {"rules": ["added_rule_2", "added_rule_3"], "skipped": []}
    listed = control(scripted, key, "GET", "rules")["data"]
    assert [one["name"] for one in listed][:3] == ["one", "two", "before"]
    assert said(scripted, key, "Hello") == "One"


def test_parts_of_a_file_that_are_no_rules_are_told(scripted: RunningServer, key: str) -> None:
    fixtures = [{"match": {"userMessage": "Hi"}, "response": {"content": "Ho"}}, {"match": {"no": 1}, "response": {}}]
    found = imported(scripted, key, json.dumps({"fixtures": fixtures}).encode(), "fixtures.json")
    assert found["skipped"] == [{"where": "fixture 2", "reason": "match.no does not apply to chat completions"}]
    assert said(scripted, key, "Hi") == "Ho"


@pytest.mark.parametrize("name", ["..", "a/../../b", "\0", "\u20ac" * 200, ""])
def test_the_name_of_a_file_leads_nowhere(scripted: RunningServer, key: str, name: str) -> None:
    fixtures = {"fixtures": [{"match": {"userMessage": "Hi"}, "response": {"content": "Ho"}}]}
    assert len(imported(scripted, key, json.dumps(fixtures).encode(), name)["rules"]) == 1
    control(scripted, key, "POST", "reset")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "The file has no rules."),
        (b"rules:\n- {when: {usr: x}, reply: y}\n", "mine.yaml:2:11: rules[0].when.usr: unknown key"),
        (b"\xff\x00\xfe", "The file cannot be imported"),
        (b"\x1f\x8bbroken", "The file has no rules. not gzip"),
        (b'{"log": {"entries": [{"request": {}}]}}', "The file has no rules. entry 1: "),
        (b"- {reply: {upstream: true}}\n", "there is no upstream"),
        (b"[" * 100_000, "The file cannot be imported"),
    ],
)
def test_a_wrong_file_is_refused_and_changes_nothing(scripted: RunningServer, key: str, data: bytes, why: str) -> None:
    assert why in refused(scripted, key, data, "mine.yaml")


@pytest.mark.parametrize(
    "arguments", ["{1: 2}", "{x: .nan}", "{x: 1e999}", "{~: .inf}", "!!set {x}", "!!binary eA==", "!!bool x"]
)
def test_a_value_that_json_has_not_is_refused_and_the_session_answers_on(
    scripted: RunningServer, key: str, arguments: str
) -> None:
    data = f"rules:\n- {{when: {{user: Hi}}, reply: {{tool_calls: [{{f: {arguments}}}]}}}}\n".encode()
    assert "x.yaml:2:" in refused(scripted, key, data, "x.yaml")
    assert said(scripted, key, "Hi") == "no_rule_matched"


def test_a_number_of_many_digits_is_answered_exactly(scripted: RunningServer, key: str) -> None:
    data = b"rules:\n- {when: {user: Many}, reply: {tool_calls: [{f: {n: 123456789012345678901234567890}}]}}\n"
    assert imported(scripted, key, data, "x.yaml")["skipped"] == []
    tools = [{"type": "function", "function": {"name": "f"}}]
    answer = json.loads(chat(scripted.origin, key, messages=[{"role": "user", "content": "Many"}], tools=tools).body)
    (call,) = answer["choices"][0]["message"]["tool_calls"]
    assert json.loads(call["function"]["arguments"]) == {"n": 123456789012345678901234567890}


def test_a_large_file_is_refused(monkeypatch: pytest.MonkeyPatch, scripted: RunningServer, key: str) -> None:
    monkeypatch.setattr(imported_rules, "MOST_BYTES", 8)
    assert refused(scripted, key, b"- {reply: x}\n").startswith("The file has 13 bytes, and at most 8 are imported: ")


def test_a_file_of_too_many_rules_is_refused_whole(serve: Serve) -> None:
    with serve(max_rules=1) as served:
        error = imported(served, "sk-a", b"- {reply: x}\n- {reply: y}\n", "rules.yaml")["error"]
        assert error["message"] == "That makes 2 added rules, and --max-rules is 1: delete some, or reset."
        assert control(served, "sk-a", "GET", "rules")["data"] == []


def test_a_file_of_aliases_of_aliases_is_refused(scripted: RunningServer, key: str) -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{level}: &a{level} [{','.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 9)]
    for name in ("rules.yaml", "cassette.yaml"):
        assert "stand for more than 1,000,000 values" in refused(scripted, key, "\n".join(lines).encode(), name)
