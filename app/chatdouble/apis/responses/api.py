"""The Responses API: its reader, and its value."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any, Final, cast

from chatdouble.answer.responses.compose import compose_response, queued
from chatdouble.apis.responses.chat_form import chat_body, chat_request, input_items
from chatdouble.apis.responses.state import keep, recall, release
from chatdouble.backend import Answer, Call, Original, Piece, Relay, Reply
from chatdouble.backend.api import Api
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.schema.completion import Completion
from chatdouble.schema.responses.answer import Response
from chatdouble.streaming.live_response import LiveResponse
from chatdouble.streaming.response_event import event
from chatdouble.streaming.responses import text_cutter
from chatdouble.streaming.responses_codec import ResponsesCodec
from chatdouble.tokens.tokenizer import Tokenizers
from chatdouble.validation.responses.checking import Read, ResponsesChecker

NAME: Final = "responses"
"""The API's name in scripts."""


class ResponsesReader:
    """Reads requests for responses into their calls.

    Args:
        catalogue: The models.
        tokenizers: Not needed: the context is checked once the conversation is known.
        mode: `strict`, `lenient` or `off`.
    """

    def __init__(self, catalogue: Catalogue, tokenizers: Tokenizers, mode: Any) -> None:
        del tokenizers
        self._checker = ResponsesChecker(catalogue, mode)

    def read(self, call: Call[Any]) -> None:
        """Parse and validate a request.

        Raises:
            APIError: The API would not answer this request.
        """
        call.validation = self._checker.mode
        now = call.services.clock.now()
        # A request that is refused once its model is known counts toward the model's limits.
        call.body, call.model = self._checker.named(call.raw, now, deployment=call.deployment)
        self._fill(call, self._checker.checked(call.body, call.model, len(call.raw)))

    def read_unjudged(self, call: Call[Any]) -> None:
        """Parse a request that an upstream judges, as far as possible."""
        now = call.services.clock.now()
        read, call.model = self._checker.unjudged(call.raw, now, deployment=call.deployment)
        self._fill(call, read)
        call.body = chat_body(read.request, read.body, input_items(read.body.get("input")))
        call.request = chat_request(call.body)

    def _fill(self, call: Call[Any], read: Read) -> None:
        call.original = Original(NAME, read.body, read.request)
        if read.warnings:
            call.notes.warn(*read.warnings)


def adapt(call: Call[Any], reply: Reply) -> Reply:
    """Return a backend's answer as a response; what is no chat completion is passed on."""
    if isinstance(reply, Relay):
        return reply
    if isinstance(reply, dict):
        return _response(call, cast("Completion", reply)) if "choices" in reply else reply
    return _events(call, cast("AsyncIterator[Piece]", reply))


def _response(call: Call[Any], completion: Completion) -> Response:
    """Return the response to send; in the background it is a queued one, and the answer is kept."""
    response = compose_response(call, completion)
    if not response["background"] or call.request.stream:
        return response
    cast("Original", call.original).kept = response
    return queued(response)


def runs_on(answer: Answer) -> bool:
    """Tell whether an answer is a response in the background, which does not end when its client leaves."""
    return answer.get("background") is True


async def _events(call: Call[Any], pieces: AsyncIterator[Piece]) -> AsyncIterator[Piece]:
    """Yield the events of a stream of chunks as they come; events of the API are passed on."""
    live = LiveResponse(partial(_response, call), text_cutter(call))
    async for piece in pieces:
        if "choices" not in piece:
            yield piece
            continue
        for one in live.add(cast("Any", piece)):
            if call.request.stream:
                yield one
    if not live:
        return
    if not call.request.stream:
        yield event("completed", response=live.response())
        return
    for one in live.end():
        yield one


RESPONSES: Final = Api(
    name=NAME,
    path="/responses",
    reader=ResponsesReader,
    codec=ResponsesCodec(),
    keep=keep,
    recall=recall,
    release=release,
    runs_on=runs_on,
    adapt=adapt,
    refusals_have_limits=False,
)
