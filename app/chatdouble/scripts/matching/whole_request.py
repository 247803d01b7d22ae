"""Conditions that a whole request equals a recorded one."""

from collections.abc import Callable, Iterator
from typing import Any

from chatdouble.core.json import is_array, is_object
from chatdouble.scripts.format.matchers import RequestMatcher
from chatdouble.scripts.matching.canonical import canonical, differences, without_nulls
from chatdouble.scripts.matching.combinators import Condition, Failure
from chatdouble.scripts.matching.compiled_matcher import Captures, shown
from chatdouble.scripts.matching.request_view import RequestView, fingerprint


class EqualPart:
    """A comparison of one part of the request with the recorded part.

    Args:
        label: The condition as the script writes it.
        get: Returns the part.
        wanted: The recorded part.
    """

    def __init__(self, label: str, get: Callable[[Any], Any], wanted: Any) -> None:
        self.label = label
        self.get = get
        self.wanted = wanted

    def holds(self, subject: Any) -> bool:
        """Tell whether the parts are equal."""
        return next(differences(self.wanted, self.get(subject)), None) is None

    def failures(self, subject: Any) -> Iterator[Failure]:
        """Yield the first difference, if there is one."""
        for path, wanted, found in differences(self.wanted, self.get(subject), self.label):
            yield Failure(path, shown(wanted), found)
            return


class WholeRequest:
    """A condition that a whole request equals a recorded one.

    Args:
        label: The condition as the script writes it.
        matcher: The recorded request.
    """

    cost = 2

    def __init__(self, label: str, matcher: RequestMatcher) -> None:
        self._fingerprint = fingerprint(matcher.body)
        self._parts = tuple(_equal_parts(label, matcher))
        self.counts = len(self._parts)

    def holds(self, subject: RequestView) -> bool:
        """Tell whether the requests are equal, as they are written or in their canonical forms."""
        if self._fingerprint is not None and subject.fingerprint == self._fingerprint:
            return True
        return all(part.holds(subject) for part in self._parts)

    def failures(self, subject: RequestView) -> Iterator[Failure]:
        """Yield the first difference of each message and each parameter."""
        for part in self._parts:
            yield from part.failures(subject)

    def captures(self, subject: RequestView) -> Captures:
        """Return nothing: there are no regular expressions."""
        del subject
        return {}


def whole_request(label: str, matcher: RequestMatcher) -> Iterator[Condition]:
    """Yield the condition of a whole request."""
    yield WholeRequest(label, matcher)


def _equal_parts(label: str, matcher: RequestMatcher) -> Iterator[EqualPart]:
    """Yield the conditions of a whole request, one for each message and each parameter.

    Separate conditions let near misses rank recordings by how many of them hold.
    """
    ignore, normalise = tuple(matcher.ignore), tuple(matcher.normalise)

    def whole(view: RequestView) -> Any:
        return view.canonical(ignore, normalise)

    body = canonical(matcher.body, ignore, normalise)
    if not is_object(body):
        yield EqualPart(label, whole, body)
        return
    for key, wanted in body.items():
        if key == "messages" and is_array(wanted):
            for index, message in enumerate(wanted):
                yield EqualPart(f"{label}.messages[{index}]", _message(whole, index), message)
            yield EqualPart(f"{label}.messages", _beyond(whole, len(wanted)), [])
        else:
            yield EqualPart(f"{label}.{key}", _item(whole, key), wanted)
    yield EqualPart(label, _others(whole, frozenset(body)), {})


def _item(whole: Callable[[RequestView], Any], key: str) -> Callable[[RequestView], Any]:
    return lambda view: whole(view).get(key)


def _message(whole: Callable[[RequestView], Any], index: int) -> Callable[[RequestView], Any]:
    def get(view: RequestView) -> Any:
        messages = _listed(whole(view))
        return messages[index] if index < len(messages) else None

    return get


def _beyond(whole: Callable[[RequestView], Any], count: int) -> Callable[[RequestView], Any]:
    return lambda view: _listed(whole(view))[count:]


def _listed(body: Any) -> list[Any]:
    messages: Any = body.get("messages")
    return messages if is_array(messages) else []


def _others(whole: Callable[[RequestView], Any], known: frozenset[str]) -> Callable[[RequestView], Any]:
    return lambda view: {key: value for key, value in whole(view).items() if key not in known}


def key_of(body: Any) -> bytes | None:
    """Return bytes that requests in canonical form share if they are equal; None: they cannot be made."""
    try:
        return fingerprint(without_nulls(body))
    except OverflowError:
        return None


def key_of_equal(matcher: RequestMatcher) -> bytes | None:
    """Return the key of all requests that equal a recorded one; None: they share none."""
    body = canonical(matcher.body, tuple(matcher.ignore), tuple(matcher.normalise))
    messages: Any = body.get("messages") if is_object(body) else None
    # A request for no messages may have anything in their place.
    return None if is_array(messages) and not any(messages) else key_of(body)
