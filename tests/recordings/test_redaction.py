"""Secrets are found wherever they stand, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.recordings.redaction import EMAIL, REDACTED, Scrubber, header_secrets

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
def test_what_looks_like_a_secret_is_hidden_and_what_stands_around_it_is_not(secret: str) -> None:
    scrubber = Scrubber()
    assert scrubber.text(f"before {secret}, after") == f"before {REDACTED}, after"
    value = {"a": [{"b": f"({secret})"}, 1, None], f"{secret}": True}
    assert scrubber.value(value) == {"a": [{"b": f"({REDACTED})"}, 1, None], REDACTED: True}


@pytest.mark.parametrize("text", PLAIN)
def test_what_only_resembles_one_stays(text: str) -> None:
    assert Scrubber().text(text) == text


def test_a_value_without_secrets_is_the_same_object() -> None:
    value = {"a": ["b", {"c": 1}]}
    assert Scrubber().value(value) is value


def test_known_values_are_hidden_whatever_they_look_like() -> None:
    scrubber = Scrubber(known=["0123456789abcdef", 'caf\u00e9 "quoted"', "short"])
    assert scrubber.text("key=0123456789abcdef short") == f"key={REDACTED} short"
    assert scrubber.value(['say caf\u00e9 "quoted" twice']) == [f"say {REDACTED} twice"]


def test_further_known_values_add_to_the_others() -> None:
    scrubber = Scrubber(["CUST-\\d+"], ["first-known"]).knowing(["second-known"])
    assert scrubber.text("first-known second-known CUST-77 x") == " ".join([REDACTED] * 3) + " x"


def test_patterns_and_e_mail_addresses_are_hidden_on_request() -> None:
    text = "mail a.b+c@mail.example.org about CUST-123456"
    assert Scrubber().text(text) == text
    assert Scrubber([EMAIL, r"CUST-\d{6}"]).value({"t": text}) == {"t": f"mail {REDACTED} about {REDACTED}"}


def test_a_pattern_that_matches_nothing_hides_nothing() -> None:
    assert Scrubber(["x*"]).text("abc") == "abc"


@given(st.lists(st.one_of(st.sampled_from([*SECRETS.values(), *PLAIN, REDACTED]), st.text()), max_size=6))
def test_hiding_twice_hides_no_more(parts: list[str]) -> None:
    scrubber = Scrubber(known=["a-known-value"])
    once = scrubber.text(" ".join(parts))
    assert scrubber.text(once) == once


def test_headers_tell_keys_tokens_cookies_and_the_account_and_nothing_else() -> None:
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
