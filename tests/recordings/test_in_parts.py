"""The search for secrets in large values and texts, part by part."""

import json
from base64 import b64encode, encodebytes
from collections.abc import Callable
from typing import Any

import pytest

from chatdouble.recordings.in_parts import parts, windows
from chatdouble.recordings.redaction import Scrubber

KEY = "sk-proj-" + "a1B2c3D4" * 5
SECRETS = [
    KEY,
    f"Authorization: Bearer {'abcDEF123' * 4}",
    "https://ann:pa55word@example.com/",
    f"api_key = {'0123456789abcdef' * 2}",
    b64encode(f"key={KEY};".encode()).decode(),
    f"-----BEGIN PRIVATE KEY-----\n{'MIIEvQ' * 1000}\n-----END PRIVATE KEY-----",
]
WINDOW = 128 * 1024


def _filler(size: int) -> str:
    return ("The quick brown fox jumps. " * (size // 27 + 1))[:size]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("at", [0, WINDOW - 4200, WINDOW - 4096, WINDOW - 20, WINDOW, 2 * WINDOW - 4100, 300_000])
def test_a_secret_in_a_long_text_is_found_wherever_it_stands(secret: str, at: int) -> None:
    text = f"{_filler(at)} {secret} {_filler(200_000)}"
    scrubber = Scrubber()
    assert scrubber.text(text) == f"{_filler(at)} {scrubber.text(secret)} {_filler(200_000)}"
    assert scrubber.text(secret) != secret
    assert scrubber.value({"a": [text]}, is_large=True) == {"a": [scrubber.text(text)]}


@pytest.mark.parametrize("at", [0, 1, 95_000, 131_070, 200_001, 399_000])
def test_a_key_in_a_file_in_base64_is_found_wherever_it_stands(at: int) -> None:
    file = bytes(range(256)) * 1600
    url = f"data:image/png;base64,{b64encode(file[:at] + f' {KEY} '.encode() + file[at:]).decode()}"
    assert KEY not in url
    assert Scrubber().text(f"see {url} there") == "see data:image/png;base64,[secret] there"
    clean = f"see data:image/png;base64,{b64encode(file).decode()} there"
    assert Scrubber().text(clean) is clean


@pytest.mark.parametrize("before", ["", "\n", "\r\n"])
@pytest.mark.parametrize("at", [0, 95_001, 131_070, 250_002, 399_000])
@pytest.mark.parametrize("encode", [b64encode, encodebytes])
def test_a_key_in_a_file_behind_a_line_break_is_found(before: str, at: int, encode: Callable[[bytes], bytes]) -> None:
    file, line = bytes(range(256)) * 1600, f" {KEY} ".encode()
    (found,) = Scrubber().value([before + encode(file[:at] + line + file[at:]).decode()], is_large=True)
    assert found.count("[secret]") == 1
    assert b64encode(line).decode()[:60] not in found.replace("\n", "")
    clean = [before + encode(file).decode()]
    assert Scrubber().value(clean, is_large=True) is clean


def test_a_secret_longer_than_a_window_is_redacted_whole() -> None:
    key = "ghp_" + "a1" * 150_000
    assert Scrubber().text(f"{_filler(100_000)} {key} end") == f"{_filler(100_000)} [secret] end"


@pytest.mark.parametrize("value", [{"api_key": "0123456789abcdef" * 2}, [KEY], {KEY: 1}])
def test_a_secret_among_many_values_is_found(value: Any) -> None:
    many: Any = [{"n": at, "of": [at] * 50} for at in range(300)]
    whole = {"a": [*many, {"deep": [many, value]}], **{f"k{at}": at for at in range(500)}}
    redacted = Scrubber().value(whole, is_large=True)
    assert redacted["a"][-1]["deep"] == [many, Scrubber().value(value)]
    assert redacted["a"][-1]["deep"][1] != value
    assert Scrubber().value(many, is_large=True) is many


def test_parts_are_small_and_have_all_of_a_value() -> None:
    value = {"a": [{"n": at, "of": [at] * 50} for at in range(2000)], "b": {f"k{at}": f"v{at}" for at in range(3000)}}
    written = [json.dumps(part) for part in parts(value)]
    assert max(map(len, written)) < 30_000
    assert all(f'"k{at}": "v{at}"' in " ".join(written) for at in range(3000))
    assert sum(part.count('"of"') for part in written) == 2000


def test_numbers_in_lists_have_no_secrets_and_are_no_parts() -> None:
    assert [part for part in parts({"a": [1.5, True, None, 7] * 1000, "b": [[2] * 300, ["text"] * 300]}) if part] == [
        "a",
        "b",
        *[["text"] * 64] * 4,
        ["text"] * 44,
    ]


def test_windows_begin_at_words() -> None:
    found = [*windows(_filler(1_000_000))]
    assert max(map(len, found)) == WINDOW
    assert {window.partition(" ")[0] for window in found} <= {"The", "quick", "brown", "fox", "jumps.", ""}
