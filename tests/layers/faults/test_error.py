"""The fault `error`."""

import pytest

from calls import call
from chatdouble.core.errors import APIError
from pieces import fault


def raised(**options: object) -> APIError:
    with pytest.raises(APIError) as caught:
        fault("error", **options).before(call())
    return caught.value


def test_an_error_without_options_is_the_apis_500() -> None:
    error = raised()
    assert error.status == 500
    assert error.envelope()["error"] == {
        "message": "The server had an error while processing your request. Sorry about that!",
        "type": "server_error",
        "param": None,
        "code": None,
    }
    assert error.headers == {}


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, "invalid_request_error", None),
        (404, "invalid_request_error", "model_not_found"),
        (429, "requests", "rate_limit_exceeded"),
        (418, "invalid_request_error", None),
        (502, "server_error", None),
        (503, "service_unavailable_error", "server_is_overloaded"),
    ],
)
def test_each_status_has_the_type_and_code_of_the_apis_guide(status: int, kind: str, code: str | None) -> None:
    error = raised(status=status)
    assert (error.status, error.type, error.code) == (status, kind, code)
    assert error.message


def test_an_errors_words_can_be_given() -> None:
    error = raised(status=409, message="Taken.", type="conflict", code="taken")
    assert (error.message, error.type, error.code) == ("Taken.", "conflict", "taken")


def test_an_error_can_say_when_to_try_again() -> None:
    assert raised(status=429, retry_after=1.5).headers == {"retry-after": "2", "retry-after-ms": "1500"}
