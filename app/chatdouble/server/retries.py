"""Retries: the attempts of a client at one request."""

from collections.abc import Iterable
from itertools import zip_longest
from typing import Final

from chatdouble.core.json_in_steps import encode_in_steps
from chatdouble.server.conversations import RETRIES
from chatdouble.server.entry import Entry

_MOST: Final = 100
"""The most retries of one request that are distinguished."""


def attempts(entries: Iterable[Entry], of: Entry) -> list[str]:
    """Return the ids of all attempts at the request of an entry, in order; none if there was only one.

    SDKs number their retries in a header. Each continues the oldest attempt with the number before.

    Args:
        entries: All entries of the session.
        of: The entry.
    """
    same = [entry for entry in entries if _is_same(entry, of)]
    chains: list[list[Entry]] = []
    for entry in sorted(same, key=lambda one: one["ordinal"]):
        number = _number(entry)
        open_ = next((chain for chain in chains if number and _number(chain[-1]) == number - 1), None)
        if open_ is None:
            chains.append([entry])
        else:
            open_.append(entry)
    (found,) = [chain for chain in chains if any(entry["id"] == of["id"] for entry in chain)]
    return [entry["id"] for entry in found] if len(found) > 1 else []


def _is_same(entry: Entry, other: Entry) -> bool:
    if entry["id"] == other["id"]:
        return True
    if (entry["method"], entry["path"]) != (other["method"], other["path"]) or RETRIES not in entry["headers"]:
        return False
    pieces = zip_longest(encode_in_steps(entry["request"]), encode_in_steps(other["request"]))
    return all(one == another for one, another in pieces)


def _number(entry: Entry) -> int:
    given = entry["headers"].get(RETRIES, "0")
    return int(given) if given.isdecimal() and len(given) < len(str(_MOST)) else 0
