"""Requests that the double has answered, as tests look at them."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, overload

from chatdouble.core.json import as_object, is_array, is_object, objects_in

Object = Mapping[str, Any]

_VOLATILE: Final = ("id", "created", "created_at", "completed_at", "system_fingerprint", "tool_call_id", "call_id")
"""Keys whose values differ from run to run."""


@dataclass(frozen=True)
class Request:
    """A request and its answer.

    Attributes:
        entry: The journal's entry, as `GET /_double/requests` shows it.
        whole: Returns the entry of an id whole, as `GET /_double/requests/{id}` shows it.
    """

    entry: Object
    whole: Callable[[str], Object] = field(default=lambda _: {}, repr=False, compare=False)

    @property
    def id(self) -> str:
        """The request's id, the `x-request-id` of its answer."""
        return str(self.entry["id"])

    @property
    def body(self) -> Object:
        """The request's body."""
        return as_object(self.entry.get("request"))

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self.body.get("model") or "")

    @property
    def messages(self) -> Sequence[Object]:
        """The messages, or the items of the Responses API's input."""
        given = self.body.get("messages", self.body.get("input"))
        return [{"role": "user", "content": given}] if isinstance(given, str) else objects_in(given)

    @property
    def user(self) -> str | None:
        """The text of the last user message; None: there is none."""
        texts = [_text(message) for message in self.messages if message.get("role") == "user"]
        return texts[-1] if texts else None

    @property
    def system(self) -> str | None:
        """The text of all system and developer messages, joined by line breaks; None: there is none."""
        texts = [_text(message) for message in self.messages if message.get("role") in {"system", "developer"}]
        instructions = self.body.get("instructions")
        found = [*([instructions] if isinstance(instructions, str) else []), *texts]
        return "\n".join(found) if found else None

    @property
    def tools(self) -> list[str]:
        """The names of the tools that the request offers."""
        return [_tool_name(tool) for tool in objects_in(self.body.get("tools"))]

    @property
    def tool_results(self) -> list[str]:
        """The texts of the tool results at the end of the conversation."""
        results: list[str] = []
        for message in reversed(self.messages):
            if message.get("role") != "tool" and not str(message.get("type")).endswith("_call_output"):
                break
            results.insert(0, _text(message) if "content" in message else str(message.get("output")))
        return results

    @property
    def headers(self) -> Mapping[str, str]:
        """The request's headers by name in lower case, secrets replaced."""
        return as_object(self.entry.get("headers"))

    @property
    def status(self) -> int:
        """The answer's status; 0: the client left before there was one, or the request is in flight."""
        return int(self.entry["status"])

    @property
    def rule(self) -> str | None:
        """The rule that answered; `queue` for a queued reply, `turn` for a turn."""
        return self.entry.get("rule")

    @property
    def response(self) -> Object:
        """The answer's body, or the error's envelope; empty if there is none."""
        return as_object(self.entry.get("response"))

    @property
    def text(self) -> str | None:
        """The text of the answer; None: it has none."""
        choices = objects_in(self.response.get("choices"))
        if choices:
            content = as_object(choices[0].get("message")).get("content")
            return content if isinstance(content, str) else None
        items = [item for item in objects_in(self.response.get("output")) if item.get("type") == "message"]
        return _text(items[0]) if items else None

    @property
    def usage(self) -> Object:
        """The answer's usage; empty if there is none."""
        return as_object(self.response.get("usage"))

    @property
    def chunks(self) -> Sequence[Object]:
        """The chunks of a stream, and the pieces of a paced or relayed answer: `at`, in seconds, `bytes` and `text`."""
        return objects_in(self.whole(self.id).get("chunks"))

    def snapshot(self) -> dict[str, Any]:
        """Return the request and its answer without what differs from run to run: ids, times, fingerprints.

        Ids that a request repeats are replaced by names (`call_1`), so that it stays clear what belongs together.
        """
        ids: dict[str, str] = {}
        return {
            "request": _steady(self.body, ids),
            "status": self.status,
            "response": _steady(self.response, ids),
        }


def _text(message: Object) -> str:
    """Return the text of a message, whose content may be parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text") or "") for part in objects_in(content))


def _tool_name(tool: Object) -> str:
    inner = as_object(tool.get(str(tool.get("type"))))
    return str(inner.get("name") or tool.get("name") or tool.get("type"))


def _steady(value: Any, ids: dict[str, str]) -> Any:
    """Return a value with its ids replaced, and without what else differs from run to run."""
    if is_object(value):
        found: dict[str, Any] = {}
        for key, held in value.items():
            if key not in _VOLATILE:
                found[key] = _steady(held, ids)
            elif isinstance(held, str) and _CALL.fullmatch(held):
                found[key] = ids.setdefault(held, f"call_{len(ids) + 1}")
        return found
    if is_array(value):
        return [_steady(held, ids) for held in value]
    return value


_CALL: Final = re.compile(r"call_.+|fc_.+|ctc_.+")


class Requests(Sequence[Request]):
    """The requests of a session, in the order of their arrival.

    Args:
        read: Returns the requests that meet conditions, oldest first.
    """

    def __init__(self, read: Callable[[Object], list[Request]]) -> None:
        self._read = read

    @overload
    def __getitem__(self, index: int) -> Request: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Request]: ...
    def __getitem__(self, index: int | slice) -> Request | Sequence[Request]:
        """Return a request by its position."""
        found = self._read({})
        if isinstance(index, slice):
            return found[index]
        try:
            return found[index]
        except IndexError:
            count = f"{len(found)} request{'' if len(found) == 1 else 's'}"
            raise IndexError(f"there is no request {index}; the session has {count}") from None

    def __len__(self) -> int:
        """Return the number of requests."""
        return len(self._read({}))

    def __iter__(self) -> Iterator[Request]:
        """Yield the requests."""
        return iter(self._read({}))

    @property
    def last(self) -> Request:
        """The newest request.

        Raises:
            IndexError: There is none.
        """
        return self[-1]

    def where(self, **when: Any) -> list[Request]:
        """Return the requests that meet conditions.

        Args:
            when: The conditions by the keys of script files, such as `user="*Paris*"`.
        """
        return self._read({name.rstrip("_"): value for name, value in when.items()})

    def one(self, **when: Any) -> Request:
        """Return the only request that meets conditions.

        Raises:
            AssertionError: None or several do.
        """
        found = self.where(**when)
        if len(found) == 1:
            return found[0]
        shown = "\n".join(f"  {at}. {one.model}: {one.user!r}" for at, one in enumerate(self, 1))
        raise AssertionError(f"{len(found)} requests meet {json.dumps(when, default=repr)}, not 1 of:\n{shown}")
