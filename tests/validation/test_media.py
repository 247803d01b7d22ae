"""Images, audio and files of messages are looked into without a network and refused in the API's words."""

import wave
import zlib
from base64 import b64encode
from dataclasses import replace
from io import BytesIO
from struct import pack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.catalogue.catalogue import general
from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.core.media import DataUrlError
from chatdouble.validation import media

PNG = b"\x89PNG\r\n\x1a\n" + pack(">I4sII", 13, b"IHDR", 300, 200) + bytes(5)
GIF = b"GIF89a" + pack("<HH", 300, 200) + b";"
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc2\x00\x0b\x08" + pack(">HH", 200, 300) + b"\x01\x01\x11\x00"
LOSSY = b"RIFF\x00\x00\x00\x00WEBPVP8 \x00\x00\x00\x00\x00\x00\x00\x9d\x01\x2a" + pack("<HH", 300, 200)
LOSSLESS = b"RIFF\x00\x00\x00\x00WEBPVP8L\x00\x00\x00\x00\x2f" + pack("<I", 299 | 199 << 14)
EXTENDED = b"RIFF\x00\x00\x00\x00WEBPVP8X" + bytes(8) + (299).to_bytes(3, "little") + (199).to_bytes(3, "little")
IMAGES = [PNG, GIF, JPEG, LOSSY, LOSSLESS, EXTENDED]

MODEL = replace(general("m"), known=True, reads_images=True, reads_audio=True, reads_files=True, speaks=False)


def data_url(data: bytes, mime: str = "image/png") -> str:
    return f"data:{mime};base64,{b64encode(data).decode()}"


def image(url: object) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def audio(data: bytes) -> dict[str, Any]:
    return {"type": "input_audio", "input_audio": {"data": b64encode(data).decode(), "format": "wav"}}


def file(**fields: str) -> dict[str, Any]:
    return {"type": "file", "file": fields}


def wav() -> bytes:
    held = BytesIO()
    with wave.open(held, "wb") as out:
        out.setparams((1, 2, 8000, 1, "NONE", ""))
        out.writeframes(b"\x00\x00")
    return held.getvalue()


def judge(part: object, role: str = "user", model: Model = MODEL) -> dict[str, Any] | None:
    """Return the error for a part that stands second in the second message."""
    content = [{"type": "text", "text": "look"}, part]
    messages = [{"role": "system", "content": "be brief"}, {"role": role, "content": content}]
    try:
        media.check_data({"messages": messages}, model)
        media.check({"messages": messages}, model)
    except APIError as error:
        return {"message": error.message, "param": error.param, "code": error.code}
    return None


@pytest.mark.parametrize("data", IMAGES)
def test_the_size_of_an_image_is_read_from_its_first_bytes(data: bytes) -> None:
    assert media.image_size(data) == (300, 200)
    assert judge(image(data_url(data))) is None


@given(st.sampled_from(IMAGES), st.data())
def test_an_image_cut_short_has_no_size_or_its_whole_size(data: bytes, drawn: st.DataObject) -> None:
    cut = data[: drawn.draw(st.integers(0, len(data)))]
    assert media.image_size(cut) in {None, (300, 200)}


@given(st.sampled_from([image_[:12] for image_ in IMAGES]), st.binary(max_size=60))
def test_no_bytes_break_the_reading_of_a_size(start: bytes, rest: bytes) -> None:
    size = media.image_size(start + rest)
    assert size is None or min(size) >= 0


def test_a_data_url_gives_its_mime_type_and_bytes() -> None:
    assert media.decode_data_url("data:image/png;charset=x;base64,AAEC") == ("image/png", b"\x00\x01\x02")
    with pytest.raises(DataUrlError):
        media.decode_data_url("https://example.com/a.png")


@pytest.mark.parametrize("url", ["https://example.com/a.png", "HTTP://localhost:1/a", data_url(PNG, "image/jpeg")])
def test_an_image_may_be_elsewhere_or_of_another_type_than_its_url_says(url: str) -> None:
    assert judge(image(url)) is None


@pytest.mark.parametrize(
    ("url", "got"),
    [
        ("data:image/png,abc", "a value without the ';base64' separator"),
        ("data:application/pdf;base64,AAAA", "unsupported MIME type 'application/pdf'"),
    ],
)
def test_an_image_url_that_is_no_image_url_is_named_with_what_was_got(url: str, got: str) -> None:
    path = "messages[1].content[1].image_url.url"
    assert judge(image(url)) == {
        "message": (
            f"Invalid image URL: '{path}'. Expected a base64-encoded data URL with an image MIME type "
            f"(e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got {got}."
        ),
        "param": path,
        "code": "invalid_value",
    }


@pytest.mark.parametrize(
    ("url", "message", "code"),
    [
        ("data:image/png;base64,%%%", "Invalid base64 image_url.", "invalid_base64"),
        ("data:image/png;base64,", "Invalid base64 image_url.", "invalid_base64"),
        (
            "/foobar.exe",
            "Failed to download image from /foobar.exe. Image URL is invalid.",
            "invalid_image_url",
        ),
        (
            data_url(PNG + bytes(4) + pack(">I4s", 2, b"IDAT") + b"\x00\x00" + bytes(4)),
            "You uploaded an unsupported image. Please make sure your image is valid.",
            "image_parse_error",
        ),
        ("https://", "Error while downloading https://.", "invalid_image_url"),
        ("http://[", "Error while downloading http://[.", "invalid_image_url"),
        (
            data_url(b"BM" + bytes(60), "image/bmp"),
            (
                "You uploaded an unsupported image. Please make sure your image has of one the following "
                "formats: ['png', 'jpeg', 'gif', 'webp']."
            ),
            "invalid_image_format",
        ),
        (
            data_url(PNG[:12]),
            "You uploaded an unsupported image. Please make sure your image is valid.",
            "image_parse_error",
        ),
    ],
)
def test_an_image_that_cannot_be_read_is_refused_without_a_param(url: str, message: str, code: str) -> None:
    assert judge(image(url)) == {"message": message, "param": None, "code": code}


