"""The embeddings API."""

from collections.abc import Iterator
from typing import Any, ClassVar, Final, cast

from chatdouble.apis.input_reader import InputReader
from chatdouble.backend import Answer, Call
from chatdouble.backend.api import Api
from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.schema.embeddings import EmbeddingList, EmbeddingRequest
from chatdouble.streaming.whole import WholeCodec
from chatdouble.tokens.inputs import counts_of, texts_of
from chatdouble.validation import embeddings
from chatdouble.validation.parsing import model_name


class EmbeddingsReader(InputReader[EmbeddingRequest]):
    """Reads requests for embeddings."""

    api: ClassVar[str] = "embeddings"
    default: ClassVar[str] = "text-embedding-3-small"

    def name(self, body: dict[str, Any], deployment: str | None) -> str:
        """Return the name of the model, which a request must have.

        Raises:
            APIError: There is none.
        """
        return model_name(body, deployment)

    def shaped(self, body: dict[str, Any]) -> EmbeddingRequest:
        """Return the request in a body.

        Raises:
            APIError: The body has not the shape of one.
        """
        return embeddings.shaped(body)

    def empty(self, model: str) -> EmbeddingRequest:
        """Return a request without an input."""
        return EmbeddingRequest(input="", model=model)

    def parts(self, call: Call[EmbeddingRequest]) -> list[dict[str, Any]]:
        """Return the inputs as parts of text."""
        texts = texts_of(call.request, self._tokenizers[call.model.encoding])
        return [{"type": "text", "text": text} for text in texts]

    def refused(self, model: Model) -> Iterator[APIError]:
        """Yield the error of a model that makes no embeddings."""
        return embeddings.check_model(model)

    def check(self, call: Call[EmbeddingRequest]) -> Iterator[APIError]:
        """Count the tokens of the inputs, and yield what the API refuses in them."""
        counts: list[int] = []
        total = 0
        for count in counts_of(call.request, self._tokenizers[call.model.encoding], embeddings.LONGEST_INPUT):
            counts.append(count)
            total += count
            if total > embeddings.MOST_TOKENS and call.validation == "strict":
                break  # more would be counted for nothing
        call.prompt_tokens = total
        # headers#embeddings
        call.delivery.headers = {**call.delivery.headers, "openai-model": call.model.snapshot}
        return embeddings.check(call.request, call.model, counts)


async def _abridge(call: Call[Any], answer: Answer) -> None:
    """Keep the beginnings of the vectors for the journal, since whole ones would fill the memory."""
    from chatdouble.answer.embeddings import abridged  # noqa: PLC0415 - for servers that embed

    call.answer = abridged(cast("EmbeddingList", answer))


EMBEDDINGS: Final = Api(
    name=EmbeddingsReader.api,
    path="/embeddings",
    reader=EmbeddingsReader,
    codec=WholeCodec(),
    keep=_abridge,
    counts_by="cl100k_base",
)
