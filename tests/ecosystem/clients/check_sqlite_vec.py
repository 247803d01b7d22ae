"""sqlite-vec finds the right document with the double's vectors, which come through the official client."""

from typing import Final

import apsw
import pytest
import sqlite_vec
from openai import OpenAI

DOCUMENTS: Final = (
    "Returns are free for thirty days after the parcel has arrived.",
    "Reset your password on the account page, under security.",
    "Our shop in Lisbon is open on weekdays from nine to five.",
    "Orders of more than fifty euros are shipped without a fee.",
    "The warranty of a bicycle covers its frame for five years.",
    "Write to support if your invoice shows a wrong address.",
)
QUESTIONS: Final = {
    "How can I reset my password?": 1,
    "Is it free to return a parcel?": 0,
    "When is the shop in Lisbon open?": 2,
    "How long is the warranty of the frame?": 4,
    "My invoice has a wrong address": 5,
}
MODEL: Final = "text-embedding-3-small"


def embedded(client: OpenAI, texts: list[str], dimensions: int) -> list[bytes]:
    """Return the vectors of texts as the store keeps them."""
    made = client.embeddings.create(model=MODEL, input=texts, dimensions=dimensions)
    return [sqlite_vec.serialize_float32(one.embedding) for one in made.data]


@pytest.mark.parametrize("dimensions", [1536, 512])
def test_the_store_finds_the_document_that_answers(dimensions: int) -> None:
    client, store = OpenAI(), apsw.Connection(":memory:")
    store.enable_load_extension(True)
    store.load_extension(sqlite_vec.loadable_path())
    store.execute(f"CREATE VIRTUAL TABLE documents USING vec0(embedding float[{dimensions}] distance_metric=cosine)")
    vectors = enumerate(embedded(client, list(DOCUMENTS), dimensions))
    store.executemany("INSERT INTO documents(rowid, embedding) VALUES (?, ?)", vectors)
    found: dict[str, int] = {}
    for question in QUESTIONS:
        (vector,) = embedded(client, [question], dimensions)
        nearest = "SELECT rowid FROM documents WHERE embedding MATCH ? AND k = 1"
        found[question] = next(store.execute(nearest, (vector,)))[0]
    assert found == QUESTIONS
