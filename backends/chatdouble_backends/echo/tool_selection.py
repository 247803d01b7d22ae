"""The choice of the tools that echo calls."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from chatdouble.answer.tool_choice import Body, OfferedTools, Tool, WantedCall
from chatdouble.core.head import RequestHeaders
from chatdouble.core.json import as_object, objects_in
from chatdouble.schema.texts import Directive, directives_in, without_directives
from chatdouble_backends.echo.tool_names import SearchedText, ToolName, tool_name

_SHORTEST: Final = 4
_MANY: Final = 1000
_WORDS: Final = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+"

GENERIC: Final = frozenset(
    (
        *("call", "check", "compute", "create", "delete", "edit", "execute", "fetch", "find", "generate", "give"),
        *("handle", "list", "load", "look", "lookup", "make", "modify", "open", "perform", "process", "provide"),
        *("query", "read", "remove", "request", "respond", "retrieve", "return", "save", "search", "select", "send"),
        *("show", "start", "stop", "store", "submit", "take", "tell", "update", "view", "write"),
        *("about", "current", "data", "file", "final", "from", "function", "info", "information", "input", "item"),
        *("latest", "message", "name", "number", "output", "response", "result", "text", "that", "this", "tool"),
        *("user", "value", "with"),
    )
)
"""Words in the names of tools that do not tell the tool's subject."""


def tools_asked_for(text: str, tools: Sequence[Tool]) -> list[Tool]:
    """Return the tools that a text names, in the text's order; if there are none, the tools whose subjects it mentions.

    A tool's name must be a whole word of the text. Case is ignored, and a `_` or `-` may be a space.

    A tool's subject consists of the words of its name that have at least four letters and are not in `GENERIC`: the
    subject of `get_weather` is "weather". All of them must be whole words of the text, with or without a plural s.
    These tools have their own order, and only the first tool of each subject is returned.
    """
    read = remembered_index if len(tools) <= _MANY else name_index
    names, lowered = read(tuple([tool.name for tool in tools])), text.lower()
    possible = [one for word, some in names.by_word.items() if word in lowered for one in some]
    searched = SearchedText(lowered) if possible else None
    places = [(place, at) for at, name in possible if searched and (place := searched.place(name)) is not None]
    if places:
        return [tools[at] for _, at in sorted(places)]
    mentioned = [subject for subject in names.by_subject if all(word in lowered for word in subject)]
    # A word within another word does not count.
    stems = frozenset(_stems(lowered)) if mentioned else frozenset[str]()
    return [tools[names.by_subject[subject]] for subject in mentioned if subject <= stems]


class _NameIndex(NamedTuple):
    """An index of the names of tools; a tool is its index in the list.

    Attributes:
        by_word: The names by a lower-case word that each contains.
        by_subject: The first tool of each subject, in the tools' order.
    """

    by_word: dict[str, list[tuple[int, ToolName]]]
    by_subject: dict[frozenset[str], int]


def name_index(names: tuple[str, ...]) -> _NameIndex:
    """Return the index of the names of tools."""
    index = _NameIndex({}, {})
    for at, name in enumerate(names):
        if not name:  # only strict validation refuses an empty name
            continue
        read = tool_name(name)
        index.by_word.setdefault(read.word, []).append((at, read))
        if subject := _subject(name):
            index.by_subject.setdefault(subject, at)
    return index


remembered_index: Final = lru_cache(maxsize=64)(name_index)
"""Returns the index of names that come again and again; that of very many is not held."""


def _subject(name: str) -> frozenset[str]:
    words = (word.lower() for word in re.findall(_WORDS, name))
    return frozenset(
        _stem(word) for word in words if len(word) >= _SHORTEST and GENERIC.isdisjoint({word, _stem(word)})
    )


def _stems(text: str) -> Iterator[str]:
    # One by one: there may be hundreds of thousands.
    return (_stem(found.group()) for found in re.finditer(r"(?<![\w-])[^\W\d_]+(?![\w-])", text))


def _stem(word: str) -> str:
    return word.removesuffix("s")


HEADER: Final = "x-double-call"
"""The request header that names the tools to call, separated by commas."""


def wanted_calls(offered: OfferedTools, body: Body, text: str, headers: RequestHeaders) -> list[WantedCall]:
    """Return the tools to call, in order; none if the answer is text.

    The tools of the last user text's directives are called. If there are none, those that the header names are
    called, then those that the text names, then those whose subjects it mentions. After a call, the answer is text. If
    the request requires a call, it gets one even then: of the first tool not called since the last user message, or
    of the last tool.

    Args:
        offered: The tools that can be called.
        body: The request as it was sent.
        text: Its last user text.
        headers: The request's headers, names in lower case.
    """
    if not offered.tools:
        return []
    messages = objects_in(body.get("messages"))
    called = set[str]() if messages and messages[-1].get("role") == "user" else _called(messages)
    # The only tool is called whatever the text asks for, except that a directive may give its arguments.
    is_settled = offered.required and len(offered.tools) == 1 and "[[" not in text
    found = [] if called or is_settled else _asked_for(offered, text, headers)
    if not found and offered.required:
        found = [WantedCall(next((tool for tool in offered.tools if tool.name not in called), offered.tools[-1]))]
    return found if offered.parallel else found[:1]


def _asked_for(offered: OfferedTools, text: str, headers: RequestHeaders) -> list[WantedCall]:
    if "[[" in text:
        directed = list(_by_directives(offered, directives_in(text)))
        if directed:
            return directed
        text = without_directives(text)
    names = [name.strip() for name in headers.get(HEADER, "").split(",")] if headers.is_controlling else ()
    listed = [WantedCall(tool) for name in names if name and (tool := offered.find(name)) is not None]
    return listed or [WantedCall(tool) for tool in tools_asked_for(text, offered.tools)]


def _by_directives(offered: OfferedTools, directives: Sequence[Directive]) -> Iterator[WantedCall]:
    for directive in directives:
        if directive.name != "call":
            continue
        name, _, text = (directive.value or offered.tools[0].name).partition(" ")
        tool = offered.find(name)
        if tool is not None:
            yield WantedCall(tool, text.strip() or None)


def _called(messages: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the names of the tools called since the last user message."""
    names: set[str] = set()
    for message in reversed(messages):
        if message.get("role") == "user":
            break
        made: list[Any] = [as_object(message.get("function_call"))]
        made += [as_object(one.get("function") or one.get("custom")) for one in objects_in(message.get("tool_calls"))]
        names |= {str(one["name"]) for one in made if "name" in one}
        if message.get("role") in ("tool", "function"):
            names.add(str(message.get("name") or ""))
    return names
