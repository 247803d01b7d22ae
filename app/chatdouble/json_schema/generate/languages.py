"""Regular expressions as one machine, which tells what they still expect after each character of a text."""

import string
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from chatdouble.json_schema.generate.text_writer import SURROGATES, membership, parts_of
from chatdouble.json_schema.steps import Steps

_ALPHABET: Final = string.ascii_letters + string.digits + string.punctuation + " \n\t" + "éßяжΩ中あ"
_MOST_PARTS: Final = 3000
"""The parts of an expression, its least repetitions written out."""
_MOST_STATES: Final = 40
"""The ways in which several expressions may go on after one character."""
_NESTED: Final = 20
"""The conditions around a lookahead for which it costs a step more."""
_WITHOUT_END: Final = 1 << 30
_STARTS: Final = frozenset({"AT_BEGINNING", "AT_BEGINNING_STRING"})
_ENDS: Final = frozenset({"AT_END", "AT_END_STRING"})

State = frozenset["int | Never"]
"""The parts that have to come, all of them."""


class Never(NamedTuple):
    """The states of which none may come, after a negative lookahead."""

    states: frozenset[State]


NOTHING: Final[State] = frozenset()
"""The state in which anything may come: the end of every expression."""


class Here(NamedTuple):
    """A place in a text.

    Attributes:
        before: The text before it.
        following: The character after it; empty at the end.
    """

    before: str
    following: str


class UnsupportedError(Exception):
    """An expression that only a text can decide about, such as one that refers to a group, or a very long one."""


Ways = Callable[[Here, frozenset[int]], Iterator[State]]


