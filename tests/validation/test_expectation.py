"""The API's descriptions of the request's types."""

from typing import Annotated, Any, Literal, NotRequired

import pytest

from chatdouble.schema.base import Listed
from chatdouble.schema.messages import Message
from chatdouble.schema.request import ServiceTier
from chatdouble.validation.expectation import discriminator, expected, find, values

WORDS: list[tuple[Any, str]] = [
    (str, "a string"),
    (int, "an integer"),
    (float, "a decimal"),
    (bool | None, "a boolean"),
    (dict[str, Any], "an object"),
    (list[str], "an array of strings"),
    (list[dict[str, Any]], "an array of objects"),
    (list[Literal["a", "b"]], "an array of strings"),
    (Literal["a", "b"], "one of 'a' or 'b'"),
    (Annotated[Literal["a"], Listed(("x", "allowed_tools", "y"))], "one of 'x', 'all...ols', or 'y'"),
    (str | list[dict[str, Any]] | None, "one of a string or array of objects"),
    (NotRequired[Annotated[int | None, "note"]], "an integer"),
    (Message, "an object"),
]


@pytest.mark.parametrize(("type_", "words"), WORDS)
def test_a_type_is_said_in_the_api_s_words(type_: Any, words: str) -> None:
    assert expected(type_) == words


def test_a_place_is_found_through_unions_and_written_without_them() -> None:
    place = find(("messages", 1, "user", "content", "array", 0, "image_url", "image_url", "detail"))
    assert place.path == "messages[1].content[0].image_url.detail"
    assert values(place.type) == ("auto", "low", "high", "original")
    assert place.siblings == ("url", "detail")


def test_a_place_nobody_knows_still_has_a_path() -> None:
    assert find(("stream_options", "bogus")).path == "stream_options.bogus"
    assert find(("metadata", "k")).path == "metadata.k"


def test_values_come_in_the_api_s_order() -> None:
    assert values(ServiceTier) == ("auto", "default", "fast", "flex", "priority")
    assert values(Message) == ("system", "assistant", "user", "function", "tool", "developer")


def test_objects_are_told_apart_by_the_field_that_is_a_constant_in_each() -> None:
    assert discriminator(Message) == "role"
    assert discriminator(str | list[str]) is None
