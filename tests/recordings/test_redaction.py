"""Redaction of secrets in texts and JSON values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.recordings.redaction import EMAIL, REAL_KEY, REAL_NAME, REDACTED, Scrubber, header_secrets

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
SECRETS = {
    "an OpenAI key": "sk-" + LETTERS,
    "a project's key": "sk-proj-abc_DEF-123" + LETTERS,
    "a short key": "sk-test-4242",
    "a bearer token": "Bearer abcdefgh.ijklmnop",
    "a session": "sess-" + LETTERS,
    "an organization": "org-" + LETTERS[:24],
    "a project": "proj_" + LETTERS[:24],
    "a JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_1",
    "a private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----",
    "an Amazon key": "AKIAIOSFODNN7EXAMPLE",
    "a Google key": "AIza" + LETTERS[:35],
    "a GitHub token": "ghp_" + LETTERS[:36],
    "a GitHub fine-grained token": "github_pat_" + LETTERS,
    "a Groq key": "gsk_" + LETTERS,
    "a Hugging Face token": "hf_" + LETTERS,
    "a Stripe key": "sk_live_" + LETTERS,
    "an xAI key": "xai-" + LETTERS,
    "a Slack token": "xoxb-1234567890-abc",
}
PLAIN = (
    "risk-averse task-force sk-learn-based work",
    "Bearer of bad news",
    "org-chatdouble and org-mode",
    "gpt-4o-2024-08-06 chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWXYZ123 call_abcdefghijklmnopqrstuvwx",
    "somebody@example.com",
)


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_known_kind_of_secret_is_redacted_and_the_text_around_it_stays(secret: str) -> None:
    scrubber = Scrubber()
    assert scrubber.text(f"before {secret}, after") == f"before {REDACTED}, after"
    value = {"a": [{"b": f"({secret})"}, 1, None], f"{secret}": True}
    assert scrubber.value(value) == {"a": [{"b": f"({REDACTED})"}, 1, None], REDACTED: True}


@pytest.mark.parametrize("text", PLAIN)
def test_a_text_that_only_resembles_a_secret_stays(text: str) -> None:
    assert Scrubber().text(text) == text


def test_a_value_without_secrets_is_the_same_object() -> None:
    value = {"a": ["b", {"c": 1}]}
    assert Scrubber().value(value) is value


def test_known_values_are_redacted_whatever_they_look_like() -> None:
    scrubber = Scrubber(known=["0123456789abcdef", 'caf\u00e9 "quoted"', "short"])
    assert scrubber.text("key=0123456789abcdef short") == f"key={REDACTED} short"
    assert scrubber.value(['say caf\u00e9 "quoted" twice']) == [f"say {REDACTED} twice"]


def test_further_known_values_are_redacted_too() -> None:
    scrubber = Scrubber(["CUST-\\d+"], ["first-known"]).knowing(["second-known"])
    assert scrubber.text("first-known second-known CUST-77 x") == " ".join([REDACTED] * 3) + " x"


def test_custom_patterns_and_e_mail_addresses_are_redacted_on_request() -> None:
    text = "mail a.b+c@mail.example.org about CUST-123456"
    assert Scrubber().text(text) == text
    assert Scrubber([EMAIL, r"CUST-\d{6}"]).value({"t": text}) == {"t": f"mail {REDACTED} about {REDACTED}"}


def test_a_pattern_that_matches_the_empty_text_redacts_nothing() -> None:
    assert Scrubber(["x*"]).text("abc") == "abc"


@given(st.lists(st.one_of(st.sampled_from([*SECRETS.values(), *PLAIN, REDACTED]), st.text()), max_size=6))
def test_redacting_twice_changes_nothing_more(parts: list[str]) -> None:
    scrubber = Scrubber(known=["a-known-value"])
    once = scrubber.text(" ".join(parts))
    assert scrubber.text(once) == once


def test_the_secrets_in_headers_are_keys_tokens_cookies_and_the_account() -> None:
    headers = [
        ("authorization", "Bearer token-of-mine"),
        ("api-key", "0123456789abcdef"),
        ("x-goog-api-key", "google"),
        ("cookie", 'session=abc123def; theme="dark"'),
        ("set-cookie", "__cf_bm=bm-value; Path=/; HttpOnly"),
        ("openai-organization", "acme-inc"),
        ("openai-project", "proj_x"),
        ("x-ratelimit-limit-tokens", "30000000"),
        ("content-type", "application/json"),
    ]
    known = {*header_secrets(headers)}
    assert {"Bearer token-of-mine", "token-of-mine", "0123456789abcdef", "google", "acme-inc", "proj_x"} <= known
    assert {"abc123def", "dark", "bm-value"} <= known
    assert not known & {"30000000", "application/json"}


REAL = [
    name
    for name in SECRETS
    if not name.endswith(("session", "organization", "project"))
    and name not in ("a short key", "a bearer token", "a private key")
]


@pytest.mark.parametrize("name", REAL)
def test_a_real_key_of_any_kind_is_recognised_as_a_key_and_as_a_session_name(name: str) -> None:
    assert REAL_KEY.fullmatch(SECRETS[name])
    assert REAL_NAME.fullmatch(SECRETS[name])


@pytest.mark.parametrize("name", ["sk-test", "sk-test-4242", "test", "6fa459ea-ee8a-3ca4-894e-db77e160355e"])
def test_a_test_key_is_not_a_real_one(name: str) -> None:
    assert not REAL_KEY.fullmatch(name)
    assert not REAL_NAME.fullmatch(name)


def test_a_long_word_is_a_real_key_but_may_name_a_session() -> None:
    assert REAL_KEY.fullmatch("0123456789abcdef" * 2)
    assert not REAL_NAME.fullmatch("0123456789abcdef" * 2)
