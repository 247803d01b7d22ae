"""Redaction of secrets in texts and JSON values."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Any, Final
from urllib.parse import unquote_plus

import orjson

from chatdouble.core.head import given_key
from chatdouble.core.json import encode, is_array, is_object
from chatdouble.core.json_in_steps import text_in_steps
from chatdouble.recordings.encoded_texts import (
    Span,
    all_decoded,
    decoded_texts,
    in_lines,
    is_escaped,
    separated,
    without_files,
    words,
)
from chatdouble.recordings.in_parts import found_in_windows, parts, windows
from chatdouble.recordings.secret_kinds import (
    LABELLED,
    REDACTED,
    SHORTEST_WORD,
    SPREADING,
    WORD,
    is_amazon_secret,
    kinds_in,
)
from chatdouble.recordings.split_secrets import joined_parts, without_split

SHORTEST: Final = 8
"""Known values with fewer characters are words like `test` rather than secrets, and stay."""

_ENCODINGS: Final = 3
"""The most encodings in each other that are undone, such as base64 that is percent-encoded."""

EMAIL: Final = r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]++@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
"""An e-mail address, for folders that redact them."""

_HEADER_TO_HIDE: Final = (
    r"(?:set-)?cookie|openai-organization|openai-project|"
    r"(?:.+[-_])?(?:authorization|api-?key|key|secret|token|passw(?:or)?d|credentials?|jwt)"
)
# Not every token is one: `page_token` tells one page of a list from another.
_PARAMETER_TO_HIDE: Final = (
    r"key|token|(?:.+[-_])?(?:(?:api|access|auth|subscription)[-_]?(?:key|token)|secret|passw(?:or)?d|jwt)"
)
_COOKIE_VALUE: Final = r"(?:^|[;,])\s*[\w.-]+=\"?([^;,\"]+)"


class Scrubber:
    """Redacts secrets: those of a known kind, and given values; encoded ones too.

    Args:
        patterns: Regular expressions of further secrets.
        known: Values that are secret whatever they look like; short ones stay.
    """

    def __init__(self, patterns: Iterable[str] = (), known: Iterable[str] = ()) -> None:
        self._patterns = tuple(patterns)
        self._known = tuple(sorted({value for value in known if len(value) >= SHORTEST}, key=len, reverse=True))
        # As JSON spells them.
        self._escaped = tuple(encode(value).decode()[1:-1] for value in self._known)
        self._clean: set[str] = set()

    def knowing(self, values: Iterable[str]) -> "Scrubber":
        """Return a scrubber that redacts these values too."""
        return Scrubber(self._patterns, (*self._known, *values))

    @cached_property
    def _own(self) -> re.Pattern[str]:
        """The secrets of this scrubber only."""
        parts = [*map(re.escape, self._known), *self._patterns]
        return re.compile("|".join(f"(?:{part})" for part in parts), re.DOTALL)

    def spans(self, text: str) -> list[Span]:
        """Return the start and end of each secret in a text, in order."""
        return _joined(found_in_windows(text, lambda part: self._found(part, _ENCODINGS)))

    def _found(self, text: str, encodings: int) -> Iterator[Span]:
        """Return the secrets in a text, in any order; they may overlap."""
        yield from self._found_own(text)
        text = separated(text)
        lines = in_lines(text)
        if lines and encodings:
            yield from (place for word, place in lines if self._is_encoded(word, encodings))
            text = without_files(text, lines)
        for kind in kinds_in(text):
            yield from (found.span(found.lastindex or 0) for found in kind.regex().finditer(text))
        long = [*words(text)]
        yield from _unmarked(text, long)
        # All at once first, as hardly any text has one.
        if encodings and (decoded := all_decoded(text, long)) and self._has_any(decoded, encodings - 1):
            for one in decoded_texts(text):
                yield from map(one.place, self._found(one.text, encodings - 1))

    def _is_encoded(self, word: str, encodings: int) -> bool:
        """Tell whether a word is an encoded text with a secret."""
        return self._has_any(all_decoded(word, words(word)), encodings - 1)

    def _found_own(self, text: str) -> Iterator[Span]:
        if self._patterns or any(known in text for known in self._known):
            yield from (found.span() for found in self._own.finditer(text))

    def text(self, text: str) -> str:
        """Return a text without its secrets."""
        spans = self.spans(text)
        if not spans:
            return text
        starts = [0, *(end for _, end in spans)]
        ends = [*(start for start, _ in spans), len(text)]
        return REDACTED.join(text[start:end] for start, end in zip(starts, ends, strict=True))

    def value(self, value: Any, *, is_large: bool = False) -> Any:
        """Return a JSON value without the secrets in its texts and keys; the same object if it has none.

        Args:
            value: The value.
            is_large: Whether it takes long to write, so that it is searched in parts.
        """
        if self._patterns:
            return self._redacted(value)
        try:
            if is_large:
                texts = (text for part in parts(value) for text in windows(text_in_steps(part, orjson.dumps)))
                suspicious = any(map(self._is_suspicious, texts))
            else:
                suspicious = self._is_suspicious(orjson.dumps(value).decode())
        except TypeError:
            return self._redacted(value)
        return self._redacted(value) if suspicious else value  # hardly any needs a closer look

    def suspects(self, text: str) -> bool:
        """Tell whether a text, which may have JSON in it, may have a secret; with patterns of its own, always."""
        return bool(self._patterns) or any(map(self._is_suspicious, windows(text)))

    def _is_suspicious(self, text: str) -> bool:
        """Tell whether JSON may have a secret."""
        if any(known in text for known in self._escaped) or self._has_any(text, _ENCODINGS):
            return True
        joined = joined_parts(text)
        return bool(joined) and (any(known in joined for known in self._escaped) or self._has_any(joined, _ENCODINGS))

    def _has_any(self, text: str, encodings: int) -> bool:
        """Tell whether a text may have a secret: most of it is words too short for one, left out here.

        Words that were clean once are, too: those of headers, models and keys of objects are in every request.
        """
        text = separated(text)
        if is_escaped(text):  # hardly any is
            return any(self._found(text, encodings))
        if any(self._found_own(text)):
            return True
        if any(kind.piece in text and kind.regex().search(text) for kind in SPREADING):
            return True
        lines = in_lines(text)
        if lines and encodings:
            if any(self._is_encoded(word, encodings) for word, _ in lines):
                return True
            text = without_files(text, lines)
        new = {*re.findall(_LONG_WORD, text)} - self._clean - _NOTHING
        if not new:
            return False
        joined = " ".join(new)  # in one line: they do not follow each other
        # The words before a key without a mark may be short, so those are looked for in the whole text.
        if any(self._found(joined, encodings)):
            return True
        if not _UNMARKED_LENGTHS.isdisjoint(map(len, new)) and any(_unmarked(text, words(text))):
            return True
        if encodings == _ENCODINGS:
            self._remember(new)
        return False

    def _remember(self, clean: Iterable[str]) -> None:
        if len(self._clean) > _MOST_CLEAN:
            self._clean = set()
        self._clean.update(word for word in clean if len(word) < _SHORTEST_UNMARKED)

    def _redacted(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if is_object(value):
            return self._redacted_object(value)
        if is_array(value):
            items = [self._redacted(inner) for inner in without_split(value, self.spans)]
            return value if all(new is old for new, old in zip(items, value, strict=True)) else items
        return value

    def _redacted_object(self, value: dict[str, Any]) -> dict[str, Any]:
        redacted: dict[str, Any] = {}
        same = True
        for key, inner in value.items():
            clean_key = self.text(key)
            label = value.get("name") if key == "value" else key  # as headers and variables are listed
            clean = REDACTED if _is_labelled(label, inner) else self._redacted(inner)
            same = same and clean_key is key and clean is inner
            redacted[_unused(clean_key, redacted)] = clean
        return value if same else redacted


def _unused(key: str, taken: dict[str, Any]) -> str:
    """Return a key, numbered if it is taken: two secret keys are two fields still."""
    name, number = key, 1
    while name in taken:
        number += 1
        name = f"{key} {number}"
    return name


def _unmarked(text: str, long: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Return the secrets without a mark of their own: they are known by their form and the words before them."""
    for found in long:
        word = found.group()
        if len(word) not in _UNMARKED_LENGTHS:
            continue
        if is_amazon_secret(word):
            yield found.span()
        start = max(found.start() - _LONGEST_LABEL, 0)
        near = text[start : found.end() + 3]
        yield from ((start + at.start(1), start + at.end(1)) for at in re.finditer(LABELLED, near))


