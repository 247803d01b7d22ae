"""How the API itself speaks of a field, where that differs from its published contract."""

from dataclasses import dataclass


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
