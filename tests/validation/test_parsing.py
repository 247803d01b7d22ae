"""From bytes to a JSON object, or the API's hint (errors#parsing)."""

import pytest

from chatdouble.core.errors import APIError
from chatdouble.validation.parsing import parse


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"{", b"model=gpt-4o", b"[]", b"null", b'"text"', b"7", b'{"a": NaN}', b'{"a": Infinity}'),
        *(b'{"a": "\\ud800"}', b"\xff\xfe{}"),
    ],
)
def test_what_is_no_json_object_gets_the_hint(raw: bytes) -> None:
    with pytest.raises(APIError) as refused:
        parse(raw)
    error = refused.value
    assert (error.status, error.param, error.code) == (400, None, None)
    assert error.message.startswith("We could not parse the JSON body of your request. (HINT: This likely means")
    assert error.message.endswith("please contact us through our help center at help.openai.com.)")


def test_an_object_is_read_as_it_is() -> None:
    assert parse('{"a": [1, 2.5, "ü", null]}'.encode()) == {"a": [1, 2.5, "ü", None]}


def test_integers_of_up_to_64_bits_are_read() -> None:
    assert parse(b'{"a": [18446744073709551615, -9223372036854775808]}') == {"a": [2**64 - 1, -(2**63)]}


def test_what_is_nested_too_deeply_to_be_written_again_is_unreadable() -> None:
    assert parse(b'{"a": ' + b"[" * 191 + b"7" + b"]" * 191 + b"}")
    with pytest.raises(APIError):
        parse(b'{"a": ' + b"[" * 192 + b"]" * 192 + b"}")


def test_many_brackets_are_not_depth() -> None:
    assert len(parse(b'{"a": [' + b"[{}]," * 999 + b"[{}]]}")["a"]) == 1000


@pytest.mark.parametrize("many", [b"[" + b"[]," * 2_000_000 + b"1]", b"[" + b"1," * 5_000_001 + b"1]"])
def test_a_body_with_millions_of_values_is_too_large(many: bytes) -> None:
    with pytest.raises(APIError) as refused:
        parse(b'{"a":%b}' % many)
    assert (refused.value.status, refused.value.code) == (400, "body_too_large")
    assert "up to 5,000,000 values, 2,000,000 of them objects and arrays" in refused.value.message


@pytest.mark.parametrize("value", [b"1", b"[[[]]]", b'"%b"' % (b"x" * 40)])
def test_an_object_with_very_many_keys_is_too_large(value: bytes) -> None:
    keys = b",".join(b'"key number %d":%b' % (at, value) for at in range(250_001))
    with pytest.raises(APIError) as refused:
        parse(b'{"a":[{%b}]}' % keys)
    assert (refused.value.status, refused.value.code) == (400, "body_too_large")
    assert "an object in it may have up to 250,000 keys" in refused.value.message


def test_keys_are_counted_in_each_object_alone() -> None:
    keys = b",".join(b'"key number %d":1' % at for at in range(125_000))
    text = b'"' + b"'key':1," * 300_000 + b'"'
    body = parse(b'{"a":[{%b},{%b},{%b}],"b":%b,"c":[%b0]}' % (keys, keys, keys, text, b"0," * 300_000))
    assert [*map(len, body["a"])] == [125_000] * 3
    assert len(parse(b"{%b,%b}" % (keys, keys.replace(b"key", b"other")))) == 250_000
    assert len(parse(b"{%b}" % b",".join([b'"the same key":1'] * 300_000))) == 1
