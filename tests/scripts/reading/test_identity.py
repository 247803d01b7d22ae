"""Rules keep their counts when scripts change: an unnamed rule is known by its file and condition, not its position."""

from chatdouble.scripts.reading.identity import Identity, keys_of
from chatdouble.scripts.reading.load import Script, parse

COUNTED = "- {when: {user: a}, times: 1, reply: once}\n"
OTHERS = "- {when: {user: a}, reply: ever after}\n- {when: {user: b}, sequence: [one, two]}\n"


def key_by_reply(script: Script) -> dict[str | None, str]:
    """Return the keys of rules by the text of their first reply."""
    return {placed.rule.replies()[0].text: placed.key for placed in script.rules}


def test_rules_added_above_take_no_keys() -> None:
    before = parse(COUNTED + OTHERS)
    added = "- {when: {user: a}, times: 1, reply: new}\n- {when: {user: c}, reply: c}\n"
    after = key_by_reply(parse(added + COUNTED + OTHERS, before=before))
    assert {text: after[text] for text in key_by_reply(before)} == key_by_reply(before)
    assert len({*after.values()}) == 5


def test_reordering_and_removing_keep_keys() -> None:
    before = parse(COUNTED + OTHERS)
    lines = (COUNTED + OTHERS).splitlines(keepends=True)
    assert key_by_reply(parse("".join(reversed(lines)), before=before)) == key_by_reply(before)
    fewer = key_by_reply(parse(OTHERS, before=before))
    assert fewer.items() < key_by_reply(before).items()


def test_a_rule_whose_reply_changes_keeps_its_key() -> None:
    (before,) = parse("- {when: {user: a, model: m}, sequence: [one, two]}").rules
    (after,) = parse("- {when: {model: m, user: a}, sequence: [one, two, three]}", before=Script((before,))).rules
    assert after.key == before.key


def test_equal_rules_have_different_keys() -> None:
    script = parse(COUNTED * 3)
    assert len({placed.key for placed in script.rules}) == 3


def test_keys_of_equal_rules_are_not_counted_from_one_each() -> None:
    class Digest(str):
        """A digest that counts how often it is written."""

        written = 0
        __slots__ = ()

        def __format__(self, form: str) -> str:
            Digest.written += 1
            return super().__format__(form)

    digest = Digest("d")
    assert keys_of([Identity("r", digest)] * 1000) == ["r", "r d", *(f"r d {number}" for number in range(2, 1000))]
    assert Digest.written < 2000


def test_the_same_rule_in_another_file_has_another_key() -> None:
    named = "- {name: n, reply: x}\n"
    for text in (COUNTED, named):
        (one,), (other,) = parse(text, "a.yaml").rules, parse(text, "b.yaml").rules
        assert one.key != other.key


def test_keys_are_the_same_in_every_process_and_for_every_spelling() -> None:
    (short,) = parse("- {when: {user: ping}, reply: x}", "s.yaml").rules
    (long,) = parse('{"rules": [{"reply": "y", "when": {"user": "ping"}}]}', "s.yaml", json=True).rules
    assert short.key == long.key == "s.yaml: b35585fb6d99"


def test_a_condition_that_is_nested_deeply_has_a_key() -> None:
    deep = "[" * 400 + "]" * 400
    (placed,) = parse(f"- {{when: {{request: {{messages: {deep}}}}}, reply: x}}").rules
    assert placed.key
