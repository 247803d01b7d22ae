"""Texts are cut at real tokens' borders."""

import asyncio
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from threading import Thread, get_ident, get_native_id
from typing import Any, Final, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from splintr import AnyTokenizer
from splintr import Tokenizer as Loader

from calls import TOKENIZERS, call, services
from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft
from chatdouble.catalogue.model import Encoding
from chatdouble.server.application import create_app
from chatdouble.settings import Settings
from chatdouble.tokens.tokenizer import RARE_WORD, Tokenizer, Tokenizers, Vocabulary
from conftest import Serve
from raw import chat
from threads import by_pool

TOKENIZER = TOKENIZERS["o200k_base"]
PLAIN: Final[dict[Encoding, AnyTokenizer]] = {
    "o200k_base": Loader.from_pretrained("o200k_base"),
    "cl100k_base": Loader.from_pretrained("cl100k_base"),
}
"""The vocabularies as the wheel has them."""


def test_a_server_loads_its_vocabularies_before_it_listens_if_asked_to() -> None:
    priority = os.getpriority(os.PRIO_PROCESS, get_native_id())
    tokens = create_app(Settings(preload=True)).services.tokens
    assert tokens.keys() == PLAIN.keys()
    assert all(tokenizer.vocabulary.is_whole for tokenizer in tokens.values())
    assert os.getpriority(os.PRIO_PROCESS, get_native_id()) == priority
    assert not create_app(Settings()).services.tokens


def test_words_are_tokens_with_the_space_before_them() -> None:
    assert [*TOKENIZER.pieces("Hello there")] == ["Hello", " there"]


@given(st.text())
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    assert "".join(TOKENIZER.pieces(text)) == text
    assert b"".join(map(TOKENIZER.piece, TOKENIZER.encode(text))) == text.encode()


@given(st.text())
def test_every_token_is_in_a_piece(text: str) -> None:
    assert [token for _, held in TOKENIZER.grouped(TOKENIZER.numbers(text)) for token in held] == TOKENIZER.encode(text)
    assert TOKENIZER.count(text) == len(TOKENIZER.encode(text))


@pytest.mark.parametrize("encoding", PLAIN)
def test_a_special_token_spelled_out_is_plain_text(encoding: Encoding) -> None:
    tokenizer, bpe = TOKENIZERS[encoding], PLAIN[encoding]
    assert "<|endoftext|>" in bpe.special_tokens()
    for special in bpe.special_tokens():
        text = f"a{special} b"
        assert tokenizer.encode(text) == bpe.encode_ordinary(text)
        assert tokenizer.count(text) == len(bpe.encode_ordinary(text))
        assert "".join(tokenizer.pieces(text)) == text


@given(st.text() | st.text(st.sampled_from("<|> a\u200dé\n\r\t💥👩ꙮ1'")), st.sampled_from([*PLAIN]))
def test_every_text_has_the_numbers_of_plain_text(text: str, encoding: Encoding) -> None:
    expected = PLAIN[encoding].encode_ordinary(text)
    assert TOKENIZERS[encoding].encode(text) == expected
    assert TOKENIZERS[encoding].numbers(text).tolist() == expected


def test_a_vocabulary_is_loaded_once() -> None:
    tokenizers = Tokenizers()
    assert tokenizers["cl100k_base"] is tokenizers["cl100k_base"]


def test_the_vocabularies_differ() -> None:
    texts = "Straßenbahnfahrer \N{SNAKE}"
    assert TOKENIZER.encode(texts) != TOKENIZERS["cl100k_base"].encode(texts)


@pytest.mark.parametrize("encoding", ["o200k_base", "cl100k_base"])
@pytest.mark.parametrize(
    "text",
    [
        "don't stop, it\u2019s 10:30 at C++ and e.g. foo_bar\n\n" * 3000,
        "日本語のテキストです。" * 12_000,
        "<|endoftext|> naïve Straße тест 가나다 " * 4000,
        "x" * 150_000,
    ],
)
def test_a_long_text_has_the_numbers_that_it_has_as_a_whole(text: str, encoding: Encoding) -> None:
    assert TOKENIZERS[encoding].encode(text) == PLAIN[encoding].encode_ordinary(text)


@pytest.mark.parametrize("encoding", PLAIN)
def test_the_word_that_prepares_the_library_for_words_that_are_no_tokens_is_none(encoding: Encoding) -> None:
    assert len(PLAIN[encoding].encode(RARE_WORD)) > 1


class _Watched:
    """A vocabulary that notes what is encoded: by its method that lets other threads go on, and by the others."""

    def __init__(self) -> None:
        self.waited_for: set[str] = set()
        self.held: set[str] = set()
        self.threads: set[int] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(PLAIN["o200k_base"], name)

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        self.threads.add(get_ident())
        self.waited_for.update(texts)
        return PLAIN["o200k_base"].encode_batch(texts)

    def encode_flat(self, text: str) -> bytes:
        self.threads.add(get_ident())
        if text not in self.waited_for:
            self.held.add(text)
        return PLAIN["o200k_base"].encode_flat(text)

    def encode_ordinary(self, text: str) -> list[int]:
        self.threads.add(get_ident())
        if text not in self.waited_for:
            self.held.add(text)
        return PLAIN["o200k_base"].encode_ordinary(text)


@pytest.mark.parametrize("word", [RARE_WORD, f"<|{RARE_WORD}|>"])
def test_the_server_goes_on_while_the_library_makes_its_table(word: str) -> None:
    watched = _Watched()
    vocabulary = Vocabulary(cast("AnyTokenizer", watched))
    tokenizers = Tokenizers()
    tokenizers["o200k_base"] = tokenizer = Tokenizer(vocabulary)
    asked = call(shared=replace(services(), tokens=tokenizers), messages=f"Hello {word}")
    composed = asyncio.run(compose(asked, [Draft(f"Well, {word}")]))
    assert composed["choices"][0]["message"]["content"] == f"Well, {word}"
    assert {f"Hello {word}", f"Well, {word}"} <= watched.waited_for
    assert not watched.held
    assert get_ident() not in watched.threads
    thread = Thread(target=vocabulary.make_table)
    thread.start()
    thread.join()
    assert tokenizer.count("Hello you") == 2
    assert watched.held == {"Hello you"}


def test_a_thread_loads_the_vocabulary_that_an_answer_needs(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, key: str
) -> None:
    loaded = by_pool(monkeypatch, "chatdouble.tokens.tokenizer._vocabulary")
    with serve() as served:
        assert [chat(served.origin, key).status for _ in range(2)] == [200, 200]
    assert loaded == [True]


PAGES = """
import resource, sys
from chatdouble.tokens.tokenizer import Tokenizers
new = []
def noting(_frame, event, given):
    if event.startswith("c_") and given.__name__ == "from_pretrained":
        new.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
sys.setprofile(noting)
Tokenizers()["o200k_base"]
sys.setprofile(None)
print(new[1] - new[0])
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators give memory back when it is free")
def test_most_of_the_memory_of_a_vocabulary_is_there_before_the_call_that_loads_it() -> None:
    run = subprocess.run([sys.executable, "-c", PAGES], capture_output=True, check=True)
    assert int(run.stdout) * resource.getpagesize() < 16 * 1024 * 1024
