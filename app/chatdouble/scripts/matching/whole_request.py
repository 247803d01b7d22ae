"""The test that a request is, part for part, the one that a rule was made from."""

from collections.abc import Callable, Iterator
from typing import Any

from chatdouble.core.json import is_array, is_object
from chatdouble.scripts.format.matchers import RequestMatcher
from chatdouble.scripts.matching.canonical import canonical, differences
from chatdouble.scripts.matching.combinators import Failure, Test
from chatdouble.scripts.matching.compiled_matcher import Captures, shown
from chatdouble.scripts.matching.request_view import RequestView


class Same:
    """Holds when one part of a request is the same as in another.

    Args:
        label: What it is called in the script.
        get: Takes the part from the subject.
        wanted: The part as it must be.
    """

    cost = 2

    def __init__(self, label: str, get: Callable[[Any], Any], wanted: Any) -> None:
        self.label = label
        self.get = get
        self.wanted = wanted

    def holds(self, subject: Any) -> bool:
        """Say whether the part is the same."""
        return next(differences(self.wanted, self.get(subject)), None) is None

    def failures(self, subject: Any) -> Iterator[Failure]:
        """Return the first difference, if there is one."""
        for path, wanted, found in differences(self.wanted, self.get(subject), self.label):
            yield Failure(path, shown(wanted), found)
            return

    def captures(self, subject: Any) -> Captures:
        """Return nothing: there is nothing to capture."""
        del subject
        return {}


def request(label: str, matcher: RequestMatcher) -> Iterator[Test]:
    """Return the tests of a whole request, one for each message and each parameter, so that misses can count them."""
    ignore, normalise = tuple(matcher.ignore), tuple(matcher.normalise)

    def whole(facts: RequestView) -> Any:
        return facts.canonical(ignore, normalise)

    body = canonical(matcher.body, ignore, normalise)
    if not is_object(body):
        yield Same(label, whole, body)
        return
    for key, wanted in body.items():
        if key == "messages" and is_array(wanted):
            for index, message in enumerate(wanted):
                yield Same(f"{label}.messages[{index}]", _message(whole, index), message)
            yield Same(f"{label}.messages", _beyond(whole, len(wanted)), [])
        else:
            yield Same(f"{label}.{key}", _item(whole, key), wanted)
    yield Same(label, _others(whole, frozenset(body)), {})


def _item(whole: Callable[[RequestView], Any], key: str) -> Callable[[RequestView], Any]:
    return lambda facts: whole(facts).get(key)


def _message(whole: Callable[[RequestView], Any], index: int) -> Callable[[RequestView], Any]:
    def get(facts: RequestView) -> Any:
        messages = _listed(whole(facts))
        return messages[index] if index < len(messages) else None

    return get


def _beyond(whole: Callable[[RequestView], Any], count: int) -> Callable[[RequestView], Any]:
    return lambda facts: _listed(whole(facts))[count:]


def _listed(body: Any) -> list[Any]:
    messages: Any = body.get("messages")
    return messages if is_array(messages) else []


def _others(whole: Callable[[RequestView], Any], known: frozenset[str]) -> Callable[[RequestView], Any]:
    return lambda facts: {key: value for key, value in whole(facts).items() if key not in known}
