"""Texts are cut at real tokens' borders."""

from hypothesis import given
from hypothesis import strategies as st

from calls import TOKENIZERS
from chatdouble.tokens import Tokenizers

TOKENIZER = TOKENIZERS.get("o200k_base")


def test_words_are_tokens_with_the_space_before_them() -> None:
    assert TOKENIZER.pieces("Hello there") == ["Hello", " there"]


@given(st.text())
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    assert "".join(TOKENIZER.pieces(text)) == text
    assert b"".join(map(TOKENIZER.piece, TOKENIZER.encode(text))) == text.encode()


@given(st.text())
def test_every_token_is_in_a_piece(text: str) -> None:
    assert [token for _, held in TOKENIZER.grouped(text) for token in held] == TOKENIZER.encode(text)
    assert TOKENIZER.count(text) == len(TOKENIZER.encode(text))


def test_a_special_token_spelled_out_is_plain_text() -> None:
    assert TOKENIZER.count("<|endoftext|>") > 1


def test_a_vocabulary_is_loaded_once() -> None:
    tokenizers = Tokenizers()
    assert tokenizers.get("cl100k_base") is tokenizers.get("cl100k_base")


def test_the_vocabularies_differ() -> None:
    texts = "Straßenbahnfahrer \N{SNAKE}"
    assert TOKENIZER.encode(texts) != TOKENIZERS.get("cl100k_base").encode(texts)
