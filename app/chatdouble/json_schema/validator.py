"""Whether a value is valid, for what cannot be made right by construction (`not`, `oneOf`, `contains`, ...)."""

import re
from typing import Any


class Judge:
    """Decides values under one root schema.

    Args:
        root: A cleaned schema (`clean`), which every reference is resolved in.
        formats: Whether strings must have the `format` they should.
    """

    def __init__(self, root: Any, *, formats: bool = False) -> None:
        self._root = root
        self._formats = formats
        self._validator: Any = None

    def allows(self, value: Any, schema: Any) -> bool:
        """Say whether a value is valid under the root schema or a part of it.

        A schema that refers to itself without end allows everything.
        """
        if self._validator is None:
            from jsonschema import Draft202012Validator  # noqa: PLC0415 - 0.1 s, once a schema asks
            from referencing import Registry  # noqa: PLC0415 - as above; the default one fetches

            checker = Draft202012Validator.FORMAT_CHECKER if self._formats else None
            self._validator = Draft202012Validator(self._root, registry=Registry(), format_checker=checker)
        try:
            return bool(self._validator.evolve(schema=schema).is_valid(value))
        except (RecursionError, OverflowError, re.error):
            return True
