"""An exchange: a request of the journal with its answer, as the checks read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final

from chatdouble.core.json import as_object, objects_in
from chatdouble.core.json_in_steps import sorted_in_steps

Object = Mapping[str, Any]

_OK: Final = 200
_REFUSALS: Final = range(400, 500)
_TOO_MANY: Final = 429
_RETRIED: Final = (408, 409)


@dataclass(frozen=True)
class Exchange:
    """A request and its answer.

    Attributes:
        entry: The journal's entry.
    """

    entry: Object

    @property
    def id(self) -> str:
        """The request's id."""
        return str(self.entry["id"])

    @property
    def session(self) -> str:
        """The session."""
        return str(self.entry["session"])

    @property
    def ordinal(self) -> int:
        """The request's number in its session, from 1."""
        return int(self.entry["ordinal"])

    @property
    def began(self) -> float:
        """The time of its arrival, in seconds since 1970."""
        return float(self.entry["at"])

    @property
    def ended_at(self) -> float:
        """The time of its end, in seconds since 1970."""
        return self.began + float(self.entry["milliseconds"]) / 1000

    @property
    def endpoint(self) -> str:
        """The method and the path."""
        return f"{self.entry['method']} {self.entry['path']}"

    @property
    def status(self) -> int:
        """The HTTP status; 0: the client left before there was one."""
        return int(self.entry["status"])

    @property
    def ended(self) -> str:
        """The way the answer ended: `completed`, `client left`, `cut`, `refused`."""
        return str(self.entry["ended"])

    @cached_property
    def request(self) -> Object:
        """The request's body; empty if it is no object."""
        return as_object(self.entry.get("request"))

    @cached_property
    def response(self) -> Object:
        """The answer; empty if there is none."""
        return as_object(self.entry.get("response"))

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self.request.get("model") or "")

    @cached_property
    def messages(self) -> Sequence[Object]:
        """The request's messages, or the items of its input."""
        return objects_in(self.request.get("messages") or self.request.get("input"))

    @property
    def answered(self) -> bool:
        """True if it was answered whole."""
        return self.status == _OK and self.ended == "completed"

    @property
    def error(self) -> Object:
        """The inside of the error's envelope; empty if there is none."""
        return as_object(self.response.get("error"))

    @property
    def code(self) -> str:
        """The error's code; empty if there is none."""
        return str(self.error.get("code") or "")

    @property
    def was_refused(self) -> bool:
        """True if the answer is a refusal of the API that no script, fault or limit made."""
        return self.status in _REFUSALS and not self.rule and not self.faults and self.status != _TOO_MANY

    @property
    def choices(self) -> Sequence[Object]:
        """The choices of the answer."""
        return objects_in(self.response.get("choices"))

    @property
    def answer(self) -> Object:
        """The message of the answer's first choice; empty if there is none."""
        return as_object(self.choices[0].get("message")) if self.choices else {}

    @property
    def finish_reason(self) -> str:
        """The finish reason of the answer's first choice; empty if there is none."""
        return str(self.choices[0].get("finish_reason") or "") if self.choices else ""

    @cached_property
    def call_ids(self) -> tuple[str, ...]:
        """The ids of the tool calls in the answer."""
        calls = objects_in(self.answer.get("tool_calls"))
        items = [item for item in objects_in(self.response.get("output")) if str(item.get("type")).endswith("_call")]
        return tuple(str(call.get("id")) for call in calls) + tuple(str(item.get("call_id")) for item in items)

    @property
    def rule(self) -> str:
        """The rule that answered; empty: none did."""
        return str(self.entry.get("rule") or "")

    @property
    def faults(self) -> Sequence[str]:
        """The faults that disturbed the answer."""
        return self.entry.get("faults") or ()

    @property
    def retry_after(self) -> float | None:
        """The seconds that the error's `retry-after` named; None: it named none."""
        named = self.entry.get("retry_after")
        return None if named is None else float(named)

    @property
    def is_final(self) -> bool:
        """True if its error says that the same request fails again (clients#retries)."""
        if self.entry.get("is_final"):
            return True
        if self.status == _TOO_MANY:
            return self.code == "insufficient_quota"
        return self.status in _REFUSALS and self.status not in _RETRIED

    @property
    def near_misses(self) -> Sequence[Object]:
        """The rules that nearly matched, nearest first."""
        return objects_in(self.entry.get("near_misses"))

    @property
    def conversation(self) -> str:
        """The conversation it belongs to."""
        return str(self.entry.get("conversation") or self.id)

    @property
    def added(self) -> Sequence[Object]:
        """The messages that it added to its conversation."""
        return self.messages[int(self.entry.get("adds") or 0) :]

    @cached_property
    def usage(self) -> Object:
        """The answer's usage; empty if there is none."""
        return as_object(self.response.get("usage"))

    @cached_property
    def same_as(self) -> bytes:
        """A value that requests of one session have in common if they are the same."""
        digest = blake2b(f"{self.endpoint} ".encode("utf-8", "surrogatepass"), digest_size=16)
        for piece in sorted_in_steps(self.request):
            digest.update(piece)
        return digest.digest()
