"""Answers made from scripted replies."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, cast

from chatdouble.answer.compose import compose, with_overrides
from chatdouble.answer.draft import Draft
from chatdouble.answer.generation import generate
from chatdouble.answer.tool_calls import draft_of_calls
from chatdouble.answer.tool_choice import WantedCall, offered_tools
from chatdouble.backend import Backend, Call, Relay, Reply
from chatdouble.core.errors import APIError
from chatdouble.core.json import as_object, encode
from chatdouble.json_schema.steps import Steps
from chatdouble.schema.completion import Completion, FunctionCall, ToolCall
from chatdouble.schema.texts import without_directives
from chatdouble.scripts.format.delivery import PaceSpec, ask
from chatdouble.scripts.format.faults import ErrorSpec
from chatdouble.scripts.format.headers import is_visible
from chatdouble.scripts.format.raw_reply import BodySpec
from chatdouble.scripts.format.recorded import RecordedSpec, offsets_of
from chatdouble.scripts.format.reply import ChoiceSpec, ReplySpec, ToolCallSpec
from chatdouble.scripts.format.templates import TemplateFailedError, fill, fill_text
from chatdouble.scripts.format.usage import COUNTS, is_count
from chatdouble.scripts.format.ways import ANYWHERE, NEEDS_API, MisfitError, check_way
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.replying.azure import azure_reply
from chatdouble.scripts.replying.chunks import streamed
from chatdouble.scripts.replying.computed import computed
from chatdouble.scripts.replying.default_errors import error_of
from chatdouble.scripts.replying.functions import FunctionFailedError, reply_of_function
from chatdouble.scripts.replying.parts import Ready, add_partial_text, add_reasoning, set_audio
from chatdouble.scripts.replying.plausibility import warnings
from chatdouble.scripts.replying.template_variables import TemplateVariables


def draft_of(choice: ChoiceSpec, variables: TemplateVariables) -> Draft:
    """Return the draft of a choice, with templates rendered.

    Raises:
        TemplateFailedError: A template cannot be rendered.
    """
    call = choice.function_call
    return Draft(
        content=_content(choice, variables),
        refusal=_rendered(choice.refusal, variables),
        tool_calls=[tool_call(spec, variables) for spec in choice.tool_calls or ()],
        function_call=FunctionCall(
            name=fill_text(call["name"], variables), arguments=fill_text(call["arguments"], variables)
        )
        if call
        else None,
        annotations=choice.annotations or [],
        finish_reason=choice.finish_reason,
        logprobs=choice.logprobs,
        reasoning_tokens=_reasoning_tokens(choice, variables),
    )


def _reasoning_tokens(choice: ChoiceSpec, variables: TemplateVariables) -> int | None:
    """Return the tokens of a choice's reasoning, if it has any that are shown or counted."""
    text = _rendered(choice.reasoning_content, variables)
    if text is None or choice.reasoning_tokens is not None:
        return choice.reasoning_tokens
    call = variables.view.call
    return call.services.tokens[call.model.encoding].count(text)


def _rendered(text: str | None, variables: TemplateVariables) -> str | None:
    return None if text is None else fill_text(text, variables)


def _content(choice: ChoiceSpec, variables: TemplateVariables) -> str | None:
    if choice.content_key == "json":
        return as_text(fill(choice.json_, variables))
    return _rendered(choice.content_text if choice.audio is None else choice.audio.transcript, variables)


def tool_call(spec: ToolCallSpec, variables: TemplateVariables) -> ToolCall:
    """Return a tool call. Without an id in the script its id is empty, and `compose` generates one.

    A string is the input of a custom tool if the request offers a custom tool of that name, else it is sent as the
    arguments, verbatim.

    Raises:
        TemplateFailedError: A template cannot be rendered.
    """
    name = fill_text(spec.name, variables)
    call_id = _rendered(spec.id, variables) or ""
    is_custom = variables.view.tools.get(name, {}).get("type") == "custom"
    raw = spec.input if spec.input is not None else spec.arguments
    if spec.input is not None or (is_custom and isinstance(raw, str)):
        return {"id": call_id, "type": "custom", "custom": {"name": name, "input": _rendered(raw, variables) or ""}}
    arguments = fill(spec.arguments if spec.arguments is not None else {}, variables)
    text = arguments if isinstance(arguments, str) else as_text(arguments)
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": text}}


