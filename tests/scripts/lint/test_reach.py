"""The reach of rules in long scripts."""

from typing import Any

import pytest

from chatdouble.scripts.lint.reach import _Conditions, never_reached
from chatdouble.scripts.reading.load import parse


def test_rules_with_other_texts_or_requests_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []

    def noting(wide: Any, narrow: Any) -> bool:
        compared.append(1)
        return cover(wide, narrow)

    cover = _Conditions.cover
    monkeypatch.setattr(_Conditions, "cover", noting)
    texts = "".join(f"- {{when: {{user: word {at}}}, reply: x}}\n" for at in range(50))
    requests = "".join(f"- {{when: {{request: {{model: gpt-4o, seed: {at}}}}}, reply: x}}\n" for at in range(50))
    assert [*never_reached(parse(texts + requests))] == []
    assert compared == []
    (found,) = never_reached(parse(texts + requests + "- {when: {request: {model: gpt-4o, seed: 7}}, reply: y}\n"))
    assert "rule 58" in found.message
    assert len(compared) == 1
