"""From the bytes of a request to a request that the API would answer, or its no."""

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError

from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.catalogue.model import Model
from chatdouble.errors import APIError
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.tokens import Tokenizers
from chatdouble.validation.parsing import parse, unreadable

Mode = Literal["strict", "lenient", "off"]


@dataclass(frozen=True, slots=True)
class Checked:
    """A request that is answered.

    Attributes:
        request: The request as the API reads it.
        body: The request as it was sent, parsed JSON.
        model: The model it asks for.
        warnings: What was let pass, one sentence each.
    """

    request: ChatCompletionRequest
    body: dict[str, Any]
    model: Model
    warnings: list[str] = field(default_factory=list[str])


class Checker:
    """Reads requests.

    Args:
        catalogue: The models there are.
        tokenizers: What counts a prompt's tokens.
        mode: `strict` refuses what the API refuses, `lenient` answers and warns, `off` demands the published
            shape alone.
    """

    def __init__(self, catalogue: Catalogue, tokenizers: Tokenizers, mode: Mode) -> None:
        self._catalogue = catalogue
        self._tokenizers = tokenizers
        self._mode: Mode = mode

    def read(self, raw: bytes, *, deployment: str | None = None) -> Checked:
        """Read a request.

        Args:
            raw: The body as it was sent.
            deployment: The model that the path names, for a body that names none (Azure).

        Raises:
            APIError: The API would not answer this request.
        """
        body = parse(raw)
        model = self._model(body, deployment)
        try:
            request = ChatCompletionRequest.__pydantic_validator__.validate_python(body)
        except ValidationError as error:
            raise APIError(str(error.errors()[0]["msg"])) from error
        return Checked(request, body, model)

    def _model(self, body: dict[str, Any], deployment: str | None) -> Model:
        """Find the model; it is looked at before anything else (wire 7, "Probe rows")."""
        name = body.get("model") or deployment
        if not name:
            raise APIError("you must provide a model parameter")
        if not isinstance(name, str):
            raise unreadable()
        body["model"] = name
        return self._catalogue.find(name)
