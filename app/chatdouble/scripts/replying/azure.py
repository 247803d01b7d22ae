"""Azure's additions to answers: the results of its content filters (streams#azure)."""

from collections.abc import AsyncIterator
from typing import Any, cast

from chatdouble.backend import Call, Reply
from chatdouble.schema.chunk import Chunk
from chatdouble.schema.completion import Completion
from chatdouble.streaming.slice import slices
from chatdouble.validation.wording.refusals import filter_results, prompt_filter_results


def azure_reply(call: Call, completion: Completion) -> Reply:
    """Return an answer with what Azure adds.

    A whole answer has the results in its choices and those of the prompt beside them. In a stream, a chunk without
    choices comes first, and each choice has the results of its own piece.

    Args:
        call: The call to answer.
        completion: The answer.
    """
    # The first chunk belongs to no whole answer, so a stream is made here and not by the sender.
    return _chunks(call, completion) if call.request.stream else _with_results(completion)


def _prompt() -> list[dict[str, Any]]:
    return [{"prompt_index": 0, "content_filter_results": prompt_filter_results()}]


def _with_results(completion: Completion) -> Completion:
    choices = [_with_result(choice, choice["message"].get("content")) for choice in completion["choices"]]
    return cast("Completion", {**completion, "choices": choices, "prompt_filter_results": _prompt()})


def _with_result(choice: Any, text: str | None) -> dict[str, Any]:
    """Return a choice with the results for its text, which are empty if there is none."""
    stopped = ["violence"] if choice.get("finish_reason") == "content_filter" else []
    results = filter_results(*stopped) if text or stopped else {}
    return {"content_filter_results": results, **choice}


async def _chunks(call: Call, completion: Completion) -> AsyncIterator[Chunk]:
    first: Any = {"choices": [], "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": _prompt()}
    yield first
    for chunk in slices(completion, call):
        choices = [_with_result(choice, choice["delta"].get("content")) for choice in chunk["choices"]]
        yield cast("Chunk", {**chunk, "choices": choices})
