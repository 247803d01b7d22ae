"""echo: says back the last user text, and obeys the whole request."""

from typing import Final, get_args

from chatdouble.answer.audio import check_references
from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft
from chatdouble.answer.making.offered import offer_of
from chatdouble.answer.marks import marks_in, value_of, without_marks
from chatdouble.answer.search import cited, searches
from chatdouble.answer.texts import last_of_user, text_of
from chatdouble.backend import Call, Reply
from chatdouble.schema.completion import FinishReason
from chatdouble_backends.echoing.choosing import wishes
from chatdouble_backends.echoing.occasion import occasion
from chatdouble_backends.echoing.words import words

REFUSAL: Final = "I'm sorry, I can't assist with that request."
"""What a refusal says unless its mark says otherwise."""


class Echo:
    """The backend that needs no configuration; `docs/echo.md` has its rules."""

    async def reply(self, call: Call) -> Reply:
        """Answer with a refusal, with calls of tools, with JSON or in words: whatever the request asks for.

        Raises:
            APIError: A custom tool's grammar cannot be read, or a spoken answer that is referred to is not there.
        """
        if not call.plain:
            await check_references(call)
        drafts = [_draft(call, choice) for choice in range(call.request.n or 1)]
        return await compose(call, [cited(call, draft) for draft in drafts] if searches(call) else drafts)


def _draft(call: Call, choice: int) -> Draft:
    last = last_of_user(call.messages)
    asked = text_of(last.get("content")) if last else ""
    found = marks_in(asked)
    if not found:
        return _said(call, choice, asked)
    if any(mark.name == "refuse" for mark in found):
        draft = Draft(refusal=value_of(found, "refuse") or REFUSAL)
    else:
        draft = _said(call, choice, asked)
    if (finish := value_of(found, "finish")) is not None:
        draft.finish_reason = next((reason for reason in get_args(FinishReason) if reason == finish), None)
    return draft


def _said(call: Call, choice: int, asked: str) -> Draft:
    body = call.body
    if body.get("tools") or body.get("functions"):
        wanted = wishes(offer_of(body), body, call.headers)
        if wanted:
            from chatdouble.answer.making.calling import calling  # noqa: PLC0415 - 40 ms, for who calls or wants JSON

            return calling(wanted, without_marks(asked), occasion(call, choice))
    said = without_marks(asked) if call.plain and asked else words(body)
    if body.get("response_format") is None:
        return Draft(content=said)
    from chatdouble.answer.making.structure import structured  # noqa: PLC0415 - as above

    return Draft(content=structured(body, said, occasion(call, choice)) or said)
