"""Validation of JSON values and of schemas, in one place: everything that needs the jsonschema library.

The library takes 0.1 s to import, so it is imported when a schema first needs it.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from chatdouble.core.json import is_nested
from chatdouble.json_schema.metaschema import VALID, uncertain
from chatdouble.json_schema.steps import OutOfStepsError, Steps

_STEPS: Final = 40_000
"""The steps of one validation."""

_DEEPEST: Final = 100
"""The levels of a schema that is checked, which takes up to eight calls within one another for each."""


class InstanceError(NamedTuple):
    """An error in a value.

    Attributes:
        path: The path of the invalid part, such as `$.items[0]`.
        message: The reason.
        instance: The invalid part.
    """

    path: str
    message: str
    instance: Any

    def __str__(self) -> str:
        """Return the message, preceded by the path unless the whole value is invalid."""
        path = self.path.removeprefix("$").removeprefix(".")
        return f"{path}: {self.message}" if path else self.message


class Validator:
    """A validator of values under a JSON Schema 2020-12.

    Values are valid under a schema that cannot be evaluated: one that refers to itself without end or to a schema
    that does not exist, whose patterns cannot be compiled, or that takes too many steps.

    Args:
        root: The schema. Its references are resolved in it, and never fetched.
        formats: Whether the `format` of strings is checked.
    """

    def __init__(self, root: Any, *, formats: bool = False) -> None:
        self._root = root
        self._formats = formats
        self._compiled: Any = None

    def is_valid(self, value: Any, schema: Any, budget: Steps | None = None) -> bool:
        """Return whether a value is valid under the root schema or a part of it.

        Args:
            value: The value.
            schema: The root schema or a part of it.
            budget: The budget; by default the validation has one of its own.

        Raises:
            OutOfStepsError: The budget was used up.
        """
        steps = budget or Steps()
        try:
            with steps.at_most(_STEPS):
                return not any(True for _ in self._errors(value, schema, steps, once=True))
        except OutOfStepsError:
            if steps.spent and budget is not None:
                raise
            return True

    def errors(self, value: Any) -> Iterator[InstanceError]:
        """Yield the errors of a value under the root schema."""
        try:
            for error in self._errors(value, self._root, Steps(), once=False):
                yield InstanceError(error.json_path, error.message, error.instance)
        except OutOfStepsError:
            return

    def _errors(self, value: Any, schema: Any, steps: Steps, *, once: bool) -> Iterator[Any]:
        """Yield the errors of a value, or only whether there is one."""
        from referencing.exceptions import Unresolvable  # noqa: PLC0415 - see above

        try:
            validator = self._jsonschema()
            checker = validator.format_checker.spending(steps, once=once)
            found = validator.evolve(schema=schema, format_checker=checker).iter_errors(value)
            yield from islice(found, 1) if once else found
        except (Unresolvable, RecursionError, OverflowError, re.error, ValueError):
            return

    def _jsonschema(self) -> Any:
        if self._compiled is None:
            from referencing import Registry  # noqa: PLC0415 - see above

            from chatdouble.json_schema.keywords import Checker, validator_class  # noqa: PLC0415 - see above

            # The default registry fetches remote references.
            registry: Registry[Any] = Registry()
            self._compiled = validator_class()(self._root, registry=registry, format_checker=Checker(self._formats))
        return self._compiled


def schema_error(schema: Any, *, draft7: bool = False) -> str | None:
    """Return the reason why a value is not a JSON Schema, or None if it is one or is too deep to be checked.

    Args:
        schema: The value.
        draft7: Whether to check against draft 7 instead of 2020-12.
    """
    from jsonschema import Draft7Validator, Draft202012Validator, SchemaError  # noqa: PLC0415 - see above

    if is_nested(schema, _DEEPEST):
        return None
    if draft7:
        schema = uncertain(schema)
        if schema is VALID:
            return None
    try:
        (Draft7Validator if draft7 else Draft202012Validator).check_schema(schema)
    except SchemaError as error:
        return error.message
    except (OverflowError, re.error):
        return None
    return None
