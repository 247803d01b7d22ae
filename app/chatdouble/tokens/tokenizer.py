"""Tokens as OpenAI's models count them, offline, from vocabularies inside an installed wheel."""

import os
import re
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import chain, islice
from threading import Lock, Thread, get_native_id
from typing import TYPE_CHECKING, Final, TypeVar, get_args

import orjson

from chatdouble.catalogue.model import Encoding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from splintr import AnyTokenizer


T = TypeVar("T")


_LONGEST_REMEMBERED: Final = 64 * 1024
"""The longest text whose number of tokens is remembered, in characters: a thousand of them are held."""

_AT_ONCE: Final = 4 * 1024
"""The characters that are encoded at once: other threads wait for it, and a run of letters takes much memory."""

_LONGEST_WORD: Final = 1024
"""The characters within which a word ends, as a rule."""

PIECES: Final = 512
"""The pieces of a text that are made at once: a slow reader holds no more of a long text."""

_END_OF_WORD: Final = r"[A-Za-zÀ-ÖØ-öø-ɏΑ-Ωα-ωА-яぁ-ゖァ-ヺ一-鿿가-힣](?=[\s\d.,;:!?/+=\"(){}\[\]。、-])"
"""A place that no token crosses in any vocabulary: between a letter and what is none."""


@dataclass(slots=True, eq=False)
class Vocabulary:
    """A vocabulary, which never changes: all servers of a process share it.

    Attributes:
        bpe: The vocabulary as the library has it.
        is_whole: Whether the library has made its table of parts of words. Until then a count may take 150 ms, and
            belongs in a thread.
    """

    bpe: "AnyTokenizer"
    is_whole: bool = False

    def wait_for_table(self, text: str) -> None:
        """Wait until the table is made, if a text needs it."""
        self.bpe.encode_batch([text])  # this call, unlike others, lets other threads go on meanwhile

    def make_table(self) -> None:
        """Have the library make its table, which takes 150 ms at the first word that is no token."""
        self.wait_for_table(RARE_WORD)
        self.is_whole = True


class Tokenizer:
    """Counts and cuts texts by one vocabulary.

    Args:
        vocabulary: The vocabulary.

    Attributes:
        vocabulary: The same.
        encoded_pieces: Cuts a text as `pieces` does; yields some hundred pieces at once, each as JSON.
        shared: Returns pieces that are equal to others as the same object, so that many streams of one text hold one.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary: Final = vocabulary
        self._bpe = bpe = vocabulary.bpe
        self._counted: Final[Callable[[str], int]] = lru_cache(maxsize=1024)(self._count_anew)
        self._numbers: Final[Callable[[str], memoryview[int]]] = lru_cache(maxsize=16)(self._numbers_anew)
        self._numbers_of_long: Final[Callable[[str], memoryview[int]]] = lru_cache(maxsize=1)(self._numbers_in_pieces)
        self._texts = _Spelled(bpe, str)
        self.encoded_pieces: Final = partial(self._cut, spelled=_Spelled(bpe, _encoded))
        self.shared: Final[Callable[[tuple[bytes, ...]], tuple[bytes, ...]]] = lru_cache(maxsize=16)(_itself)

    def count(self, text: str) -> int:
        """Return how many tokens a text has; recent texts are remembered, unless they are long."""
        return self._counted(text) if len(text) <= _LONGEST_REMEMBERED else self._count_anew(text)

    def encode(self, text: str) -> list[int]:
        """Return the text's token numbers; special tokens spelled out in it are plain text."""
        return self.numbers(text).tolist()

    def numbers(self, text: str) -> "memoryview[int]":
        """Return what `encode` does, four bytes each.

        The latest texts are remembered, and one long text: a text is counted, and cut or cached a moment later.
        """
        return self._numbers(text) if len(text) <= _LONGEST_REMEMBERED else self._numbers_of_long(text)

    def _count_anew(self, text: str) -> int:
        return len(self.numbers(text))

    def _numbers_anew(self, text: str) -> "memoryview[int]":
        if not self.vocabulary.is_whole:
            self.vocabulary.wait_for_table(text)
        # One character is found ten times as fast as two.
        if "<" in text and _SPECIAL in text:  # which `encode_flat` would take for the token itself
            return memoryview(array("I", self._bpe.encode_ordinary(text)))
        return memoryview(self._bpe.encode_flat(text)).cast("I")

    def _numbers_in_pieces(self, text: str) -> "memoryview[int]":
        numbers = array("I")
        for piece in _pieces(text):
            numbers.frombytes(self._numbers_anew(piece).cast("B"))
        return memoryview(numbers)

    def piece(self, token: int) -> bytes:
        """Return a token's bytes, which need not be whole characters."""
        return self._bpe.decode_token_bytes(token)

    def decode(self, tokens: "Sequence[int]") -> str:
        """Return the text of tokens; numbers that the vocabulary does not have are left out."""
        return b"".join(map(self._piece_or_nothing, tokens)).decode("utf-8", "replace")

    def _piece_or_nothing(self, token: int) -> bytes:
        try:
            return self.piece(token)
        except (ValueError, OverflowError):
            return b""

    def pieces(self, text: str) -> Iterator[str]:
        """Cut a text at its tokens' borders; tokens that share a character stay together."""
        return chain.from_iterable(self._cut(text, self._texts))

    def _cut(self, text: str, spelled: "_Spelled[T]") -> Iterator[list[T]]:
        """Yield what is made of a text's pieces, in lists of `PIECES`."""
        for part in _pieces(text) if len(text) > _LONGEST_REMEMBERED else (text,):
            numbers = self.numbers(part) if part is text else self._numbers_anew(part)
            for at in range(0, len(numbers), PIECES):
                try:
                    yield [*map(spelled.__getitem__, numbers[at : at + PIECES].tolist())]
                except UnicodeDecodeError:
                    # What was yielded before are whole characters, so the rest begins with one.
                    grouped = (spelled.made(piece) for piece, _ in self.grouped(numbers[at:]))
                    yield from in_groups(grouped, PIECES)
                    break

    def grouped(self, numbers: "Iterable[int]") -> "Iterator[tuple[str, Sequence[int]]]":
        """Yield the pieces of the text that tokens spell, each with the numbers of its tokens."""
        held: list[int] = []
        waiting = b""
        for token in numbers:
            held.append(token)
            waiting += self.piece(token)
            try:
                piece = waiting.decode()
            except UnicodeDecodeError:
                continue
            yield piece, held
            held, waiting = [], b""