def as_text(value: Any) -> str:
    """Return a value as compact JSON."""
    return encode(value).decode()


def generated(view: RequestView, steps: Steps) -> list[Draft] | None:
    """Return generated drafts, one for each choice; None if the request asks for plain text.

    A draft has an instance of the request's schema, or a call of the first tool that `tool_choice` allows. A
    conversation that ends with tool results gets plain text unless a call is required, so that an agent loop ends.

    Raises:
        APIError: The grammar of a custom tool cannot be read.
        OutOfStepsError: The budget is used up.
    """
    body, text = view.body, without_directives(view.user or "")
    offer = offered_tools(body)
    tools = [*offer.tools] if offer.required or not view.tool_results else []
    drafts: list[Draft] = []
    for choice in range(view.call.request.n or 1):
        chance = view.call.chance.at("generate", choice)
        from chatdouble.answer.structured import structured  # noqa: PLC0415 - for replies that are generated

        json_text = structured(body, text, chance, steps)
        if json_text is None and not tools:
            return None
        drafts.append(
            Draft(content=json_text)
            if json_text is not None
            else draft_of_calls([WantedCall(tools[0])], text, chance, steps)
        )
    return drafts


FIELDS: Final = ("id", "created", "model", "usage", "service_tier", "system_fingerprint", "metadata", "moderation")
"""The fields of a completion that a reply may set."""


