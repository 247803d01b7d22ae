"""Requests that an upstream judges are read as far as they can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.validation.unjudged import NAMELESS, read

ANY = Catalogue.load("any")
STRICT = Catalogue.load("strict")


def test_a_good_request_is_itself() -> None:
    raw = b'{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"stream":true}'
    request, body, model = read(raw, STRICT, None)
    assert request.stream
    assert body["messages"] == [{"role": "user", "content": "x"}]
    assert model.id == "gpt-4o"


def test_unknown_keys_stay_in_the_body() -> None:
    request, body, _ = read(b'{"model":"m","messages":[{"role":"user","content":"x","y":1}],"new":1}', ANY, None)
    assert request.model == "m"
    assert (body["new"], body["messages"][0]["y"]) == (1, 1)


def test_the_path_names_the_model_where_the_body_does_not() -> None:
    assert read(b'{"messages":[]}', ANY, "deployed")[2].id == "deployed"
    assert read(b'{"model":"m","messages":[]}', ANY, "deployed")[2].id == "m"


def test_a_model_that_nobody_knows_is_a_general_one_even_where_only_known_ones_are_accepted() -> None:
    assert read(b'{"model":"made-up"}', STRICT, None)[2].id == "made-up"


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[1]", b"\xff", b'{"model":5}', b'{"model":"","messages":7}', b'{"messages":[["x"]]}']
)
def test_what_cannot_be_read_is_an_empty_request(raw: bytes) -> None:
    request, body, model = read(raw, STRICT, None)
    assert (request.model, model.id) == (NAMELESS, NAMELESS)
    assert body == {"model": NAMELESS, "messages": [{"role": "user", "content": ""}]}


@given(st.binary())
def test_nothing_is_refused(raw: bytes) -> None:
    assert read(raw, STRICT, None)[1]["model"]
