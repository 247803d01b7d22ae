"""Redaction of secrets in texts and JSON values: the one list of what counts as a secret."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, Final

import orjson

from chatdouble.core.json import is_array, is_object

REDACTED: Final = "[secret]"
"""The text that replaces a secret."""

SHORTEST: Final = 8
"""Known values with fewer characters are words like `test` rather than secrets, and stay."""

_KEYS: Final[Mapping[str, str]] = {
    "eyJ": r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+",
    "AKIA": r"\bAKIA[0-9A-Z]{16}\b",
    "AIza": r"\bAIza[0-9A-Za-z_-]{35}",
    **{f"gh{kind}_": rf"\bgh{kind}_[A-Za-z0-9]{{36,}}" for kind in "oprsu"},
    "github_pat_": r"\bgithub_pat_[A-Za-z0-9_]{40,}",
    "gsk_": r"\bgsk_[A-Za-z0-9]{40,}",
    "hf_": r"\bhf_[A-Za-z0-9]{30,}",
    "k_live_": r"\b[rs]k_live_[A-Za-z0-9]{16,}",
    "k_test_": r"\b[rs]k_test_[A-Za-z0-9]{16,}",
    "xai-": r"\bxai-[A-Za-z0-9]{40,}",
    "xox": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
}
"""The keys of other providers and services, by a piece that each contains; the piece is quick to look for."""

_SECRETS: Final[Mapping[str, str]] = {
    # In a text, a short key with a digit counts too: nobody writes one that is not a key.
    "sk-": r"(?<![A-Za-z0-9])sk-(?:(?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]{20,})",
    "earer": r"[Bb]earer\s+[A-Za-z0-9._~+/=-]{16,}",
    "sess-": r"\bsess-[A-Za-z0-9]{24,}",
    "org-": r"\borg-[A-Za-z0-9]{20,}",
    "proj_": r"\bproj_[A-Za-z0-9]{16,}",
    "PRIVATE KEY": r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    **_KEYS,
}
"""All secrets that texts may contain: OpenAI's, tokens, account ids, and the keys above."""

_REAL_OPENAI_KEY: Final = r"sk-(?:[a-z]+-)?[A-Za-z0-9_-]{32,}"

REAL_NAME: Final = re.compile("|".join([_REAL_OPENAI_KEY, *_KEYS.values()]))
"""Keys that may not appear as the name of a session. Test keys such as `sk-test-1` and UUIDs may."""

# Azure's keys look like any long word, so only where a key is expected can they be told from one.
_AZURE_KEY: Final = r"[A-Za-z0-9]{32,}"
_WEB_TOKEN: Final = r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"  # noqa: S105 - the form, not a token

REAL_KEY: Final = re.compile(f"{REAL_NAME.pattern}|{_AZURE_KEY}|{_WEB_TOKEN}")
"""Keys that a client may send and that are real; any other key names its session as it is."""

EMAIL: Final = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
"""An e-mail address, for folders that redact them."""

_SECRET_HEADER: Final = re.compile(
    r"(?:proxy-)?authorization|(?:set-)?cookie|openai-organization|openai-project|(?:.+[-_])?(?:api-?key|key|secret|token)"
)
_COOKIE_VALUE: Final = re.compile(r"(?:^|[;,])\s*[\w.-]+=\"?([^;,\"]+)")


class Scrubber:
    """Redacts secrets: those of a known kind, and given values.

    Args:
        patterns: Regular expressions of further secrets.
        known: Values that are secret whatever they look like; short ones stay.
    """

    def __init__(self, patterns: Iterable[str] = (), known: Iterable[str] = ()) -> None:
        self._patterns = tuple(patterns)
        self._known = tuple(sorted({value for value in known if len(value) >= SHORTEST}, key=len, reverse=True))

    def knowing(self, values: Iterable[str]) -> "Scrubber":
        """Return a scrubber that redacts these values too."""
        return Scrubber(self._patterns, (*self._known, *values))

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        # Known values first: a kind's pattern may match only part of one.
        parts = [*map(re.escape, self._known), *_SECRETS.values(), *self._patterns]
        return re.compile("|".join(f"(?:{part})" for part in parts), re.DOTALL)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the start and end of each secret in a text."""
        if not self._patterns and not any(piece in text for piece in (*_SECRETS, *self._known)):
            return []
        return [found.span() for found in self._regex.finditer(text) if found.end() > found.start()]

    def text(self, text: str) -> str:
        """Return a text without its secrets."""
        spans = self.spans(text)
        if not spans:
            return text
        starts = [0, *(end for _, end in spans)]
        ends = [*(start for start, _ in spans), len(text)]
        return REDACTED.join(text[start:end] for start, end in zip(starts, ends, strict=True))

    def value(self, value: Any) -> Any:
        """Return a JSON value without the secrets in its texts and keys; the same object if it has none."""
        return self._redacted(value) if self._may_contain_secrets(value) else value

    def _may_contain_secrets(self, value: Any) -> bool:
        """Tell quickly whether a value needs a closer look; hardly any does."""
        if self._patterns:
            return True
        try:
            text = orjson.dumps(value).decode()
        except TypeError:
            return True
        return any(piece in text for piece in (*_SECRETS, *map(_escaped, self._known)))

    def _redacted(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if is_object(value):
            pairs = [(self.text(key), self._redacted(inner)) for key, inner in value.items()]
            same = all(new[0] is old[0] and new[1] is old[1] for new, old in zip(pairs, value.items(), strict=True))
            return value if same else dict(pairs)
        if is_array(value):
            items = [self._redacted(inner) for inner in value]
            return value if all(new is old for new, old in zip(items, value, strict=True)) else items
        return value


def _escaped(text: str) -> str:
    """Return a text as JSON spells it."""
    return orjson.dumps(text).decode()[1:-1]


@lru_cache(maxsize=256)
def is_secret_header(name: str) -> bool:
    """Tell whether the value of a header is secret, by its name in lower case."""
    return _SECRET_HEADER.fullmatch(name) is not None


def header_secrets(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Return the secrets in headers: keys, tokens, cookies, the account.

    Args:
        headers: Names in lower case, and values; of a request or a response.
    """
    for name, value in headers:
        if is_secret_header(name):
            yield value.strip()
            yield value.strip().partition(" ")[2]
            if "cookie" in name:
                yield from _COOKIE_VALUE.findall(value)
