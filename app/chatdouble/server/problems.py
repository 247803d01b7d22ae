"""The kinds of problems of single requests, as the verdict finds them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.server.entry import IN_FLIGHT, Entry
from chatdouble.verdict.exchange import Exchange
from chatdouble.verdict.policy import Policy
from chatdouble.verdict.suite import Suite
from chatdouble.verdict.verdict import judge

Kinds = Callable[[Entry], Sequence[str]]
"""Returns the kinds of an entry's problems."""


def kinds_in(entries: Iterable[Entry], catalogue: Catalogue, now: float) -> Mapping[str, list[str]]:
    """Return the kinds of problems by the ids of the requests that have them.

    Args:
        entries: The entries to judge together; a request alone has no problem with those before it.
        catalogue: The models.
        now: The time, in seconds since 1970.
    """
    ended = [Exchange(entry) for entry in entries if entry["ended"] not in (IN_FLIGHT, "")]
    suite = Suite(sorted(ended, key=lambda one: (one.session, one.ordinal)), [], catalogue, now)
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for problem in judge(suite, Policy())["problems"]:
        for request in problem["requests"]:
            kinds[request].append(problem["kind"])
    return kinds
