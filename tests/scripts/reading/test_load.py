"""Loading scripts, and the mistakes in them."""

import json
from pathlib import Path

import pytest

from chatdouble.scripts.reading.load import Script, ScriptError, load, parse


def problems(text: str, *, as_json: bool = False) -> list[str]:
    with pytest.raises(ScriptError) as raised:
        parse(text, "s.yaml", json=as_json)
    return [str(problem) for problem in raised.value.problems]


def texts(script: Script) -> list[str | None]:
    return [placed.rule.replies()[0].text for placed in script.rules]


def test_a_folder_is_loaded_recursively_and_sorted_and_other_files_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "z.yml").write_text("- reply: third")
    (tmp_path / "a.yaml").write_text("rules: [{reply: first}]")
    (tmp_path / "b" / "a.json").write_text('{"rules": [{"reply": "second"}]}')
    (tmp_path / "notes.txt").write_text("not a script")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "x.yaml").write_text("nonsense: true")
    assert texts(load([tmp_path])) == ["first", "second", "third"]


def test_several_paths_are_loaded_in_order(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(f"- reply: {name}")
    assert texts(load([tmp_path / "two.yaml", tmp_path / "one.yaml"])) == ["two", "one"]


def test_an_error_has_the_mistakes_of_all_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- rply: x")
    (tmp_path / "b.yaml").write_text("a: [")
    with pytest.raises(ScriptError) as raised:
        load([tmp_path, tmp_path / "missing.yaml"])
    assert {Path(problem.file).name for problem in raised.value.problems} == {"a.yaml", "b.yaml", "missing.yaml"}


def test_a_folder_without_scripts_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="no script files"):
        load([tmp_path])


def test_a_file_that_is_not_text_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScriptError, match="cannot be read"):
        load([tmp_path])


def test_a_mistake_is_found_in_json_that_is_no_yaml() -> None:
    name = "n" * 2000  # longer than a key of YAML may be
    (problem,) = problems(json.dumps({"rules": [], name: 1}), as_json=True)
    assert problem.startswith(f"s.yaml:1:1: {name}: unknown key")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules:\n  - nam: x\n    reply: a", "s.yaml:2:5: rules[0].nam: unknown key; did you mean 'name'?"),
        (
            "- when:\n    user: {contain: a}\n  reply: a",
            "s.yaml:2:12: rules[0].when.user.contain: unknown key; did you mean 'contains'?",
        ),
        ("- reply: {fault: disconect}", "did you mean 'disconnect'?"),
        ("- reply: 5", "s.yaml:1:3: rules[0].reply: must be an object or a string"),
        ("- reply: {text: 5}", "must be a string; put it in quotes"),
        ("- reply: {text: a, error: 500}", "a reply cannot have all of error, text"),
        ("- reply: {after_chunks: 2, text: a}", "after_chunks needs a fault"),
        ("- reply: {fault: stall, text: a, finish_reason: stpo}", "did you mean 'stop'?"),
        ("- reply: {fault: {name: stall, code: x}}", "the fault 'stall' does not take code"),
        ("- reply: {}", "the reply is empty"),
        ("- {when: {user: {ignore_case: true}}, reply: a}", "the matcher has no condition"),
        ("- {when: {user: {matches: '('}}, reply: a}", "not a regular expression: missing )"),
        ("- {when: {body: {'$[': 1}}, reply: a}", "'$[' is not a JSONPath"),
        ("- {when: {any: [{hits: 1}]}, reply: a}", "`hits` is allowed at the top level of `when` only"),
        ("- {reply: a, sequence: [b]}", "either a reply or a sequence"),
        ("- {reply: a, then: loop}", "`then` applies to a sequence"),
        ("- {when: {user: }, reply: Hi.}", "`user` is null, which is no condition; leave it out"),
        ("- {when: {last: {text: }}, reply: Hi.}", "`text` is null"),
        ("- {sequence: []}", "at least 1 item"),
        ("- reply: {text: a, json: {}}", "text and json set the same content: give one of them"),
        ("- reply: {text: a, content: a}", "text and content set the same content: give one of them"),
        ("- reply: {content: 5}", "s.yaml:1:11: rules[0].reply.content: must be a string"),
        ("- reply: {body: {text: a, json: {}}}", "text, json and base64 all set the body"),
        ("- reply: {body: {base64: '?'}}", "not base64"),
        ("- reply: {chunks: [{at: 1}]}", "one of text, chunk and raw"),
        ("- reply: {tool_calls: [{name: a, arguments: {}, input: b}]}", "give one of them"),
        ("- reply: {tool_calls: [{name: a, argments: {}}]}", "argments: unknown key; did you mean 'arguments'?"),
        ("- reply: {tool_calls: [5]}", "tool_calls[0]: must be an object or a string"),
        ("- reply: {text: a, created: x}", "must be a valid integer"),
        ("- {when: {body: {'$.a | $.b': 1}}, reply: a}", "'$.a | $.b' is not a JSONPath"),
        ("- reply: \0", "not YAML"),
        ("version: 2", "must be 1"),
        ("a: 1\na: 2", "s.yaml:2:1: the key 'a' occurs twice in one object"),
        ("rules: [", "not YAML"),
        ("? [a]\n: b", "unhashable key"),
        (f"rules: {'1' * 5000}", "an integer has thousands of digits"),
        ("\t- reply: a", "not YAML"),
        ("just words", "must be an object or a list"),
    ],
)
def test_a_mistake_has_its_place_and_a_suggestion(text: str, said: str) -> None:
    assert any(said in problem for problem in problems(text)), problems(text)