@dataclass(frozen=True, slots=True)
class Answering:
    """A scripted reply that is turned into an answer.

    Attributes:
        reply: The reply.
        variables: The variables of its templates.
        other: Returns another backend by name: `echo`, `upstream`.
        where: Returns the place of the reply, for error messages.
    """

    reply: ReplySpec
    variables: TemplateVariables
    other: Callable[[str], Backend]
    where: Callable[[], str]

    @property
    def call(self) -> Call:
        """The call to answer."""
        return self.variables.view.call

    async def answer(self) -> Reply:
        """Return the answer, and request its pace and faults.

        Raises:
            APIError: The reply is an error, or it cannot be made (500, `script_error`).
        """
        if self.reply.pace or self.reply.all_faults:
            ask(self.call.delivery, self.reply.pace, self.reply.all_faults, self.variables.occasion)
        try:
            if self.reply.way not in ANYWHERE:
                check_way(self.call.api, self.reply)
            if self.reply.headers:
                self.call.delivery.headers = {**self.call.delivery.headers, **self._headers(self.reply.headers)}
            reply = await _WAYS[self.reply.way](self)
        except (TemplateFailedError, MisfitError, FunctionFailedError) as wrong:
            raise self._script_error(str(wrong)) from wrong
        return azure_reply(self.call, cast("Completion", reply)) if self.reply.azure else reply

    def _script_error(self, why: str) -> APIError:
        error = APIError(f"{self.where()}: {why}", status=500, type="script_error", code="script_error")
        return error.with_headers({"x-should-retry": "false"})

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {name.lower(): self._header(name, text) for name, text in headers.items()}

    def _header(self, name: str, text: str) -> str:
        value = fill_text(text, self.variables)
        if not is_visible(value):
            raise TemplateFailedError(f"the template of the header {name!r} gives {value!r}; headers have ASCII only")
        return value

    async def choices(self) -> Completion:
        """Answer with the reply's choices."""
        choices: list[ChoiceSpec] = [*(self.reply.choices or [self.reply])]
        drafts = [draft_of(choice, self.variables) for choice in choices]
        fields = self._fields()
        completion = await compose(self.call, drafts, fields)
        await self._add_parts(completion, choices, fields)
        found = warnings(completion, self.variables.view)
        if found:
            self.call.notes.warn(*found)
            self.call.notes.impossible += tuple(found)
        return completion

    async def _add_parts(self, completion: Completion, choices: list[ChoiceSpec], fields: dict[str, Any]) -> None:
        for choice in completion["choices"]:
            spec, message = choices[min(choice["index"], len(choices) - 1)], choice["message"]
            add_reasoning(message, _rendered(spec.reasoning_content, self.variables))
            if spec.refusal is not None and spec.content_key is not None:
                add_partial_text(self.call, completion, message, _content(spec, self.variables) or "")
            await set_audio(self.call, message, spec.audio)
        if fields.get("usage"):
            completion.update(with_overrides(completion, {"usage": fields["usage"]}))

    def _fields(self) -> dict[str, Any]:
        set_here = self.reply.model_fields_set
        given = {name: getattr(self.reply, name) for name in FIELDS if name in set_here}
        filled: dict[str, Any] = fill(given, self.variables)
        for name, count in as_object(filled.get("usage")).items():
            if name in COUNTS and not is_count(count):
                raise TemplateFailedError(f"the template of usage.{name} gives {count!r}, which is not a count")
        return filled

    async def error(self) -> Reply:
        """Answer with an error.

        Raises:
            APIError: Always.
        """
        spec = self.reply.error or ErrorSpec()
        raise error_of(spec, _rendered(spec.message, self.variables), self.call, self._headers(spec.headers))

    async def body(self) -> Relay:
        """Answer with a body, verbatim."""
        spec = self.reply.body or BodySpec()
        content, content_type = spec.filled(self.variables)
        headers = {"content-type": content_type, **self._headers(spec.headers), **self.call.delivery.headers}
        encoded = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in headers.items()]
        return Relay(spec.status, encoded, Ready(iter((content,))))

    async def chunks(self) -> Reply:
        """Answer with chunks or raw frames, verbatim."""
        pieces = self.reply.chunks or []
        times = [piece.at for piece in pieces]
        if any(at is not None for at in times):
            self.call.delivery.wanted_pace = PaceSpec(offsets=offsets_of(times))
        return streamed(pieces, self.call, self.variables, complete=bool(self.reply.complete))

    async def recorded(self) -> Relay:
        """Answer with a recorded response, at its recorded pace."""
        spec = cast("RecordedSpec", self.reply.recorded)
        played = spec.played
        self.call.delivery.wanted_pace = played.pace
        return Relay(spec.status, [*played.head], Ready(iter(played.data)), paced=True, known=played.known)

    async def generate(self) -> Reply:
        """Answer with an instance of the request's schema or a call of its tool, else as echo does."""
        param = "response_format" if self.call.body.get("response_format") else "tools"
        drafts = await generate(self.call, partial(generated, self.variables.view), param)
        if drafts is None:
            return await self.echo()
        return await compose(self.call, drafts, self._fields())

    async def echo(self) -> Reply:
        """Answer with the echo backend."""
        return await self.other("echo").reply(self.call)

    async def upstream(self) -> Reply:
        """Answer with the upstream."""
        try:
            backend = self.other("upstream")
        except (ValueError, LookupError) as missing:
            raise self._script_error(f"`upstream: true` cannot be answered: {missing}") from None
        return await backend.reply(self.call)

    async def computed(self) -> Reply:
        """Answer with vectors or moderation results."""
        return await computed(self.reply, self.variables, self._fields())

    async def function(self) -> Reply:
        """Answer with the reply that a function of the test returns."""
        return await replace(self, reply=await reply_of_function(self.reply.function or "", self.call)).answer()

    async def message_or_echo(self) -> Reply:
        """Answer with the reply's message; a reply with only a fault or a pace lets echo answer."""
        return await (self.choices() if self.reply.message_keys() else self.echo())


_WAYS: Final[Mapping[str | None, Callable[[Answering], Awaitable[Reply]]]] = {
    "choices": Answering.choices,
    "error": Answering.error,
    "body": Answering.body,
    "chunks": Answering.chunks,
    "recorded": Answering.recorded,
    "generate": Answering.generate,
    "echo": Answering.echo,
    "upstream": Answering.upstream,
    **dict.fromkeys(NEEDS_API, Answering.computed),
    "function": Answering.function,
    None: Answering.message_or_echo,
}
