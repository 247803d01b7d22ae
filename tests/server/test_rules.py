"""Rules while the server runs: listed, added, replaced, changed, disabled and deleted, over real sockets."""

from pathlib import Path
from typing import Any, Final

import pytest

from chatdouble.server.control import findings
from chatdouble.state.memory_store import MemoryStore
from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import ask, chat, control
from ruled import CONTROL, add, said
from steps import written_steps
from threads import by_pool


def test_the_list_has_file_and_line_hits_and_the_state_of_sequences(
    scripted: RunningServer, key: str, folder: Path
) -> None:
    assert [said(scripted, key, text) for text in ("weather?", "Again", "Again")] == ["Rain.", "one", "two"]
    listed = control(scripted, key, "GET", "rules")
    assert listed["object"] == "list"
    weather, again, things = listed["data"]
    assert weather["rule"] == {"name": "weather", "when": {"user": "weather*"}, "reply": "Rain."}
    shown = ("name", "source", "line", "hits", "scope", "disabled", "sequence")
    source = str(folder / "script.yaml")
    assert [weather[name] for name in shown] == ["weather", source, 1, 1, "file", False, None]
    assert [again[name] for name in shown] == ["rule 2", source, 4, 2, "file", False, {"next": 3, "of": 3}]
    assert (things["line"], things["hits"]) == (7, 0)
    assert said(scripted, key, "Again") == "three"
    assert control(scripted, key, "GET", f"rules/{again['id']}")["sequence"] == {"next": None, "of": 3}


def test_an_added_rule_is_tried_before_or_after_those_of_files(scripted: RunningServer, key: str) -> None:
    add(scripted, key, {"name": "mine", "when": {"user": "weather in *"}, "reply": "Sun."})
    add(scripted, key, {"name": "rest", "reply": "Whatever."}, "last")
    got = [said(scripted, key, text) for text in ("weather in Oslo", "weather at home", "hm")]
    assert got == ["Sun.", "Rain.", "Whatever."]
    assert [one["rule"] for one in control(scripted, key, "GET", "requests")["data"]] == ["mine", "weather", "rest"]
    listed = control(scripted, key, "GET", "rules")["data"]
    assert [(one["name"], one["hits"]) for one in listed][::4] == [("mine", 1), ("rest", 1)]
    assert said(scripted, f"{key}-other", "weather in Oslo") == "Rain."


def test_the_newest_first_rule_comes_first(scripted: RunningServer, key: str) -> None:
    for text in ("old", "new"):
        add(scripted, key, {"reply": text})
    assert said(scripted, key, "x") == "new"


def test_a_rule_of_a_file_can_be_disabled_for_one_session_and_enabled_again(scripted: RunningServer, key: str) -> None:
    disabled = control(scripted, key, "PATCH", "rules/weather", {"disabled": True})
    assert (disabled["name"], disabled["disabled"]) == ("weather", True)
    assert said(scripted, key, "weather?") == "no_rule_matched"
    assert said(scripted, f"{key}-other", "weather?") == "Rain."
    control(scripted, key, "PATCH", f"rules/{disabled['id']}", {"disabled": False})
    assert said(scripted, key, "weather?") == "Rain."


def test_a_disabled_rule_for_another_endpoint_answers_no_more(scripted: RunningServer, key: str) -> None:
    def things() -> int:
        return ask(scripted.origin, "GET", "/v1/things", headers={"Authorization": f"Bearer {key}"}).status

    assert things() == 200
    control(scripted, key, "PATCH", "rules/rule 3".replace(" ", "%20"), {"disabled": True})
    assert things() == 404
    add(scripted, key, {"when": {"endpoint": "GET /things"}, "reply": {"body": {"status": 418, "text": "tea"}}})
    assert things() == 418


def test_a_rule_can_be_replaced_and_keeps_its_counts(scripted: RunningServer, key: str) -> None:
    mine = add(scripted, key, {"sequence": ["a", "b"]})
    assert said(scripted, key, "x") == "a"
    replaced = control(scripted, key, "PUT", f"rules/{mine}", {"rule": {"sequence": ["c", "d"]}})
    assert (replaced["id"], replaced["hits"]) == (mine, 1)
    assert said(scripted, key, "x") == "d"


def test_a_rule_can_be_changed_key_by_key_moved_disabled_and_deleted(scripted: RunningServer, key: str) -> None:
    mine = add(scripted, key, {"when": {"user": "weather*"}, "reply": "Snow.", "times": 1})
    changed = control(scripted, key, "PATCH", f"rules/{mine}", {"rule": {"reply": "Hail.", "times": None}})
    assert changed["rule"] == {"when": {"user": "weather*"}, "reply": "Hail."}
    assert [said(scripted, key, "weather?") for _ in range(2)] == ["Hail.", "Hail."]
    assert control(scripted, key, "PATCH", f"rules/{mine}", {"position": "last"})["position"] == "last"
    assert said(scripted, key, "weather?") == "Rain."
    control(scripted, key, "PATCH", f"rules/{mine}", {"position": "first", "disabled": True})
    assert said(scripted, key, "weather?") == "Rain."
    control(scripted, key, "PATCH", f"rules/{mine}", {"disabled": False})
    assert said(scripted, key, "weather?") == "Hail."
    assert control(scripted, key, "DELETE", f"rules/{mine}") == {"id": mine, "deleted": True}
    assert said(scripted, key, "weather?") == "Rain."


