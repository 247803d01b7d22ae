"""From the bytes of a request to a request that the API would answer, or its no."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import ValidationError

from chatdouble.backend import Call
from chatdouble.catalogue.catalogue import ALWAYS, Catalogue, UnknownModelError
from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.tokens.tokenizer import Tokenizers
from chatdouble.validation import bare_images, context
from chatdouble.validation.excerpt import LARGE, excerpt
from chatdouble.validation.faults import KNOWN, Fault, Stage, unknown_faults, unknown_to
from chatdouble.validation.parsing import LONGEST, TOOLS, KnownTools, model_name, parse
from chatdouble.validation.rules.messages import MOST
from chatdouble.validation.rules.rule import Subject
from chatdouble.validation.rules.table import rules_of
from chatdouble.validation.wording import models

if TYPE_CHECKING:
    from chatdouble.validation.forgiving import Forgiven

Mode = Literal["strict", "lenient", "off"]

_ROLE_AND_CONTENT: Final = 2
_SPEAKERS: Final = frozenset({"user", "system", "developer", "assistant"})


@dataclass(slots=True, eq=False, repr=False)
class Checked:
    """A request that is answered.

    Attributes:
        request: The request as the API reads it.
        body: The request as it was sent, parsed JSON; without what was dropped with a warning.
        model: The model it asks for.
        warnings: What was let pass, one sentence each.
        plain: Whether its messages are known to be plain texts, see `is_plain`.
    """

    request: ChatCompletionRequest
    body: dict[str, Any]
    model: Model
    warnings: Sequence[str] = ()
    plain: bool = False


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
        self._known_tools = KnownTools()
        self.mode: Final[Mode] = mode

    def read(self, raw: bytes, now: float = ALWAYS, *, deployment: str | None = None) -> Checked:
        """Read a request.

        Args:
            raw: The body as it was sent.
            now: The time, in seconds since 1970, by which models are served or shut down.
            deployment: The model that the path names, for a body that names none (Azure).

        Raises:
            APIError: The API would not answer this request.
        """
        body, model = self.named(raw, now, deployment=deployment)
        return self.checked(body, model, len(raw))

    def named(self, raw: bytes, now: float = ALWAYS, *, deployment: str | None = None) -> tuple[dict[str, Any], Model]:
        """Return a request's body, and the model that it names.

        Raises:
            APIError: The body is not JSON, or there is no such model.
        """
        # Not `in`, see `RequestHeaders`.
        has_tools = len(raw) <= LONGEST and raw.find(TOOLS) >= 0
        body = self._known_tools.parse(raw) if has_tools else parse(raw)
        # It is looked at before anything else (rules#order-of-checks).
        try:
            return body, self._catalogue.find(model_name(body, deployment), now)
        except UnknownModelError as unknown:
            raise models.unserved(unknown) from None

    def checked(self, body: dict[str, Any], model: Model, size: int) -> Checked:
        """Validate a request.

        Args:
            body: The body.
            model: The model that it names.
            size: The size of the body in bytes.

        Raises:
            APIError: The API would not answer this request.
        """
        if model.bare_image_urls:
            body = bare_images.with_objects(body)
        if self.mode == "off":
            read = _forgiven_or_api_error(body, model, size)  # the published shape alone
            return Checked(read.request, read.body, model)
        if model.endpoint != "chat":
            raise models.elsewhere(model.endpoint)
        if self.mode == "lenient":
            return self._lenient(body, model, size)
        return self._strict(body, model, size)

    def _strict(self, body: dict[str, Any], model: Model, size: int) -> Checked:
        found: list[Fault] = []
        if size > LARGE:
            body, found = excerpt(body, model)
        try:
            request = _validated(body) if size <= LARGE else _validated_patiently(body)
        except ValidationError as error:
            raise _first(_with_all_faults(found, body, model, error)) from error
        plain = is_plain(body["messages"], MOST, model.longest_text)
        found += _rule_faults(Subject(body, model, plain))
        # What nobody knows is not of the published shape; what this model alone does not know is.
        if not model.unknown.isdisjoint(body):
            found += unknown_faults(model, body)
        if found:
            raise _first(found)
        self._check_context(body, model, size)
        return Checked(request, body, model, plain=plain)

    def _lenient(self, body: dict[str, Any], model: Model, size: int) -> Checked:
        from chatdouble.validation.forgiving import forgiven  # noqa: PLC0415 - for lenient servers
        from chatdouble.validation.pruning import prune  # noqa: PLC0415 - as above
        from chatdouble.validation.translation import translate  # noqa: PLC0415 - for requests that are refused

        found = unknown_faults(model, body)
        not_known = {*unknown_to(model, body)}
        body = {name: value for name, value in body.items() if name not in not_known}
        try:
            read = forgiven(ChatCompletionRequest, body, size)
        except ValidationError as error:
            found += translate(error, model)
            read = _forgiven_or_api_error(prune(body, error), model, size)
        request, body = read.request, read.body
        found += [Fault(Stage.SHAPE, error) for error in read.errors]
        found += _rule_faults(Subject(body, model))
        try:
            self._check_context(body, model, size)
        except APIError as error:
            return Checked(request, body, model, [*(fault.warning for fault in found), error.message])
        return Checked(request, body, model, [fault.warning for fault in found])

    def _check_context(self, body: dict[str, Any], model: Model, size: int) -> None:
        """Refuse a request that does not fit into the model's context; no prompt has more tokens than bytes."""
        asked: int = body.get("max_tokens") or body.get("max_completion_tokens") or 0
        if size + asked > (model.input_limit or model.context_window):
            context.check(body, model, asked, partial(self._count, model))

    def _count(self, model: Model, body: Mapping[str, Any]) -> int:
        from chatdouble.tokens.usage import prompt_tokens  # noqa: PLC0415 - only long prompts are counted

        return prompt_tokens(body, model, self._tokenizers[model.encoding]).total


