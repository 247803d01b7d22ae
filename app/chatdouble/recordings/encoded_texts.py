"""Texts within texts: percent-encoded, in base64, base32 or hexadecimal digits, escaped as in JSON and HTML.

Invisible characters within a word hide it as escapes do.
"""

import re
from base64 import b32decode, b64decode
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, Protocol
from urllib.parse import unquote

Span = tuple[int, int]
"""The start and end of a part of a text."""

_INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Soft hyphens, and spaces and joiners without a width."""
# Backslashes are doubled in JSON within JSON.
_ESCAPE: Final = (
    r"%[0-9A-Fa-f]{2}|&#(?:[xX]0{0,4}[2-7][0-9A-Fa-f]|0{0,4}[0-9]{2,3});"
    r"|\\{1,8}(?:x[2-7][0-9A-Fa-f]|u(?:00[2-7aA][0-9A-Fa-f]|200[b-dB-D]|2060|[fF][eE][fF][fF]))"
    f"|[{_INVISIBLE}]"
)
_ESCAPED: Final = f"((?:{_ESCAPE})+)"
_WORD: Final = "[A-Za-z0-9+/_-]{16,}"
"""A word that may be the base64 of a key: the shortest has 12 characters."""
_HEX: Final = re.compile("(?:[0-9A-Fa-f]{2}){12,}")
_BASE32: Final = "[A-Z2-7]{20,}"
_LONG: Final = 65_536
"""Longer words are files, which begin where their base64 does."""
_LINE: Final = r"[A-Za-z0-9+/_-]{20,}+"
_LINE_END: Final = r"[\r\n]{1,8}[ \t>]{0,40}+"
_LINES: Final = rf"(?<![A-Za-z0-9+/_-])(?:{_LINE}{_LINE_END})+[A-Za-z0-9+/_-]{{2,}}+"
"""Base64 on several lines, as mails and programs write it; in a quotation, too."""
_END_OF_LINE: Final = r"\n(?:(?<=[A-Za-z0-9+/_-]{20}\n)|(?<=[A-Za-z0-9+/_-]{20}\r\n))"
# JSON within JSON doubles its backslashes; an escape, digits and a letter set the colour of a terminal.
_COLOUR: Final = r"\[[0-9;]*+[A-Za-z]"
# A run of backslashes is read once: not from each of them.
_CONTROL: Final = (
    rf"(\x1b{_COLOUR})|(?<!\\)\\++(?:((?:u001[bB]|x1[bB]|033){_COLOUR}|b|u00(?:0[0-8efEF]|1[0-9abAB]))"
    r"|[fnrt]|u00(?:0[9a-dA-D]|1[c-fC-F]))"
)
_BREAK: Final = r"(?<!\\)\\[fnrt]"
_BETWEEN: Final = "CgoK"
"""The base64 of line breaks, which part what words stand for."""
_STANDARD: Final = str.maketrans("-_", "+/")


class Decoded(Protocol):
    """A text that is encoded within another."""

    @property
    def text(self) -> str:
        """The decoded text; its characters are bytes."""
        ...

    def place(self, span: Span) -> Span:
        """Return the place in the other text of a part of the decoded text."""
        ...


class _Unescaped(NamedTuple):
    text: str
    decoded: list[int]
    encoded: list[int]

    def place(self, span: Span) -> Span:
        return self._at(span[0]), self._at(span[1])

    def _at(self, position: int) -> int:
        part = bisect_right(self.decoded, position) - 1
        return self.encoded[part] + (position - self.decoded[part])


class _Word(NamedTuple):
    text: str
    word: Span

    def place(self, span: Span) -> Span:
        del span
        return self.word  # parts of the word would no longer be base64, or tell what stood there


def words(text: str) -> Iterator[re.Match[str]]:
    """Return the words of a text that are as long as a key."""
    return re.finditer(_WORD, text)


def in_lines(text: str) -> list[tuple[str, Span]]:
    """Return the words of a text that go on in further lines, whole, with their places."""
    # As most texts have none, the ends of lines are looked at first.
    if "\n" not in text or not re.search(_END_OF_LINE, text):
        return []
    return [(re.sub(_LINE_END, "", found.group()), found.span()) for found in re.finditer(_LINES, text)]


def without_files(text: str, lines: Iterable[tuple[str, Span]]) -> str:
    """Return a text of the same length without the long words in its lines, which are looked at as a whole."""
    for word, (start, end) in lines:
        if len(word) > _LONG:
            text = text[:start] + " " * (end - start) + text[end:]
    return text


def all_decoded(text: str, found: Iterable[re.Match[str]]) -> str:
    """Return everything that is encoded in a text, in one text that is quick to search; empty if there is nothing.

    Args:
        text: The text.
        found: Its words.
    """
    plain = [word.group().translate(_STANDARD) for word in found]
    # Words decode to other bytes than they would alone only at their end, where the padding is.
    decoded = [_bytes(_BETWEEN.join(_aligned(word, start) for word in plain)) for start in range(4)] if plain else []
    lines = "\n".join(plain)
    digits = [_text(bytes.fromhex(one)) for one in _HEX.findall(lines)]
    capitals = [_text(_of_base32(one)) for one in re.findall(_BASE32, lines)]
    unescaped = _plain(text) if is_escaped(text) else ""
    return "\n".join(filter(None, (unescaped, *decoded, *digits, *capitals)))


def separated(text: str) -> str:
    """Return a text of the same length, in which what stands for control characters is no part of the next word."""
    if "\\" not in text and "\x1b" not in text:
        return text
    # Most of them are line breaks and the like, which need no function of Python for each.
    text = re.sub(_BREAK, "\n\n", text)
    return re.sub(_CONTROL, _blanks, text) if "\\" in text or "\x1b" in text else text


def _blanks(found: re.Match[str]) -> str:
    return ("\x01" if found.lastindex else "\n") * len(found.group())


def is_escaped(text: str) -> bool:
    """Tell whether a part of a text is percent-encoded, escaped as in HTML or in JSON without need, or invisible."""
    if "%" in text and re.search("%[0-9A-Fa-f]{2}", text):
        return True
    if ("\\u" in text or "\\x" in text) and re.search(r"\\(?:u(?:00[2-7aA]|20[06]|[fF][eE])|x[2-7])[0-9A-Fa-f]", text):
        return True
    if "&#" in text and re.search("&#[xX0-9]", text):
        return True
    if text.isascii() or not any(one in text for one in _INVISIBLE):
        return False
    return re.search(f"[A-Za-z0-9_-][{_INVISIBLE}]+[A-Za-z0-9_-]", text) is not None  # joiners of emojis hide nothing


def decoded_texts(text: str) -> Iterator[Decoded]:
    """Return the texts that are encoded in a text, one by one."""
    if is_escaped(text):
        yield _unescaped(text)
    for found in words(text):
        word = found.group().translate(_STANDARD)
        for start in range(4):
            yield _Word(_bytes(_aligned(word, start)), found.span())
        for digits in _HEX.findall(word):
            yield _Word(_text(bytes.fromhex(digits)), found.span())
        for capitals in re.findall(_BASE32, word):
            yield _Word(_text(_of_base32(capitals)), found.span())


def _aligned(word: str, start: int) -> str:
    """Return a word from one of the four places where its base64 may begin, padded; empty for none.

    Other letters may stand directly before the base64, except in files, which are long.
    """
    if start and len(word) > _LONG:
        return ""
    rest = word[start:]
    return rest + "A" * (-len(rest) % 4)


def _bytes(base64: str) -> str:
    return _text(b64decode(base64))


def _of_base32(word: str) -> bytes:
    whole = word[: len(word) - len(word) % 8 + _BASE32_ENDS[len(word) % 8]]
    return b32decode(whole + "=" * (-len(whole) % 8))


_BASE32_ENDS: Final = (0, 0, 2, 2, 4, 5, 5, 7)
"""The characters at the end of a base32 that stand for whole bytes, by how many there are."""


def _text(data: bytes) -> str:
    return data.decode("latin-1").replace("\0", "")  # UTF-16, too


def _plain(text: str) -> str:
    """Return the text of what `_unescaped` returns, in a tenth of the time."""
    if text.isascii() and "\\" not in text and "&#" not in text:
        return unquote(text, "latin-1")
    # In one pass: what is decoded is not decoded once more.
    return re.sub(_ESCAPE, lambda found: _stands_for(found.group()), text)


def _stands_for(escape: str) -> str:
    """Return the character that an escape stands for; nothing for an invisible one."""
    first = escape[0]
    if first == "%":
        return chr(int(escape[1:], 16))
    if first == "&":
        return chr(int(escape[3:-1], 16) if escape[2] in "xX" else int(escape[2:-1]))
    if first == "\\":
        character = chr(int(escape.lstrip("\\")[1:], 16))
        return "" if character in _INVISIBLE else character
    return ""


def _unescaped(text: str) -> _Unescaped:
    pieces: list[str] = []
    decoded, encoded = [0], [0]

    def add(piece: str, length: int) -> None:
        pieces.append(piece)
        decoded.append(decoded[-1] + len(piece))
        encoded.append(encoded[-1] + length)

    for at, part in enumerate(re.split(_ESCAPED, text)):
        if at % 2:
            for escape in re.findall(_ESCAPE, part):
                add(_stands_for(escape), len(escape))
        else:
            add(part, len(part))
    return _Unescaped("".join(pieces), decoded, encoded)
