"""Validation settings for the parts of a request."""

from typing import Final, NamedTuple

from pydantic import ConfigDict

OPEN: Final = ConfigDict(strict=True, extra="allow")
"""Accepts unknown keys, as messages do (requests#messages)."""

CLOSED: Final = ConfigDict(strict=True, extra="forbid")
"""Refuses unknown keys: "Unknown parameter: 'stream_options.bogus'." (requests#stream-options)."""


class Listed(NamedTuple):
    """Metadata of a field: the values that its error messages list.

    Attributes:
        values: The values in order. The API refuses values of the contract that are not listed.
    """

    values: tuple[str, ...]


class Noun(NamedTuple):
    """Metadata of a field: what its error messages say is expected there.

    Attributes:
        text: The noun with its article, e.g. `a metadata object`.
    """

    text: str
