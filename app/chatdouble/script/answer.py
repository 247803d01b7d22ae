"""A scripted reply made into what the API would send."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from chatdouble.answer.audio import remember
from chatdouble.answer.compose import compose
from chatdouble.backend import Backend, Call, Relay, Reply
from chatdouble.errors import APIError
from chatdouble.schema.completion import Completion
from chatdouble.script.chunks import streamed
from chatdouble.script.delivery_spec import PaceSpec, ask
from chatdouble.script.drafts import generated, said
from chatdouble.script.error_spec import ErrorSpec
from chatdouble.script.exact import BodySpec
from chatdouble.script.misfits import misfits
from chatdouble.script.reply import ChoiceSpec, ReplySpec
from chatdouble.script.scope import Scope
from chatdouble.script.statuses import error_of
from chatdouble.script.templates import TemplateFailedError, fill, fill_text

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
        found = misfits(completion, self.scope.facts)
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
            await remember(call, audio["id"], audio["expires_at"], tokens)
