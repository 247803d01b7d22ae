"""Which of the tools echo calls."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from chatdouble.answer.making.offered import Body, Offer
from chatdouble.answer.making.wish import Wish
from chatdouble.answer.marks import marks_in, without_marks
from chatdouble.answer.shapes import object_or_empty, objects_in
from chatdouble.answer.texts import last_user_text
from chatdouble_backends.echoing.naming import asked_for_in
from chatdouble_backends.echoing.words import since_last_user

HEADER: Final = "x-double-call"
"""The request header that names the tools to call, separated by commas."""


def wishes(offer: Offer, body: Body, headers: Mapping[str, str]) -> list[Wish]:
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
        found = [Wish(next((tool for tool in offer.tools if tool.name not in called), offer.tools[-1]))]
    return found if offer.several else found[:1]


def _asked_for(offer: Offer, body: Body, headers: Mapping[str, str]) -> list[Wish]:
    text = last_user_text(body)
    marked = list(_marked(offer, text))
    if marked:
        return marked
    names = [name.strip() for name in headers.get(HEADER, "").split(",")]
    listed = [Wish(tool) for name in names if name and (tool := offer.find(name)) is not None]
    if listed:
        return listed
    return [Wish(tool) for tool in asked_for_in(without_marks(text), offer.tools)]


def _marked(offer: Offer, text: str) -> Iterator[Wish]:
    for mark in marks_in(text):
        if mark.name != "call":
            continue
        name, _, written = (mark.value or offer.tools[0].name).partition(" ")
        tool = offer.find(name)
        if tool is not None:
            yield Wish(tool, written.strip() or None)


def _called(body: Body) -> set[str]:
    """Return the names of the tools that the turn has called."""
    names: set[str] = set()
    for message in since_last_user(body):
        made: list[Any] = [object_or_empty(message.get("function_call"))]
        made += [
            object_or_empty(one.get("function") or one.get("custom")) for one in objects_in(message.get("tool_calls"))
        ]
        names |= {str(one["name"]) for one in made if "name" in one}
        if message.get("role") in ("tool", "function"):
            names.add(str(message.get("name") or ""))
    return names
