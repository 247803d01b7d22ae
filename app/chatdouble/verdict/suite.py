"""The suite under judgement: its exchanges, and what it left unused."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, Literal

from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.catalogue.model import Model
from chatdouble.core.in_turns import in_order
from chatdouble.core.releasing import release
from chatdouble.verdict.exchange import Exchange

_UNDER_WAY: Final = ("in flight", "")
"""The ends of requests that have not ended."""

Unused = Literal["rule", "recording", "reply", "turn"]


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that a suite prepared and did not use.

    Attributes:
        noun: A rule, a recording, a queued reply, or a turn.
        name: Its name, or the reply in short.
        session: The session that it belongs to; empty: the server's own.
        source: Its file and line; empty: it came over the network.
    """

    noun: Unused
    name: str
    session: str = ""
    source: str = ""


@dataclass(frozen=True)
class Suite:
    """Everything that the checks read.

    Attributes:
        exchanges: The requests that have ended, in the order of their sessions and arrivals.
        leftovers: What was not used.
        catalogue: The models.
        now: The time of the server, in seconds since 1970.
        dropped: The number of requests that the journal does not have, by session; sessions without any are left out.
    """

    exchanges: Sequence[Exchange]
    leftovers: Sequence[Leftover]
    catalogue: Catalogue
    now: float
    dropped: Mapping[str, int] = field(default_factory=dict[str, int])
    _models: dict[str, Model | None] = field(default_factory=dict[str, Model | None])

    def release(self) -> None:
        """Free what there is by very many exchanges in steps; meant for a thread, and the suite is not used again."""
        exchanges, held = [*self.exchanges], [*vars(self).values()]
        vars(self).clear()
        release(held)
        release(exchanges)

    def model(self, name: str) -> Model | None:
        """Return what the catalogue knows of a model, whether it is served or not; None: nothing."""
        if name not in self._models:
            self._models[name] = self.catalogue.get(name)
        return self._models[name]

    @classmethod
    def of(
        cls,
        entries: Iterable[Mapping[str, Any]],
        catalogue: Catalogue,
        now: float,
        leftovers: Sequence[Leftover] = (),
        dropped: Mapping[str, int] | None = None,
    ) -> "Suite":
        """Return the suite of a journal's entries; requests that have not ended are left out."""
        ended = [Exchange(entry) for entry in entries if entry["ended"] not in _UNDER_WAY]
        exchanges = [*in_order(ended, lambda one: (one.session, one.ordinal))]
        return cls(exchanges, leftovers, catalogue, now, dropped or {})

    @cached_property
    def accepted(self) -> Sequence[Exchange]:
        """The exchanges that the API would not have refused; a refusal alone says enough of its request."""
        return [exchange for exchange in self.exchanges if not exchange.was_refused]

    @cached_property
    def sessions(self) -> Mapping[str, Sequence[Exchange]]:
        """The exchanges by session."""
        found: defaultdict[str, list[Exchange]] = defaultdict(list)
        for exchange in self.exchanges:
            found[exchange.session].append(exchange)
        return found

    @cached_property
    def conversations(self) -> Sequence[Sequence[Exchange]]:
        """The exchanges by conversation."""
        found: defaultdict[tuple[str, str], list[Exchange]] = defaultdict(list)
        for exchange in self.exchanges:
            found[exchange.session, exchange.conversation].append(exchange)
        return [*found.values()]

    @cached_property
    def repetitions(self) -> Sequence[tuple[Exchange, Exchange]]:
        """Each request that was sent again, with its next repetition, in one session."""
        found: defaultdict[tuple[str, bytes], list[Exchange]] = defaultdict(list)
        for exchange in self.exchanges:
            if exchange.request:
                found[exchange.session, exchange.same_as].append(exchange)
        return [pair for same in found.values() for pair in pairwise(same)]

    def continuations(self) -> Iterator[tuple[Exchange, Exchange]]:
        """Yield each answer with the request that continued its conversation."""
        for conversation in self.conversations:
            for before, after in pairwise(conversation):
                if after.same_as != before.same_as:
                    yield before, after
