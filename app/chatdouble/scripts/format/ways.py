"""The ways to answer that each API has."""

from collections.abc import Iterable, Mapping
from typing import Final

from chatdouble.scripts.format.reply import ReplySpec

NEEDS_API: Final = ("vector", "like", "flags")
"""The ways to answer that conversations do not have."""

ANYWHERE: Final = frozenset({"error", "body", "recorded", "echo", "upstream"})
"""The ways to answer that every API has."""

_COMPUTED: Final[Mapping[str, frozenset[str]]] = {
    "embeddings": ANYWHERE | {"vector", "like"},
    "moderations": ANYWHERE | {"flags"},
}


class MisfitError(ValueError):
    """A reply that cannot answer the API that is asked."""


def misfit(api: str, reply: ReplySpec) -> str | None:
    """Return why a reply cannot answer an API; None: it can.

    Args:
        api: The API's name.
        reply: The reply; with a fault or a pace alone it fits every API.
    """
    way = reply.way or ", ".join(sorted(key.rstrip("_") for key in reply.message_keys()))
    ways = _COMPUTED.get(api)
    if ways is None:
        return f"`{way}` does not answer a conversation" if way in NEEDS_API else None
    if reply.azure:
        return f"`azure` adds nothing to {api}"
    return f"`{way}` does not answer {api}; give {_listed(ways)}" if way and way not in ways else None


def _listed(ways: Iterable[str]) -> str:
    first = [way for way in NEEDS_API if way in ways]
    return " or ".join([*first, *sorted(ANYWHERE)])


def check_way(api: str, reply: ReplySpec) -> None:
    """Refuse a reply that cannot answer an API.

    Raises:
        MisfitError: It cannot.
    """
    why = misfit(api, reply)
    if why is not None:
        raise MisfitError(why)


def check_ways(api: str, replies: Iterable[ReplySpec]) -> None:
    """Refuse replies that cannot answer the only API that their rule is for.

    Raises:
        MisfitError: One cannot.
    """
    for reply in replies:
        check_way(api, reply)
