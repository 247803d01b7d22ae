"""Exports of the journal: each format gives back what was asked and answered."""

import json
import subprocess
from pathlib import Path
from typing import Any, Final

import openai
import pytest
import yaml
from openai import OpenAI

from chatdouble.importers.importer import KINDS, SkippedPart, import_files
from chatdouble.scripts.format.reply import ReplySpec
from chatdouble.scripts.format.rule import When
from chatdouble.scripts.reading.load import load
from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import ask, chat, control
from steps import written_steps

TOOLS: Final[Any] = [
    {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
]
REPLIES: Final[Any] = [
    {"tool_calls": [{"f": {"x": "{{ 7 * 6 }}"}}]},
    {"error": {"status": 429, "message": "Slow down."}},
    {"text": "Braces: {% raw %}{{ kept }}{% endraw %}", "finish_reason": "length"},
    {"refusal": "No."},
]


def user(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


def exported(server: RunningServer, key: str, name: str, **query: str) -> str:
    """Return an export."""
    asked = "&".join(f"{field}={value}" for field, value in {"format": name, **query}.items())
    answer = ask(server.origin, "GET", f"/_double/requests/export?{asked}", headers={"Authorization": f"Bearer {key}"})
    assert answer.status == 200, answer.body
    return answer.body.decode()


def converse(client: OpenAI) -> list[Any]:
    """Ask in every way that the replies need; return the messages, the error and the texts of the answers."""
    create = client.chat.completions.create
    first = create(model="gpt-4o", messages=user("Go"), tools=TOOLS).choices[0].message
    result = {"role": "tool", "tool_call_id": (first.tool_calls or [])[0].id, "content": "ok 'quoted' *"}
    more: Any = [*user("Go"), first.to_dict(), result]
    with pytest.raises(openai.RateLimitError) as limited:
        create(model="gpt-4o", messages=more, tools=TOOLS)
    cut = create(model="gpt-4o", messages=more, tools=TOOLS)
    refusal = create(model="gpt-4o", messages=user("Harm?"))
    streamed = create(model="gpt-4o", messages=user("Say this"), stream=True)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in streamed if chunk.choices)
    return [
        [call.to_dict() for call in first.tool_calls or []],
        limited.value.body,
        (cut.choices[0].message.content, cut.choices[0].finish_reason),
        refusal.choices[0].message.refusal,
        text,
    ]


@pytest.fixture
def said(server: RunningServer, client: OpenAI, key: str) -> list[Any]:
    """Hold two conversations, and return what was answered."""
    control(server, key, "POST", "queue", REPLIES)
    return converse(client)


@pytest.mark.usefixtures("said")
def test_json_and_jsonl_are_the_entries_of_the_list(server: RunningServer, key: str) -> None:
    entries = control(server, key, "GET", "requests")["data"]
    assert json.loads(exported(server, key, "json")) == entries
    assert [json.loads(line) for line in exported(server, key, "jsonl").splitlines()] == entries
    assert json.loads(exported(server, key, "json", status="429")) == entries[1:2]
    assert json.loads(exported(server, key, "json", status="599")) == []
    refused = ask(server.origin, "GET", "/_double/requests/export?format=xml", headers={"Authorization": "Bearer x"})
    assert refused.status == 400


def test_rules_give_the_same_answers_again(
    server: RunningServer, serve: Serve, key: str, said: list[Any], tmp_path: Path
) -> None:
    (tmp_path / "again.yaml").write_text(exported(server, key, "rule"))
    script = load([tmp_path])
    assert len(script.rules) == 4
    with (
        serve(scripts=(tmp_path,)) as again,
        OpenAI(base_url=again.base_url, api_key=key, max_retries=0) as client,
    ):
        assert converse(client) == said


@pytest.mark.usefixtures("said")
def test_turns_are_read_as_scripts_read_them(server: RunningServer, key: str) -> None:
    lines = [json.loads(line) for line in exported(server, key, "turns").splitlines()]
    assert [len(line["turns"]) for line in lines] == [3, 1, 1]
    for line in lines:
        When.model_validate(line["conversation"]["when"])
        for turn in line["turns"]:
            When.model_validate(turn["when"])
            ReplySpec.model_validate(turn["reply"])
    assert lines[0]["turns"][1]["reply"]["error"]["status"] == 429
    (only,) = [json.loads(line) for line in exported(server, key, "turns", text="Harm?").splitlines()]
    assert only == {
        "turns": [
            {
                "when": {"message_count": 1, "last": {"role": "user", "text": {"equals": "Harm?"}}},
                "reply": {"refusal": "No."},
            }
        ]
    }


@pytest.mark.parametrize("name", ["har", "json", "jsonl"])
@pytest.mark.parametrize("stream", [True, False])
def test_a_long_answer_is_exported_in_steps(
    server: RunningServer, key: str, monkeypatch: pytest.MonkeyPatch, name: str, stream: bool
) -> None:
    answered = chat(server.origin, key, messages=user("word é " * 8_000), n=30, stream=stream).body.decode()
    steps = written_steps(monkeypatch)
    whole = exported(server, key, name)
    assert len(whole) > 1_000_000
    assert max(steps) < 600_000
    if name == "har":
        (entry,) = json.loads(whole)["log"]["entries"]
        content = entry["response"]["content"]
        shown = content["text"] if stream else json.loads(content["text"])
        assert shown == (answered if stream else json.loads(answered))
        assert content["size"] == entry["response"]["bodySize"] == len(content["text"].encode())
        assert entry["request"]["bodySize"] == len(entry["request"]["postData"]["text"].encode())


def test_an_archive_imports_again(
    server: RunningServer, serve: Serve, key: str, said: list[Any], tmp_path: Path
) -> None:
    archive = tmp_path / "journal.har"
    archive.write_text(exported(server, key, "har"))
    assert json.loads(archive.read_text())["log"]["version"] == "1.2"
    folder = tmp_path / "recordings"
    assert not [part for part in import_files(KINDS["har"], [archive], folder) if isinstance(part, SkippedPart)]
    with (
        serve(recordings=folder, mode="replay") as again,
        OpenAI(base_url=again.base_url, api_key=key, max_retries=0) as client,
    ):
        assert converse(client) == said


def test_an_archive_has_requests_that_were_not_answered_and_the_import_skips_them(
    serve: Serve, key: str, tmp_path: Path
) -> None:
    archive = tmp_path / "journal.har"
    with serve(ttft=600) as served, OpenAI(base_url=served.base_url, api_key=key, max_retries=0, timeout=0.2) as client:
        with pytest.raises(openai.APITimeoutError):
            client.chat.completions.create(model="gpt-4o", messages=user("Slow"))
        control(served, key, "POST", "requests/wait", {"timeout": 60})
        archive.write_text(exported(served, key, "har"))
    (entry,) = json.loads(archive.read_text())["log"]["entries"]
    assert entry["response"]["status"] == 0
    (skipped,) = import_files(KINDS["har"], [archive], tmp_path / "recordings")
    assert str(skipped).endswith("entry 1: the request was not answered")


def test_commands_ask_the_same_again(server: RunningServer, client: OpenAI, key: str) -> None:
    client.chat.completions.create(
        model="gpt-4o", messages=user("It's $HOME `x`\n\u00e9"), extra_headers={"X-Trace": "a'b"}
    )
    client.models.retrieve("gpt-4o")
    commands = exported(server, key, "curl")
    assert key not in commands
    environment = {"OPENAI_API_KEY": key, "PATH": "/usr/bin:/bin"}
    subprocess.run(["/bin/sh", "-e", "-c", commands], env=environment, check=True, capture_output=True)
    entries = control(server, key, "GET", "requests")["data"]
    assert [one["request"] for one in entries[2:]] == [one["request"] for one in entries[:2]]
    assert entries[2]["headers"]["x-trace"] == "a'b"


def test_a_rule_file_without_requests_is_one(server: RunningServer, key: str) -> None:
    assert yaml.safe_load(exported(server, key, "rule")) == {"version": 1, "rules": []}
    assert exported(server, key, "turns") == ""


@pytest.mark.parametrize("form", ["rule", "rule_json", "turns"])
def test_a_text_that_no_script_can_have_is_left_out(server: RunningServer, key: str, form: str) -> None:
    chat(server.origin, key, messages=[{"role": "user", "content": "half of a pair: \ud800"}])
    chat(server.origin, key, messages=[{"role": "user", "content": "Hello!"}])
    text = exported(server, key, form)
    assert ("half of a pair" in text, "Hello!" in text) == (False, True)


@pytest.mark.parametrize("options", [5, ["include_usage"], "x"])
def test_an_archive_has_a_stream_whose_options_are_none(serve: Serve, key: str, options: Any) -> None:
    with serve(validation="lenient") as lenient:
        chat(lenient.origin, key, stream=True, stream_options=options, messages=[{"role": "user", "content": "Hello!"}])
        (entry,) = json.loads(exported(lenient, key, "har"))["log"]["entries"]
    assert entry["response"]["content"]["text"].endswith("data: [DONE]\n\n")


def test_the_library_for_yaml_writes_no_long_text_of_a_rule_which_is_read_again(
    server: RunningServer, key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = "Zeile: 'line-0'\n" * 40_000
    chat(server.origin, key, messages=user(text), max_tokens=3)
    steps: list[int] = []
    dump = yaml.dump

    def counted(*given: Any, **more: Any) -> Any:
        written = dump(*given, **more)
        steps.append(len(written))
        return written

    monkeypatch.setattr(yaml, "dump", counted)
    file = tmp_path / "rules.yaml"
    file.write_text(exported(server, key, "rule"), encoding="utf-8")
    assert max(steps) < 10_000
    for held in (load([tmp_path]).rules[0].written, yaml.safe_load(file.read_text("utf-8"))["rules"][0]):
        assert held["when"]["last"]["text"] == {"equals": text}
