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
