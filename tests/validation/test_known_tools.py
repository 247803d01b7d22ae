"""Tools that are known by their bytes: the requests are read as any others, and share the tools."""

import json
from typing import Any, Final

import orjson
import pytest

from chatdouble.core.errors import APIError
from chatdouble.schema.tools import toolbox_of
from chatdouble.validation.parsing import KnownTools, parse

TOOLS: Final[list[dict[str, Any]]] = [
    {"type": "function", "function": {"name": "find", "parameters": {"properties": {"tools": {"type": "string"}}}}},
    {"type": "function", "function": {"name": "gr\u00fc\u00dfen", "description": '"tools": []'}},
]
COMPACT: Final = orjson.dumps(TOOLS)


def body(written: bytes = COMPACT, before: bytes = b'"model":"m"', after: bytes = b'"n":1') -> bytes:
    """Return a request with tools, and something before and after them."""
    return b"{%b,%b:%b,%b}" % (before, b'"tools"', written, after)


@pytest.fixture
def known() -> KnownTools:
    """Return what has learnt the tools: they came, passed a check, and came again."""
    made = KnownTools()
    made.parse(body())
    toolbox_of({"tools": TOOLS}).passed.add("a check")
    made.parse(body())
    return made


def test_requests_share_tools_that_came_before(known: KnownTools) -> None:
    first, second = known.parse(body()), known.parse(body(after=b'"n":2'))
    assert first["tools"] is second["tools"]
    assert (first, second["n"], [*second]) == (parse(body()), 2, ["model", "tools", "n"])


def test_each_server_of_a_process_learns_tools(known: KnownTools) -> None:
    for learner in (known, KnownTools()):
        learner.parse(body())
        assert learner.parse(body())["tools"] is learner.parse(body(after=b'"n":2'))["tools"]


def test_tools_that_have_passed_nothing_are_not_shared() -> None:
    made = KnownTools()
    other = orjson.dumps([{"type": "function", "function": {"name": "never_checked"}}])
    assert made.parse(body(other))["tools"] is not made.parse(body(other))["tools"]


def test_tools_are_known_in_the_form_in_which_they_are_written() -> None:
    spaced = json.dumps([{"type": "function", "function": {"name": "spac\u00e9d"}}]).encode()
    made = KnownTools()
    toolbox_of(made.parse(body(spaced, b'"a": 1'))).passed.add("a check")
    made.parse(body(b" " + spaced, b'"a": 1'))
    assert made.parse(body(b" " + spaced))["tools"] is made.parse(body(spaced))["tools"]


@pytest.mark.parametrize(
    "raw",
    [
        body(before=b'"metadata":{"tools":%b}' % COMPACT, after=b'"n":1'),
        body(after=b'"tools":[]'),
        body(after=b'"tools":%b' % COMPACT),
        body(before=b'"tools":1'),
        body(before=b'"a\\"tools":%b' % COMPACT, written=b"[]"),
        body(before=b'"x":{"tools":%b}' % COMPACT, written=rb'"\u0000the tools are known\u0000"'),
        body(before=b'"x":{"tools":%b}' % COMPACT, written=rb'"\u0000the\u0020tools are known\u0000"'),
        body(after=rb'"user":"\u0000"'),
        body(written=COMPACT[:-1] + b",{}]"),
        body(written=b"null"),
        b'{"tools":%b}' % COMPACT,
        b'{"tools" : %b, "n": 1}' % COMPACT,
        b'{"input":{"tools":%b}}' % COMPACT,
    ],
)
def test_a_request_is_read_as_if_its_tools_were_not_known(known: KnownTools, raw: bytes) -> None:
    assert known.parse(raw) == parse(raw)


@pytest.mark.parametrize(
    "raw", [body()[:-1], body() + b"}", b"[%b]" % COMPACT, b'[{"tools":%b}]' % COMPACT, b'{"tools":%b' % COMPACT]
)
def test_what_is_not_json_or_no_object_is_refused(known: KnownTools, raw: bytes) -> None:
    with pytest.raises(APIError, match="could not parse"):
        known.parse(raw)


def test_a_request_around_known_tools_may_not_be_nested_too_deeply(known: KnownTools) -> None:
    with pytest.raises(APIError, match="could not parse"):
        known.parse(body(after=b'"n":' + b"[" * 200 + b"]" * 200))


def test_only_so_many_tools_are_remembered(known: KnownTools) -> None:
    first = known.parse(body())["tools"]
    for number in range(32):
        other = orjson.dumps([{"type": "function", "function": {"name": f"tool_{number}"}}])
        toolbox_of(known.parse(body(other))).passed.add("a check")
        known.parse(body(other))
    assert known.parse(body())["tools"] is not first
