"""The places of texts that name a tool."""

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatdouble_backends.echo.tool_names import SearchedText, ToolName, tool_name

NAMES = st.lists(st.sampled_from(["a", "b", "get", "_", "-", "__"]), min_size=1, max_size=5).map("".join)
TEXTS = st.lists(st.sampled_from(["a", "b", "get", "_", "-", " ", "  ", ".", "ab", "\n"]), max_size=12).map("".join)


@given(NAMES, TEXTS)
def test_a_name_is_found_where_its_pattern_is(name: str, text: str) -> None:
    searched = tool_name(name)
    found = re.search(searched.pattern, text)
    assert SearchedText(text).place(searched) == (found and found.start())


def test_the_pattern_of_a_name_is_tried_where_the_name_stands_alone() -> None:
    tried: list[int] = []

    class _Noted:
        def __init__(self, pattern: re.Pattern[str]) -> None:
            self._pattern = pattern

        def match(self, text: str, at: int) -> Any:
            tried.append(at)
            return self._pattern.match(text, at)

    name = tool_name("a-" * 31 + "b")
    noted: Any = _Noted(name.pattern)
    whole = "a " * 31 + "b"
    text = "a " * 100_000 + f"x{whole} " + "a  " * 100_000 + f". {whole}"
    assert SearchedText(text).place(ToolName(name.word, name.plain, noted)) == len(text) - len(whole)
    assert len(tried) == 2
