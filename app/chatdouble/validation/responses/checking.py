"""Reading of requests to the Responses API: from bytes to a request, or the API's error."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final, Literal

from pydantic import ValidationError

from chatdouble.catalogue.catalogue import ALWAYS, Catalogue, UnknownModelError, general
from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.core.json import json_body
from chatdouble.schema.responses.request import ResponsesRequest
from chatdouble.validation import wording
from chatdouble.validation.excerpt import LARGE
from chatdouble.validation.forgiving import Forgiven, forgiven
from chatdouble.validation.parsing import parse
from chatdouble.validation.responses import fields, shapes
from chatdouble.validation.responses import wording as own
from chatdouble.validation.wording import models

Body = dict[str, Any]
Mode = Literal["strict", "lenient", "off"]

DEFAULT_MODEL: Final = "gpt-4o"
"""The model of a stored prompt, which may name one that the request does not."""

_CONTINUED: Final = ("previous_response_id", "prompt", "conversation")
"""The fields that give a request something to answer besides its input."""


@dataclass(slots=True)
class Read:
    """A request that was read.

    Attributes:
        request: The request as the API reads it.
        body: The request as it was sent, without what was dropped with a warning.
        warnings: What was let pass, one sentence each.
    """

    request: ResponsesRequest
    body: Body
    warnings: Sequence[str] = ()


class ResponsesChecker:
    """Reads requests.

    Args:
        catalogue: The models.
        mode: `strict` refuses what the API refuses, `lenient` answers and warns, `off` demands the published shape
            alone.
    """

    def __init__(self, catalogue: Catalogue, mode: Mode) -> None:
        self._catalogue = catalogue
        self.mode: Final[Mode] = mode

    def named(self, raw: bytes, now: float = ALWAYS, *, deployment: str | None = None) -> tuple[Body, Model]:
        """Return a request's body, and the model that it names; the model is looked at first.

        Raises:
            APIError: The body is not JSON, or there is no such model here.
        """
        body = parse(raw)
        model = self.model_of(body, now, deployment=deployment)
        if self.mode != "off" and model.responses != "answered":
            raise _ELSEWHERE[model.responses](model.id)
        return body, model

    def model_of(self, body: Body, now: float = ALWAYS, *, deployment: str | None = None) -> Model:
        """Return the model that a body names, and set it there if the path or a prompt names it.

        Raises:
            APIError: There is no such model.
        """
        name = body.get("model", deployment)
        if name is None and "model" not in body:
            if body.get("prompt") is None:
                raise wording.missing("model")
            name = DEFAULT_MODEL
        if not isinstance(name, str):
            raise wording.wrong_type("model", "a string", {} if name is None else name)
        body["model"] = name
        if not name:
            raise own.unknown_model(name)
        try:
            return self._catalogue.find(name, now)
        except UnknownModelError as unknown:
            error = models.unserved(unknown)
            raise own.unknown_model(name) if error.status == _NOT_FOUND or " " in name else error from None

    def checked(self, body: Body, model: Model, size: int) -> Read:
        """Validate a request.

        Args:
            body: The body.
            model: The model that it names.
            size: The size of the body in bytes.

        Raises:
            APIError: The API would not answer this request.
        """
        if self.mode == "off":
            return _shape_alone(body, model, size)
        # Most requests have an input, and nothing unknown.
        is_known = body.get("input") is not None and _FIELDS.issuperset(body)
        wrong = () if is_known else chain(_absent(body), shapes.unknown(body))
        if self.mode == "strict":
            for error in wrong:
                raise error
            return Read(_strict(body, model, size), body)
        body = {name: value for name, value in body.items() if name in _FIELDS}
        return _lenient(body, model, size, [*islice(wrong, shapes.REPORTED)])

    def unjudged(self, raw: bytes, now: float = ALWAYS, *, deployment: str | None = None) -> tuple[Read, Model]:
        """Read a request that an upstream judges: never refused, and empty where it cannot be read.

        Args:
            raw: The body as it was sent.
            now: The time, in seconds since 1970, by which models are served or shut down.
            deployment: The model that the path names, for a body that names none (Azure).
        """
        body = json_body(raw)
        try:
            model = self.model_of(body, now, deployment=deployment)
        except APIError:
            model = general(str(body.get("model") or "unknown"))
            body["model"] = model.id
        try:
            read = _shape_alone(body, model, len(raw))
        except APIError:
            read = Read(ResponsesRequest.model_construct(**_EMPTY, model=model.id), {**_EMPTY, "model": model.id})
        return read, model


_ELSEWHERE: Final[Mapping[str, Callable[[str], APIError]]] = {
    "unsupported": own.unsupported_model,
    "not_found": own.model_not_found,
}
"""The errors of models that other endpoints serve, by the catalogue's value of `responses`."""

_FIELDS: Final = frozenset(ResponsesRequest.model_fields)
_EMPTY: Final[dict[str, Any]] = {"input": ""}
_NOT_FOUND: Final = 404


def _strict(body: Body, model: Model, size: int) -> ResponsesRequest:
    """Return a request without a fault, or raise the first in the API's order."""
    try:
        request = _validated(body, size)
    except ValidationError as error:
        sound = _without(body, _fields_of(error))
        raise shapes.first([*shapes.translate(error, model), *fields.faults(sound)]) from error
    found = [*fields.faults(body)]
    if found:
        raise shapes.first(found)
    return request


def _validated(body: Body, size: int) -> ResponsesRequest:
    if size <= LARGE:
        return ResponsesRequest.model_validate(body)
    from chatdouble.validation.patient import patient_validator  # noqa: PLC0415 - only large requests need it

    request: ResponsesRequest = patient_validator(ResponsesRequest).validate_python(body)
    return request


def _lenient(body: Body, model: Model, size: int, found: list[APIError]) -> Read:
    """Return a request without its wrong fields, with a warning of each."""
    try:
        read = forgiven(ResponsesRequest, body, size)
    except ValidationError as error:
        found += shapes.translate(error, model)
        read = _forgiven_or_api_error(_without(body, _fields_of(error) - {"input"}), model, size)
    found += read.errors
    return Read(read.request, read.body, [*map(_warning, [*found, *fields.faults(read.body)])])


def _without(body: Body, names: frozenset[str]) -> Body:
    return {name: value for name, value in body.items() if name not in names}


def _absent(body: Body) -> Iterable[APIError]:
    """Yield the error of a request that has nothing to answer, or a null in its place (responses#input)."""
    if "input" in body and body["input"] is None:
        yield wording.wrong_type("input", "a string", {})
    elif "input" not in body and all(body.get(name) is None for name in _CONTINUED):
        yield wording.missing("input")


def is_empty(body: Body) -> bool:
    """Tell whether a request has an empty input and nothing else to answer (responses#input)."""
    return not body.get("input") and all(body.get(name) is None for name in _CONTINUED)


def _shape_alone(body: Body, model: Model, size: int) -> Read:
    """Check the published shape only; unknown keys are removed."""
    read = _forgiven_or_api_error(body, model, size)
    return Read(read.request, read.body)


def _forgiven_or_api_error(body: Body, model: Model, size: int) -> Forgiven[ResponsesRequest]:
    try:
        return forgiven(ResponsesRequest, body, size)
    except ValidationError as error:
        raise shapes.first(shapes.translate(error, model)) from error


def _fields_of(error: ValidationError) -> frozenset[str]:
    """Return the fields at fault."""
    return frozenset(str(one["loc"][0]) for one in error.errors(include_url=False, include_context=False))


def _warning(error: APIError) -> str:
    return f"{error.message} (param: {error.param})" if error.param else error.message
