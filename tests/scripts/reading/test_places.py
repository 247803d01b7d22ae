"""Places in script files."""

import pytest

from chatdouble.scripts.reading.source import Source

FILES = {
    "a list": "- reply: a\n- reply: b\n",
    "an object": "version: 1\nrules:\n  - reply: a\n",
    "keys before the rules": "# x\nversion: 1\nmore: {a: [1, {b: 2}], c: []}\nrules:\n\n- name: x\n  reply: a\n",
    "rules on a line": "{version: 1, rules: [{reply: a}, {reply: b}]}",
    "JSON": '{\n\t"version": 1,\n\t"rules": [\n\t\t{"reply": "\\ud83d\\ude00"}]}',
    "an anchor": "rules: &all\n- &one\n  reply: a\n- *one\n",
}
ODD = [
    "",
    "a",
    "rules:",
    "rules: []",
    "rules: {a: 1}",
    "version: 1\n",
    "x: &a []\nrules: *a\n",
    "? [a]\n: 1\n",
    "[",
    "rules: [*x]",
]


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_the_first_rule_of_a_file_is_found_without_reading_the_rest(text: str) -> None:
    source, whole = Source("x", text, json="\t" in text), Source("x", text, json="\t" in text)
    loc = (0,) if text.startswith("-") else ("rules", 0)
    whole.place((*loc, "reply"))  # which reads all
    assert source.place(loc) == whole.place(loc) > (0, 0)
    assert ("_root" in vars(source), "_root" in vars(whole)) == (False, True)


@pytest.mark.parametrize("text", ODD)
def test_a_file_without_rules_has_a_place_as_well(text: str) -> None:
    assert Source("x", text).place(("rules", 0)) >= (1, 1)
