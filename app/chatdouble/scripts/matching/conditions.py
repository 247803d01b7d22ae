"""The conditions of a rule's `when`, compiled."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from textwrap import shorten
from typing import Any, Final

from chatdouble.scripts.format.expressions import glob
from chatdouble.scripts.format.matchers import FormatMatcher, Matcher, MessageMatcher, ToolResultMatcher, ToolsMatcher
from chatdouble.scripts.format.rule import When
from chatdouble.scripts.matching.combinators import AllOf, AnyOf, Condition, Exists, Not, ValueCondition
from chatdouble.scripts.matching.compiled_matcher import CompiledMatcher, all_of, compile_matcher, one_item, values_at
from chatdouble.scripts.matching.request_view import Message, RequestView, called, parts_of, text_of
from chatdouble.scripts.matching.whole_request import whole_request

Get = Callable[[Any], Any]


def conditions(when: When, label: str = "") -> AllOf:
    """Compile the conditions of a `when` on a request view.

    Args:
        when: The conditions; `hits` is left out, since it depends on the session and not on the request.
        label: A prefix for the names of the conditions.
    """
    given = when.model_fields_set
    return AllOf(
        condition
        for key, compile_key in _CONDITIONS.items()
        if key in given
        for condition in compile_key(f"{label}{key.rstrip('_')}", getattr(when, key))
    )


def _value(get: Get) -> Callable[[str, Matcher], Iterator[Condition]]:
    def compile_key(label: str, matcher: Matcher) -> Iterator[Condition]:
        yield ValueCondition(label, get, compile_matcher(matcher))

    return compile_key


def _stream(label: str, wanted: bool) -> Iterator[Condition]:
    yield ValueCondition(label, lambda view: bool(view.body.get("stream")), compile_matcher(Matcher(equals=wanted)))


def _message_getter(index: int) -> Callable[[RequestView], Message]:
    def get(view: RequestView) -> Message:
        found = view.messages
        return found[index] if -len(found) <= index < len(found) else {}

    return get


def _last(label: str, matcher: MessageMatcher) -> Iterator[Condition]:
    index = -1 if matcher.index is None else matcher.index
    yield from _message(label, _message_getter(index), matcher)


def _messages(label: str, matchers: list[MessageMatcher]) -> Iterator[Condition]:
    for position, matcher in enumerate(matchers):
        here = f"{label}[{position}]"
        if matcher.index is None:
            part = AllOf(_message("", lambda message: message, matcher))
            words = f"a message with {_words(_value_conditions(part.parts))}"
            yield Exists(here, lambda view: view.messages, part, words, _brief)
        else:
            yield from _message(here, _message_getter(matcher.index), matcher)


def _words(parts: Iterable[ValueCondition]) -> str:
    return ", ".join(f"{part.label} {part.wanted.words}" for part in parts)


def _value_conditions(parts: Iterable[Condition]) -> Iterator[ValueCondition]:
    return (part for part in parts if isinstance(part, ValueCondition))


def _brief(message: Message) -> str:
    text = text_of(message)
    return f"{message.get('role')}: {shorten(text, 60, placeholder='...')}"


def _message(label: str, get: Get, matcher: MessageMatcher) -> Iterator[Condition]:
    for key, take in _MESSAGE.items():
        wanted: Matcher | ToolsMatcher | None = getattr(matcher, key)
        if isinstance(wanted, ToolsMatcher):
            yield ValueCondition(f"{label}.{key}".lstrip("."), _composed(get, take), offered(wanted))
        elif wanted is not None:
            yield ValueCondition(f"{label}.{key}".lstrip("."), _composed(get, take), compile_matcher(wanted))


def _composed(get: Get, take: Get) -> Get:
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
    """Compile a matcher of tools for a list of names."""
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
        parts.append(CompiledMatcher(lambda names: count.test(len(names)), f"a count of {count.words}"))
    return all_of(parts)


def _no(each: Iterable[object]) -> bool:
    return not any(each)


def _named(names: list[str], how: Callable[[Iterable[object]], bool], words: str) -> CompiledMatcher:
    patterns = [glob(name) for name in names]
    return CompiledMatcher(
        lambda found: how(any(map(regex.match, found)) for regex in patterns),
        f"{words} {', '.join(names)}",
        cost=3,
    )


def _tools(label: str, matcher: ToolsMatcher) -> Iterator[Condition]:
    yield ValueCondition(label, lambda view: [*view.tools], offered(matcher))


def _tool_result(label: str, matcher: ToolResultMatcher) -> Iterator[Condition]:
    parts: list[ValueCondition] = []
    if matcher.name is not None:
        parts.append(ValueCondition("name", lambda result: result.name, compile_matcher(matcher.name)))
    if matcher.text is not None:
        parts.append(ValueCondition("text", lambda result: result.text, compile_matcher(matcher.text)))
    for path, wanted in (matcher.json_ or {}).items():
        get = _composed(lambda result: result.text, values_at(path))
        parts.append(ValueCondition(f"json.{path}", get, one_item(compile_matcher(wanted))))
    words = f"a result with {_words(parts)}"
    if matcher.text is not None and matcher.text.present is False:
        yield ValueCondition(label, lambda view: view.tool_results or None, compile_matcher(matcher.text))
    else:
        yield Exists(label, lambda view: view.tool_results, AllOf(parts), words, lambda result: result.text)


def _response_format(label: str, matcher: FormatMatcher) -> Iterator[Condition]:
    if matcher.type is not None:
        yield ValueCondition(
            f"{label}.type", lambda view: view.response_format.get("type"), compile_matcher(matcher.type)
        )
    if matcher.name is not None:
        yield ValueCondition(f"{label}.name", lambda view: view.schema.get("name"), compile_matcher(matcher.name))
    if matcher.strict is not None:
        wanted = compile_matcher(Matcher(equals=matcher.strict))
        yield ValueCondition(f"{label}.strict", lambda view: bool(view.schema.get("strict")), wanted)
    if matcher.schema_ is not None:
        wanted = compile_matcher(Matcher(equals=matcher.schema_))
        yield ValueCondition(f"{label}.schema", lambda view: view.schema.get("schema"), wanted)


def _body(label: str, matchers: dict[str, Matcher]) -> Iterator[Condition]:
    for path, matcher in matchers.items():
        yield ValueCondition(
            f"{label}.{path}", _composed(lambda view: view.sent, values_at(path)), one_item(compile_matcher(matcher))
        )


def _keyed(
    get: Callable[[RequestView], Mapping[str, Any]], fold: Callable[[str], str]
) -> Callable[..., Iterator[Condition]]:
    def compile_key(label: str, matchers: dict[str, Matcher]) -> Iterator[Condition]:
        for key, matcher in matchers.items():
            yield ValueCondition(f"{label}.{key}", _item(get, fold(key)), compile_matcher(matcher))

    return compile_key


def _item(get: Get, key: str) -> Get:
    return lambda view: get(view).get(key)


def _all(label: str, parts: list[When]) -> Iterator[Condition]:
    for position, part in enumerate(parts):
        yield conditions(part, f"{label}[{position}].")


def _any(label: str, parts: list[When]) -> Iterator[Condition]:
    yield AnyOf(label, (conditions(part) for part in parts))


def _not(label: str, part: When) -> Iterator[Condition]:
    inner = conditions(part)
    parts = [*_value_conditions(inner.parts)]
    yield Not(label, inner, lambda view: {part.label: part.get(view) for part in parts})


_CONDITIONS: Final[Mapping[str, Callable[[str, Any], Iterator[Condition]]]] = {
    "endpoint": _value(lambda view: view.endpoint),
    "api": _value(lambda view: view.api),
    "request": whole_request,
    "model": _value(lambda view: view.model),
    "session": _value(lambda view: view.session),
    "stream": _stream,
    "turn": _value(lambda view: view.turn),
    "message_count": _value(lambda view: len(view.messages)),
    "last": _last,
    "tools": _tools,
    "tool_choice": _value(lambda view: view.tool_choice),
    "response_format": _response_format,
    "images": _value(lambda view: view.count("images")),
    "audio": _value(lambda view: view.count("audio")),
    "files": _value(lambda view: view.count("files")),
    "user_field": _value(lambda view: view.body.get("user")),
    "metadata": _keyed(lambda view: view.body.get("metadata") or {}, str),
    "headers": _keyed(lambda view: view.headers, str.lower),
    "system": _value(lambda view: view.system),
    "user": _value(lambda view: view.user),
    "tool_result": _tool_result,
    "messages": _messages,
    "body": _body,
    "all": _all,
    "any": _any,
    "not_": _not,
}
"""Compiles each key of `when`, in the order in which near misses report failures."""