def in_groups(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield items in lists of a size, of which the last may be shorter."""
    left = iter(items)
    while group := [*islice(left, size)]:
        yield group


def _pieces(text: str) -> Iterator[str]:
    """Cut a long text where a word ends, or where one is too long, which may make a token more."""
    start, end_of_word = 0, re.compile(_END_OF_WORD)
    while start < len(text):
        found = end_of_word.search(text, start + _AT_ONCE, start + _AT_ONCE + _LONGEST_WORD)
        end = found.end() if found else start + _AT_ONCE + _LONGEST_WORD
        yield text[start:end]
        start = end


_SPECIAL: Final = "<|"
"""Prefix of every special token."""


class _Spelled(dict[int, T]):
    """Texts of tokens by id; a lookup is five times as fast as decoding.

    A token that is not whole characters spells nothing, and is a `UnicodeDecodeError`.

    Args:
        bpe: The vocabulary.
        made: Makes what is wanted of a token's text.
    """

    def __init__(self, bpe: "AnyTokenizer", made: Callable[[str], T]) -> None:
        super().__init__()
        self._bpe = bpe
        self.made: Final = made

    def __missing__(self, token: int) -> T:
        spelled = self[token] = self.made(self._bpe.decode_token_bytes(token).decode())
        return spelled


def _encoded(text: str) -> bytes:
    # What `dumps` returns holds 4 KB however short it is; a slice of it is a copy of its own size.
    return orjson.dumps([text])[1:-1]


class Tokenizers(dict[Encoding, Tokenizer]):
    """The tokenizers of a server by vocabulary, each made when first asked for, by any thread."""

    def __init__(self) -> None:
        super().__init__()
        self._making: Final = Lock()

    def __missing__(self, encoding: Encoding) -> Tokenizer:
        with self._making:
            found = self.get(encoding) or Tokenizer(_vocabulary(encoding))
            self[encoding] = found
        return found

    def counts_at_once(self, encoding: Encoding) -> bool:
        """Tell whether a vocabulary is loaded, and its table made."""
        return encoding in self and self[encoding].vocabulary.is_whole

    def load(self) -> None:
        """Load every vocabulary with its table of parts of words."""
        for encoding in get_args(Encoding):
            self[encoding].vocabulary.make_table()


RARE_WORD: Final = "zqxjkvz"
"""A word that is no token of any vocabulary."""


_BLOCK: Final = 64 * 1024
_BLOCKS: Final = 320
"""The blocks of memory that are taken before a vocabulary is loaded: two thirds of what it needs."""


@cache
def _vocabulary(encoding: Encoding) -> Vocabulary:
    """Load a vocabulary (tens of milliseconds, some 35 MB), and begin to make its table."""
    from splintr import Tokenizer as Loader  # noqa: PLC0415 - 35 MB that an idle server need not hold

    # Everybody waits while one call loads it. A third of that is the system's time for new pages: it gives them here,
    # in steps, and the last block keeps the others, once they are free, from going back to it.
    *others, last = [b"\1" * _BLOCK for _ in range(_BLOCKS)]
    others.clear()
    found = Vocabulary(Loader.from_pretrained(encoding))
    del last
    thread = Thread(target=_make_table_patiently, args=(found,))
    thread.start()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=thread.join)  # a fork would wait forever for what the thread was doing
    return found


def _make_table_patiently(vocabulary: Vocabulary) -> None:
    if sys.platform == "linux":  # where threads have priorities of their own: the first answer does not wait
        os.setpriority(os.PRIO_PROCESS, get_native_id(), 19)
    vocabulary.make_table()


def _itself(pieces: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return pieces
