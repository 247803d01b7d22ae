"""What is found in the files of other tools: exchanges, rules, and what cannot be taken over."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from chatdouble.recording.exchange import Headers


@dataclass(frozen=True, slots=True)
class Interaction:
    """An HTTP request and its answer, as recorders of HTTP keep them.

    Attributes:
        where: Which one of its file it is.
        method: The request's method.
        url: The request's URL.
        request_headers: The request's headers, names in lower case.
        request: The request's body.
        status: The answer's status.
        headers: The answer's headers, names in lower case.
        body: The answer's body, encoded as the headers say.
        seconds: How long the answer took.
    """

    where: str
    method: str
    url: str
    request_headers: Headers
    request: bytes
    status: int
    headers: Headers
    body: bytes
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class FoundRule:
    """A rule of a script, in the words of script files.

    Attributes:
        where: Which one of its file it is.
        rule: The rule.
    """

    where: str
    rule: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is not taken over.

    Attributes:
        where: Which part of the file it is; empty: all of it.
        reason: Why.
    """

    where: str
    reason: str


OF_ANOTHER_KIND: Final = "something in it is of another kind than it should be"
"""What is said of a value that is, say, a text where a number should be."""

Found = Interaction | FoundRule | LeftOut

Reader = Callable[[str, bytes], Iterator[Found]]
"""Reads a file: from its name and its bytes, what is in it.

Raises:
    ValueError: It is no file of this kind; the message says why.
"""
