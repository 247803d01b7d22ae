"""PDFs are read as far as simple ones can be: their pages, and the text that is shown on them."""

import zlib
from base64 import b64encode

import pytest

from chatdouble.tokens.documents import Document, document_of

PAGE = b"1 0 obj << /Type /Page /Parent 2 0 R >> endobj\n2 0 obj << /Type /Pages /Count 1 >> endobj\n"


def pdf(*contents: bytes, pages: int = 1) -> str:
    """Return a PDF with these content streams, as a data URL."""
    streams = b"".join(b"3 0 obj << >>\nstream\n" + content + b"\nendstream endobj\n" for content in contents)
    return f"data:application/pdf;base64,{b64encode(b'%PDF-1.4 ' + PAGE * pages + streams).decode()}"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"BT /F1 24 Tf 100 700 Td (Hello, world!) Tj ET", "Hello, world!"),
        (b"BT /F1 9 Tf [(Kern) -20 (ed) ] TJ ET", "Kerned"),
        (b"BT /F1 9 Tf 1 0 0 1 72 690 cm (one) Tj ( and two) Tj 1 0 0 1 72 670 cm (three) Tj ET", "one and two\nthree"),
        (b"BT /F1 9 Tf (one) Tj T* (two) ' ET", "one\ntwo"),
        (b"BT /F1 9 Tf (a \\(b\\) \\101\\n) Tj ET", "a (b) A"),
        (b"q 1 0 0 1 0 0 cm (no text) Do Q", ""),
    ],
)
def test_shown_text_is_read(content: bytes, text: str) -> None:
    assert document_of(pdf(content)) == Document(1, text)
    assert document_of(pdf(zlib.compress(content))) == Document(1, text)


def test_pages_are_counted_and_their_texts_joined() -> None:
    shown = [b"BT /F1 9 Tf 0 9 Td (%s) Tj ET" % word for word in (b"one", b"two")]
    assert document_of(pdf(*shown, pages=2)) == Document(2, "one\ntwo")


@pytest.mark.parametrize("data", [None, 3, "no data URL", "data:application/pdf;base64,%%%", "data:a/b;base64,aGk="])
def test_what_cannot_be_read_is_one_page(data: object) -> None:
    assert document_of(data) == Document(1, "")


def test_text_is_found_beside_what_only_looks_like_it() -> None:
    content = b"BT /F1 9 Tf [3 5] 0 d ((x [(Hello) -20 (, ) ] TJ 12.5 7 (world) T (!) Tj ET"
    assert document_of(pdf(content)) == Document(1, "Hello, !")


@pytest.mark.parametrize(
    "content",
    [b"1" * 200_000, b"[" * 200_000, b"(" + b"\\(" * 100_000, b"[" + b"(\\(" * 60_000 + b"]Tj", b"1 " * 100_000],
)
def test_what_only_looks_like_text_is_looked_at_once(content: bytes) -> None:
    assert document_of(pdf(b"BT Tf " + content)) == Document(1, "")


def test_starts_of_streams_that_never_end_are_looked_at_once() -> None:
    data = b64encode(b"%PDF-1.4 " + PAGE + b"stream\n" * 300_000).decode()
    assert document_of(f"data:application/pdf;base64,{data}") == Document(1, "")


def test_of_many_streams_that_unpack_to_much_more_the_first_are_read() -> None:
    packed = zlib.compress(b"BT /F1 9 Tf (x) Tj ET" + b" " * 250_000)
    assert document_of(pdf(*[packed] * 100)).text == "x"


def test_pages_are_counted_wherever_a_step_ends() -> None:
    data = b64encode(b"%PDF-1.4 " + PAGE * 40_000).decode()
    assert document_of(f"data:application/pdf;base64,{data}").pages == 40_000