class Languages:
    """Several expressions, as one machine with a part for each of their characters and conditions.

    Args:
        trees: The expressions as Python's parser has them.
        steps: The budget.

    Raises:
        UnsupportedError: One cannot be decided character by character.
        OutOfStepsError: The budget is used up.
    """

    def __init__(self, trees: Sequence[Any], steps: Steps) -> None:
        self._steps = steps
        self._parts: list[Ways] = []
        self._sets: list[str] = []
        self._letters = "".join(dict.fromkeys((*_ALPHABET, *(letter for tree in trees for letter in _literals(tree)))))
        self._memory = 0
        self._has_boundaries = False
        self._end = self._add(lambda _here, _seen: iter((NOTHING,)))
        self.start: State = frozenset(map(self._anywhere, trees))

    def _add(self, ways: Ways) -> int:
        self._steps.spend()
        if len(self._parts) >= _MOST_PARTS:
            raise UnsupportedError
        self._parts.append(ways)
        return len(self._parts) - 1

    def _anywhere(self, tree: Any) -> int:
        """Return a part that begins an expression after any characters, unless it is for the start of a text."""
        start = self._sequence(tree, self._end)
        if len(tree) and str(tree[0][1]) in _STARTS:
            return start
        return self._loop(start, lambda again: self._one_of(self._letters, again))

    def _loop(self, after: int, inner: Callable[[int], int]) -> int:
        repeated = [after]
        again = self._add(partial(self._either, repeated))
        repeated.append(inner(again))
        return again

    def _either(self, parts: Sequence[int], here: Here, seen: frozenset[int]) -> Iterator[State]:
        for part in parts:
            yield from self._ways(part, here, seen)

    def _ways(self, part: int, here: Here, seen: frozenset[int] = frozenset()) -> Iterator[State]:
        """Yield the states after the next character, for each way to read it."""
        if part not in seen:  # a repetition of nothing
            self._steps.spend()
            yield from self._parts[part](here, seen | {part})

    def _one_of(self, allowed: str, after: int) -> int:
        self._sets.append(allowed)
        then: State = frozenset({after})
        return self._add(lambda here, _seen: iter((then,) if here.following and here.following in allowed else ()))

    def _sequence(self, tree: Any, after: int) -> int:
        for operation, value in reversed(tree):
            after = self._item(str(operation), value, after)
        return after

    def _item(self, operation: str, value: Any, after: int) -> int:
        if operation in ("LITERAL", "NOT_LITERAL", "IN", "ANY"):
            return self._one_of(_allowed(operation, value, self._letters), after)
        if operation == "BRANCH":
            starts = [self._sequence(branch, after) for branch in value[1]]
            return self._add(partial(self._either, starts))
        if operation in ("SUBPATTERN", "ATOMIC_GROUP"):
            return self._sequence(value[-1] if operation == "SUBPATTERN" else value, after)
        if operation.endswith("_REPEAT"):
            return self._repeat(value, after)
        if operation in ("ASSERT", "ASSERT_NOT"):
            return self._look(value, after, wanted=operation == "ASSERT")
        if operation == "AT":
            return self._anchor(str(value), after)
        raise UnsupportedError

    def _repeat(self, value: Any, after: int) -> int:
        least, most, inner = int(value[0]), int(value[1]), value[2]
        if most >= _WITHOUT_END:
            after = self._loop(after, lambda again: self._sequence(inner, again))
        else:
            done = after
            for _ in range(most - least):
                one = self._sequence(inner, after)
                after = self._add(partial(self._either, (one, done)))
        for _ in range(least):
            after = self._sequence(inner, after)
        return after

    def _look(self, value: Any, after: int, *, wanted: bool) -> int:
        direction, inner = value
        start = self._sequence(inner, self._end)
        if direction < 0:
            return self._look_back(inner, start, after, wanted=wanted)

        def ahead(here: Here, seen: frozenset[int]) -> Iterator[State]:
            seen_inside = frozenset(self._ways(start, here))
            if wanted:
                for then in self._ways(after, here, seen):
                    # Each lookahead within others adds to a longer state, and passes it on to all around it.
                    self._steps.spend(len(seen) // _NESTED)
                    yield from (then | inside for inside in seen_inside)
            elif NOTHING not in seen_inside:
                never = frozenset({Never(seen_inside)}) if seen_inside else NOTHING
                yield from (then | never for then in self._ways(after, here, seen))

        return self._add(ahead)

    def _look_back(self, inner: Any, start: int, after: int, *, wanted: bool) -> int:
        width = int(inner.getwidth()[1])
        self._memory = max(self._memory, width)

        def behind(here: Here, seen: frozenset[int]) -> Iterator[State]:
            if self._matches(start, here.before[max(len(here.before) - width, 0) :], width) == wanted:
                yield from self._ways(after, here, seen)

        return self._add(behind)

    def _matches(self, start: int, text: str, width: int) -> bool:
        """Tell whether a text of a width follows a part to its end."""
        states: set[State] = {frozenset({start})} if len(text) == width else set()
        for at, letter in enumerate(text):
            states = {then for state in states for then in self.after(state, Here(text[:at], letter))}
        return any(NOTHING in self.after(state, Here(text, "")) for state in states) if width else bool(states)

    def _anchor(self, kind: str, after: int) -> int:
        if kind not in _STARTS | _ENDS:
            self._sets.append(_WORD)
            self._has_boundaries = True

        def anchored(here: Here, seen: frozenset[int]) -> Iterator[State]:
            if _holds(kind, here):
                yield from self._ways(after, here, seen)

        return self._add(anchored)

    def after(self, state: State, here: Here) -> set[State]:
        """Return the states that a state allows after the next character."""
        states: set[State] = {NOTHING}
        for part in state:
            found = self._never(part, here) if isinstance(part, Never) else {*self._ways(part, here)}
            states = {one | other for one in states for other in found}
            if len(states) > _MOST_STATES:
                states = {*sorted(states, key=len)[:_MOST_STATES]}
        return states

    def _never(self, part: Never, here: Here) -> set[State]:
        left = frozenset(then for state in part.states for then in self.after(state, here))
        if NOTHING in left:
            return set()
        return {frozenset({Never(left)}) if left else NOTHING}

    def kinds(self) -> list[list[str]]:
        """Return the characters in groups, of which each expression treats all alike."""
        kinds: dict[tuple[bool, ...], list[str]] = {}
        for letter in self._letters:
            kinds.setdefault(tuple(letter in one for one in self._sets), []).append(letter)
        return list(kinds.values())

    def remembered(self, text: str) -> object:
        """Return what later characters depend on of those before them."""
        if self._memory:
            return text[-self._memory :]
        return self._has_boundaries and text[-1] in _WORD


_WORD: Final = "".join(letter for letter in _ALPHABET if letter.isalnum() or letter == "_")


def _allowed(operation: str, value: Any, letters: str) -> str:
    if operation == "IN":
        negated = str(value[0][0]) == "NEGATE"
        has = membership(value)
        return "".join(one for one in letters if has(one) != negated)
    if operation == "LITERAL":
        return chr(value)
    left_out = "\n" if operation == "ANY" else chr(value)
    return letters.replace(left_out, "")


def _literals(tree: Any) -> Iterator[str]:
    """Yield characters that a parsed expression names."""
    for operation, value in tree:
        if str(operation) in ("LITERAL", "RANGE"):
            code = value if str(operation) == "LITERAL" else value[0]
            if code not in SURROGATES:
                yield chr(code)
        elif str(operation) == "IN":
            yield from _literals(value)
        else:
            for part in parts_of(value):
                yield from _literals(part)


def _holds(kind: str, here: Here) -> bool:
    if kind in _STARTS:
        return not here.before
    if kind in _ENDS:
        return not here.following
    before, following = (bool(letter) and letter in _WORD for letter in (here.before[-1:], here.following))
    return (before != following) == (kind == "AT_BOUNDARY")
