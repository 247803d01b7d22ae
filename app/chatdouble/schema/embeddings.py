"""Embeddings: the request as the API publishes it, and the answer with its keys in the wire's order."""

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

MOST_INPUTS: Final = 2048
"""The most inputs of one request, and the most tokens in an array of them."""

EncodingFormat = Literal["float", "base64"]
Tokens = Annotated[list[int], Field(min_length=1)]

Input = str | Annotated[list[str], Field(min_length=1)] | Tokens | Annotated[list[Tokens], Field(min_length=1)]
"""A text, texts, a text's tokens, or the tokens of several texts."""


def _tidy(schema: dict[str, Any]) -> None:
    """Describe the request as the contract does: no other keys, no defaults that mean "not sent"."""
    schema["additionalProperties"] = False
    for described in schema["properties"].values():
        described.pop("default", None)
    for form in schema["properties"]["input"]["anyOf"][1:]:
        form["maxItems"] = MOST_INPUTS


class EmbeddingRequest(BaseModel):
    """A request for embeddings. Keys that the contract does not have are ignored (embeddings#errors).

    Attributes:
        input: What to embed.
        model: The model's name.
        encoding_format: `float` for numbers, `base64` for little-endian 32-bit floats; None: numbers.
        dimensions: The number of dimensions; None: all that the model has.
        user: The end user.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", json_schema_extra=_tidy)

    stream: ClassVar[bool] = False

    input: Input
    model: str
    encoding_format: EncodingFormat | None = None
    dimensions: Annotated[int, Field(ge=1)] | None = None
    user: str | None = None

    def inputs(self) -> list[str | list[int]]:
        """Return the inputs one by one, each a text or its tokens."""
        given: Any = self.input
        if isinstance(given, str) or isinstance(given[0], int):
            return [given]
        return [*given]


class Embedding(TypedDict):
    """One input's vector, as numbers or in base64."""

    object: Literal["embedding"]
    index: int
    embedding: list[Annotated[float, Field(json_schema_extra={"format": "float"})]] | str


class EmbeddingUsage(TypedDict):
    """The tokens of all inputs; both counts are the same."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingList(TypedDict):
    """The answer to a request for embeddings."""

    object: Literal["list"]
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage
