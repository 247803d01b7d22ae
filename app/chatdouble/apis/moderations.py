"""The moderation API."""

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from chatdouble.apis.input_reader import InputReader
from chatdouble.backend import Answer, Call
from chatdouble.backend.api import Api
from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.schema.moderations import DEFAULT_MODEL, ModeratedText, ModerationRequest
from chatdouble.streaming.whole import WholeCodec
from chatdouble.validation import moderations
from chatdouble.validation.parsing import model_name


class ModerationsReader(InputReader[ModerationRequest]):
    """Reads requests for moderation."""

    api: ClassVar[str] = "moderations"
    default: ClassVar[str] = DEFAULT_MODEL

    def name(self, body: dict[str, Any], deployment: str | None) -> str:
        """Return the name of the model, or the newest one's.

        Raises:
            APIError: It is not a text.
        """
        return model_name(body, deployment) if body.get("model") or deployment else DEFAULT_MODEL

    def shaped(self, body: dict[str, Any]) -> ModerationRequest:
        """Return the request in a body.

        Raises:
            APIError: The body has not the shape of one.
        """
        return moderations.shaped(body)

    def empty(self, model: str) -> ModerationRequest:
        """Return a request without an input."""
        return ModerationRequest(input="", model=model)

    def parts(self, call: Call[ModerationRequest]) -> list[dict[str, Any]]:
        """Return the texts and images as parts."""
        return [part.model_dump(mode="json") for message in call.request.messages() for part in message]

    def refused(self, model: Model) -> Iterator[APIError]:
        """Yield nothing: how the API refuses other models is not known (moderations#errors)."""
        del model
        return iter(())

    def check(self, call: Call[ModerationRequest]) -> Iterator[APIError]:
        """Estimate the tokens of the inputs, and yield what the API refuses in them."""
        parts = [part for message in call.request.messages() for part in message]
        characters = sum(len(part.text) for part in parts if isinstance(part, ModeratedText))
        call.prompt_tokens = characters // 4 + 1
        return moderations.check(call.request)


async def _keep_nothing(call: Call[Any], answer: Answer) -> None:
    """Keep no answer: the API has none to be retrieved later."""
    del call, answer


MODERATIONS: Final = Api(
    name=ModerationsReader.api,
    path="/moderations",
    reader=ModerationsReader,
    codec=WholeCodec(),
    keep=_keep_nothing,
    has_limit_headers=False,
)