def test_rules_for_all_sessions_need_the_control_key(scripted: RunningServer, key: str) -> None:
    refused = control(scripted, key, "POST", "rules?session=*", {"rule": {"reply": "x"}})
    assert refused["error"]["code"] == "control_key_required"
    shared = add(scripted, CONTROL, {"name": "shared", "when": {"user": "To all"}, "reply": "All."}, query="?session=*")
    try:
        assert [said(scripted, f"{key}-{at}", "To all") for at in range(2)] == ["All.", "All."]
        refused = control(scripted, key, "DELETE", f"rules/{shared}")
        assert refused["error"]["code"] == "not_an_added_rule"
        control(scripted, key, "PATCH", f"rules/{shared}", {"disabled": True})
        assert [said(scripted, name, "To all") for name in (key, f"{key}-1")] == ["no_rule_matched", "All."]
        (listed,) = [one for one in control(scripted, CONTROL, "GET", "rules?session=*")["data"] if one["id"] == shared]
        assert (listed["scope"], listed["hits"], listed["sequence"]) == ("all", 3, None)
    finally:
        control(scripted, CONTROL, "DELETE", "rules/shared?session=*")
    assert said(scripted, f"{key}-2", "To all") == "no_rule_matched"


def test_the_answers_in_all_sessions_are_counted_once_for_all_rules(
    monkeypatch: pytest.MonkeyPatch, scripted: RunningServer, key: str
) -> None:
    for session in (key, f"{key}-other"):
        assert said(scripted, session, "weather?") == "Rain."
    listings: list[int] = []
    names = MemoryStore.sessions

    async def counted(store: MemoryStore) -> list[str]:
        listings.append(1)
        return await names(store)

    monkeypatch.setattr(MemoryStore, "sessions", counted)
    weather, again, _ = control(scripted, CONTROL, "GET", "rules?session=*")["data"]
    assert len(listings) == 1
    assert weather["hits"] >= 2
    assert again["sequence"] is None


def test_added_rules_answer_before_any_other_backend_too(server: RunningServer, key: str) -> None:
    add(server, key, {"when": {"user": "weather*"}, "reply": "Rain."}, "last")
    assert [said(server, key, text) for text in ("weather?", "other")] == ["Rain.", "other"]
    (one,) = control(server, key, "GET", "rules")["data"]
    assert (one["hits"], one["source"], one["line"]) == (1, None, None)
    control(server, key, "POST", "reset")
    assert said(server, key, "weather?") == "weather?"
    assert control(server, key, "GET", "rules")["data"] == []


OF_FILE: Final = "script.yaml:1. This session can disable it"


@pytest.mark.parametrize(
    ("asked", "body", "mistake"),
    [
        (
            "POST rules",
            {"rule": {"when": {"usr": "x"}, "reply": "y"}},
            "rule.when.usr: unknown key; did you mean 'user'?",
        ),
        (
            "POST rules",
            {"rule": {"reply": "y"}, "position": "frist"},
            "position: must be 'first' or 'last'; did you mean",
        ),
        ("POST rules", {"rule": {"reply": {"upstream": True}}}, "rule: there is no upstream; start the server with"),
        ("POST rules", {"rule": {"name": "x"}}, "rule: a rule has either a reply or a sequence of replies"),
        ("PATCH rules/weather", {"disable": True}, "disable: unknown key; did you mean 'disabled'?"),
        ("PATCH rules/wether", {"disabled": True}, "There is no rule 'wether'; did you mean 'weather'?"),
        ("PATCH rules/weather", {"position": "last"}, OF_FILE),
        ("PUT rules/weather", {"rule": {"reply": "x"}}, OF_FILE),
        ("DELETE rules/weather", None, OF_FILE),
        ("GET rules/none", None, "There is no rule 'none'."),
    ],
)
def test_a_wrong_change_is_refused(scripted: RunningServer, key: str, asked: str, body: Any, mistake: str) -> None:
    method, path = asked.split()
    refused = control(scripted, key, method, path, body)["error"]
    assert mistake in refused["message"]
    assert refused["code"] in ("invalid_rule", "rule_not_found", "not_an_added_rule")
    assert len(control(scripted, key, "GET", "rules")["data"]) == 3


def test_a_rule_with_an_endpoint_needs_script_files(server: RunningServer, key: str) -> None:
    rule = {"when": {"endpoint": "GET /things"}, "reply": {"body": "x"}}
    refused = control(server, key, "POST", "rules", {"rule": rule})
    assert refused["error"]["message"].startswith("rule.when.endpoint: a rule with an `endpoint` needs a server with")


