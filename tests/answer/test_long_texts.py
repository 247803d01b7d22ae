"""Long texts of the user: what is looked for in them takes linear time, or ends after some part of them."""

from base64 import b64encode
from typing import Any

from openai import OpenAI

from chatdouble.answer.structured import keys_asked_for, quotations_in
from chatdouble.answer.vectors import vector
from chatdouble.json_schema.steps import Steps
from chatdouble.schema.texts import directives_in, without_directives
from chatdouble.tokens.audio import heard_tokens


def _asked(client: OpenAI, text: str, **more: Any) -> Any:
    create: Any = client.chat.completions.create
    return create(model="gpt-4.1", messages=[{"role": "user", "content": text}], **more).choices[0].message


def test_directives_that_are_not_closed_are_plain_text(client: OpenAI) -> None:
    text = "[[call:" * 100_000
    assert _asked(client, text, max_tokens=4).content == "[[call:[[call"
    assert directives_in(text) == []


def test_names_without_the_word_that_makes_them_keys_are_no_keys(client: OpenAI) -> None:
    text = "JSON: " + "'a', " * 100_000 + " keys"
    assert (_asked(client, text, response_format={"type": "json_object"}).content or "").startswith('{"echo":')


def test_marks_that_open_a_quotation_again_and_again_quote_nothing(client: OpenAI) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    tool = {"type": "function", "function": {"name": "look", "parameters": schema}}
    message = _asked(client, "«" * 300_000 + "“" * 300_000, tools=[tool], tool_choice="required")
    assert "«" not in message.tool_calls[0].function.arguments
    assert [*quotations_in("««a»")] == ["a"]


def test_the_first_thousand_directives_count() -> None:
    text = "[[refuse]]" * 1001
    assert len(directives_in(text)) == 1000
    assert without_directives(text) == "[[refuse]]"


def test_quotations_and_keys_stand_in_the_first_part_of_a_text() -> None:
    after = "x " * 50_000
    assert [*quotations_in("«first» " + after + "«second»")] == ["first"]
    messages = [{"role": "user", "content": "keys: 'a' and 'b' " + after + " with the keys 'c'"}]
    steps = Steps()
    assert keys_asked_for({"messages": messages}, steps) == ["a", "b"]
    assert steps.left <= Steps().left - 1000


def test_the_parts_of_a_very_long_word_do_not_count() -> None:
    assert vector("a" * 30_000, 64) != vector("a" * 19_000, 64)
    short, long = vector("a" * 30_000 + " weather", 512), vector("b" * 30_000 + " weather", 512)
    assert sum(one * other for one, other in zip(short, long, strict=True)) > 0.3


def test_a_wav_of_very_many_chunks_is_read_as_far_as_some_thousand() -> None:
    head = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + b"\0" * 8 + b"\x80>\0\0" + b"\0" * 4
    sound = b"data\x00}\0\0" + b"\0" * 32_000
    for chunks, tokens in ((100, 20), (20_000, 120)):
        data = head + b"junk\0\0\0\0" * chunks + sound
        assert heard_tokens({"data": b64encode(data).decode()}) == tokens
