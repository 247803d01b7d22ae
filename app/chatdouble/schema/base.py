"""How strictly the parts of a request are read."""

from dataclasses import dataclass
from typing import Final

from pydantic import ConfigDict

OPEN: Final = ConfigDict(strict=True, extra="allow")
"""Unknown keys are accepted, as inside messages (requests#messages)."""

CLOSED: Final = ConfigDict(strict=True, extra="forbid")
"""Unknown keys are refused: "Unknown parameter: 'stream_options.bogus'." (requests#stream-options)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Metadata of a field: the values its error messages name, in their order.

    Attributes:
        values: The values. What the contract has and the list has not is refused on the wire.
    """

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Noun:
    """Metadata of a field: what its error messages say is expected there.

    Attributes:
        text: The noun with its article, e.g. `a metadata object`.
    """

    text: str
