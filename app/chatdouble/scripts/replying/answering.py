"""A scripted reply made into what the API would send."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson

from chatdouble.answer.audio import remember_audio
from chatdouble.answer.compose import compose
from chatdouble.answer.directives import without_directives
from chatdouble.answer.draft import Draft
from chatdouble.answer.structured import structured
from chatdouble.answer.tool_calls import draft_of_calls
from chatdouble.answer.tool_choice import WantedCall, offered_tools
from chatdouble.backend import Backend, Call, Relay, Reply
from chatdouble.core.errors import APIError
from chatdouble.schema.completion import Completion, FunctionCall, ToolCall
from chatdouble.scripts.format.delivery import ErrorSpec, PaceSpec, ask
from chatdouble.scripts.format.raw_reply import BodySpec
from chatdouble.scripts.format.reply import ChoiceSpec, ReplySpec, ToolCallSpec
from chatdouble.scripts.format.templates import TemplateFailedError, fill, fill_text
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.replying.chunks import streamed
from chatdouble.scripts.replying.default_errors import error_of
from chatdouble.scripts.replying.implausible import implausible
from chatdouble.scripts.replying.template_variables import Scope


def said(choice: ChoiceSpec, scope: Scope) -> Draft:
    """Return the draft of a choice, its templates filled.

    Raises:
        TemplateFailedError: A template cannot be filled.
    """
    call = choice.function_call
    return Draft(
        content=_content(choice, scope),
        refusal=_text(choice.refusal, scope),
        tool_calls=[tool_call(spec, scope) for spec in choice.tool_calls or ()],
        function_call=FunctionCall(
            name=fill_text(call["name"], scope.variables), arguments=fill_text(call["arguments"], scope.variables)
        )
        if call
        else None,
        annotations=choice.annotations or [],
        finish_reason=choice.finish_reason,
        logprobs=choice.logprobs,
        reasoning_tokens=choice.reasoning_tokens,
    )


def _text(text: str | None, scope: Scope) -> str | None:
    return None if text is None else fill_text(text, scope.variables)


def _content(choice: ChoiceSpec, scope: Scope) -> str | None:
    if "json_" in choice.model_fields_set:
        return as_text(fill(choice.json_, scope.variables))
    return _text(choice.text if choice.audio is None else choice.audio.transcript, scope)


def tool_call(spec: ToolCallSpec, scope: Scope) -> ToolCall:
    """Return a call of a tool; with no id given it is "", and `compose` makes one.

    A string is a custom tool's input if the request offers a custom tool of that name, else arguments as they are.

    Raises:
        TemplateFailedError: A template cannot be filled.
    """
    name = fill_text(spec.name, scope.variables)
    made = _text(spec.id, scope) or ""
    custom = scope.facts.tools.get(name, {}).get("type") == "custom"
    raw = spec.input if spec.input is not None else spec.arguments
    if spec.input is not None or (custom and isinstance(raw, str)):
        return {"id": made, "type": "custom", "custom": {"name": name, "input": _text(raw, scope) or ""}}
    arguments = fill(spec.arguments if spec.arguments is not None else {}, scope.variables)
    text = arguments if isinstance(arguments, str) else as_text(arguments)
    return {"id": made, "type": "function", "function": {"name": name, "arguments": text}}


def as_text(value: Any) -> str:
    """Return a value as compact JSON."""
    return orjson.dumps(value).decode()


def generated(facts: RequestView) -> list[Draft] | None:
    """Return what a request asks for, made up, a draft a choice; None: it asks for words.

    An instance of its schema, or a call of the first tool that `tool_choice` lets it call. Results of tools that end
    the conversation ask for words, unless a call is required: so an agent's loop ends.

    Raises:
        APIError: A custom tool's grammar cannot be read.
    """
    body, text = facts.body, without_directives(facts.user or "")
    offer = offered_tools(body)
    tools = [*offer.tools] if offer.required or not facts.tool_results else []
    drafts: list[Draft] = []
    for choice in range(facts.call.request.n or 1):
        chance = facts.call.chance.at("generate", choice)
        json_text = structured(body, text, chance)
        if json_text is None and not tools:
            return None
        drafts.append(
            draft_of_calls([WantedCall(tools[0])], text, chance) if json_text is None else Draft(content=json_text)
        )
    return drafts


FIELDS: Final = ("id", "created", "model", "usage", "service_tier", "system_fingerprint", "metadata", "moderation")
"""The fields of the completion that a reply may set."""


@dataclass(frozen=True, slots=True)
class Answering:
    """One scripted reply on its way to an answer.

    Attributes:
        reply: The reply.
        scope: The request, and what templates may use.
        other: Returns another backend by its name: `echo`, `upstream`.
        where: Says where the reply stands, for whoever has to mend it.
    """

    reply: ReplySpec
    scope: Scope
    other: Callable[[str], Backend]
    where: Callable[[], str]

    @property
    def call(self) -> Call:
        """The call that is answered."""
        return self.scope.facts.call

    async def answer(self) -> Reply:
        """Make the answer, and say how it travels.

        Raises:
            APIError: The reply is an error, or a template in it cannot be filled (500, `script_error`).
        """
        ask(self.call.delivery, self.reply.pace, self.reply.all_faults(), self.scope.occasion)
        try:
            if self.reply.headers:
                self.call.delivery.headers |= self._headers(self.reply.headers)
            return await _WAYS[self.reply.way()](self)
        except TemplateFailedError as wrong:
            raise self._broken(str(wrong)) from wrong

    def _broken(self, why: str) -> APIError:
        error = APIError(f"{self.where()}: {why}", status=500, type="script_error", code="script_error")
        return error.with_headers({"x-should-retry": "false"})

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {name.lower(): fill_text(text, self.scope.variables) for name, text in headers.items()}

    async def choices(self) -> Completion:
        """Answer with what the reply's choices say."""
        choices: list[ChoiceSpec] = [*(self.reply.choices or [self.reply])]
        completion = await compose(self.call, [said(choice, self.scope) for choice in choices], self._given())
        await _give_audio(self.call, completion, choices)
        self._doubt(completion)
        return completion

    def _doubt(self, completion: Completion) -> None:
        """Note what the real API could not have answered to this request."""
        found = implausible(completion, self.scope.facts)
        if found:
            self.call.notes["warnings"] = [*self.call.notes.get("warnings", ()), *found]

    def _given(self) -> dict[str, Any]:
        set_here = self.reply.model_fields_set
        given = {name: getattr(self.reply, name) for name in FIELDS if name in set_here}
        filled: dict[str, Any] = fill(given, self.scope.variables)
        return filled

    async def error(self) -> Reply:
        """Answer with an error.

        Raises:
            APIError: Always.
        """
        spec = self.reply.error or ErrorSpec()
        message = fill_text(spec.message, self.scope.variables) if spec.message is not None else None
        raise error_of(spec, message, self.call, self._headers(spec.headers))

    async def body(self) -> Relay:
        """Answer with an exact body."""
        spec = self.reply.body or BodySpec()
        content, content_type = spec.filled(self.scope.variables)
        headers = {"content-type": content_type, **self._headers(spec.headers), **self.call.delivery.headers}
        return _relay(spec.status, headers, content)

    async def chunks(self) -> Reply:
        """Answer with exact chunks, or with raw frames."""
        pieces = self.reply.chunks or []
        times = [piece.at for piece in pieces]
        if any(at is not None for at in times):
            offsets = tuple(_onward(times))
            ask(self.call.delivery, PaceSpec(offsets=offsets), (), self.scope.occasion)
        return streamed(pieces, self.call, self.scope)

    async def recorded(self) -> Relay:
        """Answer with a recorded response, at the pace it was recorded with."""
        spec = self.reply.recorded
        if spec is None:
            raise self._broken("a recording that is not there")
        pieces = spec.pieces()
        ask(self.call.delivery, PaceSpec(offsets=tuple(_onward([at for at, _ in pieces]))), (), self.scope.occasion)
        return Relay(spec.status, spec.head(), _each([data for _, data in pieces]), paced=True)

    async def generate(self) -> Reply:
        """Answer with what is made up from the request: an instance of its schema, a call of its tool."""
        drafts = generated(self.scope.facts)
        if drafts is None:
            return await self.echo()
        return await compose(self.call, drafts, self._given())

    async def echo(self) -> Reply:
        """Let the echo backend answer."""
        return await self.other("echo").reply(self.call)

    async def upstream(self) -> Reply:
        """Let the upstream answer."""
        return await self.other("upstream").reply(self.call)

    async def said_or_echo(self) -> Reply:
        """Answer with what the reply says; one that only names a fault or a pace lets echo speak."""
        return await (self.choices() if self.reply.says() else self.echo())


