"""The `when` of a rule made ready to be tried."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from textwrap import shorten
from typing import Any, Final

from chatdouble.scripts.format.expressions import glob
from chatdouble.scripts.format.matchers import FormatMatcher, Matcher, MessageMatcher, ToolResultMatcher, ToolsMatcher
from chatdouble.scripts.format.rule import When
from chatdouble.scripts.matching.combinators import All, AnyOf, Check, Exists, Not, Test
from chatdouble.scripts.matching.compiled_matcher import CompiledMatcher, among, both, compile_matcher, values_at
from chatdouble.scripts.matching.request_view import Message, RequestView, called, parts_of, text_of
from chatdouble.scripts.matching.whole_request import request

Get = Callable[[Any], Any]


def conditions(when: When, label: str = "") -> All:
    """Make a `when` ready: a test of a request's facts.

    Args:
        when: The conditions; `hits` is not among the tests, since it is no fact of the request.
        label: What stands before the names of the conditions.
    """
    given = when.model_fields_set
    return All(
        test
        for key, make in _CONDITIONS.items()
        if key in given
        for test in make(f"{label}{key.rstrip('_')}", getattr(when, key))
    )


def _value(get: Get) -> Callable[[str, Matcher], Iterator[Test]]:
    """Return what makes the test of one value."""

    def make(label: str, matcher: Matcher) -> Iterator[Test]:
        yield Check(label, get, compile_matcher(matcher))

    return make


def _stream(label: str, wanted: bool) -> Iterator[Test]:
    yield Check(label, lambda facts: bool(facts.body.get("stream")), compile_matcher(Matcher(equals=wanted)))


def _message_getter(index: int) -> Callable[[RequestView], Message]:
    def get(facts: RequestView) -> Message:
        found = facts.messages
        return found[index] if -len(found) <= index < len(found) else {}

    return get


def _last(label: str, matcher: MessageMatcher) -> Iterator[Test]:
    index = -1 if matcher.index is None else matcher.index
    yield from _message(label, _message_getter(index), matcher)


def _messages(label: str, matchers: list[MessageMatcher]) -> Iterator[Test]:
    for position, matcher in enumerate(matchers):
        here = f"{label}[{position}]"
        if matcher.index is None:
            part = All(_message("", lambda message: message, matcher))
            words = f"a message with {_said(_checks(part.parts))}"
            yield Exists(here, lambda facts: facts.messages, part, words, _brief)
        else:
            yield from _message(here, _message_getter(matcher.index), matcher)


def _said(checks: Iterable[Check]) -> str:
    return ", ".join(f"{check.label} {check.wanted.words}" for check in checks)


def _checks(parts: Iterable[Test]) -> Iterator[Check]:
    return (part for part in parts if isinstance(part, Check))


def _brief(message: Message) -> str:
    text = text_of(message)
    return f"{message.get('role')}: {shorten(text, 60, placeholder='...')}"


def _message(label: str, get: Get, matcher: MessageMatcher) -> Iterator[Test]:
    for key, take in _MESSAGE.items():
        wanted: Matcher | ToolsMatcher | None = getattr(matcher, key)
        if isinstance(wanted, ToolsMatcher):
            yield Check(f"{label}.{key}".lstrip("."), _then(get, take), offered(wanted))
        elif wanted is not None:
            yield Check(f"{label}.{key}".lstrip("."), _then(get, take), compile_matcher(wanted))


def _then(get: Get, take: Get) -> Get:
    return lambda subject: take(get(subject))


_MESSAGE: Final[Mapping[str, Get]] = {
    "role": lambda message: message.get("role"),
    "text": lambda message: text_of(message) if message else None,
    "name": lambda message: message.get("name"),
    "tool_calls": called,
    "images": lambda message: parts_of(message, "images"),
    "audio": lambda message: parts_of(message, "audio"),
    "files": lambda message: parts_of(message, "files"),
}


def offered(matcher: ToolsMatcher) -> CompiledMatcher:
    """Make a matcher of tools ready, for a list of names."""
    parts = [
        _named(names, how, words)
        for names, how, words in (
            (matcher.all, all, "all of"),
            (matcher.any, any, "any of"),
            (matcher.none, _no, "none of"),
        )
        if names is not None
    ]
    if matcher.only is not None:
        only = sorted(matcher.only)
        parts.append(CompiledMatcher(lambda names: sorted(names) == only, f"only {', '.join(only)}"))
    if matcher.count is not None:
        count = compile_matcher(matcher.count)
        parts.append(CompiledMatcher(lambda names: count.test(len(names)), f"as many as {count.words}"))
    return both(parts)


def _no(each: Iterable[object]) -> bool:
    return not any(each)


def _named(names: list[str], how: Callable[[Iterable[object]], bool], words: str) -> CompiledMatcher:
    patterns = [glob(name) for name in names]
    return CompiledMatcher(
        lambda found: how(any(map(regex.match, found)) for regex in patterns),
        f"{words} {', '.join(names)}",
        cost=3,
    )


def _tools(label: str, matcher: ToolsMatcher) -> Iterator[Test]:
    yield Check(label, lambda facts: [*facts.tools], offered(matcher))


def _tool_result(label: str, matcher: ToolResultMatcher) -> Iterator[Test]:
    parts: list[Check] = []
    if matcher.name is not None:
        parts.append(Check("name", lambda result: result.name, compile_matcher(matcher.name)))
    if matcher.text is not None:
        parts.append(Check("text", lambda result: result.text, compile_matcher(matcher.text)))
    for path, wanted in (matcher.json_ or {}).items():
        parts.append(
            Check(f"json.{path}", _then(lambda result: result.text, values_at(path)), among(compile_matcher(wanted)))
        )
    words = f"a result with {_said(parts)}"
    if matcher.text is not None and matcher.text.present is False:
        yield Check(label, lambda facts: facts.tool_results or None, compile_matcher(matcher.text))
    else:
        yield Exists(label, lambda facts: facts.tool_results, All(parts), words, lambda result: result.text)


def _response_format(label: str, matcher: FormatMatcher) -> Iterator[Test]:
    if matcher.type is not None:
        yield Check(f"{label}.type", lambda facts: facts.response_format.get("type"), compile_matcher(matcher.type))
    if matcher.name is not None:
        yield Check(f"{label}.name", lambda facts: facts.schema.get("name"), compile_matcher(matcher.name))
    if matcher.strict is not None:
        wanted = compile_matcher(Matcher(equals=matcher.strict))
        yield Check(f"{label}.strict", lambda facts: bool(facts.schema.get("strict")), wanted)
    if matcher.schema_ is not None:
        wanted = compile_matcher(Matcher(equals=matcher.schema_))
        yield Check(f"{label}.schema", lambda facts: facts.schema.get("schema"), wanted)


def _body(label: str, matchers: dict[str, Matcher]) -> Iterator[Test]:
    for path, matcher in matchers.items():
        yield Check(
            f"{label}.{path}", _then(lambda facts: facts.body, values_at(path)), among(compile_matcher(matcher))
        )


def _keyed(
    get: Callable[[RequestView], Mapping[str, Any]], fold: Callable[[str], str]
) -> Callable[..., Iterator[Test]]:
    """Return what makes the tests of a mapping's values, by key."""

    def make(label: str, matchers: dict[str, Matcher]) -> Iterator[Test]:
        for key, matcher in matchers.items():
            yield Check(f"{label}.{key}", _item(get, fold(key)), compile_matcher(matcher))

    return make


