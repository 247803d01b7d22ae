"""The keywords of jsonschema's validator, made to spend steps and to search with expressions that end."""

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from functools import lru_cache, partial
from typing import Any, Final, cast
from urllib.parse import quote

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

from chatdouble.core.json import is_array, is_object
from chatdouble.json_schema.equality import canonical
from chatdouble.json_schema.patterns import contains_match
from chatdouble.json_schema.steps import Steps

Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


class Checker(FormatChecker):
    """The checker of formats; it carries the budget as well, since every part of a validation has it.

    Args:
        formats: Whether formats are checked.
    """

    def __init__(self, formats: bool) -> None:
        super().__init__(())
        self.steps = Steps()
        self.levels = 0
        self.once = False
        self.judged: dict[tuple[str, int], bool] = {}
        self.resolved: dict[str, Any] = {}
        if formats:
            self.checkers.update(Draft202012Validator.FORMAT_CHECKER.checkers)
            # jsonschema leaves IRIs to a package under the GPL, or to one that takes a second to import.
            for iri, uri in (("iri", "uri"), ("iri-reference", "uri-reference")):
                self.checks(iri, raises=ValueError)(partial(_is_iri, FormatChecker(("uri", "uri-reference")), uri))

    def spending(self, steps: Steps, *, once: bool) -> "Checker":
        """Return a checker for one validation.

        Args:
            steps: The budget.
            once: Whether it only matters if there is an error, so that nothing is judged twice.
        """
        made = copy(self)
        made.steps, made.levels, made.once, made.judged = steps, 0, once, {}
        return made


def _is_iri(checker: FormatChecker, uri: str, value: object) -> bool:
    """Return whether the URI that an IRI stands for is valid: its other characters percent-encoded (RFC 3987, 3.1)."""
    if not isinstance(value, str):
        return True
    return bool(checker.conforms("".join(char if char.isascii() else quote(char) for char in value), uri))


@lru_cache(maxsize=1)
def validator_class() -> Any:
    """Return a class of validators under 2020-12 whose format checker is a `Checker`."""
    known: Mapping[str, Any] = Draft202012Validator.VALIDATORS
    return cast("Any", validators).extend(
        Draft202012Validator, {name: _counted(_OWN.get(name, known[name])) for name in known}
    )


def _counted(keyword: Keyword) -> Keyword:
    def counted(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        checker: Checker = validator.format_checker
        checker.steps.spend()
        if checker.levels == _DEEPEST:
            raise RecursionError
        checker.levels += 1
        try:
            yield from keyword(validator, value, instance, schema) or ()
        finally:
            checker.levels -= 1

    return counted


_DEEPEST: Final = 200
"""The keywords within one another: the library that resolves references panics where Python's own limit stops it."""


def _pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _matches(validator, pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    for pattern, subschema in patterns.items() if is_object(instance) else ():
        for name, value in instance.items():
            if _matches(validator, pattern, name):
                yield from validator.descend(value, subschema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, rest: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not is_object(instance):
        return
    declared, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    others = [name for name in instance if name not in declared]
    extras = [name for name in others if not any(_matches(validator, pattern, name) for pattern in patterns)]
    if is_object(rest):
        for name in extras:
            yield from validator.descend(instance[name], rest, path=name)
    elif not rest and extras:
        named = ", ".join(map(repr, sorted(extras)))
        if patterns:
            allowed = ", ".join(map(repr, sorted(patterns)))
            verb = "does" if len(extras) == 1 else "do"
            yield ValidationError(f"{named} {verb} not match any of the regexes: {allowed}")
        else:
            verb = "was" if len(extras) == 1 else "were"
            yield ValidationError(f"Additional properties are not allowed ({named} {verb} unexpected)")


def _unevaluated_properties(validator: Any, rest: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    # jsonschema finds out what is evaluated with searches of its own, which may not end.
    if "patternProperties" not in str(schema):
        known: Keyword = Draft202012Validator.VALIDATORS["unevaluatedProperties"]
        yield from known(validator, rest, instance, schema) or ()


def _unique_items(_validator: Any, unique: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if unique and is_array(instance) and len(set(map(canonical, instance))) < len(instance):
        yield ValidationError(f"{instance!r} has non-unique elements")


def _reference(validator: Any, reference: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    checker: Checker = validator.format_checker
    if not checker.once:
        yield from validator._validate_reference(ref=reference, instance=instance)  # noqa: SLF001 - as jsonschema's own keywords do
        return
    # Schemas that refer to one part in many ways would be judged exponentially often.
    key = (reference, id(instance))
    if key not in checker.judged:
        if reference not in checker.resolved:  # a pointer from the root, as in every schema that is judged once
            checker.resolved[reference] = validator._resolver.lookup(reference)  # noqa: SLF001 - as jsonschema does
        found = checker.resolved[reference]
        errors = validator.descend(instance, found.contents, resolver=found.resolver)
        checker.judged[key] = next(errors, None) is None
    if not checker.judged[key]:
        yield ValidationError("is invalid")


def _matches(validator: Any, pattern: str, text: str) -> bool:
    return contains_match(pattern, text, validator.format_checker.steps, otherwise=True)


_OWN: Final[Mapping[str, Keyword]] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "unevaluatedProperties": _unevaluated_properties,
    "uniqueItems": _unique_items,
    "$ref": _reference,
}