_WAYS: Final[Mapping[str | None, Callable[[Answering], Awaitable[Reply]]]] = {
    "choices": Answering.choices,
    "error": Answering.error,
    "body": Answering.body,
    "chunks": Answering.chunks,
    "recorded": Answering.recorded,
    "generate": Answering.generate,
    "echo": Answering.echo,
    "upstream": Answering.upstream,
    None: Answering.said_or_echo,
}


def _onward(times: list[float | None]) -> list[float]:
    """Return when each piece is due: those without a time go with the one before."""
    due: list[float] = []
    for at in times:
        due.append(at if at is not None else due[-1] if due else 0.0)
    return due


def _relay(status: int, headers: Mapping[str, str], content: bytes) -> Relay:
    return Relay(
        status, [(name.encode("latin-1"), text.encode("latin-1")) for name, text in headers.items()], _each([content])
    )


async def _each(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _give_audio(call: Call, completion: Completion, choices: list[ChoiceSpec]) -> None:
    """Set the parts of spoken output that the script gives; later turns may refer to them."""
    for choice in completion["choices"]:
        spec = choices[min(choice["index"], len(choices) - 1)].audio
        audio = choice["message"].get("audio")
        if spec is not None and audio is not None:
            cast("dict[str, Any]", audio).update(
                spec.model_dump(include={"data", "id", "expires_at"}, exclude_none=True)
            )
            tokens = call.services.tokens.get(call.model.encoding).count(audio["transcript"])
            await remember_audio(call, audio["id"], audio["expires_at"], tokens)
