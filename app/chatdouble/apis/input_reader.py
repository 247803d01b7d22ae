"""The reading of requests that have an input and no conversation."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, Generic, TypeVar

from chatdouble.backend import Call, Original
from chatdouble.catalogue.catalogue import Catalogue, UnknownModelError
from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.core.json import json_body
from chatdouble.tokens.tokenizer import Tokenizers
from chatdouble.validation.parsing import parse
from chatdouble.validation.wording import models

R = TypeVar("R")


class InputReader(ABC, Generic[R]):
    """Reads requests that have an input into their calls.

    Args:
        catalogue: The models.
        tokenizers: Count the tokens of inputs.
        mode: `strict` refuses what the API refuses, `lenient` warns of it, `off` demands the shape alone.

    Attributes:
        api: The API's name in scripts.
        default: The model that stands for names that the catalogue does not know.
    """

    api: ClassVar[str]
    default: ClassVar[str]

    def __init__(self, catalogue: Catalogue, tokenizers: Tokenizers, mode: Any) -> None:
        self._catalogue = catalogue
        self._tokenizers = tokenizers
        self._mode = mode

    @abstractmethod
    def name(self, body: dict[str, Any], deployment: str | None) -> str:
        """Return the name of the model that a body asks for.

        Raises:
            APIError: It names none, and needs to.
        """

    @abstractmethod
    def shaped(self, body: dict[str, Any]) -> R:
        """Return the request in a body.

        Raises:
            APIError: The body has not the shape of one.
        """

    @abstractmethod
    def empty(self, model: str) -> R:
        """Return a request without an input."""

    @abstractmethod
    def parts(self, call: Call[R]) -> list[dict[str, Any]]:
        """Return a call's input as the parts of a user's message."""

    @abstractmethod
    def refused(self, model: Model) -> Iterator[APIError]:
        """Yield the error of a model that this API does not serve."""

    @abstractmethod
    def check(self, call: Call[R]) -> Iterator[APIError]:
        """Count the tokens of a call's input, and yield what the API refuses in it."""

    def read(self, call: Call[R]) -> None:
        """Parse and validate a request.

        Raises:
            APIError: The API would not answer this request.
        """
        call.validation, call.text_only = self._mode, True
        now = call.services.clock.now()
        call.body = parse(call.raw)
        name = self.name(call.body, call.deployment)
        try:
            call.model = model = self._catalogue.find_for(self.default, name, now)
        except UnknownModelError as unknown:
            raise models.unserved(unknown) from None
        self._judge(call, self.refused(model))
        call.request = self.shaped(call.body)
        self._translate(call)
        self._judge(call, self.check(call))
        if now >= model.shut_down_at:
            call.notes.warn(f"The model `{model.id}` was shut down on {model.shutdown_date}.")
        if not model.known:
            call.notes.remarks += (
                f"The catalogue does not know the model `{name}`; it is taken as one like `{self.default}`.",
            )

    def _translate(self, call: Call[R]) -> None:
        """Keep the request in its own terms, and put it in those of chat completions."""
        call.original = Original(self.api, call.body, call.request)
        call.body = {"model": call.model.id, "messages": [{"role": "user", "content": self.parts(call)}]}

    def _judge(self, call: Call[R], errors: Iterator[APIError]) -> None:
        for error in errors:
            call.report(error)

    def read_unjudged(self, call: Call[R]) -> None:
        """Parse a request that an upstream judges, as far as possible."""
        call.text_only, call.body = True, json_body(call.raw)
        try:
            name = self.name(call.body, call.deployment)
        except APIError:
            name = self.default
        call.model = self._catalogue.stand_in(self.default, name)
        try:
            call.request = self.shaped(call.body)
        except APIError:
            call.request = self.empty(name)
        self._translate(call)
        for _ in self.check(call):
            pass  # the upstream's to refuse
