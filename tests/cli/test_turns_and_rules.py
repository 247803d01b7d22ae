"""`chatdouble script` and `chatdouble rules` against a running server."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from commands import run
from raw import chat

TURNS = """\
turns:
  - when: {user: Hello!}
    reply: Hi.
  - Bye.
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cli")


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[RunningServer]:
    """Return a server with one rule and a folder for more."""
    (folder / "script.yaml").write_text("- name: greeting\n  when: {user: Hello!}\n  sequence: [a, b]\n")
    settings = {"scripts": [folder / "script.yaml"], "save_rules": folder / "saved", "unmatched": "echo"}
    with running(Settings.model_validate(settings)) as one:
        yield one


def said(server: RunningServer, key: str) -> str:
    text: str = json.loads(chat(server.origin, key).body)["choices"][0]["message"]["content"]
    return text


def test_script_scripts_shows_and_clears(served: RunningServer, key: str, folder: Path) -> None:
    where = ("--url", served.origin, "--key", key)
    (folder / "turns.yaml").write_text(TURNS)
    assert run("script", f"@{folder / 'turns.yaml'}", *where).stdout == "script_1: 2 turns waiting\n"
    assert run("script", '["More."]', *where).stdout == "script_2: 3 turns waiting\n"
    assert said(served, key) == "Hi."
    first, second = map(json.loads, run("script", *where).stdout.splitlines())
    assert (first["waiting"], second["waiting"]) == (1, 1)
    assert run("script", "--clear", *where).stdout == "2 turns dropped\n"
    assert said(served, key) == "a"


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (("script", '[{"when": {"usr": "x"}, "reply": "y"}]'), "script.turns[0].when.usr: unknown key; did you mean"),
        (("script", "@/none.yaml"), "/none.yaml cannot be read"),
        (("script", "[]", "--clear"), "give turns, or --clear"),
        (("queue", "x", "--clear"), "give a value, or --clear"),
        (("rules", "disable", "greetin"), "There is no rule 'greetin'; did you mean 'greeting'?"),
        (("queue", os.fsdecode(b"caf\xe9")), "not sent: the character '\\udce9' has no place in a request"),
        (("session", "--key", "caf\u00e9"), "not sent: the character '\u00e9' has no place in a request"),
        (("rules", "enable", os.fsdecode(b"caf\xe9")), "There is no rule 'caf"),
        (("session", "--url", "http://a..b"), "no answer from http://a..b: "),
        (("rules", "add", '{"reply": {"txt": "x"}}'), "rule.reply.txt: unknown key; did you mean 'text'?"),
    ],
)
def test_a_mistake_is_one_line(served: RunningServer, key: str, arguments: tuple[str, ...], printed: str) -> None:
    where = [] if "--url" in arguments else ["--url", served.origin]
    ran = run(*arguments, *where, *([] if "--key" in arguments else ["--key", key]))
    assert ran.returncode == 2
    assert ran.stderr.startswith("chatdouble: ")
    assert printed in ran.stderr


def test_a_file_that_is_not_yaml_is_reported_with_its_place(served: RunningServer, key: str, folder: Path) -> None:
    (folder / "wrong.yaml").write_text("turns: [\n")
    ran = run("script", f"@{folder / 'wrong.yaml'}", "--url", served.origin, "--key", key)
    assert (ran.returncode, f"{folder / 'wrong.yaml'}:2:1: not YAML" in ran.stderr) == (2, True)


def test_rules_are_listed_added_changed_deleted_and_saved(served: RunningServer, key: str, folder: Path) -> None:
    where = ("--url", served.origin, "--key", key)
    assert said(served, key) == "a"
    script = folder / "script.yaml"
    (line,) = run("rules", "list", *where).stdout.splitlines()
    assert line.partition("  ")[2] == f"greeting  ({script}:1)  1 hits, next reply 2 of 2"
    added = run("rules", "add", '{"name": "mine", "reply": "Mine."}', *where).stdout
    assert (added, said(served, key)) == ("added_rule_1\n", "Mine.")
    run("rules", "replace", "mine", '{"name": "mine", "reply": "New."}', *where)
    assert said(served, key) == "New."
    saved = folder / "saved" / "mine.yaml"
    assert run("rules", "save", "mine", *where).stdout == f"1 rules saved in {saved}\n"
    run("rules", "disable", "greeting", *where)
    run("rules", "disable", "mine", *where)
    assert said(served, key) == "Hello!"
    listed = run("rules", "list", *where).stdout
    assert "added_rule_1  mine  (added for session)  2 hits, disabled" in listed
    run("rules", "enable", "greeting", *where)
    assert said(served, key) == "b"
    run("rules", "delete", "mine", *where)
    assert [json.loads(one)["name"] for one in run("rules", "list", "--json", *where).stdout.splitlines()] == [
        "greeting"
    ]


def test_rules_are_imported_from_a_file(served: RunningServer, key: str, folder: Path) -> None:
    where = ("--url", served.origin, "--key", key)
    (folder / "two.yaml").write_text("- {when: {user: Hello!}, reply: Imported.}\n- {when: {user: x}, reply: y}\n")
    assert run("rules", "import", str(folder / "two.yaml"), *where).stdout == "added_rule_1\nadded_rule_2\n"
    assert said(served, key) == "Imported."
    (folder / "half.yaml").write_text("- {when: {user: Hello!}, reply: ")
    for file, why in (("half.yaml", "half.yaml:2:1: not YAML"), ("none.yaml", "cannot be read")):
        ran = run("rules", "import", str(folder / file), *where)
        assert (ran.returncode, ran.stdout, why in ran.stderr) == (2, "", True)
    assert len(run("rules", "list", *where).stdout.splitlines()) == 3


def test_the_rules_in_force_are_linted(served: RunningServer, key: str, folder: Path) -> None:
    where = ("--url", served.origin, "--key", key)
    assert run("rules", "lint", *where).returncode == 0
    run("rules", "add", '{"name": "all", "reply": "Hi."}', *where)
    ran = run("rules", "lint", *where)
    (line, hint) = ran.stdout.splitlines()
    assert line.startswith(f"{folder / 'script.yaml'}:1:")
    assert ": error: greeting: never reached: 'all' added while the server runs" in line
    assert hint.startswith("    Put the more specific rule first")
    assert (ran.returncode, ran.stderr) == (1, "1 errors, 0 warnings\n")


def test_the_queue_is_shown_and_cleared(served: RunningServer, key: str) -> None:
    where = ("--url", served.origin, "--key", key)
    run("queue", '["One.", {"reply": "Two.", "model": "gpt-4o"}]', *where)
    assert run("queue", *where).stdout == '"One."\n{"reply": "Two.", "model": "gpt-4o"}\n'
    assert run("queue", "--clear", *where).stdout == f"0 waiting in session {key}\n"
