"""Which of the tools echo calls."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from chatdouble.answer.directives import directives_in, without_directives
from chatdouble.answer.tool_choice import Body, OfferedTools, Tool, WantedCall
from chatdouble.core.json import as_object, objects_in
from chatdouble.schema.texts import last_user_text
from chatdouble_backends.echo.words import since_last_user

_SHORTEST: Final = 4
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")

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
"""Words of tools' names that say nothing of what the tool is about."""


def asked_for_in(text: str, tools: Sequence[Tool]) -> list[Tool]:
    """Return the tools that a text asks for: those it names, or else those it is about.

    A tool is named by its name as a whole word; upper and lower case are the same, and a `_` or `-` may be written
    as a space. These tools are in the order of the text.

    A tool's subject is the words of its name that have four letters and more and are not in `GENERIC`, such as
    "weather" of `get_weather`. All of them must be in the text as whole words, with or without a plural's s. Of
    tools that have one subject, the first; these tools are in their own order.
    """
    names, lowered = _filed(tuple([tool.name for tool in tools])), text.lower()
    return [tools[at] for at in _named_in(text, lowered, names) or _about(lowered, names)]


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of some tools, filed by what is quick to look for; a tool is told by its place.

    Attributes:
        by_word: By a word in lower case, what the names look like that have it.
        by_subject: The first tool of each subject, in the tools' order.
    """

    by_word: dict[str, list[tuple[int, re.Pattern[str]]]]
    by_subject: dict[frozenset[str], int]


@lru_cache(maxsize=64)
def _filed(names: tuple[str, ...]) -> _Names:
    filed = _Names({}, {})
    for at, name in enumerate(names):
        if not name:  # which only lax validation lets pass
            continue
        word, spelled = _name(name)
        filed.by_word.setdefault(word, []).append((at, spelled))
        if subject := _subject(name):
            filed.by_subject.setdefault(subject, at)
    return filed


def _named_in(text: str, lowered: str, names: _Names) -> list[int]:
    possible = [one for word, some in names.by_word.items() if word in lowered for one in some]
    places = [(found.start(), at) for at, name in possible if (found := name.search(text)) is not None]
    return [at for _, at in sorted(places)]


def _about(lowered: str, names: _Names) -> list[int]:
    found = [subject for subject in names.by_subject if all(word in lowered for word in subject)]
    if not found:
        return []
    said = frozenset(_stems(lowered))
    return [names.by_subject[subject] for subject in found if subject <= said]


def _name(name: str) -> tuple[str, re.Pattern[str]]:
    """Return a word of a name, in lower case, which is quick to look for, and what the whole name looks like."""
    words = re.split(r"[_-]+", name)
    spelled = "[_ -]+".join(map(re.escape, words))
    return max(words, key=len).lower(), re.compile(rf"(?<![\w-]){spelled}(?![\w-])", re.IGNORECASE)


def _subject(name: str) -> frozenset[str]:
    words = (word.lower() for word in _WORDS.findall(name))
    return frozenset(
        _stem(word) for word in words if len(word) >= _SHORTEST and GENERIC.isdisjoint({word, _stem(word)})
    )


def _stems(text: str) -> Iterator[str]:
    return (_stem(word) for word in re.findall(r"(?<![\w-])[^\W\d_]+(?![\w-])", text))


def _stem(word: str) -> str:
    return word.removesuffix("s")


HEADER: Final = "x-double-call"
"""The request header that names the tools to call, separated by commas."""


def wanted_calls(offer: OfferedTools, body: Body, headers: Mapping[str, str]) -> list[WantedCall]:
    """Return the tools to call, in order; none where words are the answer.

    A turn of the user calls the tools that its marks ask for, else those that the header names, else those whose
    names are in its text, else those it is about. Once tools have been called in the turn, words follow. A request
    that requires a call gets one even then: of the first tool that the turn has not called yet, or the last.

    Args:
        offer: What may be called.
        body: The request as it was sent.
        headers: The request's headers, names in lower case.
    """
    if not offer.tools:
        return []
    called = _called(body)
    found = [] if called else _asked_for(offer, body, headers)
    if not found and offer.must:
        found = [WantedCall(next((tool for tool in offer.tools if tool.name not in called), offer.tools[-1]))]
    return found if offer.several else found[:1]


def _asked_for(offer: OfferedTools, body: Body, headers: Mapping[str, str]) -> list[WantedCall]:
    text = last_user_text(body)
    marked = list(_marked(offer, text))
    if marked:
        return marked
    names = [name.strip() for name in headers.get(HEADER, "").split(",")]
    listed = [WantedCall(tool) for name in names if name and (tool := offer.find(name)) is not None]
    if listed:
        return listed
    return [WantedCall(tool) for tool in asked_for_in(without_directives(text), offer.tools)]


def _marked(offer: OfferedTools, text: str) -> Iterator[WantedCall]:
    for mark in directives_in(text):
        if mark.name != "call":
            continue
        name, _, written = (mark.value or offer.tools[0].name).partition(" ")
        tool = offer.find(name)
        if tool is not None:
            yield WantedCall(tool, written.strip() or None)


def _called(body: Body) -> set[str]:
    """Return the names of the tools that the turn has called."""
    names: set[str] = set()
    for message in since_last_user(body):
        made: list[Any] = [as_object(message.get("function_call"))]
        made += [as_object(one.get("function") or one.get("custom")) for one in objects_in(message.get("tool_calls"))]
        names |= {str(one["name"]) for one in made if "name" in one}
        if message.get("role") in ("tool", "function"):
            names.add(str(message.get("name") or ""))
    return names
