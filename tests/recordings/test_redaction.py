"""Redaction of secrets in texts and JSON values."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.recordings.redaction import EMAIL, Scrubber, header_secrets
from chatdouble.recordings.secret_kinds import REDACTED, Kind, is_real
from chatdouble.recordings.secret_kinds import SECRETS as KINDS
from secret_samples import LETTERS, SECRETS

IN_CONTEXT = {
    "a password in a URL": ("postgres://user:", "hunter2-hunter2", "@db.example.com/x?y=1"),
    "the signature of a URL": ("https://x.blob.core.windows.net/a?sv=1&sig=", "abc%2Bdef0123456789%3D", "&se=2"),
    "an Amazon signature": ("https://x.amazonaws.com/?X-Amz-Signature=", "0123456789abcdef" * 4, "&x=1"),
    "a storage account's key": ("AccountName=a;AccountKey=", LETTERS * 2 + "==", ";EndpointSuffix=core.windows.net"),
    "an Azure key that is named": ("AZURE_OPENAI_API_KEY=", "0123456789abcdef" * 2, " ok"),
    "a key in JSON within a text": ('{"api_key": "', "0123456789abcdef" * 2, '", "b": 1}'),
    "a password in base64": ("curl -H 'Authorization: Basic ", "dXNlcjpwYXNzd29yZA==", "' https://x"),
    "a webhook": ("https://discord.com/api/webhooks/123456789012345678/", LETTERS + LETTERS, " ok"),
    "a key of PuTTY": ("Private-Lines: 1\n", LETTERS, "."),
    "an Amazon secret that is named": ("aws_secret_access_key = ", "abcdefghij" * 4, "\nregion = x"),
}
PLAIN = (
    "risk-averse task-force sk-learn-based work",
    "Bearer of bad news",
    "org-chatdouble and org-mode",
    "gpt-4o-2024-08-06 chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWXYZ123 call_abcdefghijklmnopqrstuvwx",
    "somebody@example.com",
    "https://example.com:8080/a@b ftp://host/x?sign=abcdefghijklmnopqrstuvwxyz",
    "sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "prompt_cache_key: 0123456789abcdef0123456789abcdef",
    "client-cache-key-0123456789abcdef0123456789abcdef openai-key-of-mine pat-riot live_stream access-control-allow",
    "AKIA ya29 glpat- npm_install pypi-server ek_ 100%25 of %41ll",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    b64encode(bytes(range(256)) * 4).decode(),
)


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_known_kind_of_secret_is_redacted_and_the_text_around_it_stays(secret: str) -> None:
    scrubber = Scrubber()
    assert scrubber.text(f"before {secret}, after") == f"before {REDACTED}, after"
    value = {"a": [{"b": f"({secret})"}, 1, None], f"{secret}": True}
    assert scrubber.value(value) == {"a": [{"b": f"({REDACTED})"}, 1, None], REDACTED: True}


@pytest.mark.parametrize(("before", "secret", "after"), IN_CONTEXT.values(), ids=IN_CONTEXT)
def test_a_secret_that_its_context_shows_is_redacted_and_the_context_stays(
    before: str, secret: str, after: str
) -> None:
    assert Scrubber().text(before + secret + after) == before + REDACTED + after
    assert Scrubber().value([before + secret + after]) == [before + REDACTED + after]


def test_the_key_of_an_object_shows_that_its_value_is_a_secret() -> None:
    value = {"api_key": "0123456789abcdef" * 2, "id": "0123456789abcdef" * 2}
    assert Scrubber().value(value) == {"api_key": REDACTED, "id": "0123456789abcdef" * 2}


DIGITS = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    "text",
    [
        '{"key1": "@", "key2": ""}',
        '{"primaryKey":"@"}',
        "SPEECH_KEY=@",
        "my OpenAI key is: @",
        "os.environ['AZURE_OPENAI_API_KEY'] = '@'",
        'AzureKeyCredential("@")',
        "<ApiKey>@</ApiKey>",
        '<add key="AzureKey" value="@"/>',
        "| api key | @ |",
        '[("api-key", "@")]',
        '{"name": "api-key", "value": "@"}',
        "db_password: @",
    ],
)
def test_what_a_text_calls_a_key_is_a_secret_however_it_is_written(text: str) -> None:
    assert Scrubber().text(text.replace("@", DIGITS)) == text.replace("@", REDACTED)
    assert Scrubber().value([text.replace("@", DIGITS)]) == [text.replace("@", REDACTED)]


def test_the_name_in_an_object_tells_that_its_value_is_a_secret() -> None:
    assert Scrubber().value([{"name": "api-key", "value": DIGITS}]) == [{"name": "api-key", "value": REDACTED}]
    for plain in ({"name": "etag", "value": DIGITS}, {"name": None, "value": DIGITS}, {"name": "api-key", "value": 1}):
        assert Scrubber().value(plain) is plain


def test_two_secret_keys_of_an_object_are_two_fields_still() -> None:
    value = {"sk-test-4242": 1, "sk-test-4343": 2, "a": 3}
    assert Scrubber().value(value) == {REDACTED: 1, f"{REDACTED} 2": 2, "a": 3}


@pytest.mark.parametrize("name", ["report_{}.pdf", "{}_2026.txt", "a/b/{}.json"])
def test_a_secret_in_the_name_of_a_file_is_redacted(name: str) -> None:
    assert Scrubber().text(name.format("AKIAIOSFODNN7EXAMPLE")) == name.format(REDACTED)


@pytest.mark.parametrize("text", PLAIN)
def test_a_text_that_only_resembles_a_secret_stays(text: str) -> None:
    assert Scrubber().text(text) == text


def test_a_value_without_secrets_is_the_same_object() -> None:
    value = {"a": ["b", {"c": 1}]}
    assert Scrubber().value(value) is value


@given(st.sampled_from(KINDS), st.data(), st.sampled_from(["", " ", ": ", "the word ", "\n"]))
def test_a_value_is_searched_as_closely_as_a_text(kind: Kind, data: st.DataObject, before: str) -> None:
    text = before + data.draw(st.from_regex(kind.regex()))
    assert Scrubber().value({"content": [text]}) == {"content": [Scrubber().text(text)]}


@pytest.mark.parametrize("code", [*range(0x20), 0x7F])
def test_control_characters_are_looked_at_as_they_are(code: int) -> None:
    for text in (f"://me:{chr(code)}@here", f"a{chr(code)}AKIAIOSFODNN7EXAMPLE", f"\\{chr(code)}://me:pass@here"):
        assert Scrubber().value({"content": [text]}) == {"content": [Scrubber().text(text)]}


def test_a_word_that_was_clean_without_a_name_is_a_secret_behind_one() -> None:
    scrubber, word = Scrubber(), "0123456789abcdef" * 2
    plain = {"trace": f"the word {word}", "model": "gpt-5.4-mini-2026-03-17"}
    assert scrubber.value(plain) is plain
    assert scrubber.value([f"AZURE_OPENAI_API_KEY={word}"]) == [f"AZURE_OPENAI_API_KEY={REDACTED}"]
    assert scrubber.value(plain) is plain


def test_a_scrubber_forgets_clean_words_before_they_are_too_many() -> None:
    scrubber = Scrubber()
    plain: list[str] = []
    for words in range(3):
        plain = [f"clean-word-{words}-{number}" for number in range(5000)]
        assert scrubber.value(plain) is plain
    assert scrubber.value([*plain, "sk-test-4242"]) == [*plain, REDACTED]


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


@pytest.mark.parametrize("text", ["word " * 400_000, "word" * 400_000, " " * 2_000_000, "ab: " * 400_000])
def test_a_long_text_without_secrets_is_read_in_one_pass(text: str) -> None:
    # A pass for each character would take hours.
    assert Scrubber().value({"content": text}) == {"content": text}


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
    and name
    not in (
        "a private key in a form",
        "a short key",
        "a bearer token",
        "a private key",
        "a key of SSH2",
        "an Amazon secret",
    )
]


@pytest.mark.parametrize("name", REAL)
def test_a_real_key_of_any_kind_is_recognised_as_a_key_and_as_a_session_name(name: str) -> None:
    assert is_real(SECRETS[name], is_key=True)
    assert is_real(SECRETS[name], is_key=False)


@pytest.mark.parametrize("name", ["sk-test", "sk-test-4242", "test", "6fa459ea-ee8a-3ca4-894e-db77e160355e"])
def test_a_test_key_is_not_a_real_one(name: str) -> None:
    assert not is_real(name, is_key=True)
    assert not is_real(name, is_key=False)


def test_a_long_word_is_a_real_key_but_may_name_a_session() -> None:
    assert is_real("0123456789abcdef" * 2, is_key=True)
    assert not is_real("0123456789abcdef" * 2, is_key=False)


@pytest.mark.parametrize(
    "name",
    [
        "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY",
        "user-of-sk-proj-" + LETTERS,
        "0a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r",
    ],
)
def test_a_long_word_drawn_by_lot_is_real_whoever_sends_it(name: str) -> None:
    assert is_real(name, is_key=False)


def test_a_run_of_backslashes_is_read_once_and_what_is_escaped_behind_it_is_found() -> None:
    # From each of them to the end of the run, this would take minutes.
    text = "\\" * 1_000_000 + "x " + "\\" * 1_000_000 + "nAKIAIOSFODNN7EXAMPLE"
    assert Scrubber().text(text).endswith("n" + REDACTED)
