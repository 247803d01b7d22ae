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