def test_a_tool_may_show_an_image() -> None:
    assert judge(image(data_url(PNG)), role="tool") is None


def test_a_model_of_sound_sees_no_image() -> None:
    assert judge(image(data_url(PNG)), model=replace(MODEL, reads_images=False)) == {
        "message": "This model does not support image_url content.",
        "param": "messages[1].content",
        "code": "invalid_value",
    }


def test_a_picture_that_can_be_unpacked_is_taken() -> None:
    packed = zlib.compress(bytes(200 * 901))
    assert judge(image(data_url(PNG + bytes(4) + pack(">I4s", len(packed), b"IDAT") + packed + bytes(4)))) is None


def test_a_model_that_reads_text_only_refuses_every_other_part() -> None:
    text = replace(MODEL, reads_images=False, reads_audio=False, reads_files=False)
    assert judge(image(data_url(PNG)), model=text) == {
        "message": "Invalid content type. image_url is only supported by certain models.",
        "param": "messages.[1].content.[1].type",
        "code": None,
    }
    assert judge(audio(wav()), model=text) == {
        "message": "Invalid 'messages[1]'. Content blocks are expected to be either text or image_url type.",
        "param": "messages[1]",
        "code": "invalid_value",
    }
    assert judge(file(file_id="file-1"), model=text) == {
        "message": "Invalid Value: 'file'. This model does not support file content types.",
        "param": "messages[1].content[1].type",
        "code": "invalid_value",
    }


@pytest.mark.parametrize("data", [wav(), b"ID3\x04", b"\xff\xfb\x90\x00"])
def test_audio_that_begins_as_wav_or_mp3_is_heard(data: bytes) -> None:
    assert judge(audio(data)) is None


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff", b"OggS", LOSSY])
def test_other_audio_is_not(data: bytes) -> None:
    assert judge(audio(data)) == {
        "message": "The audio file could not be decoded or its format is not supported.",
        "param": None,
        "code": None,
    }


def test_a_file_is_named_by_its_id_or_sent_with_its_name() -> None:
    pdf = data_url(b"%PDF-1.4", "application/pdf")
    assert judge(file(file_id="file-1")) is None
    assert judge(file(file_data=pdf, filename="a.pdf")) is None
    missing = {
        "message": "Missing required parameter: 'messages[1].content[1].file.file_id'.",
        "param": "messages[1].content[1].file.file_id",
        "code": "missing_required_parameter",
    }
    assert judge(file(file_data=pdf)) == missing
    assert judge(file(filename="a.pdf")) == missing
    assert judge(file(url=pdf)) == missing
    assert judge(file(file_data=pdf, filename="a.pdf", url=pdf)) == {
        "message": "Unknown parameter: 'messages[1].content[1].file.url'.",
        "param": "messages[1].content[1].file.url",
        "code": "unknown_parameter",
    }


def test_what_a_file_is_comes_before_whether_the_model_reads_any() -> None:
    answer = judge(file(file_data="AAAA", filename="a"), model=replace(MODEL, reads_files=False))
    assert answer is not None
    assert answer["param"] == "messages[1].content[1].file.file_data"


@pytest.mark.parametrize(
    ("data", "got"),
    [
        (data_url(b"# x", "text/markdown"), "unsupported MIME type 'text/markdown'"),
        ("AAAA", "a value without the 'data:' prefix"),
        ("data:application/pdf;base64,%", "an invalid base64-encoded value"),
    ],
)
def test_a_file_that_is_no_pdf_is_named_with_what_was_got(data: str, got: str) -> None:
    path = "messages[1].content[1].file.file_data"
    assert judge(file(file_data=data, filename="a")) == {
        "message": (
            f"Invalid file data: '{path}'. Expected a base64-encoded data URL with an application/pdf MIME "
            f"type (e.g. 'data:application/pdf;base64,SGVsbG8sIFdvcmxkIQ=='), but got {got}."
        ),
        "param": path,
        "code": "invalid_value",
    }


def test_what_parts_are_is_judged_before_what_is_in_them() -> None:
    broken, misplaced = image("data:image/png;base64,%"), image("data:text/plain;base64,AA==")
    body = {"messages": [{"role": "user", "content": [broken, misplaced]}]}
    with pytest.raises(APIError, match="content\\[1\\]") as caught:
        media.check_data(body, MODEL)
    assert (caught.value.status, caught.value.type) == (400, "invalid_request_error")


json_values = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
odd_parts = st.fixed_dictionaries(
    {"type": st.sampled_from(["image_url", "input_audio", "file"])},
    optional={
        "image_url": json_values | st.fixed_dictionaries({"url": json_values}),
        "input_audio": json_values | st.fixed_dictionaries({"data": json_values}),
        "file": json_values | st.fixed_dictionaries({"file_data": json_values, "filename": json_values}),
    },
)


@given(odd_parts | json_values)
def test_a_part_of_any_shape_is_judged_without_a_crash(part: object) -> None:
    judge(part)
