"""How the API itself lists the values of a field, where that differs from its published contract."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listed:
    """Metadata of a field: the values its error messages name, in their order.

    Attributes:
        values: The values. What the contract has and the list has not is refused on the wire.
    """

    values: tuple[str, ...]
