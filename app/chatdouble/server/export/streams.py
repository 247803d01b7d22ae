"""The streams of answers that the journal keeps whole: sliced again, as the server did, they have the same text."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from chatdouble.apis.chat import CHAT
from chatdouble.apis.responses.api import RESPONSES
from chatdouble.backend import Call, Original, Services
from chatdouble.backend.api import Codec
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.head import RequestHeaders, request_path
from chatdouble.core.json import as_object, is_array
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.schema.responses.request import ResponsesRequest
from chatdouble.server.entry import Entry, WrittenChunk

Streamed = Callable[[Entry], str]
"""Returns the stream of an answer."""

_END: Final = "\n\n"
"""The end of each event."""


def is_stream(entry: Entry) -> bool:
    """Tell whether a request was answered with a stream that came whole."""
    wanted, answer = as_object(entry["request"]).get("stream") is True, as_object(entry["response"])
    return wanted and entry["ended"] == "completed" and (is_array(answer.get("choices")) or _is_response(answer))


def _is_response(answer: Mapping[str, Any]) -> bool:
    return answer.get("object") == "response"


def streams(services: Services, catalogue: Catalogue) -> Streamed:
    """Return what slices the answer of an entry again, as the server did."""

    def streamed(entry: Entry) -> str:
        pairs = [(name.encode(), value.encode("latin-1", "replace")) for name, value in entry["headers"].items()]
        path = entry["path"]
        call: Call[Any] = Call(entry["method"], path, request_path(path), RequestHeaders(pairs), services)
        sent = as_object(entry["request"])
        # What a codec reads; a server that is not strict answers others than objects, too.
        body: dict[str, Any] = {**sent, "stream_options": as_object(sent.get("stream_options"))}
        call.model = catalogue.like(str(body.get("model") or call.deployment))
        call.request = ChatCompletionRequest.model_construct(**body)
        call.chance = services.chance.at(entry["session"], entry["ordinal"])
        call.delivery.is_long = True  # it may be, so that a long event comes in pieces
        codec: Codec = CHAT.codec
        if _is_response(as_object(entry["response"])):
            call.original = Original(RESPONSES.name, body, ResponsesRequest.model_construct(**body))
            codec = RESPONSES.codec
        return "".join(piece.decode() for piece in codec.writes(entry["response"], call))

    return streamed


def chunks(entry: Entry, services: Services, catalogue: Catalogue) -> list[WrittenChunk]:
    """Return the chunks of a stream that was written at once; none for other answers."""
    if not is_stream(entry):
        return []
    at = round(entry["milliseconds"] / 1000, 4)
    texts = [event + _END for event in streams(services, catalogue)(entry).split(_END) if event]
    return [{"at": at, "bytes": len(text.encode()), "text": text} for text in texts]
