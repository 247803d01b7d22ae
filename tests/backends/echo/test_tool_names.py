"""The places of texts that name a tool."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.answer.tool_choice import Tool
from chatdouble_backends.echo.tool_names import SearchedText, tool_name
from chatdouble_backends.echo.tool_selection import remembered_index, tools_asked_for

NAMES = st.lists(st.sampled_from(["a", "b", "get", "_", "-", "__"]), min_size=1, max_size=5).map("".join)
TEXTS = st.lists(st.sampled_from(["a", "b", "get", "_", "-", " ", "  ", ".", "ab", "\n"]), max_size=12).map("".join)


@given(NAMES, TEXTS)
def test_a_name_is_found_where_its_pattern_is(name: str, text: str) -> None:
    searched = tool_name(name)
    found = re.search(searched.expression, text)
    assert SearchedText(text).place(searched) == (found and found.start())


class _Compiling:
    """Stands in for `re`; notes what is compiled and where it is tried."""

    def __init__(self) -> None:
        self.compiled: list[str] = []
        self.tried: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(re, name)

    def compile(self, expression: str) -> Any:
        self.compiled.append(expression)
        pattern = re.compile(expression)

        def match(text: str, at: int) -> Any:
            self.tried.append(at)
            return pattern.match(text, at)

        return SimpleNamespace(match=match)


def test_the_expression_of_a_name_is_tried_where_the_name_stands_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    noted = _Compiling()
    monkeypatch.setattr("chatdouble_backends.echo.tool_names.re", noted)
    name = tool_name("a-" * 31 + "b")
    whole = "a " * 31 + "b"
    text = "a " * 100_000 + f"x{whole} " + "a  " * 100_000 + f". {whole}"
    assert SearchedText(text).place(name) == len(text) - len(whole)
    assert len(noted.tried) == 2


def test_no_expression_is_compiled_of_a_name_that_the_text_has_not(monkeypatch: pytest.MonkeyPatch) -> None:
    noted = _Compiling()
    monkeypatch.setattr("chatdouble_backends.echo.tool_names.re", noted)
    searched = SearchedText("look up the weather")
    assert searched.place(tool_name("look_for")) is None
    assert searched.place(tool_name("look_up")) == 0
    assert len(noted.compiled) == 1


def test_the_names_of_very_many_tools_are_not_held() -> None:
    before = remembered_index.cache_info().misses
    for count, held in ((1000, 1), (1001, 1)):
        tools = [Tool(f"not_held_{count}_{at}", "function", {}) for at in range(count)]
        assert tools_asked_for(f"not held {count} 7", tools) == [tools[7]]
        assert remembered_index.cache_info().misses == before + held
