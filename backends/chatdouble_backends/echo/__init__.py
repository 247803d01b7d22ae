"""The echo backend: repeats the last user text and follows every option of the request."""

from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, get_args

import orjson

from chatdouble.answer.audio import check_audio_references
from chatdouble.answer.compose import compose
from chatdouble.answer.computed import COMPUTED
from chatdouble.answer.draft import Draft
from chatdouble.backend import Call, Reply
from chatdouble.core.chance import Chance
from chatdouble.schema.completion import FinishReason
from chatdouble.schema.texts import directives_in, last_of_user, text_of, value_of, without_directives
from chatdouble_backends.echo.words import cited, words

if TYPE_CHECKING:
    from chatdouble.answer.generation import Steps

# Fields that only change the number of choices or the form of the response.
_NOT_IN_SEED: Final = frozenset({"stream", "stream_options", "n"})


_GENERATING: Final = frozenset({"tools", "functions", "response_format"})
"""Fields that ask for generated contents."""

REFUSAL: Final = "I'm sorry, I can't assist with that request."
"""The text of a refusal whose directive has no value."""


class Echo:
    """The default backend, which needs no configuration. `docs/echo.md` describes its rules."""

    uses: Final[frozenset[str]] = frozenset()
    """The options it uses: none."""

    async def reply(self, call: Call) -> Reply:
        """Answer with a refusal, tool calls, JSON or text, depending on the request, or with what is computed.

        Raises:
            APIError: The grammar of a custom tool is invalid, or a referenced audio output does not exist.
        """
        compute = None if call.original is None else COMPUTED.get(call.original.api)
        if compute is not None:
            return await compute(call)
        if not call.text_only:
            await check_audio_references(call)
        if call.body.keys().isdisjoint(_GENERATING):
            drafts = [await call.apart(_draft, call)]
        else:
            from chatdouble.answer.generation import generate  # noqa: PLC0415 - for tools and schemas

            param = "response_format" if call.body.get("response_format") else "tools"
            drafts = await generate(call, partial(_generated_drafts, call), param)
        # One draft is that of all choices.
        if call.model.always_searches or call.body.get("web_search_options") is not None:
            drafts = [cited(call, draft) for draft in drafts]
        return await compose(call, drafts)


def seed(call: Call, choice: int) -> Chance:
    """Return the source of randomness for generated content: the same for the same request, `seed` included.

    Args:
        call: The call.
        choice: The index of the choice.
    """
    fields = {name: value for name, value in call.body.items() if name not in _NOT_IN_SEED}
    digest = blake2b(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
    return call.services.chance.at("echo", digest, choice)


def _generated_drafts(call: Call, steps: "Steps") -> list[Draft]:
    return [_draft(call, choice, steps) for choice in range(call.request.n or 1)]


def _draft(call: Call, choice: int = 0, steps: "Steps | None" = None) -> Draft:
    """Return the draft of a choice; without a budget of steps, nothing in it is generated."""
    last = last_of_user(call.body["messages"])
    text = text_of(last.get("content")) if last else ""
    plain, directives = (without_directives(text), directives_in(text)) if "[[" in text else (text, [])
    content = plain if call.text_only and text else words(call.body)
    if directives and any(directive.name == "refuse" for directive in directives):
        draft = Draft(refusal=value_of(directives, "refuse") or REFUSAL)
    elif steps is None:
        draft = Draft(content=content)
    else:
        draft = _generated(call, choice, text, plain, content, steps)
    if not directives:
        return draft
    if (finish := value_of(directives, "finish")) is not None:
        draft.finish_reason = next((reason for reason in get_args(FinishReason) if reason == finish), None)
    return draft


def _generated(call: Call, choice: int, text: str, plain: str, content: str, steps: "Steps") -> Draft:
    """Return the draft of calls, of JSON or of a text; `plain` is the last user text without its directives."""
    body = call.body
    if call.original is not None and (draft := _hosted(call, text, content)) is not None:
        return draft
    if body.get("tools") or body.get("functions"):
        from chatdouble.answer.tool_choice import offered_tools  # noqa: PLC0415 - for tools
        from chatdouble_backends.echo.tool_selection import wanted_calls  # noqa: PLC0415 - as above

        wanted = wanted_calls(offered_tools(body), body, text, call.headers)
        if wanted:
            from chatdouble.answer.tool_calls import draft_of_calls  # noqa: PLC0415 - takes 40 ms

            return draft_of_calls(wanted, plain, seed(call, choice), steps)
    if body.get("response_format") is None:
        return Draft(content=content)
    from chatdouble.answer.structured import structured  # noqa: PLC0415 - as above, for JSON

    return Draft(content=structured(body, content, seed(call, choice), steps) or content)


def _hosted(call: Call, text: str, content: str) -> Draft | None:
    """Return the draft of calls that the API makes itself, and of the text after them, if it need not wait."""
    from chatdouble_backends.echo.hosted import (  # noqa: PLC0415 - only responses have them
        ends_turn,
        hosted_calls,
        within_limit,
    )

    calls = within_limit(hosted_calls(call.body, text), call.sent)
    if not calls:
        return None
    if ends_turn(call.sent, calls):
        return Draft(tool_calls=calls)
    draft = Draft(content=content, tool_calls=calls)
    names = (made["function"]["name"] for made in calls if made["type"] == "function")
    return cited(call, draft) if any(name.startswith("web_search") for name in names) else draft