def test_a_session_has_as_many_added_rules_as_the_setting_allows(serve: Serve) -> None:
    with serve(max_rules=3, control_key=CONTROL) as served:
        for number in range(3):
            add(served, "sk-a", {"reply": f"{number}"})
            add(served, CONTROL, {"reply": "x"}, query="?session=*")
        for key, query in (("sk-a", ""), (CONTROL, "?session=*")):
            error = control(served, key, "POST", f"rules{query}", {"rule": {"reply": "x"}})["error"]
            assert error["code"] == "too_many_rules"
            assert error["message"] == "That makes 4 added rules, and --max-rules is 3: delete some, or reset."
        assert said(served, "sk-a", "hi") == "2"
        control(served, "sk-a", "POST", "reset")
        add(served, "sk-a", {"reply": "again"})


def test_reset_of_all_sessions_removes_the_rules_of_all(serve: Serve) -> None:
    with serve(control_key=CONTROL) as served:
        add(served, CONTROL, {"reply": "All."}, query="?session=*")
        assert said(served, "sk-a", "hi") == "All."
        control(served, CONTROL, "POST", "reset?session=*")
        assert said(served, "sk-a", "hi") == "hi"
        assert chat(served.origin, "sk-a").status == 200


def test_a_request_shows_why_the_rules_that_were_added_did_not_answer(
    scripted: RunningServer, server: RunningServer, key: str
) -> None:
    for served in (scripted, server):  # the second one has no script files
        add(served, key, {"name": "sun", "when": {"user": "sun in *"}, "reply": "Sun."})
        add(served, key, {"name": "off", "reply": "Nothing."})
        control(served, key, "PATCH", "rules/off", {"disabled": True})
        said(served, key, "weather in Oslo")
        (entry,) = control(served, key, "GET", "requests")["data"]
        near = control(served, key, "GET", f"requests/{entry['id']}")["near_misses"][0]
        assert (near["rule"], near["condition"], near["expected"]) == ("sun", "user", '"sun in *"')
        assert near["where"] == "added while the server runs"
    other = control(scripted, f"{key}-other", "GET", "rules")["data"]
    assert "sun" not in [one["name"] for one in other]


def test_mistakes_in_the_rules_in_force_are_listed_with_the_rule_that_hides_another(
    scripted: RunningServer, key: str, folder: Path
) -> None:
    assert control(scripted, key, "GET", "lint") == {"object": "list", "data": [], "checked": 3}
    wide = add(scripted, key, {"name": "wide", "when": {"user": "weather*"}, "reply": "{{ nobody }}"})
    template, hidden = control(scripted, key, "GET", "lint")["data"]
    assert (template["rule"], template["severity"], template["source"], template["line"]) == (wide, "error", None, None)
    assert template["message"] == "undefined variable 'nobody' in the template"
    assert (hidden["name"], hidden["source"], hidden["line"]) == ("weather", str(folder / "script.yaml"), 1)
    assert hidden["shadowed_by"] == wide
    assert hidden["message"].startswith("never reached: 'wide' added while the server runs answers every request")
    control(scripted, key, "PATCH", f"rules/{wide}", {"disabled": True})
    assert control(scripted, key, "GET", "lint")["data"] == []
    twin = add(scripted, key, {"name": "weather", "reply": "Sun."}, "last")
    (same,) = control(scripted, key, "GET", "lint")["data"]
    assert (same["rule"], same["shadowed_by"]) == (twin, None)
    assert same["message"] == f"the rule at {folder / 'script.yaml'}:1 has the same name 'weather'"


def test_so_many_rules_are_checked(monkeypatch: pytest.MonkeyPatch, scripted: RunningServer, key: str) -> None:
    monkeypatch.setattr(findings, "MOST", 2)
    assert control(scripted, key, "GET", "lint")["checked"] == 2


def test_a_request_writes_none_of_the_rules_that_were_added(
    monkeypatch: pytest.MonkeyPatch, server: RunningServer, key: str
) -> None:
    for at in range(5):
        add(server, key, {"name": f"r{at}", "when": {"user": f"word {at}"}, "reply": "long " * 2000})
    steps = written_steps(monkeypatch)
    assert said(server, key, "Hello!") == "Hello!"
    assert max(steps) < 5000
    add(server, key, {"name": "last", "when": {"user": "Hello!"}, "reply": "one"})
    assert said(server, key, "Hello!") == "one"
    control(server, key, "PATCH", "rules/last", {"rule": {"reply": "two"}})
    assert said(server, key, "Hello!") == "two"


def test_a_thread_looks_for_the_lines_of_all_rules(
    monkeypatch: pytest.MonkeyPatch, scripted: RunningServer, key: str
) -> None:
    made = by_pool(monkeypatch, "chatdouble.server.control.rule_list._from_file")
    assert len(control(scripted, key, "GET", "rules")["data"]) == 3
    assert made == [True] * 3