class ChatReader:
    """Reads requests for chat completions into their calls.

    Args:
        catalogue: The models.
        tokenizers: Count the tokens of prompts.
        mode: `strict`, `lenient` or `off`.
    """

    def __init__(self, catalogue: Catalogue, tokenizers: Tokenizers, mode: Mode) -> None:
        self._catalogue = catalogue
        self._checker = Checker(catalogue, tokenizers, mode)

    def read(self, call: Call[ChatCompletionRequest]) -> None:
        """Parse and validate a request.

        Raises:
            APIError: The API would not answer this request.
        """
        call.validation = self._checker.mode
        now = call.services.clock.now()
        # A request that is refused once its model is known counts toward the model's limits.
        call.body, call.model = body, model = self._checker.named(call.raw, now, deployment=call.place.deployment)
        checked = self._checker.checked(body, model, len(call.raw))
        call.body, call.request, call.text_only = checked.body, checked.request, checked.plain
        if checked.warnings:
            call.notes.ignore(*checked.warnings)
        if now >= model.shut_down_at:
            call.notes.warn(f"The model `{model.id}` was shut down on {model.shutdown_date}.")
        if not model.known:
            call.notes.remarks += (
                f"The catalogue does not know the model `{model.id}`; it is taken as a current one.",
            )

    def read_unjudged(self, call: Call[ChatCompletionRequest]) -> None:
        """Parse a request that an upstream judges, as far as possible."""
        from chatdouble.validation import unjudged  # noqa: PLC0415 - for upstreams

        read = unjudged.read(call.raw, self._catalogue, call.deployment)
        call.request, call.body, call.model = read


_validated: Final[Callable[[dict[str, Any]], ChatCompletionRequest]] = (
    ChatCompletionRequest.__pydantic_validator__.validate_python
)


def _validated_patiently(body: dict[str, Any]) -> ChatCompletionRequest:
    from chatdouble.validation.patient import patient_validator  # noqa: PLC0415 - only large requests need it

    # A message of a wrong shape is reported before one without content, which may stand before it.
    request: ChatCompletionRequest = patient_validator(ChatCompletionRequest, "messages").validate_python(body)
    return request


def _forgiven_or_api_error(body: dict[str, Any], model: Model, size: int) -> "Forgiven[ChatCompletionRequest]":
    from chatdouble.validation.forgiving import forgiven  # noqa: PLC0415 - as above
    from chatdouble.validation.translation import translate  # noqa: PLC0415 - as above

    try:
        return forgiven(ChatCompletionRequest, body, size)
    except ValidationError as error:
        raise _first(translate(error, model)) from error


def _with_all_faults(found: list[Fault], body: dict[str, Any], model: Model, error: ValidationError) -> list[Fault]:
    """Add the faults of a request to those found, those of the fields that are of the right shape included."""
    from chatdouble.validation.translation import translate  # noqa: PLC0415 - as above

    wrong = {one["loc"][0] for one in error.errors(include_url=False, include_context=False)}
    sound = {name: value for name, value in body.items() if name not in wrong}
    # What is in an array is reported before its length.
    found[:0] = translate(error, model)
    if not KNOWN.issuperset(body) or not model.unknown.isdisjoint(body):
        found += unknown_faults(model, body)
    plain = "messages" in sound and is_plain(sound["messages"], MOST, model.longest_text)
    found += _rule_faults(Subject(sound, model, plain))
    return found


def _rule_faults(subject: Subject) -> list[Fault]:
    """Apply the rules of the fields that are present; null fields have only the `null` rules."""
    rules, body = rules_of(subject.model, subject.plain), subject.body
    asked = [*rules["model"], *rules["null"]] if None in body.values() else [*rules["model"]]
    for name, value in body.items():
        if value is not None and name in rules and name not in _OF_ALL:
            asked += rules[name]
    # The first fault of a rule is reported; lenient validation warns of some more.
    return [Fault(rule.stage, error) for rule in asked for error in islice(rule.find(subject), _REPORTED)]


_OF_ALL: Final = frozenset({"model", "null"})
_REPORTED: Final = 100


def _first(faults: list[Fault]) -> APIError:
    """Return the fault the API reports: the lowest rank, and the first found of equal ranks.

    The list is emptied: the frame that raises an error and still has it in a list is a cycle, which keeps the
    request's body until a collection.
    """
    found = (faults[0] if len(faults) == 1 else min(faults, key=attrgetter("rank"))).error
    faults.clear()
    return found


def is_plain(messages: Sequence[Mapping[str, Any]], most: int, longest: int) -> bool:
    """Tell whether messages are plain texts, within their limits: no parts, names, calls or results.

    Most are, and they need few checks.

    Args:
        messages: Messages of the published shape.
        most: The most messages.
        longest: The most characters of a text.
    """
    if len(messages) > most:
        return False
    for message in messages:
        content = message.get("content")
        if len(message) != _ROLE_AND_CONTENT or not isinstance(content, str) or len(content) > longest:
            return False
        if message["role"] not in _SPEAKERS:
            return False
    return True
