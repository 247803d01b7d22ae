"""The reach of rules in long scripts."""

import pytest

from chatdouble.scripts.lint.reach import never_reached
from chatdouble.scripts.reading.load import parse
from threads import by_pool


def test_rules_with_other_texts_or_requests_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = by_pool(monkeypatch, "chatdouble.scripts.lint.reach._Conditions.cover")
    texts = "".join(f"- {{when: {{user: word {at}}}, reply: x}}\n" for at in range(50))
    requests = "".join(f"- {{when: {{request: {{model: gpt-4o, seed: {at}}}}}, reply: x}}\n" for at in range(50))
    assert [*never_reached(parse(texts + requests))] == []
    assert compared == []
    (found,) = never_reached(parse(texts + requests + "- {when: {request: {model: gpt-4o, seed: 7}}, reply: y}\n"))
    assert "rule 58" in found.message
    assert len(compared) == 1


def test_an_expression_is_compared_with_texts_and_with_the_same_expression_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = by_pool(monkeypatch, "chatdouble.scripts.lint.reach._Conditions.cover")
    rules = "".join(f"- {{when: {{user: {{matches: 'a+b{at}$'}}}}, reply: x}}\n" for at in range(50))
    folded = "".join(f"- {{when: {{user: {{contains: 'c{at}', ignore_case: true}}}}, reply: x}}\n" for at in range(50))
    assert [*never_reached(parse(rules + folded))] == []
    assert compared == []
    for later, covering in (("{matches: 'a+b7$'}", 8), ("aab7", 8), ("{contains: 'c7', ignore_case: true}", 58)):
        (found,) = never_reached(parse(rules + folded + f"- {{when: {{user: {later}}}, reply: y}}\n"))
        assert f"rule {covering}'" in found.message
    (found,) = never_reached(parse(folded + "- {when: {user: a C8}, reply: y}\n"))
    assert "rule 9" in found.message
