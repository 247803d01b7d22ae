"""Validation of JSON values and of schemas, in one place: everything that needs the jsonschema library.

The library takes 0.1 s to import, so it is imported when a schema first needs it.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote


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
    that does not exist, or whose patterns Python cannot compile.

    Args:
        root: The schema. Its references are resolved in it, and never fetched.
        formats: Whether the `format` of strings is checked.
    """

    def __init__(self, root: Any, *, formats: bool = False) -> None:
        self._root = root
        self._formats = formats
        self._compiled: Any = None

    def is_valid(self, value: Any, schema: Any) -> bool:
        """Return whether a value is valid under the root schema or a part of it."""
        from referencing.exceptions import Unresolvable  # noqa: PLC0415 - see above

        try:
            return bool(self._jsonschema().evolve(schema=schema).is_valid(value))
        except (Unresolvable, RecursionError, OverflowError, re.error):
            return True

    def errors(self, value: Any) -> Iterator[InstanceError]:
        """Yield the errors of a value under the root schema."""
        from referencing.exceptions import Unresolvable  # noqa: PLC0415 - see above

        try:
            for error in self._jsonschema().iter_errors(value):
                yield InstanceError(error.json_path, error.message, error.instance)
        except (Unresolvable, RecursionError, OverflowError, re.error):
            return

    def _jsonschema(self) -> Any:
        if self._compiled is None:
            from jsonschema import Draft202012Validator  # noqa: PLC0415 - see above
            from referencing import Registry  # noqa: PLC0415 - see above

            checker = _format_checker() if self._formats else None
            # The default registry fetches remote references.
            self._compiled = Draft202012Validator(self._root, registry=Registry(), format_checker=checker)
        return self._compiled


def _format_checker() -> Any:
    """Return a checker of the formats of 2020-12."""
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415 - see above

    checker: Any = FormatChecker(())
    checker.checkers.update(Draft202012Validator.FORMAT_CHECKER.checkers)
    # jsonschema leaves IRIs to a package under the GPL, or to one that takes a second to import.
    for iri, uri in (("iri", "uri"), ("iri-reference", "uri-reference")):
        checker.checks(iri, raises=ValueError)(partial(_is_iri, checker, uri))
    return checker


def _is_iri(checker: Any, uri: str, value: object) -> bool:
    """Return whether the URI that an IRI stands for is valid: its other characters percent-encoded (RFC 3987, 3.1)."""
    if not isinstance(value, str):
        return True
    return bool(checker.conforms("".join(char if char.isascii() else quote(char) for char in value), uri))


def schema_error(schema: Any, *, draft7: bool = False) -> str | None:
    """Return the reason why a value is not a JSON Schema, or None if it is one or is too deep to be checked.

    Args:
        schema: The value.
        draft7: Whether to check against draft 7 instead of 2020-12.
    """
    from jsonschema import Draft7Validator, Draft202012Validator, SchemaError  # noqa: PLC0415 - see above

    try:
        (Draft7Validator if draft7 else Draft202012Validator).check_schema(schema)
    except SchemaError as error:
        return error.message
    except (RecursionError, OverflowError, re.error):
        return None
    return None
