"""Keys and sessions."""

from base64 import b64encode

import pytest

from chatdouble.core.errors import APIError
from chatdouble.core.head import given_key
from chatdouble.server.auth import ANONYMOUS, Auth, session_of
from chatdouble.validation.wording.refusals import masked


def session(headers: dict[str, str]) -> str:
    """Return the session of a request with these headers."""
    return session_of(headers, given_key(headers))


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("invalid-key", "invalid-key"),
        ("mock-api-key", "mock-api-key"),
        ("test-config-a-key", "test-con*****-key"),
        ("sk-fake-0123456789-2345", "sk-fake-***********2345"),
    ],
)
def test_a_key_is_masked_as_the_real_api_masks_it(key: str, shown: str) -> None:
    assert masked(key) == shown


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer sk-1"},
        {"authorization": "bearer   sk-1"},
        {"api-key": "sk-1"},
        {"authorization": "Basic " + b64encode(b":sk-1").decode()},
    ],
)
def test_a_key_is_found_in_every_form(headers: dict[str, str]) -> None:
    assert given_key(headers) == "sk-1"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": "sk-1"},
        {"authorization": "Digest sk-1"},
        {"authorization": "Basic %%%"},
    ],
)
def test_a_request_without_a_key_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(APIError, match="You didn't provide an API key") as refused:
        Auth().check(given_key(headers))
    assert (refused.value.status, refused.value.code) == (401, None)


def test_any_key_is_accepted_until_keys_are_listed() -> None:
    Auth().check("whatever")
    with pytest.raises(APIError) as refused:
        Auth(["sk-right"]).check("sk-wrong")
    assert refused.value.code == "invalid_api_key"
    assert refused.value.message.startswith("Incorrect API key provided: sk-wrong. You can find")
    Auth(["sk-other", "sk-right"]).check("sk-right")


def test_auth_can_be_off() -> None:
    Auth(required=False).check(None)


def test_a_key_names_its_session_and_a_header_overrides_it() -> None:
    headers = {"authorization": "Bearer sk-test-42"}
    assert session(headers) == "sk-test-42"
    assert session({**headers, "x-double-session": "mine"}) == "mine"
    assert session({}) == ANONYMOUS


def test_what_looks_like_a_real_key_never_names_a_session() -> None:
    secret = "sk-proj-" + "aB3" * 20
    name = session({"authorization": f"Bearer {secret}"})
    assert secret[8:-4] not in name
    assert name != session({"authorization": f"Bearer {secret}x"})


@pytest.mark.parametrize(
    "headers",
    [
        {"api-key": "0123456789abcdef" * 2},
        {"api-key": "aB3" * 28},
        {"authorization": f"Bearer eyJ{'a' * 20}.e30.sig-1"},
    ],
)
def test_the_keys_of_azure_never_name_a_session_but_any_other_name_does(headers: dict[str, str]) -> None:
    (secret,) = headers.values()
    assert secret.removeprefix("Bearer ")[:-4] not in session(headers)
    uuid = "0123456789abcdef0123456789abcdef"
    assert session({**headers, "x-double-session": uuid}) == uuid