def _item(get: Get, key: str) -> Get:
    return lambda facts: get(facts).get(key)


def _all(label: str, parts: list[When]) -> Iterator[Test]:
    for position, part in enumerate(parts):
        yield conditions(part, f"{label}[{position}].")


def _any(label: str, parts: list[When]) -> Iterator[Test]:
    yield AnyOf(label, (conditions(part) for part in parts))


def _not(label: str, part: When) -> Iterator[Test]:
    inner = conditions(part)
    checks = [*_checks(inner.parts)]
    yield Not(label, inner, lambda facts: {check.label: check.get(facts) for check in checks})


_CONDITIONS: Final[Mapping[str, Callable[[str, Any], Iterator[Test]]]] = {
    "request": request,
    "model": _value(lambda facts: facts.model),
    "session": _value(lambda facts: facts.session),
    "stream": _stream,
    "turn": _value(lambda facts: facts.turn),
    "message_count": _value(lambda facts: len(facts.messages)),
    "last": _last,
    "tools": _tools,
    "tool_choice": _value(lambda facts: facts.tool_choice),
    "response_format": _response_format,
    "images": _value(lambda facts: facts.count("images")),
    "audio": _value(lambda facts: facts.count("audio")),
    "files": _value(lambda facts: facts.count("files")),
    "user_field": _value(lambda facts: facts.body.get("user")),
    "metadata": _keyed(lambda facts: facts.body.get("metadata") or {}, str),
    "headers": _keyed(lambda facts: facts.headers, str.lower),
    "system": _value(lambda facts: facts.system),
    "user": _value(lambda facts: facts.user),
    "tool_result": _tool_result,
    "messages": _messages,
    "body": _body,
    "all": _all,
    "any": _any,
    "not_": _not,
}
"""What makes the tests of each condition, in the order in which misses name them."""
