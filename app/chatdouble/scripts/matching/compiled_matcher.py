"""Matchers compiled to functions, with a description and captures."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from fnmatch import translate
from typing import Any, Final

import orjson

from chatdouble.core.expressions import Expression
from chatdouble.core.json import is_array, is_object
from chatdouble.core.json_in_steps import beginning_of, is_short
from chatdouble.scripts.format.expressions import glob, json_path, pattern
from chatdouble.scripts.format.matchers import Matcher
from chatdouble.scripts.matching.request_view import as_json

ValueTest = Callable[[Any], bool]
Captures = dict[str, str]

_LONGEST: Final = 16_384
"""The characters of a value in the journal."""
_PART: Final = 256 * 1024
"""The characters whose case is folded at once."""


@dataclass(frozen=True, slots=True)
class CompiledMatcher:
    """A compiled matcher.

    Attributes:
        test: Tells whether a value matches.
        words: The expected value, in words.
        patterns: The regular expressions that capture named groups from a value that matches.
        cost: The relative cost of a test; cheap matchers are tested first.
    """

    test: ValueTest
    words: str
    patterns: tuple[Expression, ...] = ()
    cost: int = 1

    def captures(self, value: Any) -> Captures:
        """Return the named groups found in a text, or in each text of a list."""
        found: Captures = {}
        for text in value if is_array(value) else [value]:
            for groups in (regex.search(text) for regex in self.patterns if isinstance(text, str)):
                found |= {name: got for name, got in groups.groupdict().items() if got is not None} if groups else {}
        return found


def compile_matcher(matcher: Matcher) -> CompiledMatcher:
    """Compile a matcher, all of whose keys must hold."""
    given = matcher.model_fields_set - {"ignore_case"}
    return all_of([compile_key(matcher) for key, compile_key in _KEYS.items() if key in given])


def all_of(parts: list[CompiledMatcher]) -> CompiledMatcher:
    """Combine matchers into one that matches if all of them do."""
    if len(parts) == 1:
        return parts[0]
    tests = [part.test for part in sorted(parts, key=lambda part: part.cost)]
    return CompiledMatcher(
        lambda value: all(test(value) for test in tests),
        " and ".join(part.words for part in parts),
        tuple(regex for part in parts for regex in part.patterns),
        sum(part.cost for part in parts),
    )


def shown(value: Any, limit: int = 160) -> str:
    """Return a value as JSON for messages, truncated if it is long."""
    if not is_short([value]):
        size = f"{len(value)} characters" if isinstance(value, str) else "very long"
        return f"{beginning_of(value, limit)}... ({size})"
    text = "nothing" if value is None else orjson.dumps(value, default=str).decode()
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"


def brief(value: Any) -> Any:
    """Return a value for the journal; of one that is long, the beginning of its JSON."""
    text = shown(value, _LONGEST)
    return value if len(text) <= _LONGEST else text


def same(value: Any, wanted: Any) -> bool:
    """Tell whether two JSON values are equal; true is not equal to 1."""
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def folded(value: Any) -> Any:
    """Return a text without its case, and any other value unchanged."""
    if not isinstance(value, str):
        return value
    # In parts, as all others wait while Python looks at a text.
    return "".join([part.casefold() for part in _parts(value)])


def _parts(text: str) -> Iterator[str]:
    return (text[at : at + _PART] for at in range(0, len(text), _PART))


def _has_all(text: str, pieces: Sequence[str], *, ignore_case: bool) -> bool:
    """Tell whether a text has all of some pieces, which are without case if that is ignored."""
    missing, end = {*pieces}, ""
    longest = max(map(len, missing), default=0)
    for part in _parts(text) if missing - {""} else ():
        here = end + (part.casefold() if ignore_case else part)
        missing = {piece for piece in missing if piece not in here}
        if not missing:
            return True
        end = here[max(len(here) - longest, 0) :]
    return not missing - {""}


def _case(matcher: Matcher, value: Any) -> Any:
    return folded(value) if matcher.ignore_case else value


def _equal_to(matcher: Matcher, wanted: Any) -> ValueTest:
    if matcher.ignore_case:
        text = folded(wanted)
        most = len(text) if isinstance(text, str) else 0
        # No text is shorter without its case, so one that is too long is not looked at.
        return lambda value: not (isinstance(value, str) and len(value) > most) and same(folded(value), text)
    return lambda value: same(value, wanted)


def _equals(matcher: Matcher) -> CompiledMatcher:
    return CompiledMatcher(_equal_to(matcher, matcher.equals), _nocase(matcher, shown(matcher.equals)))


def _plain(matcher: Matcher) -> CompiledMatcher:
    text = matcher.plain or ""
    words = _nocase(matcher, shown(text))
    if "*" not in text:
        return CompiledMatcher(_equal_to(matcher, text), words)
    return _regex(glob(text, ignore_case=matcher.ignore_case).match, words)


def _matches(matcher: Matcher) -> CompiledMatcher:
    regex = pattern(matcher.matches or "", ignore_case=matcher.ignore_case)
    found = _regex(regex.search, f"a text that matches /{regex.pattern}/")
    return CompiledMatcher(found.test, found.words, (regex,) if regex.groupindex else (), found.cost)


def _glob(matcher: Matcher) -> CompiledMatcher:
    regex = pattern(translate(matcher.glob or ""), ignore_case=matcher.ignore_case)
    return _regex(regex.match, f"a text that matches the glob {shown(matcher.glob)}")


def _regex(search: Callable[[str], object], words: str) -> CompiledMatcher:
    return CompiledMatcher(
        lambda value: isinstance(value, str) and search(value) is not None,
        words,
        cost=4,
    )


def _contains(matcher: Matcher) -> CompiledMatcher:
    wanted: list[Any] = matcher.contains if is_array(matcher.contains) else [matcher.contains]
    pieces = [_case(matcher, piece) for piece in wanted]
    are_texts = all(isinstance(piece, str) for piece in pieces)
    words = "a value that contains " + " and ".join(map(shown, wanted))

    def test(value: Any) -> bool:
        if isinstance(value, str):
            return are_texts and _has_all(value, pieces, ignore_case=matcher.ignore_case)
        if is_array(value) or is_object(value):
            return all(any(same(_case(matcher, item), piece) for item in value) for piece in pieces)
        return False

    return CompiledMatcher(test, _nocase(matcher, words), cost=2)


def _one_of(matcher: Matcher) -> CompiledMatcher:
    tests = [_equal_to(matcher, wanted) for wanted in matcher.one_of or ()]
    words = "one of " + ", ".join(map(shown, matcher.one_of or ()))
    return CompiledMatcher(lambda value: any(test(value) for test in tests), _nocase(matcher, words))


def _present(matcher: Matcher) -> CompiledMatcher:
    wanted = matcher.present
    return CompiledMatcher(lambda value: (value is not None) == wanted, "a value" if wanted else "nothing")


def _length(matcher: Matcher) -> CompiledMatcher:
    inner = compile_matcher(matcher.length or Matcher(present=True))
    return CompiledMatcher(
        lambda value: isinstance(value, Sized) and inner.test(len(value)),
        f"length {inner.words}",
        cost=2,
    )


def _compared(key: str, sign: str, holds: Callable[[float, float], bool]) -> Callable[[Matcher], CompiledMatcher]:
    def compile_key(matcher: Matcher) -> CompiledMatcher:
        limit: float = getattr(matcher, key)
        return CompiledMatcher(
            lambda value: isinstance(value, int | float) and not isinstance(value, bool) and holds(value, limit),
            f"{sign} {limit:g}",
        )

    return compile_key


def _at(matcher: Matcher) -> CompiledMatcher:
    return all_of([_inside(path, inner) for path, inner in (matcher.at or {}).items()])


def _inside(path: str, matcher: Matcher) -> CompiledMatcher:
    get, wanted = values_at(path), one_item(compile_matcher(matcher))
    return CompiledMatcher(lambda value: wanted.test(get(value)), f"{path} {wanted.words}", cost=wanted.cost)


def values_at(path: str) -> Callable[[Any], list[Any]]:
    """Return a function that returns the values at a JSONPath, in a value or in the JSON of a text."""
    query = json_path(path)

    def get(value: Any) -> list[Any]:
        whole = as_json(value) if isinstance(value, str) else value
        return query.findall(whole) if is_object(whole) or is_array(whole) else []

    return get


def one_item(inner: CompiledMatcher) -> CompiledMatcher:
    """Return a matcher of a list that matches if one item does; an empty list matches as a missing value."""

    def test(values: list[Any]) -> bool:
        return any(map(inner.test, values or [None]))

    return CompiledMatcher(test, inner.words, inner.patterns, cost=20)


def _all(matcher: Matcher) -> CompiledMatcher:
    return all_of([compile_matcher(part) for part in matcher.all or ()])


def _any(matcher: Matcher) -> CompiledMatcher:
    parts = [compile_matcher(part) for part in matcher.any or ()]
    return CompiledMatcher(
        lambda value: any(part.test(value) for part in parts),
        " or ".join(part.words for part in parts),
        tuple(regex for part in parts for regex in part.patterns),
        sum(part.cost for part in parts),
    )


def _not(matcher: Matcher) -> CompiledMatcher:
    inner = compile_matcher(matcher.not_ or Matcher(present=True))
    return CompiledMatcher(lambda value: not inner.test(value), f"not ({inner.words})", cost=inner.cost)


def _nocase(matcher: Matcher, words: str) -> str:
    return f"{words} (ignoring case)" if matcher.ignore_case else words


_KEYS: Final[Mapping[str, Callable[[Matcher], CompiledMatcher]]] = {
    "equals": _equals,
    "plain": _plain,
    "contains": _contains,
    "matches": _matches,
    "glob": _glob,
    "one_of": _one_of,
    "present": _present,
    "length": _length,
    "gt": _compared("gt", "above", lambda value, limit: value > limit),
    "gte": _compared("gte", "at least", lambda value, limit: value >= limit),
    "lt": _compared("lt", "below", lambda value, limit: value < limit),
    "lte": _compared("lte", "at most", lambda value, limit: value <= limit),
    "at": _at,
    "all": _all,
    "any": _any,
    "not_": _not,
}
