"""The fault `wrong_content_type`."""

from chatdouble.backend.delivery import Head
from pieces import fault

HEAD = Head(200, ((b"content-type", b"application/json"), (b"x-request-id", b"req_1")))


def test_an_answer_says_it_is_a_web_page() -> None:
    head = fault("wrong_content_type").on_head(HEAD)
    assert head.headers == ((b"content-type", b"text/html; charset=utf-8"), (b"x-request-id", b"req_1"))
    assert head.status == 200


def test_the_content_type_can_be_given() -> None:
    head = fault("wrong_content_type", content_type="image/png").on_head(HEAD)
    assert dict(head.headers)[b"content-type"] == b"image/png"