def test_the_mistakes_of_a_rule_are_in_the_order_of_the_file() -> None:
    found = problems("- nam: x\n  when: {modle: a, user: {matchs: b}}\n  reply: {txt: c, finish_reason: stopp}")
    assert [line.split(":")[1] for line in found] == ["1", "2", "2", "3", "3"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("yes", "yes"), ("on", "on"), ("12:30", "12:30"), ("2024-01-02", "2024-01-02"), ("1_000", "1_000")],
)
def test_strings_that_yaml_1_1_converted_stay_strings(written: str, meant: str) -> None:
    assert texts(parse(f"- reply: {written}")) == [meant]


def test_numbers_follow_yaml_1_2() -> None:
    rule = parse("- {reply: {json: [010, 0o10, 0x10, 1e3, .5, null, ~, true]}}").rules[0].rule
    assert rule.replies()[0].json_ == [10, 8, 16, 1000.0, 0.5, None, None, True]


def test_anchors_and_merges_work() -> None:
    text = "rules:\n  - &base {name: a, reply: one}\n  - {<<: *base, name: b}"
    assert [placed.id for placed in parse(text).rules] == ["a", "b"]


def test_mistakes_in_json_with_tabs_and_escapes_have_the_right_place() -> None:
    text = '{"rules": [\n\t{"reply": "\\ud83d\\ude00 \\/", "nme": 1}]}'
    assert problems(text, as_json=True) == ["s.yaml:2:31: rules[0].nme: unknown key; did you mean 'name'?"]
    assert problems('{"rules":\n\t[}', as_json=True)[0].startswith("s.yaml:2:3: not JSON")
    assert "occurs twice" in problems('{"rules": [],\n "rules": []}', as_json=True)[0]
    assert texts(parse('[{"reply": "\\ud83d\\ude00"}]', json=True)) == ["\N{GRINNING FACE}"]


def test_json_that_is_nested_too_deeply_is_a_mistake() -> None:
    assert problems("[" * 100_000, as_json=True) == ["s.yaml:1:1: nested too deeply to read"]


def test_a_script_means_the_same_in_yaml_and_json() -> None:
    text = '{"rules": [{"name": "a", "when": {"model": "gpt*", "turn": 1}, "sequence": ["x", {"error": 500}]}]}'
    assert parse(text).rules[0].rule == parse(text, json=True).rules[0].rule
    assert json.loads(text)["rules"][0]["name"] == parse(text).rules[0].id


def test_an_empty_script_has_no_rules() -> None:
    assert parse("").rules == ()


def test_rules_have_unique_ids_even_if_names_are_missing_or_duplicate() -> None:
    script = parse("- {name: a, reply: x}\n- {name: a, reply: x}\n- {reply: x}")
    assert [placed.id for placed in script.rules] == ["a", "a (rule 2)", "rule 3"]


def test_a_rule_knows_the_places_of_its_parts() -> None:
    placed = parse("rules:\n  - when:\n      user: a\n    reply: {tool_calls: [{get: {x: 1}}]}", "f.yaml").rules[0]
    assert placed.where() == "f.yaml:2"
    assert placed.where("when", "user") == "f.yaml:3"
    assert placed.where("reply", "tool_calls", 0, "arguments", "x") == "f.yaml:4"
