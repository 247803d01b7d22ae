"""Identities of rules: the keys of their counts, which stay the same when scripts change."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from hashlib import blake2b
from typing import NamedTuple

from chatdouble.core.json_in_steps import sorted_digest
from chatdouble.scripts.format.base import Spec
from chatdouble.scripts.format.rule import Rule


class Identity(NamedTuple):
    """The parts of a rule that tell it from others; its position is none of them.

    Attributes:
        base: Its file, and its name; without a name, a digest of its condition.
        content: A digest of the whole rule, which tells rules with the same base apart.
    """

    base: str
    content: str


def identity_of(rule: Rule, file: str) -> Identity:
    """Return the identity of a rule in a file."""
    return Identity(f"{file}: {rule.name or _digest(rule.when)}", _digest(rule))


def _digest(part: Spec) -> str:
    try:
        dumped = part.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return sorted_digest(dumped, 6).hex()
    except (TypeError, ValueError):  # nested too deeply to be dumped, or an integer of more than 64 bits
        return blake2b(repr(part).encode("utf-8", "replace"), digest_size=6).hexdigest()


def keys_of(rules: Sequence[Identity], before: Sequence[tuple[Identity, str]] = ()) -> list[str]:
    """Return a unique key for each rule: the one it had before, if it was there.

    A rule that has not changed keeps its key first; then a rule with the same base, whose reply was edited.

    Args:
        rules: The rules as they are now.
        before: The rules and their keys before the scripts changed.
    """
    keys = [""] * len(rules)
    left = [*before]
    _keep(keys, rules, left, lambda rule: rule)
    _keep(keys, rules, left, lambda rule: rule.base)
    taken = {*keys, *(key for _, key in before)}
    numbers: dict[Identity, int] = {}
    for position, rule in enumerate(rules):
        if not keys[position]:
            keys[position] = _new_key(rule, taken, numbers)
            taken.add(keys[position])
    return keys


def _keep(
    keys: list[str],
    rules: Sequence[Identity],
    left: list[tuple[Identity, str]],
    same: Callable[[Identity], Hashable],
) -> None:
    """Give rules without a key the keys that are left of earlier ones that are the same."""
    free: defaultdict[Hashable, list[tuple[Identity, str]]] = defaultdict(list)
    for kept in left:
        free[same(kept[0])].append(kept)
    for position, rule in enumerate(rules):
        if not keys[position] and (found := free.get(same(rule))):
            kept = found.pop(0)
            left.remove(kept)
            keys[position] = kept[1]


def _new_key(rule: Identity, taken: set[str], numbers: dict[Identity, int]) -> str:
    """Return a key that is not taken.

    Args:
        rule: The rule.
        taken: The keys of others.
        numbers: The last number that each identity got, so that thousands of the same rule do not count from 1 each.
    """
    if rule.base not in taken:
        return rule.base
    found = whole = f"{rule.base} {rule.content}"
    while found in taken:
        numbers[rule] = number = numbers.get(rule, 1) + 1
        found = f"{whole} {number}"
    return found
