"""The search for branches of a schema's choices that do not contradict each other."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from chatdouble.core.json import is_object
from chatdouble.json_schema.generate.flat_schema import FlatSchema, flatten
from chatdouble.json_schema.generate.intersection import Keywords, is_contradictory, property_schema

if TYPE_CHECKING:
    from chatdouble.json_schema.generate.generator import InstanceGenerator, Position

_MAX_DEAD_ENDS: Final = 64
"""The choices without a branch that fits after which contradictions are accepted."""
_NUMERIC: Final = frozenset({"number", "integer"})
_OF_ALL: Final = frozenset({"type", "additionalProperties", "patternProperties"})
"""Keywords that may contradict any required property."""


NOTHING: Final = object()
"""No value."""


@dataclass(slots=True)
class _Decision:
    """The choice of a branch.

    Attributes:
        before: The schema before it.
        choices: The number of choices that were known before it.
        branches: The branches, in the order in which they are tried.
        tried: The number of those that were tried.
        chosen: The branch, flat.
        after: The schema that holds if the branch does.
    """

    before: FlatSchema
    choices: int
    branches: list[Any]
    tried: int = 0
    chosen: FlatSchema = field(default_factory=FlatSchema)
    after: FlatSchema = field(default_factory=FlatSchema)

    def forget(self) -> None:
        """Forget the schemas before and after the decision."""
        self.before = self.after = FlatSchema()


class Settling:
    """One settling of a schema's choices.

    Args:
        generator: The generator of the value.
        flat: The schema.
        position: The position of the value.
        like: A value that is not valid: branches that it is valid under come first. `NOTHING`: there is none.
    """

    def __init__(self, generator: "InstanceGenerator", flat: FlatSchema, position: "Position", like: Any) -> None:
        self._like = like
        self._generator = generator
        self._flat = flat
        self._position = position
        self._steps = generator.steps
        self._choices = [*flat.choices]
        self._made: list[_Decision] = []

    @property
    def branches(self) -> Iterator[Any]:
        """The branches that were chosen."""
        return (made.branches[made.tried - 1] for made in self._made)

    def settled(self) -> FlatSchema:
        """Return the schema with every choice made, without a contradiction if that is found soon enough.

        Raises:
            OutOfStepsError: The budget is used up.
        """
        dead_ends = 0
        # Without recursion: there may be thousands of choices.
        while len(self._made) < len(self._choices):
            decision = self._opened()
            while not self._advances(decision):
                dead_ends += 1
                if dead_ends > _MAX_DEAD_ENDS or not self._made:
                    self._accept(decision)
                    break
                decision = self._made.pop()
                del self._choices[decision.choices :]
            self._made.append(decision)
            self._choices += decision.chosen.choices
            if len(self._made) > _MAX_DEAD_ENDS + 1:
                # Each dead end goes back by one, so nobody comes back here. Each schema has all the properties.
                self._made[-_MAX_DEAD_ENDS - 2].forget()
        last = self._made[-1].after
        checks = [check for made in self._made for check in made.chosen.checks]
        return FlatSchema(last.keywords, (), (*self._flat.checks, *checks), last.references)

    def _opened(self) -> _Decision:
        """Return the next decision, of which no branch was tried."""
        at, known = len(self._made), len(self._choices)
        before = self._made[-1].after if self._made else self._flat
        place = self._position.at("choice", known - at - 1)
        branches = ordered(self._choices[at], self._generator, place)
        if self._like is not NOTHING:
            branches.sort(key=self._distance)
        return _Decision(before, known, branches)

    def _distance(self, branch: Any) -> int:
        """Return how far the value that was not valid is from a branch."""
        is_valid = self._generator.is_valid
        if is_object(branch) and "not" in branch and is_valid(self._like, branch["not"]):
            return 2  # nothing that may be added to the value changes that
        return 0 if is_valid(self._like, branch) else 1

    def _advances(self, decision: _Decision) -> bool:
        """Choose the next branch that does not contradict what was chosen before; return whether there is one."""
        while decision.tried < len(decision.branches):
            self._choose(decision, decision.tried)
            if not self._contradicts(decision.after.keywords, decision.chosen.keywords):
                return True
        return False

    def _accept(self, decision: _Decision) -> None:
        """Choose the first branch, although it contradicts others."""
        self._choose(decision, 0)

    def _choose(self, decision: _Decision, at: int) -> None:
        decision.tried = at + 1
        before = decision.before
        decision.chosen = flatten(decision.branches[at], self._generator.schema.root, self._steps, before.references)
        alone = FlatSchema(decision.chosen.keywords, references=decision.chosen.references)
        decision.after = FlatSchema(before.keywords, references=before.references).and_also(alone, self._steps)

    def _contradicts(self, merged: Keywords, added: Keywords) -> bool:
        """Return whether merged keywords are easily found to contradict each other.

        Args:
            merged: The keywords.
            added: Those of them that were added to others, which do not contradict each other.
        """
        if not added:
            return False
        names = None if added.keys() & _OF_ALL else _required_of(merged, added)
        if is_contradictory(merged, self._steps, names):
            return True
        if "object" not in merged.get("type", ()) or len(merged["type"]) > 1 or "properties" not in added:
            return False
        return any(
            self._is_impossible(merged, name) for name in _required_of(merged, added) if name in added["properties"]
        )

    def _is_impossible(self, keywords: Keywords, name: str) -> bool:
        """Return whether what several schemas ask of a property is easily found to be contradictory."""
        schema = property_schema(keywords, name, self._steps)
        if not (is_object(schema) and schema.keys() == {"allOf"}):
            return False
        return flatten(schema, self._generator.schema.root, self._steps).is_impossible(self._steps)


def _required_of(merged: Keywords, added: Keywords) -> list[str]:
    """Return the required properties that added keywords name."""
    needed = merged.get("required", ())
    declared = added.get("properties", {})
    names = dict.fromkeys(added.get("required", ()))
    return [*names, *(name for name in needed if name in declared and name not in names)] if declared else [*names]


def ordered(branches: tuple[Any, ...], generator: "InstanceGenerator", position: "Position") -> list[Any]:
    """Return branches in the order to try them: endless recursions, those that failed, and null come last.

    Args:
        branches: The branches.
        generator: The generator of the value.
        position: The position of the choice.
    """
    generator.steps.spend(len(branches) // 4)
    order = list(branches)
    position.chance.random().shuffle(order)
    tight = position.tight or generator.is_spent or position.is_recursive
    depths = {id(branch): generator.depth(branch) for branch in order}
    numeric = any(is_object(branch) and not _NUMERIC.isdisjoint(branch.get("type", ())) for branch in order)
    # Sorting is stable, so the last key has the most weight.
    order.sort(key=lambda branch: numeric and _is_bare_string(branch))
    order.sort(key=lambda branch: _is_null(branch) and not tight)
    if tight or generator.sparse:
        order.sort(key=_required_number)
    if generator.failures:
        order.sort(key=lambda branch: is_object(branch) and "pattern" in branch)
        order.sort(key=generator.failures_of)
    order.sort(key=lambda branch: depths[id(branch)] if tight else math.isinf(depths[id(branch)]))
    return order


def _required_number(schema: Any) -> int:
    return len(schema.get("required", ())) if is_object(schema) else 0


def _is_null(schema: Any) -> bool:
    return is_object(schema) and (schema.get("type") == ["null"] or schema.get("const", ...) is None)


def _is_bare_string(schema: Any) -> bool:
    """Return whether a schema allows any string. Beside a number, that is pydantic's schema of a Decimal."""
    return is_object(schema) and schema.get("type") == ["string"] and schema.keys() <= {"type", "title", "description"}