_LONGEST_LABEL: Final = 80
"""The characters before a key in which its label stands."""
_UNMARKED_LENGTHS: Final = frozenset({32, 40, 84, 86})
_SHORTEST_UNMARKED: Final = min(_UNMARKED_LENGTHS)

# Passes over words that are shorter than every secret, and does not try them again from their second character.
_SHORT_WORDS: Final = rf"(?>(?:[{WORD}]{{1,{SHORTEST_WORD - 1}}}+[^{WORD}]++)*)"
# It matches at the end, too, with nothing: else the end of a text without such a word is tried from each character.
_LONG_WORD: Final = rf"[^{WORD}]*+{_SHORT_WORDS}(?:([{WORD}]{{{SHORTEST_WORD},}})|[{WORD}]*+\Z)"
_NOTHING: Final = frozenset({""})
_MOST_CLEAN: Final = 4096
"""The words that a scrubber remembers as clean."""


def _is_labelled(label: Any, value: Any) -> bool:
    """Tell whether the key of an object, or the name in it, calls its value a secret."""
    if not isinstance(value, str) or len(value.rstrip("=")) not in _UNMARKED_LENGTHS:
        return False
    found = re.search(LABELLED, f"{label}: {value}")
    return found is not None and found.group(1) == value


def _joined(found: Iterable[Span]) -> list[Span]:
    """Return parts of a text in order; those that overlap are one."""
    joined: list[Span] = []
    for start, end in sorted(found):
        if start == end:
            continue
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


@lru_cache(maxsize=64)
def scrubber_knowing(*values: str) -> Scrubber:
    """Return the scrubber of given values, the same one each time: it remembers which words are clean."""
    return Scrubber(known=values)


@lru_cache(maxsize=256)
def is_secret_header(name: str) -> bool:
    """Tell whether the value of a header is secret, by its name in lower case."""
    return re.fullmatch(_HEADER_TO_HIDE, name) is not None


def header_secrets(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Return the secrets in headers: keys, tokens, cookies, the account.

    Args:
        headers: Names in lower case, and values; of a request or a response.
    """
    for name, value in headers:
        if is_secret_header(name):
            yield value.strip()
            yield value.strip().partition(" ")[2]
            yield given_key({"authorization": value}) or ""  # the password, which is in base64
            if "cookie" in name:
                yield from re.findall(_COOKIE_VALUE, value)


def query_secrets(query: str) -> Iterator[str]:
    """Return the secrets in a query: values whose names tell that they are.

    Args:
        query: The query as it was sent.
    """
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if re.fullmatch(_PARAMETER_TO_HIDE, unquote_plus(name).lower()):
            yield value
            yield unquote_plus(value)
