"""The pieces of a stream and of a whole answer, for tests of what happens to them on their way."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from chatdouble.backend.delivery import Abort, Timed
from chatdouble.core.chance import Chance
from chatdouble.layers.faults.base import Disturbance
from chatdouble.layers.faults.registry import FAULTS
from chatdouble.scripts.format.faults import FaultSpec

DONE: Final = b"data: [DONE]\n\n"


def fault(name: str, **options: Any) -> Disturbance[Any]:
    """Return a fault with its options, as the layer makes it."""
    spec = FaultSpec.model_validate({"name": name, **options})
    return FAULTS[spec.name](spec, Chance("0"))


def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    """Return a chunk."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {"id": "chatcmpl-one", "object": "chat.completion.chunk", "choices": [choice]}


def stream(*deltas: dict[str, Any]) -> list[Timed]:
    """Return the frames of a stream, a tenth of a second apart; `[DONE]` is due with the last."""
    chunks = [chunk(delta) for delta in deltas]
    chunks.append(chunk({}, "stop"))
    frames: list[Timed] = [(round(at / 10, 1), b"data: " + orjson.dumps(c) + b"\n\n") for at, c in enumerate(chunks)]
    return [*frames, (frames[-1][0], DONE)]


def greeting() -> list[Timed]:
    """Return the frames of a stream of five chunks, `[DONE]` the sixth."""
    return stream(
        {"role": "assistant", "content": ""}, {"content": "Grüße"}, {"content": " my"}, {"content": " friend"}
    )


def body(message: dict[str, Any], due: float = 0.5) -> list[Timed]:
    """Return a whole answer's body as one piece."""
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    completion = {"id": "chatcmpl-one", "object": "chat.completion", "choices": [choice]}
    return [(due, orjson.dumps(completion, option=orjson.OPT_INDENT_2) + b"\n")]


def whole_greeting() -> list[Timed]:
    """Return the body of a whole answer."""
    return body({"role": "assistant", "content": "Grüße my friend"})


def said(frame: bytes | Abort) -> Any:
    """Return the JSON that a frame or a body carries."""
    assert isinstance(frame, bytes)
    return orjson.loads(frame.removeprefix(b"data: "))


def sent(pieces: Sequence[Timed]) -> bytes:
    """Return the bytes of pieces that have no ending."""
    assert not [piece for _, piece in pieces if isinstance(piece, Abort)]
    return b"".join(piece for _, piece in pieces if isinstance(piece, bytes))
