"""Redaction of secrets that are encoded, escaped or hidden by invisible characters."""

from base64 import b32encode, b64encode, encodebytes, urlsafe_b64encode
from urllib.parse import quote

import pytest

from chatdouble.recordings.redaction import Scrubber
from chatdouble.recordings.secret_kinds import REDACTED
from secret_samples import LETTERS, SECRETS


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_secret_in_base64_is_redacted_wherever_it_begins(secret: str) -> None:
    for text in (secret, f"x {secret}", f"the key is {secret}!", "\xff" * 100 + secret):
        for encode in (b64encode, urlsafe_b64encode):
            encoded = encode(text.encode()).decode()
            expected = f"data:text/plain;base64,{REDACTED}"
            assert Scrubber().text(f"data:text/plain;base64,{encoded}").rstrip("=") == expected
            assert Scrubber().value({"a": ["\n" + encoded.rstrip("=")]}) == {"a": ["\n" + REDACTED]}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n> ", "\\n"])
def test_a_secret_in_base64_on_several_lines_is_redacted_with_all_of_its_lines(secret: str, end: str) -> None:
    for before in ("x", "xx", "xxx"):
        encoded = encodebytes(f"{before * 18} {secret} {'y' * 80}".encode()).decode().strip().replace("\n", end)
        assert Scrubber().text(f"see {encoded}, and more").replace("=", "") == f"see {REDACTED}, and more"
        assert Scrubber().value([f"see {encoded}"]) == [Scrubber().text(f"see {encoded}")]


def test_other_base64_on_several_lines_stays() -> None:
    lines = encodebytes(b"There is no secret in this letter. " * 20).decode()
    assert Scrubber().value({"a": [lines]}) == {"a": [lines]}
    # Words that are no lines of one text do not follow each other.
    encoded = b64encode(f"the key sk-{LETTERS}".encode()).decode()
    assert Scrubber().value([encoded[:28], encoded[28:]]) == [encoded[:28], encoded[28:]]


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_percent_encoded_secret_is_redacted_and_the_text_around_it_stays(secret: str) -> None:
    everything = "".join(f"%{byte:02x}" for byte in secret.encode())
    for encoded in (quote(secret, safe="").replace("-", "%2D"), everything):
        text = f"/v1/files/%C3%A4?name={encoded}&b=%20c"
        assert Scrubber().text(text) == f"/v1/files/%C3%A4?name={REDACTED}&b=%20c"
        assert Scrubber().value([text]) == [f"/v1/files/%C3%A4?name={REDACTED}&b=%20c"]


def test_a_secret_with_the_escapes_of_json_is_redacted_and_the_text_around_it_stays() -> None:
    key = "sk-ant-api03-" + "Ab1-" * 8
    escaped = "".join(f"\\u{ord(letter):04x}" if at % 3 == 0 else letter for at, letter in enumerate(key))
    arguments = f'{{"name": "\\u003cb\\u003e", "key": "{escaped}"}}'
    assert Scrubber().text(arguments) == f'{{"name": "\\u003cb\\u003e", "key": "{REDACTED}"}}'
    assert Scrubber().value({"arguments": arguments}) == {"arguments": Scrubber().text(arguments)}
    harmless = {"arguments": '{"html": "\\u003cp\\u003eNo key\\u003c/p\\u003e"}'}
    assert Scrubber().value(harmless) is harmless


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("before", ["\\n", "\\\\t", "x\\u000a", "\x1b[1;32m", "\\u001b[0m", "\\x1b[m", "\\033[K"])
def test_a_secret_behind_an_escape_is_redacted_and_the_escape_stays(before: str, secret: str) -> None:
    text = f'{{"output": "one{before}{secret} two"}}'
    assert Scrubber().text(text) == f'{{"output": "one{before}{REDACTED} two"}}'
    assert Scrubber().value({"content": [text]}) == {"content": [Scrubber().text(text)]}


def test_base64_that_is_percent_encoded_is_redacted() -> None:
    encoded = quote(b64encode(b"my key: sk-" + LETTERS.encode()).decode() + "=", safe="")
    assert Scrubber().text(f"a?b={encoded}&c").startswith(f"a?b={REDACTED}")


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_secret_with_the_escapes_of_html_or_of_programs_is_redacted(secret: str) -> None:
    for escape in ("&#{};", "&#{:04};", "&#x{:x};", "&#X{:04X};", "\\x{:02x}", "\\\\x{:02X}", "\\u{:04X}"):
        encoded = "".join(map(escape.format, secret.encode()))
        assert Scrubber().text(f"<b>{encoded}</b>") == f"<b>{REDACTED}</b>"
        assert Scrubber().value([f"<b>{encoded}</b>"]) == [f"<b>{REDACTED}</b>"]


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize(
    "between", ["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\\u200b", "\\\\uFEFF", "\u200b\u200b"]
)
def test_a_secret_with_invisible_characters_within_is_redacted(secret: str, between: str) -> None:
    text = f"the key: {between.join(secret)}, and more"
    assert Scrubber().text(text) == f"the key: {REDACTED}, and more"
    assert Scrubber().value({"a": text}) == {"a": f"the key: {REDACTED}, and more"}


@pytest.mark.parametrize(
    "text", ["\U0001f469\u200d\U0001f4bb sk-\u200b", "Schiff\u00adfahrt", "&#128273; &#x27;", "\\x41 \\u00adx"]
)
def test_other_invisible_characters_and_escapes_stay(text: str) -> None:
    assert Scrubber().text(text) == text


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_secret_in_base32_or_in_base64_thrice_or_behind_other_base64_is_redacted(secret: str) -> None:
    capitals = b32encode(f"{secret} ".encode()).decode()
    assert Scrubber().text(f"a {capitals}").rstrip("=") == f"a {REDACTED}"
    thrice = f"{secret} ".encode()
    for _ in range(3):
        thrice = b64encode(thrice)
    assert Scrubber().text(f"a {thrice.decode()}").rstrip("=") == f"a {REDACTED}"
    other = b64encode(b"some words before").decode()
    assert Scrubber().text(f"{other} {b64encode(secret.encode()).decode()}").rstrip("=") == f"{other} {REDACTED}"


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_secret_in_hexadecimal_digits_or_in_utf_16_is_redacted(secret: str) -> None:
    digits = f"the key: {secret}".encode().hex(), secret.encode().hex().upper()
    wide = (b64encode(f"key {secret}".encode(encoding)).decode() for encoding in ("utf-16", "utf-16-be"))
    for encoded in (*digits, *wide):
        assert Scrubber().text(f"a {encoded}, b").replace("=", "") == f"a {REDACTED}, b"
        assert Scrubber().value([f"a {encoded}, b"]) == [Scrubber().text(f"a {encoded}, b")]


def test_a_known_value_is_redacted_in_base64_too() -> None:
    encoded = b64encode(b"user:0123456789abcdefghi").decode()
    assert Scrubber(known=["0123456789abcdefghi"]).text(f"Basic {encoded}") == f"Basic {REDACTED}"
