"""Conversations: requests of a session whose messages extend those of an earlier request."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from chatdouble.core.json import as_object, objects_in
from chatdouble.core.json_in_steps import encode_in_steps
from chatdouble.schema.texts import messages_of as chat_messages
from chatdouble.schema.texts import text_of
from chatdouble.server.entry import IN_FLIGHT, Entry

_FAILED: Final = 400
RETRIES: Final = "x-stainless-retry-count"
"""The header in which SDKs count the retries of a request, from 0."""

_MOST_PLACES: Final = 20_000
"""The requests whose places are remembered while nobody reads the whole session."""

_Digest = bytes


class Place(NamedTuple):
    """The place of a request in its conversation.

    Attributes:
        conversation: The conversation.
        adds: The index of the first message that no earlier request of the conversation had.
        whole: The digest of all its messages.
    """

    conversation: str
    adds: int
    whole: _Digest


def messages_of(path: str, request: Any) -> list[dict[str, Any]]:
    """Return the messages of a request as they were sent: `messages`, or for the Responses API the items of `input`."""
    body = as_object(request)
    if not path.endswith("/responses"):
        return chat_messages(body)
    given = body.get("input")
    return [{"role": "user", "content": given}] if isinstance(given, str) else objects_in(given)


class Conversations:
    """The conversations of one session, found in time linear in the size of its requests.

    The digests of a request's first message, first two messages and so on are looked up among the digests of all
    messages of earlier requests. Where several of those have the same messages, as sub-agents with one prompt do,
    the message that follows is compared with their answers.
    """

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}

    def place(self, entries: Sequence[Entry], *, are_all: bool = True) -> None:
        """Give entries of the session their conversations.

        Args:
            entries: The entries.
            are_all: Whether the session has no others; else they are placed among themselves.
        """
        known = _Known()
        places: dict[str, Place] = {}
        for entry in sorted(entries, key=lambda one: one["ordinal"]):
            place = _place(entry, known)
            if place is None:
                continue
            before = self._places.get(entry["id"])
            # A conversation keeps its name when the journal drops its first request. After a reset, ids come again.
            if before is not None and before.whole == place.whole:
                place = before
            entry["conversation"], entry["adds"] = place.conversation, place.adds
            known.add(place, entry)
            if entry["ended"] != IN_FLIGHT:
                places[entry["id"]] = place
        if not are_all and len(self._places) < _MOST_PLACES:
            places = {**self._places, **places}
        self._places = places


class _Known:
    """The earlier requests, by the digest of their messages."""

    def __init__(self) -> None:
        self._last: dict[_Digest, tuple[Place, Entry]] = {}
        self._answered: dict[tuple[_Digest, str], Place] = {}
        self._responses: dict[str, Place] = {}

    def add(self, place: Place, entry: Entry) -> None:
        """Add a request that is placed."""
        self._last[place.whole] = place, entry
        response = as_object(entry["response"])
        for choice in objects_in(response.get("choices")):
            self._answered[place.whole, _answer(as_object(choice.get("message")))] = place
        if isinstance(named := response.get("id"), str):
            self._responses[named] = place

    def same(self, whole: _Digest) -> tuple[Place, Entry] | None:
        """Return the last request with exactly these messages."""
        return self._last.get(whole)

    def extended(self, digests: Sequence[_Digest], messages: Sequence[dict[str, Any]]) -> tuple[Place, int] | None:
        """Return the request that messages extend by most, and the number of its messages."""
        for count in range(len(digests) - 1, 0, -1):
            found = self._last.get(digests[count - 1])
            if found is not None:
                answered = self._answered.get((digests[count - 1], _answer(messages[count])))
                return answered or found[0], count
        return None

    def answered(self, response: object) -> Place | None:
        """Return the request that got a response of the Responses API."""
        return self._responses.get(response) if isinstance(response, str) else None


def _place(entry: Entry, known: _Known) -> Place | None:
    """Return a request's place; None: it has no messages."""
    messages = messages_of(entry["path"], entry["request"])
    if not messages:
        return None
    before = known.answered(as_object(entry["request"]).get("previous_response_id"))
    digests = [*_digests(entry["path"], messages)]
    whole = digests[-1]
    if before is not None:
        return Place(before.conversation, 0, whole)
    same = known.same(whole)
    if same is not None and _repeats(entry, same[1]):
        return same[0]
    extended = known.extended(digests, messages)
    if extended is not None:
        return Place(extended[0].conversation, extended[1], whole)
    return Place(f"conv-{entry['ordinal']}", 0, whole)


def _repeats(entry: Entry, before: Entry) -> bool:
    """Tell whether a request with the same messages repeats one that had failed when it came."""
    if entry["headers"].get(RETRIES, "0") != "0":
        return True
    ended = before["at"] + before["milliseconds"] / 1000
    return before["ended"] != IN_FLIGHT and not 0 < before["status"] < _FAILED and ended <= entry["at"]


def _digests(path: str, messages: Iterable[dict[str, Any]]) -> Iterator[_Digest]:
    """Yield the digest of the first message, of the first two, and so on."""
    digest = blake2b(b"responses" if path.endswith("/responses") else b"", digest_size=16)
    for message in messages:
        for piece in encode_in_steps(message):
            digest.update(piece)
        digest.update(b"\n")
        yield digest.digest()


def _answer(message: dict[str, Any]) -> str:
    """Return what identifies an assistant's message, as it was answered and as it is sent back."""
    calls = [str(call.get("id")) for call in objects_in(message.get("tool_calls"))]
    return "\n".join([text_of(message.get("content")), *calls])
