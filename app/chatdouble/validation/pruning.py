"""Removal of invalid fields from a request, for lenient validation."""

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from pydantic import ValidationError

from chatdouble.core.did_you_mean import api_suggestions
from chatdouble.core.errors import APIError
from chatdouble.core.json import is_array, is_object
from chatdouble.validation import wording
from chatdouble.validation.expectation import written

_INDISPENSABLE: Final = frozenset({"model", "messages"})
_REPORTED: Final = 100
"""The unknown keys that lenient validation warns of."""


def prune(body: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """Return a request without its optional fields of a wrong shape. Faults of the model or the messages stay."""
    wrong = {one["loc"][0] for one in error.errors(include_url=False, include_context=False)}
    dropped = wrong - _INDISPENSABLE
    return {name: value for name, value in body.items() if name not in dropped}


class LeftOut:
    """The unknown keys that the validation of a large request leaves out of objects.

    Attributes:
        errors: The errors of the first of them; there may be as many as the request has bytes.
    """

    def __init__(self) -> None:
        self.errors: list[APIError] = []
        self._lesser: dict[int, tuple[Mapping[str, Any], dict[str, Any]]] = {}

    def known(self, value: dict[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return an object without the keys that are no fields; the object itself if it has none."""
        if value.keys() <= fields.keys():
            return value
        lesser = {name: held for name, held in value.items() if name in fields}
        self._lesser[id(value)] = (fields, lesser)  # the request holds the object for as long as this is used
        return lesser

    def without(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return a request without the keys that were left out."""
        made: dict[str, Any] = self._rebuilt(body, ()) if self._lesser else body
        return made

    def _rebuilt(self, value: Any, steps: tuple[int | str, ...]) -> Any:
        if is_object(value):
            fields, kept = self._lesser.get(id(value), (value, value))
            if kept is not value:
                self._describe(value, steps, fields)
            return {name: self._rebuilt(held, (*steps, name)) for name, held in kept.items()}
        if is_array(value):
            return [self._rebuilt(held, (*steps, at)) for at, held in enumerate(value)]
        return value

    def _describe(self, value: dict[str, Any], steps: tuple[int | str, ...], fields: Mapping[str, Any]) -> None:
        """Add the errors of an object's unknown keys, as long as there are few."""
        place = written(steps)
        for name in islice((name for name in value if name not in fields), _REPORTED - len(self.errors)):
            meant = [f"{place}.{one}" for one in api_suggestions(name, fields, value)]
            self.errors.append(wording.unknown(f"{place}.{name}", meant))
