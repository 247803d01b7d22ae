"""The echo backend: repeats the last user text and follows every option of the request."""

from collections.abc import Awaitable, Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Final, get_args

from chatdouble.answer.audio import check_audio_references
from chatdouble.answer.compose import compose
from chatdouble.answer.computed import COMPUTED
from chatdouble.answer.draft import Draft
from chatdouble.backend import Call, Reply
from chatdouble.schema.completion import FinishReason
from chatdouble.schema.texts import directives_in, last_of_user, text_of, value_of, without_directives
from chatdouble_backends.echo.words import cited, words

if TYPE_CHECKING:
    from chatdouble.answer.generation import Steps
    from chatdouble_backends.echo.generated import Generate

    Generating = Callable[[Call, Callable[[Steps], list[Draft]], str], Awaitable[list[Draft]]]


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
            generate, generated = _generating()
            param = "response_format" if call.body.get("response_format") else "tools"
            drafts = await generate(call, partial(generated, call, _draft), param)
        # One draft is that of all choices.
        if call.model.always_searches or call.body.get("web_search_options") is not None:
            drafts = [cited(call, draft) for draft in drafts]
        return await compose(call, drafts)


def _draft(call: Call, generate: "Generate | None" = None) -> Draft:
    """Return the draft of a choice; with a function that generates it, for a request that asks for that."""
    last = last_of_user(call.body["messages"])
    text = text_of(last.get("content")) if last else ""
    # One character is found ten times as fast as two.
    has_directives = "[" in text and "[[" in text
    plain, directives = (without_directives(text), directives_in(text)) if has_directives else (text, [])
    content = plain if call.text_only and text else words(call.body)
    if directives and any(directive.name == "refuse" for directive in directives):
        draft = Draft(refusal=value_of(directives, "refuse") or REFUSAL)
    elif generate is None:
        draft = Draft(content=content)
    else:
        draft = generate(text, plain, content)
    if not directives:
        return draft
    if (finish := value_of(directives, "finish")) is not None:
        draft.finish_reason = next((reason for reason in get_args(FinishReason) if reason == finish), None)
    return draft


@cache
def _generating() -> "tuple[Generating, Callable[..., list[Draft]]]":
    """Return what generates within a budget, and what is generated. To import both for each request takes 2 us."""
    from chatdouble.answer.generation import generate  # noqa: PLC0415 - for tools and schemas
    from chatdouble_backends.echo.generated import drafts  # noqa: PLC0415 - as above

    return generate, drafts
