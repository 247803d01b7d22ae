"""A response whose chunks arrive one by one: each piece of its text is passed on at once."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast

from chatdouble.core.json import as_array, as_object, objects_in
from chatdouble.schema.chunk import Chunk
from chatdouble.schema.completion import Completion
from chatdouble.schema.responses.answer import Response
from chatdouble.streaming.deltas import TextCutter
from chatdouble.streaming.fold import Folding
from chatdouble.streaming.response_event import Event, event, one_by_one
from chatdouble.streaming.responses import (
    begun,
    ended,
    events,
    item_added,
    item_events,
    message_done,
    part_added,
)

_REASONING: Final = "reasoning"


class LiveResponse:
    """Turns chunks into events. The text of the message is passed on as it comes, and everything else at the end.

    Reasoning of which nothing was known when the text began is left out of the output, because it belongs before it.

    Args:
        respond: Makes the response of a completion.
        cut: Cuts texts that come at the end.
    """

    def __init__(self, respond: Callable[[Completion], Response], cut: TextCutter) -> None:
        self._respond = respond
        self._cut = cut
        self._folding = Folding()
        self._sent: list[dict[str, Any]] = []
        self._where: Mapping[str, Any] = {}

    def __bool__(self) -> bool:
        """Return whether a chunk has come."""
        return bool(self._folding)

    def add(self, chunk: Chunk) -> Iterator[Event]:
        """Yield the events of a chunk: none before the text begins."""
        self._folding.add(chunk)
        for choice in objects_in(chunk.get("choices")):
            text = as_object(choice.get("delta")).get("content")
            if not (isinstance(text, str) and text) or choice.get("index"):
                continue
            if not self._where:
                yield from self._begin()
            if self._where:
                tokens = as_array(as_object(choice.get("logprobs")).get("content"))
                yield event("output_text.delta", **self._where, logprobs=tokens, delta=text)

    def _begin(self) -> Iterator[Event]:
        """Yield the events before the text: of the response, of its reasoning, and of the message."""
        response = self.response()
        before, message = self._until_message(response)
        if message is None:
            return
        yield from begun(response, background=response["background"])
        for index, item in enumerate(before):
            yield from one_by_one(item_events(index, item, self._cut))
        self._sent = before
        self._where = {"item_id": message["id"], "output_index": len(before), "content_index": 0}
        yield item_added(len(before), message)
        yield part_added(objects_in(message["content"])[0], self._where)

    @staticmethod
    def _until_message(response: Response) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        """Return the items before the message, and the message; None: its place is not known yet."""
        before: list[dict[str, Any]] = []
        for item in objects_in(response["output"]):
            if item["type"] == "message":
                return before, item
            if item["type"] != _REASONING:
                return before, None
            before.append(item)
        return before, None

    def response(self) -> Response:
        """Return the response of the chunks so far."""
        return self._respond(self._folding.completion())

    def end(self) -> Iterator[Event]:
        """Yield the events that are left, once all chunks have come."""
        response = self.response()
        if not self._where:
            yield from one_by_one(events(response, self._cut))
            return
        output = objects_in(response["output"])
        message = next(item for item in output if item["id"] == self._where["item_id"])
        yield from one_by_one(message_done(len(self._sent), message, self._cut))
        self._sent.append(message)
        known = {item["id"] for item in self._sent}
        for item in output:
            if item["id"] not in known and item["type"] != _REASONING:
                yield from one_by_one(item_events(len(self._sent), item, self._cut))
                self._sent.append(item)
        yield ended({**response, "output": cast("Any", self._sent)})
